"""One-line mutations of the extension `learning`; see `mutation`."""

MUTATIONS = {
    ("plasticity/training.py", "unit/experiments/test_learning.py"): [
        # the nudged phase
        ('        if rule == "symmetric":', '        if rule != "symmetric":'),
        (
            "            weight += total_change(pre, pre_moved, moved, share)\n",
            "            weight += 0 * total_change(pre, pre_moved, moved, share)\n",
        ),
        (
            "    return bdtrc(np.minimum(distance, nudging.n_steps), nudging.n_steps, nudging.step)\n",
            "    return np.ones(n_layers)\n",
        ),
        ("    distance = np.arange(n_layers)[::-1]\n", "    distance = np.arange(n_layers)\n"),
        (
            '        moved = path.displacement[index] if rule == "velocity" else path.increment[index]\n',
            "        moved = path.displacement[index]\n",
        ),
        ("arrives[k] + holds[k] - old[k]", "arrives[k] - old[k]"),
        ("min(max(moved, low - origin[k]), high - origin[k])", "max(moved, low - origin[k])"),
        ("            motion += slope_change * drive[index]\n", ""),
        ("np.array([1, -1], target.dtype)", "np.array([1, 1], target.dtype)"),
        # the free phase
        ("    network.activation.value(layers.state, out=layers.rho)\n", "    layers.rho[...] = 1\n"),
        # backprop
        (
            "            error = slope(outputs[layer - 1]) * (error @ network.weights[layer - 1].mT)\n",
            "            error = error @ network.weights[layer - 1].mT\n",
        ),
        ("        motion[:, : len(motions) - index] = 0\n", "        motion[:, : len(motions) - index] = 0.1\n"),
        ("    error = target - outputs[-1]\n", "    error = slope(outputs[-1]) * (target - outputs[-1])\n"),
    ],
    ("relaxation/bipartite.py", "unit/experiments/test_learning.py"): [
        ("drive[unit] + constant[unit], low), high)", "drive[unit], low), high)")
    ],
    ("experiments/digit_training.py", "unit/experiments/test_learning.py"): [
        (
            "            minibatch = task.training.select(order[:, first : first + task.batch])\n",
            "            minibatch = task.test.select(order[:, first : first + task.batch] % 20)\n",
        )
    ],
    ("experiments/datasets.py", "unit/experiments/test_learning.py"): [("-split * sizes.test)", "-split)")],
    ("experiments/learning.py", "unit/experiments/test_learning.py"): [
        ("    last = slice(-settings.final_epochs, None)\n", "    last = slice(settings.final_epochs)\n")
    ],
    ("stdp/binned_spikes.py", "unit/stdp/test_binned_spikes.py"): [
        ("        rest = mean - row / PER_UNIT\n", "        rest = 0.0\n"),
        ("            while uniform > cumulative[row, count]:\n", "            while False:\n"),
        ("            if uniform > 1 - rest:", "            if uniform > 1 - rest / 2:"),
        (
            "(np.zeros((n_trials, n_bins - 2, n_units), rates.dtype)",
            "(np.ones((n_trials, n_bins - 2, n_units), rates.dtype)",
        ),
        ("n_firing += rates[unit] > 0", "n_firing += rates[unit] > 0.2"),
    ],
    ("plasticity/spiking_update.py", "unit/plasticity/test_spiking_update.py"): [
        (
            "            np.matmul(counts[:, starts[0] + layer], sums[:, here], out=change[network, -1])\n",
            "            np.matmul(counts[:, 0], sums[:, here], out=change[network, -1])\n",
        ),
        ("        sums *= sign\n", ""),
    ],
    ("experiments/spiking_learning/training.py", "unit/experiments/test_spiking_learning.py"): [
        ("np.repeat(learning_rates, n_seeds)", "np.tile(learning_rates, n_seeds)"),
        ("list(chain.from_iterable(generators))", "[*generators[0]] * n"),
    ],
    ("claims/learning.py", "unit/experiments/test_learning.py"): [
        (
            "differences.append(over_digits_and_runs(name, metric, rate - wrong(splits, other), at_most(1)))\n",
            "differences.append(over_digits_and_runs(name, metric, wrong(splits, other) - rate, at_most(1)))\n",
        )
    ],
    ("claims/digits.py", "unit/experiments/test_learning.py"): [
        ("float(np.hypot(1.96 * standard_error(digits), half_interval(runs)))", "float(half_interval(runs))"),
        ("stdtrit(len(runs) - 1, 0.975)", "1.96"),
    ],
}
