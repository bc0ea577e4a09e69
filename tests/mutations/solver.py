"""One-line mutations of the solver for stationary points; see `mutation`."""

SIGMOID = "unit/energy/test_sigmoid.py"
BUFFERS = "unit/relaxation/test_workspace.py"
NEWTON = "unit/relaxation/test_newton_cg.py"
SOLVER = "unit/relaxation/test_solver.py"
CONVEXITY = "unit/relaxation/test_uniqueness.py"

MUTATIONS = (
    (
        "relaxation/uniqueness.py",
        "network.activation.max_slope**2 * coupling_spectral_norm",
        "network.activation.max_slope * coupling_spectral_norm",
        CONVEXITY,
    ),
    (
        "relaxation/uniqueness.py",
        "weight if index % 2 == 0 else np.swapaxes(weight, -1, -2)",
        "weight if index == 0 else 0",
        CONVEXITY,
    ),
    ("relaxation/uniqueness.py", "    return np.sqrt(np.maximum(", "    return (np.maximum(", CONVEXITY),
    (
        "relaxation/uniqueness.py",
        "        arriving[index + 1] = arriving[index + 1] + weight.sum(axis=-2)\n",
        "",
        CONVEXITY,
    ),
    ("energy/activations.py", "    max_slope=0.25,", "    max_slope=0.5,", CONVEXITY),
    ("relaxation/workspace.py", "                np.add(here, arriving, out=here)", "                pass", BUFFERS),
    ("relaxation/workspace.py", "        np.add(self.drive, self.constant, out=self.drive)", "        pass", BUFFERS),
    (
        "relaxation/workspace.py",
        "np.clip(self.drive, *self.activation.bounds, out=missing)",
        "np.copyto(missing, self.drive)",
        BUFFERS,
    ),
    ("energy/sigmoid.py", "state[k] = (1 - step) * state[k] + step * response", "state[k] += step * response", BUFFERS),
    ("energy/sigmoid.py", "        if moved < low:", "        if False:", BUFFERS),
    ("energy/sigmoid.py", "(doubled - n * LOG_2_HIGH) - n * LOG_2_LOW", "doubled - n * LOG_2_HIGH", SIGMOID),
    ("energy/sigmoid.py", "    if doubled > 40:", "    if False:", SIGMOID),
    ("energy/sigmoid.py", "1 / math.factorial(k) for", "(k < 12) / math.factorial(k) for", SIGMOID),
    ("relaxation/passes.py", "    state += step * (response - state)", "    state += step * response", BUFFERS),
    (
        "relaxation/workspace.py",
        "np.divide(excess, np.subtract(1, stiffness, out=stiffness), out=excess)",
        "pass",
        BUFFERS,
    ),
    (
        "relaxation/workspace.py",
        "                np.maximum(state, np.minimum(end, 0, out=excess), out=state)\n",
        "",
        BUFFERS,
    ),
    ("relaxation/workspace.py", "np.multiply(activation.max_slope, drive, out=end)", "np.copyto(end, drive)", BUFFERS),
    ("relaxation/workspace.py", "                activation.value(state, out=rho)\n", "", BUFFERS),
    (
        "relaxation/workspace.py",
        "network.map(lambda array: array[networks]",
        "network.map(lambda array: array[: len(networks)]",
        BUFFERS,
    ),
    (
        "relaxation/workspace.py",
        "self.input_drive[rows], (self.cases",
        "self.input_drive[rows][::-1], (self.cases",
        BUFFERS,
    ),
    ("relaxation/workspace.py", "np.argsort(~mask[networks]", "np.argsort(mask[networks]", BUFFERS),
    ("relaxation/workspace.py", "if prod(lead) == 1:", "if True:", BUFFERS),
    (
        "relaxation/newton_cg.py",
        "np.multiply(self._sent_slope[odd], missing[odd], out=signal[odd])",
        "signal[odd] = 0",
        NEWTON,
    ),
    ("relaxation/newton_cg.py", "self._sent_slope.fill(1)", "self._sent_slope[:] = self._slope", NEWTON),
    ("relaxation/newton_cg.py", "            positive &= ~active | (curvature > 0)\n", "", NEWTON),
    (
        "relaxation/newton_cg.py",
        "positive, n_products = self.has_positive_diagonal.copy(),",
        "positive, n_products = self.has_positive_diagonal | True,",
        NEWTON,
    ),
    (
        "relaxation/newton_cg.py",
        "np.multiply(self._slope[odd], self._sent_slope[odd], out=self._through)",
        "self._through[:] = 1",
        NEWTON,
    ),
    (
        "relaxation/newton_cg.py",
        "            self._apply_c(self._scale, direction, a_p)",
        "            self._apply_c(1, direction, a_p)",
        NEWTON,
    ),
    ("relaxation/newton_cg.py", "goal, squared = accuracy**2 *", "goal, squared = accuracy *", NEWTON),
    (
        "relaxation/newton_cg.py",
        "            direction[even] += cg_residual[even]",
        "            direction[even] = cg_residual[even]",
        NEWTON,
    ),
    (
        "relaxation/solver.py",
        "rows = 0, whole.state.copy(), ~of_rows",
        "rows = 0, whole.state.copy(), of_rows | True",
        SOLVER,
    ),
    ("relaxation/solver.py", "    elif not tolerance >= attainable:", "    elif False:", SOLVER),
    ("relaxation/solver.py", "    if not progress.rested.all():", "    if False:", SOLVER),
    ("relaxation/solver.py", "            progress.forget(rows)", "            pass", SOLVER),
    (
        "relaxation/solver.py",
        "        whole.state[...], progress.step[rows] = begin, length",
        "        progress.step[rows] = length",
        SOLVER,
    ),
    ("relaxation/workspace.py", "- np.vecdot(rho, u) - np.vecdot(rho, c)", "- np.vecdot(rho, u)", BUFFERS),
    (
        "relaxation/phases.py",
        "self.residual[part.cases] < self.tolerance)",
        "self.residual[part.cases] < 1e3 * self.tolerance)",
        SOLVER,
    ),
    (
        "relaxation/phases.py",
        "np.where(failed, before, progress.residual[part.cases])",
        "progress.residual[part.cases]",
        SOLVER,
    ),
    ("relaxation/phases.py", "    if np.count_nonzero(wanted) > KEPT * wanted.size:", "    if True:", SOLVER),
    ("relaxation/phases.py", "    _newton_steps(part.select(due), progress)", "    pass", SOLVER),
    (
        "relaxation/phases.py",
        "        self.n_products[part.cases] += np.where(rows, n_products, 0)",
        "        self.n_products[part.cases] += n_products",
        SOLVER,
    ),
    ("relaxation/phases.py", "        part.euler_step(step)", "        part.euler_step(1.0)", SOLVER),
    (
        "experiments/relaxation/traces.py",
        "self._seen.append((n_products.copy(), residual.copy()))",
        "self._seen.append((n_products, residual))",
        "unit/experiments/test_relaxation.py",
    ),
    (
        "experiments/relaxation/traces.py",
        "n_products[..., None] - 1 <= steps",
        "n_products[..., None] - 1 < steps",
        "unit/experiments/test_relaxation.py",
    ),
)
