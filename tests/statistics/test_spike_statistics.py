"""Poisson trains against the Poisson law: seeded, five standard errors, computed here."""

import tracemalloc

import numpy as np
from scipy.integrate import quad
from scipy.stats import kstest

from stdp_backprop.stdp.pairing import weight_changes
from stdp_backprop.stdp.spike_trains import PiecewiseLinearRate, constant_rate, poisson_trains, rectified_ramp
from stdp_backprop.stdp.superposition import poisson_pairs
from stdp_backprop.stdp.windows import Window

N_TRIALS = 20000
RAMP = rectified_ramp(30.0, -200.0, middle_ms=50.0, start_ms=-200.0, stop_ms=300.0)
FIVE_SIGMA = 5.7e-7  # two-sided probability beyond five standard errors


def within_five_errors(values, expected, variance):
    """Whether the mean of independent values meets its expectation, given the variance that theory
    gives one.
    """
    return abs(np.mean(values) - expected) < 5 * np.sqrt(variance / len(values))


def test_spike_counts_have_poisson_mean_and_variance():
    """The expectations assume Poisson trains; counts with another variance would have other error
    bars too.
    """
    mean = quad(lambda t: 30.0 - 0.2 * (t - 50.0), -200.0, 200.0)[0] / 1000
    counts = poisson_trains(RAMP, np.random.default_rng(1), n_trials=N_TRIALS).counts()
    assert within_five_errors(counts, mean, mean)
    # (x − m)² of a Poisson variable has the variance m + 2 m²
    assert within_five_errors((counts - mean) ** 2, mean, mean + 2 * mean**2)


def test_counts_of_neighbouring_trials_are_uncorrelated():
    """Trials are cut from one long process; what leaked across a cut would shrink the error bars
    in silence.
    """
    counts = poisson_trains(RAMP, np.random.default_rng(2), n_trials=N_TRIALS).counts()
    mean = 16.0  # 80 Hz falling to 0 within 400 ms
    products = (counts[:-1] - mean) * (counts[1:] - mean)
    assert within_five_errors(products, 0.0, mean**2)


def test_spike_times_follow_the_ramp():
    """Given their number, spikes are spread as the rate: here a triangle, of which the
    distribution is a parabola.
    """
    times = poisson_trains(RAMP, np.random.default_rng(3), n_trials=2000).times_ms
    assert kstest(times, lambda t: 1 - ((200.0 - t) / 400.0) ** 2).pvalue > FIVE_SIGMA


def test_gaps_of_a_steady_train_are_exponential():
    """A dead time or a burst would change every nearest-neighbour expectation."""
    steady = constant_rate(50.0, start_ms=0.0, stop_ms=50000.0)
    gaps = np.diff(poisson_trains(steady, np.random.default_rng(4), n_trials=1).times_ms)
    assert kstest(gaps, "expon", args=(0, 20.0)).pvalue > FIVE_SIGMA


def test_a_step_and_a_silence_keep_their_counts():
    """Several pieces take another branch of the inverse than a single ramp."""
    rate = PiecewiseLinearRate(np.array([0.0, 40.0, 40.0, 60.0, 60.0, 100.0]), np.array([25.0, 25, 0, 0, 50, 100]))
    trains = poisson_trains(rate, np.random.default_rng(5), n_trials=N_TRIALS)
    for low, high, mean in ((0.0, 40.0, 1.0), (60.0, 80.0, 1.25), (80.0, 100.0, 1.75)):
        inside = (trains.times_ms > low) & (trains.times_ms < high)
        counts = np.bincount(trains.trial[inside], minlength=N_TRIALS)
        assert within_five_errors(counts, mean, mean)


STEPS = PiecewiseLinearRate(np.array([-200.0, 0.0, 0.0, 100.0, 100.0, 300.0]), np.array([20.0, 20, 0, 0, 50, 10]))


def superposed(presynaptic_rate, postsynaptic_rate, *, seed):
    """Both trains of all blocks: counts per trial, and times."""
    generator = np.random.default_rng(seed)
    pairs = list(poisson_pairs(presynaptic_rate, postsynaptic_rate, generator, n_trials=N_TRIALS))
    trains = [[getattr(pair, name) for pair in pairs] for name in ("presynaptic", "postsynaptic")]
    return [
        (np.concatenate([x.counts() for x in of_one]), np.concatenate([x.times_ms for x in of_one]))
        for of_one in trains
    ]


def test_superposed_trains_have_the_counts_and_times_of_their_own_rates():
    """Drawn as one and marked: a wrong mark would move spikes from one neuron to the other, most where rates differ."""
    for rate, (counts, times) in zip((STEPS, RAMP), superposed(STEPS, RAMP, seed=8), strict=True):
        mean = quad(rate_at(rate), -200.0, 300.0, points=[0.0, 100.0, 200.0])[0] / 1000
        assert within_five_errors(counts, mean, mean)
        assert within_five_errors((counts - mean) ** 2, mean, mean + 2 * mean**2)
        assert kstest(times[:200000], lambda t, rate=rate, mean=mean: rate.expected_count(t) / mean).pvalue > FIVE_SIGMA


def rate_at(rate):
    """The rate by its definition: on the straight line between the knots about a time."""

    def at(time_ms):
        right = int(np.argmax(rate.knots_ms >= time_ms)) if time_ms <= rate.knots_ms[-1] else 0
        if right == 0:
            return 0.0
        low, high = rate.knots_ms[right - 1], rate.knots_ms[right]
        share = (time_ms - low) / (high - low)
        return rate.rates_hz[right - 1] * (1 - share) + rate.rates_hz[right] * share

    return at


def test_superposed_trains_are_independent():
    """The expectations multiply the two rates; counts, and the next spike of the other train, know nothing of it."""
    (pre, _), (post, _) = superposed(STEPS, RAMP, seed=9)
    means = pre.mean(), post.mean()
    assert within_five_errors((pre - means[0]) * (post - means[1]), 0.0, means[0] * means[1])
    pair = next(
        poisson_pairs(
            constant_rate(20.0, start_ms=0.0, stop_ms=1e5),
            constant_rate(30.0, start_ms=0.0, stop_ms=1e5),
            np.random.default_rng(10),
            n_trials=1,
        )
    )
    waits = pair.postsynaptic.times_ms[pair.posts_before[:-20]] - pair.presynaptic.times_ms[:-20]
    # every 5th spike: neighbouring presynaptic spikes share the spike they wait for
    assert kstest(waits[::5], "expon", args=(0, 1000 / 30)).pvalue > FIVE_SIGMA


def test_memory_stays_below_a_hundred_megabytes_at_many_trials():
    """A sweep must run on a laptop: blocks are forgotten once they are summed."""
    window = Window("w", a_plus=1.0, a_minus=1.0, tau_plus_ms=20.0, tau_minus_ms=20.0)
    rates = [constant_rate(rate, start_ms=0.0, stop_ms=1000.0) for rate in (20.0, 30.0)]
    tracemalloc.start()
    total = 0.0
    for pair in poisson_pairs(*rates, np.random.default_rng(7), n_trials=20000):
        total += weight_changes(pair.presynaptic, pair.postsynaptic, window=window, interval_ms=(0.0, 1000.0)).sum()
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert peak_mb < 100
