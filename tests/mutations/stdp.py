"""One-line mutations of the spike half; see `mutation`."""

MUTATIONS = {
    ("stdp/windows.py", "unit/stdp/test_windows.py"): [
        ("np.where(delta_ms > 0, potentiation", "np.where(delta_ms >= 0, potentiation"),
        ("depression = -self.a_minus", "depression = self.a_minus"),
        ("self.a_plus * self.tau_plus_ms**2 + self", "self.a_plus * self.tau_plus_ms**2 - self"),
    ],
    ("claims/stdp_matching.py", "unit/claims/test_claims.py"): [
        ("np.cumsum(count) - (count - 1) / 2", "np.cumsum(count)")
    ],
    ("stdp/spike_trains.py", "unit/stdp/test_spike_trains.py"): [
        ("self.slopes_hz_per_ms[piece] * since / 2)", "self.slopes_hz_per_ms[piece] * since)"),
        ("if (rates < 0).any():", "if (rates < -1e9).any():"),
        (
            "PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz[::-1])",
            "PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz)",
        ),
        ("while (reached := gaps.sum()) <= length:", "while (reached := gaps.sum()) <= 0:"),
        ("np.bincount(self.trial[mask]", "np.bincount(self.trial"),
        ("return np.maximum(at_start, 0.0), slopes", "return np.maximum(at_start, 0.0), -slopes"),
        ("yield child_generator(generator, first)", "yield child_generator(generator, n_trials)"),
    ],
    ("stdp/spike_trains.py", "statistics/test_spike_statistics.py"): [
        ("- trains.trial * per_trial", "% 1.0 * per_trial"),
        ("rate * rate + 2 * slopes[piece] * excess", "rate * rate + slopes[piece] * excess"),
    ],
    ("stdp/spike_trains.py", "statistics/test_variance_reduction.py"): [
        ("(points.times_ms > -offset) & (points", "(points.times_ms > 0) & (points"),
        ("time_of_count(own.times_ms + offset)", "time_of_count(own.times_ms % total)"),
    ],
    ("stdp/pairing.py", "unit/stdp/test_pairing.py"): [
        ("post_after[k] += posts[post_after[k]] == pre_ms[k]", "post_after[k] += 0"),
        ("before_ms[first] = np.inf", "before_ms[first] = 5.0"),
        ("after_ms[stop] = np.inf", "after_ms[stop] = 5.0"),
        ("post_before[first] < post_starts[trial]", "post_before[first] < 0"),
        ("post_ms[n_post] < pre_ms[k]", "post_ms[n_post] <= pre_ms[k]"),
        ("nearest.pre_after_ms >= self.nearest.post_after_ms", "nearest.pre_after_ms > -1"),
        ("nearest.pre_before_ms >= self.nearest.post_before_ms", "nearest.pre_before_ms > self.nearest.post_before_ms"),
        ("return self._all_after - to_next *", "return self._all_after - 0 * to_next *"),
        ("gaps[trains.starts] = np.inf", "gaps[0] = gaps[-1] = np.inf"),
        ("last = 1.0 + decay[k] * last", "last = 1.0 + decay[k]"),
        ("start_ms <= times_ms[k] < stop_ms", "start_ms <= times_ms[k] <= stop_ms"),
    ],
    ("stdp/pairing.py", "statistics/test_stdp_statistics.py"): [
        ("(trains.times_ms < interval_ms[1])", "(trains.times_ms < 2 * interval_ms[1])")
    ],
    ("stdp/superposition.py", "unit/stdp/test_superposition.py"): [
        ("before[n_pre] = n_post", "before[n_pre] = n_pre"),
        ("n_post += 1 - is_pre", "n_post += 1"),
        ("_marks(gaps.size, mark_generator)", "_marks(gaps.size, gap_generator)"),
    ],
    ("stdp/superposition.py", "statistics/test_spike_statistics.py"): [
        ("< (pre + rise * since) * _MARKS", "< pre * _MARKS"),
        ("rate * rate + 2 * slope * excess", "rate * rate + slope * excess"),
        ("count -= ends[-1]", "count = 0.0"),
    ],
    ("stdp/expected/given_postsynaptic.py", "unit/stdp/expected/test_given_postsynaptic.py"): [
        ("per_ms * no_pre_between", "0 * per_ms * no_pre_between"),
        ("if nearest_only:", "if not nearest_only:"),
        ("first = last", "first = start_ms"),
        ("trains.starts[-1] - trains.starts[::-1]", "trains.starts"),
        ("window.a_plus * gain - window", "window.a_plus * gain + window"),
    ],
    ("stdp/pairing.py", "unit/stdp/expected/test_single_synapse.py"): [
        ('"nearest_symmetric": ((False, True), (True, False))', '"nearest_symmetric": ((True, False), (True, False))')
    ],
    ("stdp/expected/single_synapse.py", "unit/stdp/expected/test_single_synapse.py"): [
        ("(rate_hz + slope * (at - start))", "(rate_hz + 0 * (at - start))"),
        ("postsynaptic_rate.reversed(), -times", "postsynaptic_rate, times"),
        ("exponent -= excluded.expected_count(at)", "exponent -= 0 * excluded.expected_count(at)"),
        (
            "rate.expected_count(np.abs(lags)) - rate.expected_count(-np.abs(lags))",
            "rate.expected_count(np.abs(lags)) - rate.expected_count(0 * lags)",
        ),
    ],
    ("experiments/stdp_matching.py", "unit/experiments/test_stdp_matching.py"): [
        ("middle_ms=settings.interval_ms / 2", "middle_ms=0.0"),
        ("start_ms=-margin_ms", "start_ms=0.0"),
        ("child_generator(rng, rate_hz, slope_hz_per_s)", "child_generator(rng, rate_hz)"),
        ("averages - conditional_mean[:, i, j, np.newaxis]", "averages - mean[:, i, j, np.newaxis]"),
    ],
    ("experiments/stdp_matching.py", "statistics/test_stdp_statistics.py"): [
        ("axis=1) / settings.interval_ms * MS_PER_S, n_spikes", "axis=1), n_spikes"),
        ("ddof=1) / np.sqrt(n_trials)", "ddof=1) / n_trials"),
    ],
    ("experiments/stdp_matching.py", "statistics/test_variance_reduction.py"): [
        ("mean * per_s)", "mean)"),
        ("covariance * per_s**2", "covariance * per_s"),
    ],
    ("stdp/variance_reduction.py", "statistics/test_variance_reduction.py"): [
        ("deviations @ deviations.swapaxes(1, 2)", "(deviations**2).sum(axis=2, keepdims=True)"),
        ("/ (n_trials - 1) / n_trials", "/ (n_trials - 1)"),
        ("anchor_ms=interval_ms[0]", "anchor_ms=sum(interval_ms) / 2"),
    ],
    ("claims/stdp_matching.py", "unit/experiments/test_stdp_matching.py"): [
        ("axis=1) * weight[:, None]", "axis=1) * weight.mean()")
    ],
    ("stdp/lag_histogram.py", "unit/experiments/test_stdp_matching.py"): [
        ("[-nearest.post_before_ms[counted], nearest", "[nearest.post_before_ms[counted], nearest")
    ],
    ("experiments/stdp_curve.py", "statistics/test_stdp_statistics.py"): [
        ("crossed = (rest_after <= 0) | (generator.random(rest.size) < hit)", "crossed = rest_after <= 0"),
        ("step_ms * ratio / (1 + ratio)", "step_ms + 0 * ratio"),
    ],
    ("experiments/stdp_curve.py", "unit/experiments/test_stdp_curve.py"): [
        ("np.sign(slope) * np.stack([times", "np.stack([times"),
        ("np.where(earlier, -nearest.post_before_ms", "np.where(earlier, nearest.post_before_ms"),
        ("rule = slopes @ exact[:, 0] / mass", "rule = slopes @ exact[:, 1] / mass"),
    ],
    ("config/stdp.py", "unit/config/test_stdp.py"): [
        ("self.a_plus * (self.tau_plus_ms / self.tau_minus_ms)", "self.a_plus")
    ],
}
