"""One-line sabotages of the spike half, each of which the named tests must notice."""

from sabotages import Sabotage

_WINDOWS, _SPIKES, _PAIRING, _EXPECTATIONS = "windows.py", "spikes.py", "pairing.py", "expectations.py"
_MATCHING, _CURVE, _CONFIG = "experiments/stdp_matching.py", "experiments/stdp_curve.py", "config/stdp.py"
_UNIT, _STATISTICS = "unit", "statistics"
_TEST_PAIRING, _TEST_EXPECTATIONS = f"{_UNIT}/test_pairing.py", f"{_UNIT}/test_expectations.py"
_TEST_SPIKES, _TEST_TRAINS = f"{_UNIT}/test_spikes.py", f"{_STATISTICS}/test_spike_statistics.py"
_TEST_MATCHING = f"{_UNIT}/test_experiment_stdp_matching.py"
_TEST_CURVE, _TEST_STDP = f"{_UNIT}/test_experiment_stdp_curve.py", f"{_STATISTICS}/test_stdp_statistics.py"

SABOTAGES = (
    # windows
    Sabotage(
        _WINDOWS,
        "np.where(delta_ms > 0, potentiation",
        "np.where(delta_ms >= 0, potentiation",
        f"{_UNIT}/test_windows.py",
    ),
    Sabotage(_WINDOWS, "depression = -self.a_minus", "depression = self.a_minus", f"{_UNIT}/test_windows.py"),
    Sabotage(
        _WINDOWS,
        "self.a_plus * self.tau_plus_ms**2 + self",
        "self.a_plus * self.tau_plus_ms**2 - self",
        f"{_UNIT}/test_windows.py",
    ),
    Sabotage("claims/stdp.py", "np.cumsum(count) - (count - 1) / 2", "np.cumsum(count)", f"{_UNIT}/test_claims.py"),
    # spikes
    Sabotage(
        _SPIKES,
        "self.slopes_hz_per_ms[piece] * since / 2)",
        "self.slopes_hz_per_ms[piece] * since)",
        _TEST_SPIKES,
    ),
    Sabotage(_SPIKES, "if (rates < 0).any():", "if (rates < -1e9).any():", _TEST_SPIKES),
    Sabotage(
        _SPIKES,
        "PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz[::-1])",
        "PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz)",
        _TEST_SPIKES,
    ),
    Sabotage(_SPIKES, "position - trial * per_trial", "position % 1.0 * per_trial", _TEST_TRAINS),
    Sabotage(_SPIKES, "rate * rate + 2 * slope * rest", "rate * rate + slope * rest", _TEST_TRAINS),
    Sabotage(
        _SPIKES,
        "yield child_generator(generator, first)",
        "yield child_generator(generator, n_trials)",
        _TEST_SPIKES,
    ),
    Sabotage(_SPIKES, "* ceiling_hz < rate_hz(", "* ceiling_hz / 2 < rate_hz(", _TEST_TRAINS),
    # pairing
    Sabotage(_PAIRING, "after += np.append(post_axis, np.inf)[after] == pre_axis", "after += 0", _TEST_PAIRING),
    Sabotage(_PAIRING, "np.where(trial[position] == presynaptic.trial, lags, np.inf)", "lags", _TEST_PAIRING),
    Sabotage(_PAIRING, "found.pre_after_ms >= found.post_after_ms", "found.pre_after_ms > -1", _TEST_PAIRING),
    Sabotage(
        _PAIRING,
        "found.pre_before_ms >= found.post_before_ms",
        "found.pre_before_ms > found.post_before_ms",
        _TEST_PAIRING,
    ),
    Sabotage(_PAIRING, "return all_potentiation - beyond", "return all_potentiation", _TEST_PAIRING),
    Sabotage(_PAIRING, "_gaps_ms(postsynaptic)\n", "np.full(postsynaptic.times_ms.size + 1, 5.0)\n", _TEST_PAIRING),
    Sabotage(_PAIRING, "reach *= 2", "reach += 1", _TEST_PAIRING),
    Sabotage(_PAIRING, "(trains.times_ms < interval_ms[1])", "(trains.times_ms <= interval_ms[1])", _TEST_PAIRING),
    # expectations
    Sabotage(
        _EXPECTATIONS,
        '"nearest_symmetric": ((False, True), (True, False))',
        '"nearest_symmetric": ((True, False), (True, False))',
        _TEST_EXPECTATIONS,
    ),
    Sabotage(_EXPECTATIONS, "(rate_hz + slope * (at - start))", "(rate_hz + 0 * (at - start))", _TEST_EXPECTATIONS),
    Sabotage(_EXPECTATIONS, "postsynaptic_rate.reversed(), -times", "postsynaptic_rate, times", _TEST_EXPECTATIONS),
    Sabotage(
        _EXPECTATIONS,
        "exponent -= none.expected_count(at)",
        "exponent -= 0 * none.expected_count(at)",
        _TEST_EXPECTATIONS,
    ),
    Sabotage(
        _EXPECTATIONS,
        "rate.expected_count(np.abs(lags)) - rate.expected_count(-np.abs(lags))",
        "rate.expected_count(np.abs(lags)) - rate.expected_count(0 * lags)",
        _TEST_EXPECTATIONS,
    ),
    # experiments
    Sabotage(_MATCHING, "middle_ms=settings.interval_ms / 2", "middle_ms=0.0", _TEST_MATCHING),
    Sabotage(_MATCHING, "start_ms=-margin_ms", "start_ms=0.0", _TEST_MATCHING),
    Sabotage(
        _MATCHING,
        "child_generator(rng, rate_hz, slope_hz_per_s)",
        "child_generator(rng, rate_hz)",
        _TEST_MATCHING,
    ),
    Sabotage(_MATCHING, "axis=1) / settings.interval_ms * MS_PER_S, spikes", "axis=1), spikes", _TEST_STDP),
    Sabotage(_MATCHING, "ddof=1) / np.sqrt(n_trials[i])", "ddof=1) / n_trials[i]", _TEST_STDP),
    Sabotage(_MATCHING, "block.spawn(2)", "(child_generator(block), child_generator(block))", _TEST_STDP),
    Sabotage(
        _MATCHING,
        "[-found.post_before_ms[counted], found",
        "[found.post_before_ms[counted], found",
        _TEST_MATCHING,
    ),
    Sabotage(
        _CURVE,
        "crossed = (rest_after <= 0) | (generator.random(rest.size) < hit)",
        "crossed = rest_after <= 0",
        _TEST_STDP,
    ),
    Sabotage(_CURVE, "step_ms * ratio / (1 + ratio)", "step_ms + 0 * ratio", _TEST_STDP),
    Sabotage(_CURVE, "np.sign(slope) * np.stack([times", "np.stack([times", _TEST_CURVE),
    Sabotage(
        _CURVE,
        "np.where(earlier, -found.post_before_ms",
        "np.where(earlier, found.post_before_ms",
        _TEST_CURVE,
    ),
    Sabotage(_CURVE, "rule = slopes @ exact[:, 0] / mass", "rule = slopes @ exact[:, 1] / mass", _TEST_CURVE),
    # config
    Sabotage(
        _CONFIG,
        "self.a_plus * self.tau_plus_ms / self.tau_minus_ms",
        "self.a_plus",
        f"{_UNIT}/test_config_stdp.py",
    ),
    Sabotage(_CONFIG, "Annotated[float, Strict(), AllowInfNan(False)]", "float", f"{_UNIT}/test_config_stdp.py"),
)
