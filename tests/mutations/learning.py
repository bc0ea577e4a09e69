"""One-line mutations of the extension `learning`: file below the package, line, replacement, tests that must fail.

Each line occurs once in its file.
"""

_TRAINING, _LEARNING = "plasticity/training.py", "experiments/learning.py"
_CURVES, _DATASETS = "experiments/digit_training.py", "experiments/datasets.py"
_CLAIM = "claims/learning.py"
_SPIKES, _TEST_SPIKES = "stdp/binned_spikes.py", "unit/stdp/test_binned_spikes.py"
_UPDATE, _TEST_UPDATE = "plasticity/spiking_update.py", "unit/plasticity/test_spiking_update.py"
_TESTS = "unit/experiments/test_learning.py"

MUTATIONS = (
    # the nudged phase
    (_TRAINING, '        if rule == "symmetric":', '        if rule != "symmetric":', _TESTS),
    (
        _TRAINING,
        "            weight += total_change(pre, pre_moved, moved, share)\n",
        "            weight += 0 * total_change(pre, pre_moved, moved, share)\n",
        _TESTS,
    ),
    (
        _TRAINING,
        "    return bdtrc(np.minimum(distance, nudging.n_steps), nudging.n_steps, nudging.step)\n",
        "    return np.ones(n_layers)\n",
        _TESTS,
    ),
    (_TRAINING, "    distance = np.arange(n_layers)[::-1]\n", "    distance = np.arange(n_layers)\n", _TESTS),
    (
        _TRAINING,
        '        moved = path.displacement[index] if rule == "velocity" else path.increment[index]\n',
        "        moved = path.displacement[index]\n",
        _TESTS,
    ),
    (_TRAINING, "arrives[k] + holds[k] - old[k]", "arrives[k] - old[k]", _TESTS),
    (_TRAINING, "min(max(moved, low - origin[k]), high - origin[k])", "max(moved, low - origin[k])", _TESTS),
    (_TRAINING, "            motion += slope_change * drive[index]\n", "", _TESTS),
    (_TRAINING, "np.array([1, -1], target.dtype)", "np.array([1, 1], target.dtype)", _TESTS),
    # the free phase
    (
        _TRAINING,
        "    network.activation.value(layers.state, out=layers.rho)\n",
        "    layers.rho[...] = 1\n",
        _TESTS,
    ),
    (
        "relaxation/bipartite.py",
        "drive[unit] + constant[unit], low), high)",
        "drive[unit], low), high)",
        _TESTS,
    ),
    # backprop
    (
        _TRAINING,
        "            error = slope(outputs[layer - 1]) * (error @ _transposed(network.weights[layer - 1]))\n",
        "            error = error @ _transposed(network.weights[layer - 1])\n",
        _TESTS,
    ),
    (
        _TRAINING,
        "    error = target - outputs[-1]\n",
        "    error = slope(outputs[-1]) * (target - outputs[-1])\n",
        _TESTS,
    ),
    # the course of learning
    (
        _CURVES,
        "            minibatch = task.training.select(order[:, first : first + task.batch])\n",
        "            minibatch = task.test.select(order[:, first : first + task.batch] % 20)\n",
        _TESTS,
    ),
    (_DATASETS, "-split * sizes.test)", "-split)", _TESTS),
    (
        _LEARNING,
        "    last = slice(-settings.final_epochs, None)\n",
        "    last = slice(settings.final_epochs)\n",
        _TESTS,
    ),
    # spikes
    (_SPIKES, "        rest = mean - row / PER_UNIT\n", "        rest = 0.0\n", _TEST_SPIKES),
    (_SPIKES, "            while uniform > cumulative[row, count]:\n", "            while False:\n", _TEST_SPIKES),
    (_SPIKES, "            if uniform > 1 - rest:", "            if uniform > 1 - rest / 2:", _TEST_SPIKES),
    (_SPIKES, "        sums[trial] = 0\n", "", _TEST_SPIKES),
    (
        _UPDATE,
        "            np.matmul(counts[:, starts[0] + layer], sums[:, here], out=change[network, -1])\n",
        "            np.matmul(counts[:, 0], sums[:, here], out=change[network, -1])\n",
        _TEST_UPDATE,
    ),
    (_UPDATE, "        sums *= sign\n", "", _TEST_UPDATE),
    # the claim
    (
        _CLAIM,
        "            differences.append(over_digits_and_runs(name, metric, rate - wrong(splits, other), at_most(1)))\n",
        "            differences.append(over_digits_and_runs(name, metric, wrong(splits, other) - rate, at_most(1)))\n",
        _TESTS,
    ),
    (
        "claims/digits.py",
        "float(np.hypot(1.96 * standard_error(digits), half_interval(runs)))",
        "float(half_interval(runs))",
        _TESTS,
    ),
    ("claims/digits.py", "stdtrit(len(runs) - 1, 0.975)", "1.96", _TESTS),
)
