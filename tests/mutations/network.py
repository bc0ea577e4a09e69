"""One-line mutations of the network half; see `mutation`."""

MUTATIONS = {
    ("energy/activations.py", "unit/energy/test_activations.py"): [
        ("np.subtract(1, np.square(rho,", "np.subtract(1, np.positive(rho,"),
        ("np.multiply(-2, np.multiply(rho,", "np.multiply(2, np.multiply(rho,"),
        (
            "    half = np.tanh(np.multiply(0.5, state, out=out), out=out)",
            "    half = 2 / (1 + np.exp(-state)) - 1",  # right, but it overflows
        ),
        (
            "0.5 * _tanh_increment(2 * rho - 1, 0.5 * displacement)",
            "_logistic(np.log(rho / (1 - rho)) + displacement) - rho",  # right, but for the cancellation
        ),
        ("increment * (1 - 2 * rho - increment)", "increment * (1 - 2 * rho)"),
        ("(rho > 0, rho < 1,", "(rho >= 0, rho <= 1,"),
        ("return np.minimum(np.maximum(displacement, -rho), 1 - rho)", "return displacement"),
    ],
    ("energy/network.py", "unit/energy/test_network.py"): [
        ("return self.own_feedback\n", "pass\n"),
        ("self.activation, own_feedback)", "self.activation)"),
        ("np.sum(0.5 * layer**2", "np.sum(layer**2"),
        ("(below @ weight + bias[..., None, :]) * here", "below @ weight * here"),
        ("activation.slope(rate) * u - layer for rate, u, layer", "u - layer for rate, u, layer"),
        ("zip(signal[2:], network.feedback, strict=True)", "zip(signal[2:-1], network.feedback[:-1], strict=True)"),
        ("        project_velocity(u - layer, layer, activation.bounds) for u", "        (u - layer) for u"),
        ("[np.clip(u, *activation.bounds) - layer for u, layer", "[u - layer for u, layer"),
        (
            "np.max([np.max(np.abs(layer), axis=-1) for layer in layers], axis=0)",
            "np.max([np.mean(np.abs(layer), axis=-1) for layer in layers], axis=0)",
        ),
        ("(layer <= low) & (motion < 0)", "(layer <= low) & (motion > 0)"),
        ("= 1 - curvature(rate) * drive", "= 1"),
        ("block = -slope(rho[layer])", "block = slope(rho[layer])"),
        ("matrix[..., above, below] = np.swapaxes(block, -1, -2)", "matrix[..., above, below] = 0"),
        ("gain * np.sqrt(6 /", "gain * np.sqrt(3 /"),
        (
            "np.split(flat, np.cumsum(network.layer_sizes[1:-1]), axis=-1)",
            "np.split(flat, np.cumsum(network.layer_sizes[2:]), axis=-1)",
        ),
    ],
    ("relaxation/euler.py", "unit/relaxation/test_euler.py"): [
        ("stationary = residual < tolerance", "stationary = ~(residual >= tolerance)"),
        ("stationary = residual < tolerance", "stationary = residual <= tolerance"),
        ("if stationary.all():", "if stationary.any():"),
        ("zip(range(max_steps + 1), iterates", "zip(range(max_steps), iterates"),
        ("np.where(stationary & (n_steps < 0), step, n_steps)", "np.where(stationary, step, n_steps)"),
        ("if not np.isfinite(residual).all():", "if False:"),
        ("unfinished = ~(residual < tolerance)", "unfinished = residual >= tolerance"),
        ("(step * v for v in velocity)", "(step * step * v for v in velocity)"),
        ("np.clip(layer + motion, *activation.bounds)", "layer + motion"),
        ("sweep(newton_steps=2)", "sweep()"),
        (".copy() for layer in layers", " for layer in layers"),
    ],
    ("inference/nudged.py", "unit/inference/test_nudged.py"): [
        ("(activation.slope(rho) + slope_change) * du", "activation.slope(rho) * du"),
        ("+ slope_change * drive - z)", "- z)"),
        (
            "project_velocity(force + du - z, layer + z, activation.bounds)",
            "project_velocity(force + du - z, layer, activation.bounds)",
        ),
        ("else np.where((layer <= bounds[0]) | (layer >= bounds[1]), u - layer, 0.0)", "else np.zeros_like(layer)"),
        ("start.append(nudge * (target - origin.state[-1]))", "start.append(nudge * target)"),
        (
            "return [*hidden, np.zeros_like(displacement[-1])]",
            "return [*hidden, displacement_velocity(rest, displacement)[-1]]",
        ),
        ("nudge * (error - displacement[-1])", "nudge * error"),
        ("(a + 2 * b + 2 * c + d) / 6", "(a + b + c + d) / 4"),
        ("third = derivative(move(step / 2, second))", "third = derivative(move(step, second))"),
        ("        previous = time\n", ""),
        ("int(np.ceil((time - previous) / max_step))", "int((time - previous) / max_step)"),
        ("np.minimum(np.maximum(z, bounds[0] - layer)", "np.minimum(np.maximum(z, bounds[0])"),
    ],
    ("inference/langevin.py", "unit/inference/test_nudged.py"): [
        ("amplitude = np.sqrt(2 * step * temperature)", "amplitude = np.sqrt(step * temperature)"),
        ("(_reflect(layer, *bounds) for layer in moved)", "(np.clip(layer, *bounds) for layer in moved)"),
        ("return low + np.minimum(folded, 2 * width - folded)", "return low + folded / 2"),
    ],
    ("inference/langevin.py", "statistics/test_langevin.py"): [
        ("amplitude = np.sqrt(2 * step * temperature)", "amplitude = step * np.sqrt(2 * temperature)"),
        ("layer + step * v + amplitude", "layer + v + amplitude"),
    ],
    ("inference/linear_response.py", "unit/inference/test_linear_response.py"): [
        ("np.exp(-self.eigenvalues[..., None, :]", "np.exp(self.eigenvalues[..., None, :]"),
        ("-np.expm1(-self.eigenvalues * time) /", "1 /"),
        ("np.sqrt(temperature / self", "np.sqrt(temperature * self"),
        ("variance = 2 * np.sum(", "variance = np.sum("),
        ("(np.swapaxes(self.modes, -1, -2) @ concat", "(self.modes @ concat"),
        ("return amplitudes @ np.swapaxes(self.modes, -1, -2)", "return amplitudes @ self.modes"),
    ],
    ("plasticity/gradients.py", "unit/plasticity/test_gradients.py"): [
        ("errors = [target - state[-1]]", "errors = [state[-1] - target]"),
        ("(slopes[layer + 1] * errors[0])", "errors[0]"),
        ("errors.insert(0, slopes[layer] * sent_back)", "errors.insert(0, sent_back)"),
        ("(slopes[layer + 1] * errors[0])", "(slopes[layer + 1] * errors[-1])"),
        ("error = error * network.activation.slope(network.activation.value(state[-1]))", "pass"),
        ("forward + outer(below, here)", "forward - outer(below, here)"),
        ("zip(gradient[1:], bias_gradient[:-1], rho[2:]", "zip(gradient[1:], bias_gradient[1:], rho[2:]"),
        ("return [network.activation.slope(rate) * error for", "return [error for"),
        (
            "presynaptic[..., :, None] * postsynaptic[..., None, :]",
            "presynaptic[..., None, :] * postsynaptic[..., :, None]",
        ),
    ],
    ("plasticity/rate_rules.py", "unit/plasticity/test_rate_rules.py"): [
        ("    between *= 0.5\n", ""),
        ("    steps *= share\n", ""),
        ("recorded[..., 1:, :, :] + recorded[..., :-1, :, :]", "2 * recorded[..., :-1, :, :]"),
        (
            "np.cumsum(outer(midway, np.diff(displacement, axis=-2)), axis=-3)",
            "outer(midway, np.diff(displacement, axis=-2))",
        ),
        (
            "np.concatenate([np.zeros_like(changes[..., :1, :, :]), changes], axis=-3)",
            "np.concatenate([changes[..., :1, :, :], changes], axis=-3)",
        ),
        ("outer(presynaptic + presynaptic_increment, increment)", "outer(presynaptic, increment)"),
    ],
    ("plasticity/alignment.py", "unit/plasticity/test_alignment.py"): [
        ("share = np.divide(start - threshold", "share = np.divide(threshold - end"),
        ("logs = np.log(times)", "logs = times"),
        ("ratio(_inner(change, reference), sizes)", "ratio(_inner(change, reference), _inner(change, change))"),
        ("return np.sqrt(_inner(change, change))", "return _inner(change, change)"),
        ("        change - change.mean(axis=(-2, -1), keepdims=True),", "        change,"),
        ("return ratio(norm(change), norm(reference))", "return ratio(norm(reference), norm(change))"),
        ("((change > 0) & (reference > 0))", "((change >= 0) & (reference >= 0))"),
        ("np.count_nonzero(reference, axis=(-2, -1))", "reference[0].size * 2"),
        ("out=np.full(shape, np.nan)", "out=np.zeros(shape)"),
    ],
    ("config/fields.py", "unit/config/test_configuration.py"): [
        ('extra="forbid"', 'extra="ignore"'),
        ("strict=True", "strict=False"),
        ("allow_inf_nan=False", "allow_inf_nan=True"),
        ("frozen=True", "frozen=False"),
        ("if not bounds[0] < bounds[1]:", "if bounds[0] > bounds[1]:"),
        (".items() if count > 1", ".items() if count > 2"),
        ("    if value == 0:", "    if value is None:"),
    ],
    ("config/inference.py", "unit/config/test_configuration.py"): [
        ("if -nudge not in self.nudges", "if nudge not in self.nudges"),
        ("abs(2 * small - large) > 1e-12", "2 * small - large > 1e-12"),
        ("sorted({abs(nudge) for nudge in self.nudges})", "sorted(set(self.nudges))"),
        ("Euler step ε of the paper's dynamics\", gt=0, le=1)", "Euler step ε of the paper's dynamics\", ge=0, le=1)"),
    ],
    ("config/messages.py", "unit/config/test_configuration.py"): [
        (' if other["loc"] != location]', "]"),
        (" (text; the number is written {_one_line(number)}, without quotes)", ""),
        ("did you mean {close[0]}?", "no such key"),
    ],
    ("config/reading.py", "unit/config/test_reading.py"): [("if key.value in lines:", "if False:")],
    ("experiments/relaxation/__init__.py", "unit/experiments/test_relaxation.py"): [
        ("    streams = rng.spawn(settings.n_networks)", "    streams = rng.spawn(settings.n_networks)[::-1]"),
        (
            "weight_rng, bias_rng, input_rng, target_rng = rng.spawn(4)",
            "weight_rng, bias_rng, input_rng, target_rng = [rng] * 4",
        ),
        (
            "input_rng.uniform(*ensemble.input, size=(settings.n_patterns, sizes[0]))",
            "input_rng.uniform(*ensemble.input, size=(sizes[0], settings.n_patterns)).T",
        ),
        (
            "ensemble_rng, check_rng, langevin_rng = rng.spawn(3)",
            "ensemble_rng, check_rng, langevin_rng = rng, rng, rng",
        ),
        ("target_rng.uniform(*ensemble.target,", "target_rng.uniform(*ensemble.bias,"),
        (
            "np.linalg.eigvalsh(hessian(network, state))[..., -1] for state in euler.states()]",
            "np.linalg.eigvalsh(hessian(network, state))[..., -1] for state in euler.states()[-1:]]",
        ),
        (
            "difference = concatenate_layers(velocity) + concatenate_layers(gradient)",
            "difference = 0 * concatenate_layers(velocity)",
        ),
        (
            "np.stack([rest.n_steps, swept.n_steps, solved.n_products])",
            "np.stack([solved.n_products, swept.n_steps, rest.n_steps])",
        ),
        ("(energies - energies.min()) / settings.temperature)", "(energies - energies.min()))"),
        ("/ settings.temperature), weights, weights)", "/ settings.temperature), weights, nodes)"),
    ],
    ("experiments/relaxation/traces.py", "unit/experiments/test_relaxation.py"): [
        ("increase = energies - self._last[3]", "increase = self._last[3] - energies"),
        (
            "increase if self._increases is None else np.maximum",
            "np.maximum(0.0, increase) if self._increases is None else np.maximum",
        ),
        (
            "        self._last = (step, state, residual, energies)",
            "        self._last = (step, state, residual, energies) if step in _LOG_SPACED else self._last",
        ),
    ],
    ("experiments/early_inference.py", "unit/experiments/test_early_inference.py"): [
        (
            'driven_velocity = [layer[list(PROTOCOLS).index("driven")] for layer in velocity]',
            'driven_velocity = [layer[list(PROTOCOLS).index("displaced")] for layer in velocity]',
        ),
        ("return np.append(times, settings.last)", "return times"),
        (
            "start, derivative = displaced(origin, target, settings.nudges)",
            "start, derivative = driven(origin, target, settings.nudges)",
        ),
        (
            "np.where(moving.any(axis=-2), moving.argmax(axis=-2), -1)",
            "np.where(moving.any(axis=-2), moving.argmax(axis=-2) + 1, -1)",
        ),
        ("    rounding = 1e-15  #", "    rounding = 1e-5  #"),
    ],
    ("experiments/ensemble.py", "unit/experiments/test_early_inference.py"): [
        ("for layer in range(count_layers(relaxation) + 1)]", "for layer in range(count_layers(relaxation), -1, -1)]")
    ],
    ("experiments/random_streams.py", "unit/experiments/test_random_streams.py"): [
        ("for part in (*name.encode(), _END_OF_NAME))", "for part in name.encode())")
    ],
    ("experiments/gradient_correlation.py", "unit/experiments/test_gradient_correlation.py"): [
        ("rate_rule(presynaptic, increments[layer])", "rate_rule(presynaptic, displacements[layer - 1])"),
        (
            "presynaptic = start[layer - 1] + increments[layer - 1]",
            "presynaptic = start[layer - 1] + 0 * increments[layer - 1]",
        ),
        ("change[:, :, 1:] / nudge for change", "change[:, :, 1:] / abs(nudge) for change"),
        ("change[:, :, 1:] / nudge for change", "change[:, :, :-1] / nudge for change"),
        (
            "gradients = [reference[layer - 1] for reference in references.values()]",
            "gradients = [reference[layer - 1] for reference in list(references.values())[::-1]]",
        ),
    ],
}
