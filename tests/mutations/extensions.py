"""One-line mutations of the extensions; see `mutation`."""

MUTATIONS = {
    ("stdp/expected/single_synapse.py", "unit/stdp/expected/test_single_synapse.py"): [
        ("for excluded in between:", "for excluded in between[:1]:")
    ],
    ("stdp/expected/single_synapse.py", "unit/experiments/test_derivative_protocol.py"): [
        ("presynaptic_rate.knots_ms if no_pre_between else []", "[]"),
        (
            "np.interp(times, presynaptic_rate.knots_ms, presynaptic_rate.rates_hz) / MS_PER_S",
            "presynaptic_rate.rates_hz.mean() / MS_PER_S",
        ),
        ("window.tau_minus_ms, presynaptic_rate.reversed()", "window.tau_minus_ms, presynaptic_rate"),
    ],
    ("experiments/derivative_protocol/__init__.py", "unit/experiments/test_derivative_protocol.py"): [
        (
            "pre = post if constant_hz is None else",
            "pre = two_halves(second_hz, first_hz, **steps) if constant_hz is None else",
        ),
        ('0.0 if surround == "silent" else margin_ms', '0.0 if surround == "continued" else margin_ms'),
        (
            "child_generator(rng, s, constant_hz or 0.0, first_hz, second_hz)",
            "child_generator(rng, s, p, first_hz, second_hz)",
        ),
        (
            "difference(window.a_plus * potentiation, window.a_minus * depression)",
            "difference(window.a_plus * potentiation, window.a_plus * depression)",
        ),
    ],
    ("experiments/measured_protocol.py", "unit/experiments/test_derivative_protocol.py"): [
        ("np.maximum(overlap, 0)", "overlap"),
        ("remainder = 1 + first / second", "remainder = 1 - first / second"),
    ],
    ("experiments/derivative_protocol/currents.py", "unit/experiments/test_derivative_protocol.py"): [
        (
            "    loss = _earlier_then_later(post, pre, begin, half_ms, window.tau_minus_ms)\n",
            "    loss = _earlier_then_later(pre, post, begin, half_ms, window.tau_minus_ms)\n",
        )
    ],
    ("claims/derivative_protocol.py", "unit/experiments/test_derivative_protocol.py"): [
        ("np.abs(change[name]) <= smaller / 2", "np.abs(change[name]) <= smaller"),
        ('low = bound.where(slope < 0, 0).max("demand")', 'low = bound.where(slope < 0, 0).min("demand")'),
    ],
    ("stdp/expected/all_pairs.py", "unit/stdp/expected/test_all_pairs.py"): [
        (
            "loss = ordered_pairs(post, pre, widths_ms=widths, tau_ms=window.tau_minus_ms)",
            "loss = ordered_pairs(post, pre, widths_ms=widths, tau_ms=window.tau_plus_ms)",
        ),
        (
            "window.a_plus * gain - window.a_minus * np.swapaxes(loss, -1, -2)",
            "window.a_plus * gain + window.a_minus * np.swapaxes(loss, -1, -2)",
        ),
        (
            "return _trace(pieces[0] * far + pieces[1] * near, np.exp(-widths_ms / tau_ms))",
            "return _trace(pieces[0] * near + pieces[1] * far, np.exp(-widths_ms / tau_ms))",
        ),
        ("(1 - _U) ** 3 / 6 + _U * (1 - _U),", "(1 - _U) ** 3 / 6,"),
        ("[p.deriv(k)(0) if k else p(0) for", "[p(0) for"),
        ("coarse, fine))", "coarse, coarse))"),
        ("2 * gain * loss * phase * overlap", "2 * gain * loss * phase"),
        ("window.tau_plus_ms / 2, window", "window.tau_plus_ms, window"),
        ("before=plus, after=minus", "before=minus, after=plus"),
        ("pre_hz, pre_counts * everything)", "pre_hz, everything)"),
    ],
    ("stdp/expected/nearest.py", "unit/stdp/expected/test_nearest.py"): [
        ("np.exp(-decay - blocked)", "np.exp(-decay)"),
        (
            "return self.widths(pieces) * at[:, None] * (left + (right - left) * at[:, None] / 2)",
            "return self.widths(pieces) * at[:, None] * left",
        ),
        (
            "(nearest * post + no_pre * pre for nearest, no_pre in HALVES[pairing])",
            "(nearest * post for nearest, no_pre in HALVES[pairing])",
        ),
    ],
    ("experiments/spiking_inference/network_spikes.py", "unit/experiments/test_network_spikes.py"): [
        (
            "before, after = spikes.times_ms < 0, spikes.times_ms >= phase_ms",
            "before, after = spikes.times_ms < 0, spikes.times_ms >= phase_ms / 2",
        ),
        ("np.exp((inside.times_ms - phase_ms) / window.tau_plus_ms)", "np.exp(inside.times_ms / window.tau_plus_ms)"),
        (
            "changes = window.value(inside.times_ms[post_spike] - inside.times_ms[pre_spike])",
            "changes = window.value(inside.times_ms[pre_spike] - inside.times_ms[post_spike])",
        ),
        ("child = child_generator(generator, group)", "child = child_generator(generator, n_groups)"),
    ],
    ("experiments/spiking_inference/nudged_rates.py", "unit/experiments/test_spiking_inference.py"): [
        ('derivative = nudged if ending == "held" else', 'derivative = nudged if ending == "released" else'),
        ("((middle > 0) & (middle < phase_ms))", "(middle < phase_ms)"),
    ],
    ("experiments/spiking_inference/networks.py", "unit/experiments/test_spiking_inference.py"): [
        ("        if feedback:", "        if False:"),
        ("pre_hz=below, post_hz=here, phase_ms=phase_ms", "pre_hz=here, post_hz=below, phase_ms=phase_ms"),
    ],
    ("experiments/spiking_inference/__init__.py", "unit/experiments/test_spiking_inference.py"): [
        ("for kind in (change, change - offset)]", "for kind in (change, change)]")
    ],
    ("experiments/spiking_inference/trials.py", "unit/experiments/test_spiking_inference.py"): [
        (
            "sum(all_pairs.variance_terms(window, **smooth.trains(layer)))",
            "all_pairs.variance_terms(window, **smooth.trains(layer))[0]",
        ),
        (
            "exact[:, None] / np.sqrt(1 + scatter[:, None] / numbers)",
            "exact[:, None] / (1 + scatter[:, None] / numbers)",
        ),
    ],
    ("claims/spiking_inference.py", "unit/experiments/test_spiking_inference.py"): [
        (
            "slope = -0.5 + 0.5 * np.log(mean[-1] / mean[0]) / decades",
            "slope = -1 + np.log(mean[-1] / mean[0]) / decades",
        )
    ],
}
