"""One-line mutations of the spike half, each of which the named tests must notice."""

from mutation import Mutation

_WINDOWS, _SPIKES, _PAIRING, _EXPECTATIONS = (
    "stdp/windows.py",
    "stdp/spike_trains.py",
    "stdp/pairing.py",
    "stdp/expected/single_synapse.py",
)
_SUPERPOSITION, _AVERAGE = "stdp/superposition.py", "stdp/expected/given_postsynaptic.py"
_COMMON, _TALLY, _CLAIMS = "stdp/variance_reduction.py", "stdp/lag_histogram.py", "claims/stdp_matching.py"
_MATCHING, _CURVE, _CONFIG = "experiments/stdp_matching.py", "experiments/stdp_curve.py", "config/stdp.py"
_TEST_PAIRING, _TEST_EXPECTATIONS = "unit/stdp/test_pairing.py", "unit/stdp/expected/test_single_synapse.py"
_TEST_SPIKES, _TEST_TRAINS = "unit/stdp/test_spike_trains.py", "statistics/test_spike_statistics.py"
_TEST_MATCHING = "unit/experiments/test_stdp_matching.py"
_TEST_VARIANCE = "statistics/test_variance_reduction.py"
_TEST_SUPERPOSITION, _TEST_AVERAGE = "unit/stdp/test_superposition.py", "unit/stdp/expected/test_given_postsynaptic.py"
_TEST_CURVE, _TEST_STDP = "unit/experiments/test_stdp_curve.py", "statistics/test_stdp_statistics.py"

MUTATIONS = (
    # windows
    Mutation(
        _WINDOWS,
        "np.where(delta_ms > 0, potentiation",
        "np.where(delta_ms >= 0, potentiation",
        "unit/stdp/test_windows.py",
    ),
    Mutation(_WINDOWS, "depression = -self.a_minus", "depression = self.a_minus", "unit/stdp/test_windows.py"),
    Mutation(
        _WINDOWS,
        "self.a_plus * self.tau_plus_ms**2 + self",
        "self.a_plus * self.tau_plus_ms**2 - self",
        "unit/stdp/test_windows.py",
    ),
    Mutation(
        "claims/stdp_matching.py",
        "np.cumsum(count) - (count - 1) / 2",
        "np.cumsum(count)",
        "unit/claims/test_claims.py",
    ),
    # spikes
    Mutation(
        _SPIKES,
        "self.slopes_hz_per_ms[piece] * since / 2)",
        "self.slopes_hz_per_ms[piece] * since)",
        _TEST_SPIKES,
    ),
    Mutation(_SPIKES, "if (rates < 0).any():", "if (rates < -1e9).any():", _TEST_SPIKES),
    Mutation(
        _SPIKES,
        "PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz[::-1])",
        "PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz)",
        _TEST_SPIKES,
    ),
    Mutation(_SPIKES, "- trains.trial * per_trial", "% 1.0 * per_trial", _TEST_TRAINS),
    Mutation(_SPIKES, "while (reached := gaps.sum()) <= length:", "while (reached := gaps.sum()) <= 0:", _TEST_SPIKES),
    Mutation(_SPIKES, "np.bincount(self.trial[mask]", "np.bincount(self.trial", _TEST_SPIKES),
    Mutation(
        _SPIKES, "return np.maximum(at_start, 0.0), slopes", "return np.maximum(at_start, 0.0), -slopes", _TEST_SPIKES
    ),
    Mutation(_SPIKES, "(points.times_ms > -offset) & (points", "(points.times_ms > 0) & (points", _TEST_VARIANCE),
    Mutation(_SPIKES, "time_of_count(own.times_ms + offset)", "time_of_count(own.times_ms % total)", _TEST_VARIANCE),
    Mutation(_SPIKES, "rate * rate + 2 * slopes[piece] * excess", "rate * rate + slopes[piece] * excess", _TEST_TRAINS),
    Mutation(
        _SPIKES,
        "yield child_generator(generator, first)",
        "yield child_generator(generator, n_trials)",
        _TEST_SPIKES,
    ),
    # pairing
    Mutation(_PAIRING, "post_after[k] += posts[post_after[k]] == pre_ms[k]", "post_after[k] += 0", _TEST_PAIRING),
    Mutation(_PAIRING, "before_ms[first] = np.inf", "before_ms[first] = 5.0", _TEST_PAIRING),
    Mutation(_PAIRING, "after_ms[stop] = np.inf", "after_ms[stop] = 5.0", _TEST_PAIRING),
    Mutation(_PAIRING, "post_before[first] < post_starts[trial]", "post_before[first] < 0", _TEST_PAIRING),
    Mutation(_PAIRING, "post_ms[n_post] < pre_ms[k]", "post_ms[n_post] <= pre_ms[k]", _TEST_PAIRING),
    Mutation(
        _PAIRING, "nearest.pre_after_ms >= self.nearest.post_after_ms", "nearest.pre_after_ms > -1", _TEST_PAIRING
    ),
    Mutation(
        _PAIRING,
        "nearest.pre_before_ms >= self.nearest.post_before_ms",
        "nearest.pre_before_ms > self.nearest.post_before_ms",
        _TEST_PAIRING,
    ),
    Mutation(_PAIRING, "return self._all_after - to_next *", "return self._all_after - 0 * to_next *", _TEST_PAIRING),
    Mutation(_PAIRING, "gaps[trains.starts] = np.inf", "gaps[0] = gaps[-1] = np.inf", _TEST_PAIRING),
    Mutation(_PAIRING, "last = 1.0 + decay[k] * last", "last = 1.0 + decay[k]", _TEST_PAIRING),
    Mutation(_PAIRING, "start_ms <= times_ms[k] < stop_ms", "start_ms <= times_ms[k] <= stop_ms", _TEST_PAIRING),
    Mutation(_PAIRING, "(trains.times_ms < interval_ms[1])", "(trains.times_ms < 2 * interval_ms[1])", _TEST_STDP),
    # superposition
    Mutation(_SUPERPOSITION, "before[n_pre] = n_post", "before[n_pre] = n_pre", _TEST_SUPERPOSITION),
    Mutation(_SUPERPOSITION, "n_post += 1 - is_pre", "n_post += 1", _TEST_SUPERPOSITION),
    Mutation(_SUPERPOSITION, "< (pre + rise * since) * _MARKS", "< pre * _MARKS", _TEST_TRAINS),
    Mutation(_SUPERPOSITION, "rate * rate + 2 * slope * excess", "rate * rate + slope * excess", _TEST_TRAINS),
    Mutation(_SUPERPOSITION, "count -= ends[-1]", "count = 0.0", _TEST_TRAINS),
    Mutation(
        _SUPERPOSITION, "_marks(gaps.size, mark_generator)", "_marks(gaps.size, gap_generator)", _TEST_SUPERPOSITION
    ),
    # presynaptic average
    Mutation(_AVERAGE, "per_ms * no_pre_between", "0 * per_ms * no_pre_between", _TEST_AVERAGE),
    Mutation(_AVERAGE, "if nearest_only:", "if not nearest_only:", _TEST_AVERAGE),
    Mutation(_AVERAGE, "first = last", "first = start_ms", _TEST_AVERAGE),
    Mutation(_AVERAGE, "trains.starts[-1] - trains.starts[::-1]", "trains.starts", _TEST_AVERAGE),
    Mutation(_AVERAGE, "window.a_plus * gain - window", "window.a_plus * gain + window", _TEST_AVERAGE),
    # expectations
    Mutation(
        _PAIRING,
        '"nearest_symmetric": ((False, True), (True, False))',
        '"nearest_symmetric": ((True, False), (True, False))',
        _TEST_EXPECTATIONS,
    ),
    Mutation(_EXPECTATIONS, "(rate_hz + slope * (at - start))", "(rate_hz + 0 * (at - start))", _TEST_EXPECTATIONS),
    Mutation(_EXPECTATIONS, "postsynaptic_rate.reversed(), -times", "postsynaptic_rate, times", _TEST_EXPECTATIONS),
    Mutation(
        _EXPECTATIONS,
        "exponent -= excluded.expected_count(at)",
        "exponent -= 0 * excluded.expected_count(at)",
        _TEST_EXPECTATIONS,
    ),
    Mutation(
        _EXPECTATIONS,
        "rate.expected_count(np.abs(lags)) - rate.expected_count(-np.abs(lags))",
        "rate.expected_count(np.abs(lags)) - rate.expected_count(0 * lags)",
        _TEST_EXPECTATIONS,
    ),
    # experiments
    Mutation(_MATCHING, "middle_ms=settings.interval_ms / 2", "middle_ms=0.0", _TEST_MATCHING),
    Mutation(_MATCHING, "start_ms=-margin_ms", "start_ms=0.0", _TEST_MATCHING),
    Mutation(
        _MATCHING,
        "child_generator(rng, rate_hz, slope_hz_per_s)",
        "child_generator(rng, rate_hz)",
        _TEST_MATCHING,
    ),
    Mutation(_MATCHING, "axis=1) / settings.interval_ms * MS_PER_S, n_spikes", "axis=1), n_spikes", _TEST_STDP),
    Mutation(_MATCHING, "ddof=1) / np.sqrt(n_trials)", "ddof=1) / n_trials", _TEST_STDP),
    Mutation(_MATCHING, "mean * per_s)", "mean)", _TEST_VARIANCE),
    Mutation(_MATCHING, "covariance * per_s**2", "covariance * per_s", _TEST_VARIANCE),
    Mutation(
        _MATCHING,
        "averages - conditional_mean[:, i, j, np.newaxis]",
        "averages - mean[:, i, j, np.newaxis]",
        _TEST_MATCHING,
    ),
    Mutation(
        _COMMON, "deviations @ deviations.swapaxes(1, 2)", "(deviations**2).sum(axis=2, keepdims=True)", _TEST_VARIANCE
    ),
    Mutation(_COMMON, "/ (n_trials - 1) / n_trials", "/ (n_trials - 1)", _TEST_VARIANCE),
    Mutation(_COMMON, "anchor_ms=interval_ms[0]", "anchor_ms=sum(interval_ms) / 2", _TEST_VARIANCE),
    Mutation(_CLAIMS, "axis=1) * weight[:, None]", "axis=1) * weight.mean()", _TEST_MATCHING),
    Mutation(
        _TALLY,
        "[-nearest.post_before_ms[counted], nearest",
        "[nearest.post_before_ms[counted], nearest",
        _TEST_MATCHING,
    ),
    Mutation(
        _CURVE,
        "crossed = (rest_after <= 0) | (generator.random(rest.size) < hit)",
        "crossed = rest_after <= 0",
        _TEST_STDP,
    ),
    Mutation(_CURVE, "step_ms * ratio / (1 + ratio)", "step_ms + 0 * ratio", _TEST_STDP),
    Mutation(_CURVE, "np.sign(slope) * np.stack([times", "np.stack([times", _TEST_CURVE),
    Mutation(
        _CURVE,
        "np.where(earlier, -nearest.post_before_ms",
        "np.where(earlier, nearest.post_before_ms",
        _TEST_CURVE,
    ),
    Mutation(_CURVE, "rule = slopes @ exact[:, 0] / mass", "rule = slopes @ exact[:, 1] / mass", _TEST_CURVE),
    # config
    Mutation(
        _CONFIG,
        "self.a_plus * (self.tau_plus_ms / self.tau_minus_ms)",
        "self.a_plus",
        "unit/config/test_stdp.py",
    ),
)
