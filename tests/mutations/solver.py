"""One-line mutations of the solver for stationary points; see `mutation`."""

MUTATIONS = {
    ("relaxation/uniqueness.py", "unit/relaxation/test_uniqueness.py"): [
        (
            "network.activation.max_slope**2 * coupling_spectral_norm",
            "network.activation.max_slope * coupling_spectral_norm",
        ),
        ("weight if index % 2 == 0 else np.swapaxes(weight, -1, -2)", "weight if index == 0 else 0"),
        ("    return np.sqrt(np.maximum(", "    return (np.maximum("),
        ("        total_weight[index + 1] = total_weight[index + 1] + weight.sum(axis=-2)\n", ""),
    ],
    ("energy/activations.py", "unit/relaxation/test_uniqueness.py"): [("    max_slope=0.25,", "    max_slope=0.5,")],
    ("relaxation/workspace.py", "unit/relaxation/test_workspace.py"): [
        ("                np.add(here, arriving, out=here)", "                pass"),
        ("        np.add(self.drive, self.constant, out=self.drive)", "        pass"),
        ("np.clip(self.drive, *self.activation.bounds, out=residual)", "np.copyto(missing, self.drive)"),
        ("np.divide(excess, np.subtract(1, stiffness, out=stiffness), out=excess)", "pass"),
        ("                np.maximum(state, np.minimum(end, 0, out=excess), out=state)\n", ""),
        ("np.multiply(activation.max_slope, drive, out=end)", "np.copyto(end, drive)"),
        ("                activation.value(state, out=rho)\n", ""),
        ("network.select(networks)", "network.select(np.arange(len(networks)))"),
        ("self.input_drive[rows], (self.cases", "self.input_drive[rows][::-1], (self.cases"),
        ("np.argsort(~mask[networks]", "np.argsort(mask[networks]"),
        ("if prod(batch_shape) == 1:", "if True:"),
        ("- np.vecdot(rho, u) - np.vecdot(rho, c)", "- np.vecdot(rho, u)"),
    ],
    ("energy/sigmoid.py", "unit/relaxation/test_workspace.py"): [
        ("state[k] = (1 - step) * state[k] + step * response", "state[k] += step * response"),
        ("        if moved < low:", "        if False:"),
        (" / (1 - curvature * drive[k])", ""),
        ("            if moved < min(end, 0.0):", "            if False:"),
        ("end = half * half * drive[k]", "end = drive[k]"),
        ("state[k], rho[k] = moved, middle + half * _tanh(half * moved)", "state[k] = moved"),
    ],
    ("energy/sigmoid.py", "unit/energy/test_sigmoid.py"): [
        ("(doubled - n * LOG_2_HIGH) - n * LOG_2_LOW", "doubled - n * LOG_2_HIGH"),
        ("    if doubled > 40:", "    if False:"),
        ("1 / math.factorial(k) for", "(k < 12) / math.factorial(k) for"),
    ],
    ("relaxation/passes.py", "unit/relaxation/test_workspace.py"): [
        ("    state += step * (response - state)", "    state += step * response")
    ],
    ("relaxation/newton_cg.py", "unit/relaxation/test_newton_cg.py"): [
        ("np.multiply(self._sent_slope[odd], residual[odd], out=signal[odd])", "signal[odd] = 0"),
        ("self._sent_slope.fill(1)", "self._sent_slope[:] = self._slope"),
        ("            positive &= ~active | (curvature > 0)\n", ""),
        (
            "positive, n_products = self.has_positive_diagonal.copy(),",
            "positive, n_products = self.has_positive_diagonal | True,",
        ),
        ("np.multiply(self._slope[odd], self._sent_slope[odd], out=self._odd_response)", "self._through[:] = 1"),
        ("            self._apply_c(self._scale, direction, a_p)", "            self._apply_c(1, direction, a_p)"),
        ("goal, squared = accuracy**2 *", "goal, squared = accuracy *"),
        ("            direction[even] += cg_residual[even]", "            direction[even] = cg_residual[even]"),
    ],
    ("relaxation/solver.py", "unit/relaxation/test_solver.py"): [
        ("rows = 0, batch.state.copy(), ~is_unique", "rows = 0, batch.state.copy(), is_unique | True"),
        ("    elif not tolerance >= attainable:", "    elif False:"),
        ("    if not progress.converged.all():", "    if False:"),
        ("            progress.reset(rows)", "            pass"),
        (
            "        batch.state[...], progress.step[rows] = initial, halved_step",
            "        progress.step[rows] = length",
        ),
    ],
    ("relaxation/phases.py", "unit/relaxation/test_solver.py"): [
        ("self.residual[part.cases] < self.tolerance)", "self.residual[part.cases] < 1e3 * self.tolerance)"),
        ("np.where(failed, before, progress.residual[part.cases])", "progress.residual[part.cases]"),
        ("    if np.count_nonzero(active) > COPY_BELOW * active.size:", "    if True:"),
        ("    _newton_steps(part.select(due), progress)", "    pass"),
        (
            "        self.n_products[part.cases] += np.where(rows, n_products, 0)",
            "        self.n_products[part.cases] += n_products",
        ),
        ("        part.euler_step(step)", "        part.euler_step(1.0)"),
    ],
    ("experiments/relaxation/traces.py", "unit/experiments/test_relaxation.py"): [
        ("self._records.append((n_products.copy(), residual.copy()))", "self._records.append((n_products, residual))"),
        ("n_products[..., None] - 1 <= steps", "n_products[..., None] - 1 < steps"),
    ],
}
