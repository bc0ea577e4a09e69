"""One-line mutations of the extensions, see `mutation`."""

from mutation import Mutation

_PROTOCOL = "unit/experiments/test_derivative_protocol.py"

DERIVATIVE_PROTOCOL = (
    Mutation(
        "stdp/expected/single_synapse.py",
        "for excluded in between:",
        "for excluded in between[:1]:",
        "unit/stdp/expected/test_single_synapse.py",
    ),
    Mutation(
        "stdp/expected/single_synapse.py",
        "presynaptic_rate.knots_ms if no_pre_between else []",
        "[]",
        _PROTOCOL,
    ),
    Mutation(
        "stdp/expected/single_synapse.py",
        "np.interp(times, presynaptic_rate.knots_ms, presynaptic_rate.rates_hz) / MS_PER_S",
        "presynaptic_rate.rates_hz.mean() / MS_PER_S",
        _PROTOCOL,
    ),
    Mutation(
        "stdp/expected/single_synapse.py",
        "window.tau_minus_ms, presynaptic_rate.reversed()",
        "window.tau_minus_ms, presynaptic_rate",
        _PROTOCOL,
    ),
    Mutation(
        "experiments/derivative_protocol/__init__.py",
        "pre = post if constant_hz is None else",
        "pre = two_halves(second_hz, first_hz, **steps) if constant_hz is None else",
        _PROTOCOL,
    ),
    Mutation(
        "experiments/derivative_protocol/__init__.py",
        '0.0 if surround == "silent" else margin_ms',
        '0.0 if surround == "continued" else margin_ms',
        _PROTOCOL,
    ),
    Mutation(
        "experiments/derivative_protocol/__init__.py",
        "child_generator(rng, s, constant_hz or 0.0, first_hz, second_hz)",
        "child_generator(rng, s, p, first_hz, second_hz)",
        _PROTOCOL,
    ),
    Mutation(
        "experiments/derivative_protocol/__init__.py",
        "difference(window.a_plus * potentiation, window.a_minus * depression)",
        "difference(window.a_plus * potentiation, window.a_plus * depression)",
        _PROTOCOL,
    ),
    Mutation(
        "experiments/measured_protocol.py",
        "np.maximum(overlap, 0)",
        "overlap",
        _PROTOCOL,
    ),
    Mutation(
        "experiments/measured_protocol.py",
        "remainder = 1 + first / second",
        "remainder = 1 - first / second",
        _PROTOCOL,
    ),
    Mutation(
        "experiments/derivative_protocol/currents.py",
        "    loss = _earlier_then_later(post, pre, begin, half_ms, window.tau_minus_ms)\n",
        "    loss = _earlier_then_later(pre, post, begin, half_ms, window.tau_minus_ms)\n",
        _PROTOCOL,
    ),
    Mutation(
        "claims/derivative_protocol.py",
        "np.abs(change[name]) <= smaller / 2",
        "np.abs(change[name]) <= smaller",
        _PROTOCOL,
    ),
    Mutation(
        "claims/derivative_protocol.py",
        'low = bound.where(slope < 0, 0).max("demand")',
        'low = bound.where(slope < 0, 0).min("demand")',
        _PROTOCOL,
    ),
)

_LAYERS = "unit/stdp/expected/test_all_pairs.py"
_NEIGHBOURS = "unit/stdp/expected/test_nearest.py"
_SPIKES = "unit/experiments/test_network_spikes.py"
_SPIKING = "unit/experiments/test_spiking_inference.py"

SPIKING_INFERENCE = (
    Mutation(
        "stdp/expected/all_pairs.py",
        "loss = ordered_pairs(post, pre, widths_ms=widths, tau_ms=window.tau_minus_ms)",
        "loss = ordered_pairs(post, pre, widths_ms=widths, tau_ms=window.tau_plus_ms)",
        _LAYERS,
    ),
    Mutation(
        "stdp/expected/all_pairs.py",
        "window.a_plus * gain - window.a_minus * np.swapaxes(loss, -1, -2)",
        "window.a_plus * gain + window.a_minus * np.swapaxes(loss, -1, -2)",
        _LAYERS,
    ),
    Mutation(
        "stdp/expected/all_pairs.py",
        "return _trace(pieces[0] * far + pieces[1] * near, np.exp(-widths_ms / tau_ms))",
        "return _trace(pieces[0] * near + pieces[1] * far, np.exp(-widths_ms / tau_ms))",
        _LAYERS,
    ),
    Mutation("stdp/expected/all_pairs.py", "(1 - _U) ** 3 / 6 + _U * (1 - _U),", "(1 - _U) ** 3 / 6,", _LAYERS),
    Mutation("stdp/expected/all_pairs.py", "[p.deriv(k)(0) if k else p(0) for", "[p(0) for", _LAYERS),
    Mutation("stdp/expected/all_pairs.py", "coarse, fine))", "coarse, coarse))", _LAYERS),
    Mutation("stdp/expected/all_pairs.py", "2 * gain * loss * phase * overlap", "2 * gain * loss * phase", _LAYERS),
    Mutation("stdp/expected/all_pairs.py", "window.tau_plus_ms / 2, window", "window.tau_plus_ms, window", _LAYERS),
    Mutation("stdp/expected/all_pairs.py", "before=plus, after=minus", "before=minus, after=plus", _LAYERS),
    Mutation("stdp/expected/all_pairs.py", "pre_hz, pre_counts * everything)", "pre_hz, everything)", _LAYERS),
    Mutation("stdp/expected/nearest.py", "np.exp(-decay - blocked)", "np.exp(-decay)", _NEIGHBOURS),
    Mutation(
        "stdp/expected/nearest.py",
        "return self.widths(pieces) * at[:, None] * (left + (right - left) * at[:, None] / 2)",
        "return self.widths(pieces) * at[:, None] * left",
        _NEIGHBOURS,
    ),
    Mutation(
        "stdp/expected/nearest.py",
        "(nearest * post + no_pre * pre for nearest, no_pre in HALVES[pairing])",
        "(nearest * post for nearest, no_pre in HALVES[pairing])",
        _NEIGHBOURS,
    ),
    Mutation(
        "experiments/spiking_inference/network_spikes.py",
        "before, after = spikes.times_ms < 0, spikes.times_ms >= phase_ms",
        "before, after = spikes.times_ms < 0, spikes.times_ms >= phase_ms / 2",
        _SPIKES,
    ),
    Mutation(
        "experiments/spiking_inference/network_spikes.py",
        "np.exp((inside.times_ms - phase_ms) / window.tau_plus_ms)",
        "np.exp(inside.times_ms / window.tau_plus_ms)",
        _SPIKES,
    ),
    Mutation(
        "experiments/spiking_inference/network_spikes.py",
        "changes = window.value(inside.times_ms[post_spike] - inside.times_ms[pre_spike])",
        "changes = window.value(inside.times_ms[pre_spike] - inside.times_ms[post_spike])",
        _SPIKES,
    ),
    Mutation(
        "experiments/spiking_inference/network_spikes.py",
        "child_generator(generator, group), n_trials=n_trials",
        "generator, n_trials=n_trials + n_groups",
        _SPIKES,
    ),
    Mutation(
        "experiments/spiking_inference/nudged_rates.py",
        'derivative = nudged if ending == "held" else',
        'derivative = nudged if ending == "released" else',
        _SPIKING,
    ),
    Mutation(
        "experiments/spiking_inference/nudged_rates.py",
        "((middle > 0) & (middle < phase_ms))",
        "(middle < phase_ms)",
        _SPIKING,
    ),
    Mutation("experiments/spiking_inference/networks.py", "        if feedback:", "        if False:", _SPIKING),
    Mutation(
        "experiments/spiking_inference/networks.py",
        "pre_hz=below, post_hz=here, phase_ms=phase_ms",
        "pre_hz=here, post_hz=below, phase_ms=phase_ms",
        _SPIKING,
    ),
    Mutation(
        "experiments/spiking_inference/__init__.py",
        "for kind in (change, change - offset)]",
        "for kind in (change, change)]",
        _SPIKING,
    ),
    Mutation(
        "experiments/spiking_inference/trials.py",
        "sum(all_pairs.variance_terms(window, **smooth.trains(layer)))",
        "all_pairs.variance_terms(window, **smooth.trains(layer))[0]",
        _SPIKING,
    ),
    Mutation(
        "experiments/spiking_inference/trials.py",
        "exact[:, None] / np.sqrt(1 + scatter[:, None] / numbers)",
        "exact[:, None] / (1 + scatter[:, None] / numbers)",
        _SPIKING,
    ),
    Mutation(
        "claims/spiking_inference.py",
        "slope = -0.5 + 0.5 * np.log(mean[-1] / mean[0]) / decades",
        "slope = -1 + np.log(mean[-1] / mean[0]) / decades",
        _SPIKING,
    ),
)

MUTATIONS = (*DERIVATIVE_PROTOCOL, *SPIKING_INFERENCE)
