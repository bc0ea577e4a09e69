"""One-line mutations of the experiment `limits`: (file, line, replacement, test file), each of which must be noticed.

`line` occurs once in src/stdp_backprop/`file`; the test file is below tests/.
"""

_TESTS = "unit/experiments/test_limits.py"

MUTATIONS = (
    ("plasticity/weight_change.py", "0.5 * np.stack([np.sum(difference**2", "np.stack([np.sum(difference**2", _TESTS),
    ("plasticity/weight_change.py", "norm_ratio(change - limit, limit)", "norm_ratio(change, limit)", _TESTS),
    (
        "experiments/limits/__init__.py",
        "np.array([settings.nudges, np.negative(settings.nudges)])",
        "np.array([settings.nudges, settings.nudges])",
        _TESTS,
    ),
    ("experiments/limits/__init__.py", "first = (residual < bound) & ~reached", "first = residual < bound", _TESTS),
    ("experiments/limits/__init__.py", "[total, total - own]", "[total, total]", _TESTS),
    (
        "experiments/limits/__init__.py",
        "external_force, _ = velocity_and_residual(network, state)",
        "external_force = rest.external_force",
        _TESTS,
    ),
    ("experiments/limits/depth.py", "factorial(depth + 1)", "factorial(depth)", _TESTS),
    (
        "experiments/limits/depth.py",
        "np.sqrt(6 / sum(shape)) * child.choice(pool, shape)",
        "child.choice(pool, shape)",
        _TESTS,
    ),
    ("experiments/limits/noise.py", "np.sqrt(2 * temperature / step)", "np.sqrt(2 * temperature * step)", _TESTS),
    ("experiments/limits/noise.py", "more[:] = [total + part", "more[:] = [total", _TESTS),
    (
        "experiments/limits/noise.py",
        "standard_normal(motion.shape[-2:]) for rng",
        "standard_normal(motion.shape[-1:]) for rng",
        _TESTS,
    ),
    ("experiments/limits/gain.py", "counted[..., None, :], -1)", "counted[..., None, :])", _TESTS),
    (
        "experiments/limits/gain.py",
        "np.max(np.abs(points[..., :, None, :]",
        "np.min(np.abs(points[..., :, None, :]",
        _TESTS,
    ),
    (
        "experiments/limits/feedback.py",
        "orthogonal = noise - weight * _inner(noise, weight) / _inner(weight, weight)",
        "orthogonal = noise",
        _TESTS,
    ),
    ("experiments/limits/feedback.py", "at_rest & rotatable[..., None]", "at_rest", _TESTS),
    (
        "inference/asymmetric.py",
        "total[below + 1] -= moved[below] @ difference",
        "sent[below + 1] += moved[below] @ difference",
        "unit/inference/test_asymmetric.py",
    ),
    (
        "inference/asymmetric.py",
        "transposed = np.swapaxes(jacobian(network, state), -1, -2)",
        "transposed = jacobian(network, state)",
        "unit/inference/test_asymmetric.py",
    ),
    (
        "experiments/relaxation/strong_coupling.py",
        "by_layer[:-1]], axis=0)",
        "by_layer], axis=0)",
        "unit/experiments/test_relaxation.py",
    ),
    ("claims/limits.py", "error_of_one**2 * cosine**2", "error_of_one**2", _TESTS),
)
