"""One-line mutations of the extension `learning`: file below the package, line, replacement, tests that must fail.

Each line occurs once in its file.
"""

_TRAINING, _LEARNING = "plasticity/training.py", "experiments/learning/__init__.py"
_CURVES, _DATASETS = "experiments/learning/curves.py", "experiments/datasets.py"
_CLAIM = "claims/learning.py"
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
        "    return binom.sf(distance, nudging.n_steps, nudging.step)\n",
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
    (_TRAINING, "                motion += held[index]\n", "                pass\n", _TESTS),
    (_TRAINING, "                motion += bend * drive[index]\n", "", _TESTS),
    (_TRAINING, "np.array([1, -1], target.dtype)", "np.array([1, 1], target.dtype)", _TESTS),
    # the free phase
    (
        _TRAINING,
        "    network.activation.value(layers.state, out=layers.rho)\n",
        "    layers.rho[...] = 1\n",
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
        "    error = error if linear_output else slope(outputs[-1]) * error\n",
        "    error = slope(outputs[-1]) * error\n",
        _TESTS,
    ),
    # the course of learning
    (
        _CURVES,
        "            minibatch = task.training.select(order[:, first : first + task.batch])\n",
        '            minibatch = task.unseen["test"].select(order[:, first : first + task.batch] % 20)\n',
        _TESTS,
    ),
    (_DATASETS, "np.cumsum([0, *sizes.values()])", "np.cumsum([0, *sizes.values()]) - [0, 0, 9, 9]", _TESTS),
    (
        _LEARNING,
        "    last = slice(-settings.final_epochs, None)\n",
        "    last = slice(settings.final_epochs)\n",
        _TESTS,
    ),
    # the claim
    (
        _CLAIM,
        "        differences.append(over_seeds(name, metric, values, at_most(1)))\n",
        "        differences.append(over_seeds(name, metric, -values, at_most(1)))\n",
        _TESTS,
    ),
    (
        _CLAIM,
        "    low, high = mean + error * np.array(stats.t.interval(0.95, values.size - 1))\n",
        "    low, high = mean + error * np.array([-1.96, 1.96])\n",
        _TESTS,
    ),
)
