"""One-line mutations of the experiment `limits`; see `mutation`."""

MUTATIONS = {
    ("plasticity/weight_change.py", "unit/experiments/test_limits.py"): [
        ("0.5 * np.stack([np.sum(difference**2", "np.stack([np.sum(difference**2"),
        ("norm_ratio(change - limit, limit)", "norm_ratio(change, limit)"),
    ],
    ("experiments/limits/__init__.py", "unit/experiments/test_limits.py"): [
        ("np.array([settings.nudges, np.negative(settings.nudges)])", "np.array([settings.nudges, settings.nudges])"),
        ("first = (residual < bound) & ~reached", "first = residual < bound"),
        ("[total, total - own]", "[total, total]"),
        ("external_force, _ = velocity_and_residual(network, state)", "external_force = rest.external_force"),
    ],
    ("experiments/limits/depth.py", "unit/experiments/test_limits.py"): [
        ("factorial(depth + 1)", "factorial(depth)"),
        ("np.sqrt(6 / sum(shape)) * child.choice(pool, shape)", "child.choice(pool, shape)"),
    ],
    ("experiments/limits/noise.py", "unit/experiments/test_limits.py"): [
        ("np.sqrt(2 * temperature / step)", "np.sqrt(2 * temperature * step)"),
        ("more[:] = [total + part", "more[:] = [total"),
        ("standard_normal(motion.shape[-2:]) for rng", "standard_normal(motion.shape[-1:]) for rng"),
    ],
    ("experiments/limits/gain.py", "unit/experiments/test_limits.py"): [
        ("counted[..., None, :], -1)", "counted[..., None, :])"),
        ("np.max(np.abs(points[..., :, None, :]", "np.min(np.abs(points[..., :, None, :]"),
    ],
    ("experiments/limits/feedback.py", "unit/experiments/test_limits.py"): [
        ("orthogonal = noise - weight * _inner(noise, weight) / _inner(weight, weight)", "orthogonal = noise"),
        ("at_rest & rotatable[..., None]", "at_rest"),
    ],
    ("inference/asymmetric.py", "unit/inference/test_asymmetric.py"): [
        ("total[below + 1] -= moved[below] @ difference", "total[below + 1] += moved[below] @ difference"),
        ("transposed = np.swapaxes(jacobian(network, state), -1, -2)", "transposed = jacobian(network, state)"),
    ],
    ("experiments/relaxation/strong_coupling.py", "unit/experiments/test_relaxation.py"): [
        ("by_layer[:-1]], axis=0)", "by_layer], axis=0)")
    ],
    ("claims/limits.py", "unit/experiments/test_limits.py"): [("error_of_one**2 * cosine**2", "error_of_one**2")],
}
