"""Pair sums of binned counts: against the exact double integral, spikes followed one by one, and exact invariants."""

import numpy as np
import pytest
from stdp_windows import ANTISYMMETRIC, BI_POO

from stdp_backprop.stdp.binned_pairs import binned_window
from stdp_backprop.stdp.expected import all_pairs
from stdp_backprop.stdp.windows import Window

BIN_MS, N_BINS = 10.0, 4
MARGIN_MS = 600.0
BRIEF_MS = 1e-7  # how long a jump of the rate takes where rates have to be linear between knots


def stepped(widths_ms, values):
    """Knots and rates (n_knots, n) of rates that are constant on each piece, `values` (n_pieces, n)."""
    edges = np.cumsum([0.0, *widths_ms]) - widths_ms[0]
    starts, ends = edges[:-1] + BRIEF_MS, edges[1:] - BRIEF_MS
    return np.column_stack([starts, ends]).ravel(), np.repeat(values, 2, axis=0)


def exact(window, pre_hz, post_hz):
    """E[ΔW] and the terms of its variance, rates (N_BINS + 2, n) constant on the bins, by `all_pairs`."""
    widths = [MARGIN_MS, *[BIN_MS] * N_BINS, MARGIN_MS]
    knots, pre = stepped(widths, pre_hz)
    _, post = stepped(widths, post_hz)
    fine = np.unique(np.concatenate([knots, np.arange(-MARGIN_MS, MARGIN_MS, 5.0)]))
    at = [np.stack([np.interp(fine, knots, unit) for unit in rates.T], axis=-1) for rates in (pre, post)]
    middle = (fine[1:] + fine[:-1]) / 2
    inside = ((middle > 0) & (middle < N_BINS * BIN_MS)).astype(float)
    arguments = {"knots_ms": fine, "pre_hz": at[0], "post_hz": at[1], "pre_counts": inside}
    return all_pairs.expected_changes(window, **arguments), all_pairs.variance_terms(window, **arguments)


def random_rates(seed=3):
    rng = np.random.default_rng(seed)
    return rng.uniform(5, 90, (N_BINS + 2, 3)), rng.uniform(5, 90, (N_BINS + 2, 2))


def means(pairs, pre_hz, post_hz):
    widths = pairs.widths_ms[:, None] / 1000
    return (pre_hz * widths)[1:-1], post_hz * widths


@pytest.mark.parametrize("window", [BI_POO, ANTISYMMETRIC], ids=lambda window: window.name)
def test_rates_that_are_constant_within_bins_give_the_exact_double_integral(window):
    pre_hz, post_hz = random_rates()
    pairs = binned_window(window, bin_ms=BIN_MS, n_bins=N_BINS)
    pre, post = means(pairs, pre_hz, post_hz)
    expected, _ = exact(window, pre_hz, post_hz)
    np.testing.assert_allclose(pairs.changes(pre[None], post[None]), expected, rtol=1e-6)


@pytest.mark.parametrize("window", [BI_POO, ANTISYMMETRIC], ids=lambda window: window.name)
@pytest.mark.parametrize("n_neurons", [1, 10, 100])
def test_the_variance_that_bins_leave_out_is_within_the_stated_share(window, n_neurons):
    """Half of what single pairs add, and 4 (width / τ)² / 12 of what pairs with a common spike would add if both sides
    of the window potentiated: the received rate changes within τ by at most twice that of such a window."""
    pre_hz, post_hz = random_rates()
    _, terms = exact(window, pre_hz, post_hz)
    alone, shared = terms[0].sum() / n_neurons**2, (terms[1].sum() + terms[2].sum()) / n_neurons
    potentiating = Window("", window.a_plus, -window.a_minus, window.tau_plus_ms, window.tau_minus_ms)
    _, bound = exact(potentiating, pre_hz, post_hz)
    pairs = binned_window(window, bin_ms=BIN_MS, n_bins=N_BINS)
    pre, post = means(pairs, n_neurons * pre_hz, n_neurons * post_hz)
    missing = alone + shared - pairs.total_variance(pre, post) / n_neurons**4
    share = 4 * (BIN_MS / min(window.tau_plus_ms, window.tau_minus_ms)) ** 2 / 12
    assert 0 < missing < share * (bound[1].sum() + bound[2].sum()) / n_neurons + 0.5 * alone


@pytest.mark.parametrize("window", [BI_POO, ANTISYMMETRIC], ids=lambda window: window.name)
def test_at_typical_rates_a_trial_scatters_as_little_too_little_as_is_stated(window):
    """The figure's populations, units at 40 Hz: 15 % of the standard deviation at N = 1, 5 % from N = 10 on."""
    rates = np.full((N_BINS + 2, 1), 40.0)
    _, terms = exact(window, rates, rates)
    pairs = binned_window(window, bin_ms=BIN_MS, n_bins=N_BINS)
    for n_neurons, share in ((1, 0.15), (10, 0.05), (1000, 0.05)):
        full = terms[0].sum() / n_neurons**2 + (terms[1].sum() + terms[2].sum()) / n_neurons
        found = pairs.total_variance(*means(pairs, n_neurons * rates, n_neurons * rates)) / n_neurons**4
        assert 1 - share < np.sqrt(found / full) < 1


def test_the_variance_is_that_of_drawn_counts():
    pre_hz, post_hz = random_rates()
    pairs = binned_window(BI_POO, bin_ms=BIN_MS, n_bins=N_BINS)
    pre, post = means(pairs, pre_hz, post_hz)
    rng, n_trials = np.random.default_rng(1), 20_000
    drawn = pairs.changes(
        rng.poisson(pre, (n_trials, 1, *pre.shape)).astype(float),
        rng.poisson(post, (n_trials, 1, *post.shape)).astype(float),
    )
    deviations = np.sum((drawn - pairs.changes(pre[None], post[None])) ** 2, axis=(-2, -1))
    error = deviations.std(ddof=1) / np.sqrt(n_trials)
    assert abs(deviations.mean() - pairs.total_variance(pre, post)) < 5 * error


def test_binned_spikes_have_mean_and_variance_of_spikes_followed_one_by_one():
    """Continuous times, one synapse, every pair looked at on its own."""
    rng, n_trials, phase_ms, margin_ms = np.random.default_rng(4), 4000, N_BINS * BIN_MS, 300.0
    pre_hz, post_hz = 60.0, 40.0
    changes = np.empty(n_trials)
    for trial in range(n_trials):
        pre = rng.uniform(0, phase_ms, rng.poisson(pre_hz * phase_ms / 1000))
        length_ms = phase_ms + 2 * margin_ms
        post = rng.uniform(-margin_ms, phase_ms + margin_ms, rng.poisson(post_hz * length_ms / 1000))
        changes[trial] = BI_POO.value(post[None, :] - pre[:, None]).sum()
    pairs = binned_window(BI_POO, bin_ms=BIN_MS, n_bins=N_BINS)
    expected = means(pairs, np.full((N_BINS + 2, 1), pre_hz), np.full((N_BINS + 2, 1), post_hz))
    mean, variance = pairs.changes(*(count[None] for count in expected)).item(), pairs.total_variance(*expected)
    assert abs(changes.mean() - mean) < 5 * changes.std() / np.sqrt(n_trials)
    squares = (changes - mean) ** 2
    alone = sum(a**2 * tau / 2 for a, tau in ((0.777, 0.0168), (0.273, 0.0337))) * pre_hz * post_hz * phase_ms / 1000
    left_out = variance * 2 * (BIN_MS / BI_POO.tau_plus_ms) ** 2 / 12 + 0.5 * alone
    assert variance - 5 * squares.std() / np.sqrt(n_trials) < squares.mean()
    assert squares.mean() < variance + left_out + 5 * squares.std() / np.sqrt(n_trials)


def test_constant_rates_change_nothing_under_the_antisymmetric_window():
    pairs = binned_window(ANTISYMMETRIC, bin_ms=BIN_MS, n_bins=N_BINS)
    pre, post = means(pairs, np.full((N_BINS + 2, 1), 50.0), np.full((N_BINS + 2, 1), 30.0))
    assert abs(pairs.changes(pre[None], post[None]).item()) < 1e-13


def test_a_rate_that_jumps_for_the_phase_alone_changes_nothing_under_the_antisymmetric_window():
    """A nudge that is released: what its onset adds, its end takes away. Only a nudge that is held teaches."""
    pairs = binned_window(ANTISYMMETRIC, bin_ms=BIN_MS, n_bins=N_BINS)
    pulse = np.array([30.0, *[70.0] * N_BINS, 30.0])[:, None]
    pre, released = means(pairs, np.full((N_BINS + 2, 1), 50.0), pulse)
    assert abs(pairs.changes(pre[None], released[None]).item()) < 1e-13
    pulse[-1] = 70.0
    held = means(pairs, np.full((N_BINS + 2, 1), 50.0), pulse)[1]
    # r_i Δr_j A τ² (1 − e^{−T/τ}), in Hz and seconds
    closed = 50 * 40 * 0.02**2 * (1 - np.exp(-N_BINS * BIN_MS / 20))
    assert pairs.changes(pre[None], held[None]).item() == pytest.approx(closed, rel=1e-12)
