"""Poisson counts in bins: their distribution, and the sums of the window over them."""

import numpy as np
import pytest
from scipy import stats
from stdp_windows import BI_POO

from stdp_backprop.stdp.binned_pairs import binned_window
from stdp_backprop.stdp.binned_spikes import LARGE, draw_spikes

WINDOW = binned_window(BI_POO, bin_ms=10.0, n_bins=4)


def drawn(mean, n, seed):
    """n counts of one mean, those of the one bin of the phase."""
    counts, _ = draw_spikes(
        np.full((1, 3, n), mean, np.float32),
        np.ones(3),
        np.zeros((1, 3)),
        n_neurons=1,
        generator=np.random.default_rng(seed),
    )
    return counts.ravel().astype(float)


@pytest.mark.parametrize("mean", [0.05, 0.7, 4.0, LARGE - 0.1, LARGE, 60.0, 500.0])
def test_counts_have_the_moments_of_the_poisson_distribution(mean):
    n = 200_000
    counts = drawn(mean, n, seed=7)
    mean = float(np.float32(mean))
    assert counts.min() >= 0
    np.testing.assert_array_equal(counts, np.round(counts))
    deviation = counts - mean
    fourth = mean + 3 * mean**2
    assert abs(deviation.mean()) < 5 * np.sqrt(mean / n)
    # the expansion and the rounding add 1/18 and 1/12 to the variance from LARGE on
    allowed = 5 * np.sqrt((fourth - mean**2) / n) + (0.14 if mean >= LARGE else 0)
    assert abs(np.mean(deviation**2) - mean) < allowed
    sixth = 15 * mean**3 + 25 * mean**2 + mean
    assert abs(np.mean(deviation**3) - mean) < 5 * np.sqrt(sixth / n) + (1.0 if mean >= LARGE else 0)


@pytest.mark.parametrize("mean", [0.05, 0.125, 0.7, 3.99, 9.0, LARGE - 0.01])
def test_small_counts_have_the_poisson_distribution(mean):
    """χ² over the counts that at least ten of the draws are expected to have."""
    n = 200_000
    counts = drawn(mean, n, seed=11).astype(int)
    expected = n * stats.poisson.pmf(np.arange(60), float(np.float32(mean)))
    common = expected >= 10
    chi_squared = np.sum((np.bincount(counts, minlength=60) - expected)[common] ** 2 / expected[common])
    assert chi_squared < common.sum() + 5 * np.sqrt(2 * common.sum())


def test_a_rate_of_zero_gives_no_spikes():
    counts, sums = draw_spikes(
        np.zeros((2, 6, 5), np.float32), np.ones(6), WINDOW.weights, n_neurons=10, generator=np.random.default_rng(0)
    )
    assert counts.shape == sums.shape == (2, 4, 5)
    assert not counts.any()
    assert not sums.any()


def test_the_sums_over_counts_make_up_the_change_of_every_synapse():
    """Against `BinnedWindow.changes` of the same counts: of one unit every bin can be told from its sums alone."""
    rates = np.random.default_rng(1).uniform(0, 1, (3, 6, 7))
    known = {"n_neurons": np.inf, "generator": np.random.default_rng(0)}
    counts, sums = draw_spikes(rates, WINDOW.widths_ms, WINDOW.weights, **known)
    expected = rates * WINDOW.widths_ms[:, None]
    np.testing.assert_allclose(counts, expected[:, 1:-1], rtol=1e-12)
    found = np.einsum("tki,tkj->ij", counts, sums)
    np.testing.assert_allclose(found, WINDOW.changes(expected[:, 1:-1], expected), rtol=1e-12)


def test_counts_and_sums_of_finitely_many_neurons_belong_to_the_same_spikes():
    """Weights that pick each bin out: the sums are the counts, and those of N neurons are multiples of 1 / N."""
    rates = np.random.default_rng(2).uniform(0, 1, (3, 6, 7)).astype(np.float32)
    pick = np.eye(6)[1:-1]
    given = {"n_neurons": 8, "generator": np.random.default_rng(0), "presynaptic_only": 2}
    counts, sums = draw_spikes(rates, np.full(6, 2.0), pick, **given)
    np.testing.assert_array_equal(8 * counts, np.round(8 * counts))
    np.testing.assert_array_equal(sums[..., 2:], counts[..., 2:])
    np.testing.assert_array_equal(sums[..., :2], 0)
    assert counts[..., :2].any()
