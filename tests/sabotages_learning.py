"""One-line sabotages of the extension `learning`: file below the package, line, replacement, tests that must fail.

Each line occurs once in its file.
"""

_TRAINING, _LEARNING = "experiments/training.py", "experiments/learning.py"
_CLAIM = "claims/extensions.py"
_TESTS = "unit/test_experiment_learning.py"

SABOTAGES = (
    # the nudged phase
    (_TRAINING, '        if rule == "symmetric":\n', '        if rule != "symmetric":\n', _TESTS),
    (
        _TRAINING,
        "    return (pre + pre_moved).T @ post_moved + pre_moved.T @ post\n",
        "    return pre.T @ post_moved + pre_moved.T @ post\n",
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
        "    midway = 0.5 * (presynaptic[1:] + presynaptic[:-1])\n",
        "    midway = presynaptic[:-1]\n",
        _TESTS,
    ),
    (
        _TRAINING,
        '    moved = [layer[:, :, index] for layer in (displacement if rule == "velocity" else increment)]\n',
        "    moved = [layer[:, :, index] for layer in displacement]\n",
        _TESTS,
    ),
    (_TRAINING, "        weights.append(both[0] - both[1])\n", "        weights.append(both[0] + both[1])\n", _TESTS),
    # the free phase
    (
        _TRAINING,
        "        for layer in (*range(1, n_layers + 1, 2), *range(2, n_layers + 1, 2)):\n",
        "        for layer in range(1, n_layers + 1):\n",
        _TESTS,
    ),
    (
        _TRAINING,
        "                drive = drive + rho[layer + 1] @ feedback[layer]\n",
        "                drive = drive + 0 * rho[layer + 1] @ feedback[layer]\n",
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
        _LEARNING,
        '            minibatch = lesson.digits["train"].subset(order[first : first + lesson.batch])\n',
        '            minibatch = lesson.digits["test"].subset(order[first : first + lesson.batch] % 20)\n',
        _TESTS,
    ),
    (_LEARNING, "    ends = np.cumsum([0, *sizes])\n", "    ends = np.cumsum([0, *sizes]) - [0, 0, 9, 9]\n", _TESTS),
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
