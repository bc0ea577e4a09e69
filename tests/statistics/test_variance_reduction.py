"""Common random numbers, presynaptic spikes integrated out: the same expectation, far less scatter, honest errors."""

import numpy as np
import pytest
from oracles import spike_trains
from scipy.stats import kstest
from stdp_windows import ANTISYMMETRIC, BI_POO

from stdp_backprop.config.stdp import StdpMatching
from stdp_backprop.experiments import stdp_matching
from stdp_backprop.stdp.expected.given_postsynaptic import mean_weight_changes
from stdp_backprop.stdp.expected.single_synapse import weight_change
from stdp_backprop.stdp.pairing import PAIRINGS, weight_changes
from stdp_backprop.stdp.spike_trains import constant_rate, coupled_trains, poisson_trains, rectified_ramp
from stdp_backprop.stdp.variance_reduction import estimate

WINDOWS = {window.name: window for window in (ANTISYMMETRIC, BI_POO)}
FIVE_SIGMA = 5.7e-7  # two-sided probability beyond five standard errors
NEAREST = PAIRINGS.index("nearest_pre_centred")
MARGIN_MS = 400.0


def ramps(slopes, interval_ms):
    """30 Hz in the middle of the interval, running past both ends."""
    start, stop = interval_ms
    ends = {"start_ms": start - MARGIN_MS, "stop_ms": stop + MARGIN_MS}
    return [rectified_ramp(30.0, slope, middle_ms=(start + stop) / 2, **ends) for slope in slopes]


def exact(pairing, window, ramp, interval_ms):
    steady = constant_rate(20.0, start_ms=ramp.start_ms, stop_ms=ramp.stop_ms)
    return weight_change(pairing, window, presynaptic_rate=steady, postsynaptic_rate=ramp, interval_ms=interval_ms)


@pytest.fixture(scope="module", params=WINDOWS)
def matching(request):
    settings = StdpMatching(
        mean_rate_hz=30.0,
        presynaptic_rates_hz=[5.0, 40.0],
        rate_slopes_hz_per_s=[-200.0, -50.0, 0.0, 50.0, 200.0],
        interval_ms=100.0,
        margin_time_constants=10.0,
        n_presynaptic_spikes=4000,
        n_averaged=[10, 1000],
        n_coupled_trials=4000,
        lag_limit_ms=100.0,
        lag_bin_ms=10.0,
    )
    return stdp_matching.run(settings, inputs={"window": WINDOWS[request.param]}, rng=np.random.default_rng(30))


def conditional_errors(matching):
    """(pairing, rate, slope) standard errors of the conditional means."""
    return np.sqrt(np.diagonal(matching.conditional_change_covariance.values, axis1=-2, axis2=-1))


def test_every_condition_meets_its_exact_expectation(matching):
    """The same expectation as simulated trials have, or C1 and C5 would be about something else."""
    deviation = (matching.conditional_change_mean - matching.weight_change_expected).values
    assert (abs(deviation) / conditional_errors(matching)).max() < 5


def test_differences_between_slopes_meet_their_expectation_within_the_error_of_the_covariance(matching):
    """The dependence on the slope, whose error is far below those of its two ends."""
    deviation = (matching.conditional_change_mean - matching.weight_change_expected).values
    covariance = matching.conditional_change_covariance.values
    contrast = np.eye(5)[1:] - np.eye(5)[:-1]
    variance = np.einsum("ks,prst,kt->prk", contrast, covariance, contrast)
    assert np.abs(deviation @ contrast.T / np.sqrt(variance)).max() < 5


def test_every_condition_by_itself_scatters_less_from_trial_to_trial(matching):
    """Rao and Blackwell: a conditional expectation scatters less than what it is the expectation of."""
    of_one_simulated = matching.weight_change_sem * np.sqrt(matching.n_trials)
    of_one_conditional = conditional_errors(matching) * np.sqrt(matching.n_coupled_trials)
    assert float((of_one_conditional / of_one_simulated).max()) < 0.7


@pytest.mark.parametrize("slope", [10.0, 50.0])
def test_the_derivative_term_needs_less_than_half_a_percent_of_the_trials(slope):
    """Nearest-neighbour pairs, 20 Hz against 30 Hz for a second: trials to a given error, relative to independent ones.

    The ratio of two variances is known to the standard errors of both, which are taken from the fourth moments.
    """
    interval_ms, n_trials, window = (0.0, 1000.0), 4000, WINDOWS["antisymmetric"]
    both = ramps([-slope, slope], interval_ms)
    steady = constant_rate(20.0, start_ms=both[0].start_ms, stop_ms=both[0].stop_ms)
    generator = np.random.default_rng(31)
    independent = [
        weight_changes(
            *(poisson_trains(rate, generator, n_trials=n_trials) for rate in (steady, ramp)),
            window=window,
            interval_ms=interval_ms,
        )[NEAREST]
        for ramp in both
    ]
    coupled = [
        mean_weight_changes(train, window=window, presynaptic_rate_hz=20.0, interval_ms=interval_ms)[NEAREST]
        for train in coupled_trains(both, generator, n_trials=n_trials, anchor_ms=interval_ms[0])
    ]
    (few, few_error), (many, many_error) = (
        variance_and_error(falling - rising) for falling, rising in (coupled, independent)
    )
    assert (few + 5 * few_error) / (many - 5 * many_error) < 0.005
    _, covariance = estimate(
        both, window, generator, presynaptic_rate_hz=20.0, interval_ms=interval_ms, n_trials=n_trials
    )
    of_estimate = np.array([-1, 1]) @ covariance[NEAREST] @ np.array([-1, 1]) * n_trials
    assert abs(of_estimate - few) < 5 * np.sqrt(2) * few_error  # two samples of the same variance


def variance_and_error(values):
    squares = (values - values.mean()) ** 2
    return squares.mean(), squares.std() / np.sqrt(squares.size)


def test_the_standard_errors_have_the_size_they_claim():
    """300 repetitions of 200 trials: standardised errors have variance 1 within five of its own standard errors."""
    interval_ms, n_trials, n_repeats, window = (0.0, 100.0), 200, 300, WINDOWS["bi_poo"]
    both = ramps([-100.0, 100.0], interval_ms)
    expected = np.array([[exact(pairing, window, ramp, interval_ms) for ramp in both] for pairing in PAIRINGS])
    contrasts = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])  # each slope by itself, and their difference
    generators = np.random.default_rng(32).spawn(n_repeats)
    z = []
    for generator in generators:
        mean, covariance = estimate(
            both, window, generator, presynaptic_rate_hz=20.0, interval_ms=interval_ms, n_trials=n_trials
        )
        variance = np.einsum("ks,pst,kt->pk", contrasts, covariance, contrasts)
        z.append((mean - expected) @ contrasts.T / np.sqrt(variance))
    z = np.array(z)
    assert (np.abs(z.mean(axis=0)) < 5 / np.sqrt(n_repeats)).all()
    squares = z**2
    error = squares.std(axis=0) / np.sqrt(n_repeats)
    student = (n_trials - 1) / (n_trials - 3)  # the error is estimated from the same trials
    assert (np.abs(squares.mean(axis=0) - student) < 5 * error).all()


def test_each_coupled_train_follows_its_own_rate():
    """Coupling must not change the law of any one train, or the expectation would move."""
    interval_ms, n_trials = (0.0, 200.0), 5000
    both = ramps([-60.0, 60.0], interval_ms)
    for ramp, train in zip(
        both, coupled_trains(both, np.random.default_rng(33), n_trials=n_trials, anchor_ms=interval_ms[0]), strict=True
    ):
        mean = ramp.expected_count(ramp.stop_ms)
        counts = train.counts()
        assert abs(counts.mean() - mean) < 5 * np.sqrt(mean / n_trials)
        assert abs(((counts - mean) ** 2).mean() - mean) < 5 * np.sqrt((mean + 2 * mean**2) / n_trials)
        assert kstest(train.times_ms, lambda t, ramp=ramp, mean=mean: ramp.expected_count(t) / mean).pvalue > FIVE_SIGMA
        gaps = np.diff(ramp.expected_count(train.times_ms))[np.diff(train.trial) == 0]  # 1: unit rate, cut at the ends
        assert abs(gaps[gaps < 1].mean() - (1 - 2 / np.e) / (1 - 1 / np.e)) < 0.02


def test_coupled_trains_agree_at_their_anchor_and_where_the_rates_have_had_the_same_integral():
    """First order in the difference of rates: displacements are that fraction of the distance to the anchor.

    The ramp turns about the middle, so the far end of the interval is an anchor as well.
    """
    interval_ms = (0.0, 1000.0)
    flat, steep = ramps([0.0, 0.3], interval_ms)
    first, second = coupled_trains([flat, steep], np.random.default_rng(34), n_trials=300, anchor_ms=interval_ms[0])
    for anchor, extra_hz in ((0.0, -0.15), (1000.0, 0.15)):
        moved, distance = displacements(first, second, anchor_ms=anchor)
        assert distance.size > 500
        # to second order, which is slope · distance² / (2 · 30 Hz) = 0.008 ms and 0.005 of the first one
        np.testing.assert_allclose(moved, -extra_hz / 30.0 * distance, rtol=0, atol=0.01)


def displacements(first, second, *, anchor_ms):
    """From each spike within 40 ms of the anchor to that of equal number from there, and its distance to the anchor."""
    moved, distance = [], []
    for trial in range(first.n_trials):
        from_anchor = [
            train.times_ms[train.starts[trial] : train.starts[trial + 1]] - anchor_ms for train in (first, second)
        ]
        for side in (1, -1):
            here, there = (np.sort(side * times[side * times > 0]) for times in from_anchor)
            n_near = (here < 40.0).sum()
            moved.append(side * (there[:n_near] - here[:n_near]))
            distance.append(side * here[:n_near])
    return np.concatenate(moved), np.concatenate(distance)


def test_presynaptic_trains_average_to_the_integral():
    """The same postsynaptic spikes met by many simulated presynaptic trains, in every pairing."""
    n_trials, window, interval_ms = 20000, WINDOWS["bi_poo"], (0.0, 60.0)
    post = spike_trains([[-30.0, 13.0, 17.0, 35.0, 43.0, 78.0]] * n_trials)
    steady = constant_rate(45.0, start_ms=-400.0, stop_ms=400.0)
    pre = poisson_trains(steady, np.random.default_rng(35), n_trials=n_trials)
    simulated = weight_changes(pre, post, window=window, interval_ms=interval_ms)
    found = mean_weight_changes(post, window=window, presynaptic_rate_hz=45.0, interval_ms=interval_ms)[:, 0]
    error = simulated.std(axis=1) / np.sqrt(n_trials)
    assert (np.abs(simulated.mean(axis=1) - found) < 5 * error).all()
