"""One-line sabotages of the fast way to a stationary point; see `sabotages`."""

BUFFERS = "unit/test_free_layers.py"
NEWTON = "unit/test_linearised.py"
LANDING = "unit/test_landing.py"
CONVEXITY = "unit/test_convexity.py"

SABOTAGES = (
    (
        "convexity.py",
        "network.activation.steepest**2 * coupling_norm",
        "network.activation.steepest * coupling_norm",
        CONVEXITY,
    ),
    (
        "convexity.py",
        "weight if index % 2 == 0 else np.swapaxes(weight, -1, -2)",
        "weight if index == 0 else 0",
        CONVEXITY,
    ),
    ("convexity.py", "    return np.sqrt(np.maximum(", "    return (np.maximum(", CONVEXITY),
    ("convexity.py", "        arriving[index + 1] = arriving[index + 1] + weight.sum(axis=-2)\n", "", CONVEXITY),
    ("activations.py", "    steepest=0.25,", "    steepest=0.5,", CONVEXITY),
    ("free_layers.py", "                np.add(here, arriving, out=here)", "                pass", BUFFERS),
    ("free_layers.py", "        np.add(self.drive, self.constant, out=self.drive)", "        pass", BUFFERS),
    (
        "free_layers.py",
        "np.subtract(np.clip(self.pull, *self.activation.bounds, out=missing)",
        "np.subtract(self.pull",
        BUFFERS,
    ),
    ("free_layers.py", "np.multiply(1 - step, self.state, out=self.state)", "pass", BUFFERS),
    (
        "free_layers.py",
        "self._add_multiple(self.pull, self.state, a=step)",
        "self._add_multiple(self.pull, self.state)",
        BUFFERS,
    ),
    ("free_layers.py", "np.divide(excess, np.subtract(1, stiffness, out=stiffness), out=excess)", "pass", BUFFERS),
    ("free_layers.py", "            np.maximum(state, np.minimum(drive, 0, out=excess), out=state)\n", "", BUFFERS),
    ("free_layers.py", "            np.multiply(activation.steepest, drive, out=drive)\n", "", BUFFERS),
    ("free_layers.py", "            activation.value(state, out=rho)\n", "", BUFFERS),
    ("free_layers.py", "tuple(weight[networks] for weight in network.weights)", "network.weights[:]", BUFFERS),
    ("free_layers.py", "self.sent[rows], (self.cases", "self.sent[rows][::-1], (self.cases", BUFFERS),
    ("free_layers.py", "np.argsort(~mask[networks]", "np.argsort(mask[networks]", BUFFERS),
    ("free_layers.py", "if prod(lead) == 1:", "if True:", BUFFERS),
    ("linearised.py", "np.multiply(self._sent[odd], missing[odd], out=signal[odd])", "signal[odd] = 0", NEWTON),
    ("linearised.py", "self._sent.fill(1)", "self._sent[:] = self._answer", NEWTON),
    ("linearised.py", "            positive &= ~going | (curvature > 0)\n", "", NEWTON),
    (
        "linearised.py",
        "positive, n_products = self.has_positive_diagonal.copy(),",
        "positive, n_products = self.has_positive_diagonal | True,",
        NEWTON,
    ),
    (
        "linearised.py",
        "np.multiply(self._answer[odd], self._sent[odd], out=self._through)",
        "self._through[:] = 1",
        NEWTON,
    ),
    (
        "linearised.py",
        "            self._coupled(self._scale, direction, turned)",
        "            self._coupled(1, direction, turned)",
        NEWTON,
    ),
    ("linearised.py", "goal, squared = accuracy**2 *", "goal, squared = accuracy *", NEWTON),
    ("linearised.py", "            direction[even] += rest[even]", "            direction[even] = rest[even]", NEWTON),
    ("landing.py", "rows = 0, whole.state.copy(), ~of_rows", "rows = 0, whole.state.copy(), of_rows | True", LANDING),
    ("landing.py", "    elif not tolerance >= floor:", "    elif False:", LANDING),
    ("landing.py", "    if not progress.rested.all():", "    if False:", LANDING),
    ("landing.py", "            progress.forget(rows)", "            pass", LANDING),
    (
        "landing.py",
        "        whole.state[...], progress.step[rows] = begin, length",
        "        progress.step[rows] = length",
        LANDING,
    ),
    ("free_layers.py", "- np.vecdot(rho, u) - np.vecdot(rho, c)", "- np.vecdot(rho, u)", BUFFERS),
    (
        "ways_to_rest.py",
        "self.residual[part.cases] < self.tolerance)",
        "self.residual[part.cases] < 1e3 * self.tolerance)",
        LANDING,
    ),
    (
        "ways_to_rest.py",
        "np.where(failed, before, progress.residual[part.cases])",
        "progress.residual[part.cases]",
        LANDING,
    ),
    ("ways_to_rest.py", "    if np.count_nonzero(wanted) > KEPT * wanted.size:", "    if True:", LANDING),
    ("ways_to_rest.py", "    _newton_steps(part.of(due), progress)", "    pass", LANDING),
    (
        "ways_to_rest.py",
        "        self.n_products[part.cases] += np.where(rows, n_products, 0)",
        "        self.n_products[part.cases] += n_products",
        LANDING,
    ),
    ("ways_to_rest.py", "        part.euler_step(step)", "        part.euler_step(1.0)", LANDING),
    (
        "experiments/solver_records.py",
        "self._seen.append((n_products.copy(), residual.copy()))",
        "self._seen.append((n_products, residual))",
        "unit/test_experiment_relaxation.py",
    ),
    (
        "experiments/solver_records.py",
        "n_products[..., None] - 1 <= steps",
        "n_products[..., None] - 1 < steps",
        "unit/test_experiment_relaxation.py",
    ),
)
