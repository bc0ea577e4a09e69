"""The free layers of a batch of patterns in buffers that are allocated once, for the dynamics and for faster solvers.

The drive of layer 1 from the clamped input never changes and is computed once. State, ρ and u are flat arrays, each one
block of memory: the odd layers 1, 3, … and then the even ones 2, 4, …, layer by layer. So an operation on
every unit is one call, one on all units of a parity too (these are not connected to each other), and `layer` gives
one layer (network, pattern, n_l) as a view.

Rows can be dropped as they come to rest (`select`); `cases` says which network and pattern each one is.
"""

from collections.abc import Iterable
from functools import cached_property
from math import prod

import numpy as np

from ..energy.network import Layers, Network
from .passes import elementwise_functions

CaseIndex = tuple[np.ndarray, np.ndarray]


def rows_of(mask: np.ndarray) -> CaseIndex:
    """Networks (network, 1) and patterns (network, pattern) that index the cases where `mask` (network, pattern) holds.

    A network with fewer such patterns than others has its last one repeated.
    """
    networks = np.flatnonzero(mask.any(axis=-1))
    counts = mask[networks].sum(axis=-1)
    patterns = np.argsort(~mask[networks], axis=-1, kind="stable")
    return networks[:, None], np.take_along_axis(
        patterns, np.minimum(np.arange(counts.max()), counts[:, None] - 1), axis=-1
    )


class Workspace:
    """Layers 1 … L of (network, pattern): `state`, and after `evaluate` their `rho` and `drive` u.

    network : weights (network, n_{l-1}, n_l) and biases (network, n_l)
    input_drive : (network, pattern, n_1), W_1ᵀ ρ(x) + b_1 of the clamped input x
    cases : for each row the index of its network and of its pattern in the whole batch
    """

    def __init__(self, network: Network, input_drive: np.ndarray, cases: CaseIndex):
        self.network, self.input_drive, self.cases = network, input_drive, cases
        self.activation = network.activation
        self._sizes = network.layer_sizes
        self.n_layers = len(self._sizes) - 1
        self.odd, self.even = range(1, self.n_layers + 1, 2), range(2, self.n_layers + 1, 2)
        rows, start = cases[0].size, 0
        self._place = {}
        for layer in (*self.odd, *self.even):
            self._place[layer] = slice(start, start + rows * self._sizes[layer])
            start = self._place[layer].stop
        first_even = rows * sum(self._sizes[layer] for layer in self.odd)
        self.odd_units, self.even_units = slice(0, first_even), slice(first_even, start)
        self.state, self.rho, self.drive = (np.empty(start, input_drive.dtype) for _ in range(3))
        self._rates, self._euler_step, self._newton_steps = elementwise_functions(self.activation, self.state.dtype)
        self._scratch: dict[str, np.ndarray] = {}

    def layer(self, array: np.ndarray, layer: int) -> np.ndarray:
        """One layer (network, pattern, n_l) of a flat array, as a view."""
        return array[self._place[layer]].reshape(*self.cases[0].shape, self._sizes[layer])

    def layers(self, array: np.ndarray) -> list[np.ndarray]:
        """The layers 1 … L of a flat array, as views."""
        return [self.layer(array, layer) for layer in range(1, self.n_layers + 1)]

    @cached_property
    def constant(self) -> np.ndarray:
        """The constant part of the drive: biases, and for layer 1 the clamped input."""
        constant = np.empty_like(self.state)
        for layer, drive in zip(
            self.layers(constant), (self.input_drive, *(bias[:, None] for bias in self.network.biases[1:])), strict=True
        ):
            layer[...] = drive
        return constant

    def scratch(self, name: str) -> np.ndarray:
        """The flat array of this name, for intermediate results of a step."""
        if name not in self._scratch:
            self._scratch[name] = np.empty_like(self.state)
        return self._scratch[name]

    def fill(self, layers: Layers) -> None:
        """Set the state of the layers 1 … L."""
        for layer, values in zip(self.layers(self.state), layers, strict=True):
            layer[...] = values

    def select(self, mask: np.ndarray) -> "Workspace":
        """The rows where `mask` (network, pattern) holds (see `rows_of`), in buffers of their own."""
        rows = rows_of(mask)
        networks = rows[0][:, 0]
        network = self.network
        if networks.size < mask.shape[0]:
            network = network.select(networks)
        part = Workspace(network, self.input_drive[rows], (self.cases[0][rows], self.cases[1][rows]))
        for name in ("state", "rho", "drive"):
            for selected, layer in zip(part.layers(getattr(part, name)), self.layers(getattr(self, name)), strict=True):
                selected[...] = layer[rows]
        return part

    def send(self, signal: np.ndarray, to: Iterable[int], out: np.ndarray) -> None:
        """Write W_lᵀ x_{l-1} + W_{l+1} x_{l+1} of a signal x into the layers `to` of `out`; the input counts as 0."""
        for layer in to:
            here = self.layer(out, layer)
            if self.n_layers == 1:
                here[...] = 0
            if layer > 1:
                np.matmul(self.layer(signal, layer - 1), self.network.weights[layer - 1], out=here)
            if 1 < layer < self.n_layers:
                arriving = self.layer(self.scratch("arriving"), layer)
                np.matmul(self.layer(signal, layer + 1), self.network.feedback[layer - 1], out=arriving)
                np.add(here, arriving, out=here)
            elif layer < self.n_layers:
                np.matmul(self.layer(signal, layer + 1), self.network.feedback[layer - 1], out=here)

    def evaluate(self) -> None:
        """Set ρ(s) and the drive u. [EP] eq. 8."""
        self._rates(self.state, self.rho)
        self.send(self.rho, range(1, self.n_layers + 1), self.drive)
        np.add(self.drive, self.constant, out=self.drive)

    def residual_vector(self) -> np.ndarray:
        """R(s) − s, or clip(u) − s where the state is bounded: 0 at a stationary point. A scratch array."""
        residual = self.scratch("residual")
        if self.activation.bounds is None:
            np.multiply(self.activation.slope(self.rho, out=residual), self.drive, out=residual)
        else:
            np.clip(self.drive, *self.activation.bounds, out=residual)
        return np.subtract(residual, self.state, out=residual)

    def residual(self) -> np.ndarray:
        """max |R(s) − s|, or max |clip(u) − s| where the state is bounded: (network, pattern)."""
        residual = self.residual_vector()
        np.abs(residual, out=residual)
        return np.max([layer.max(axis=-1) for layer in self.layers(residual)], axis=0)

    def energy(self) -> np.ndarray:
        """E = ½ |s|² − ½ ρ · (u + its constant part), as last evaluated: (network, pattern). [EP] eq. 1."""
        parts = zip(*map(self.layers, (self.state, self.rho, self.drive, self.constant)), strict=True)
        return sum(0.5 * (np.vecdot(s, s) - np.vecdot(rho, u) - np.vecdot(rho, c)) for s, rho, u, c in parts)

    def euler_step(self, step: float) -> None:
        """s ← (1 − ε) s + ε R(s) with the ρ and u of the last `evaluate`; a bounded state is projected. [EP] eq. 9."""
        self._euler_step(self.state, self.rho, self.drive, step)

    def sweep(self, newton_steps: int = 1) -> None:
        """Each unit towards its energy minimum given its neighbours, the odd layers and then the even ones.

        For a bounded state, to the minimum itself, clip(u). Otherwise `newton_steps` of Newton's method for the root of
        s = ρ'(s) u, kept between 0 and ρ'(0) u, where it lies. Needs the ρ of the last `evaluate` or sweep, and
        updates it.
        """
        activation = self.activation
        for layers, block in ((self.odd, self.odd_units), (self.even, self.even_units)):
            self.send(self.rho, layers, self.drive)
            state, rho, drive = self.state[block], self.rho[block], self.drive[block]
            np.add(drive, self.constant[block], out=drive)
            if activation.bounds is not None:
                np.clip(drive, *activation.bounds, out=state)
                rho[...] = state
                continue
            if self._newton_steps is not None:
                self._newton_steps(state, rho, drive, newton_steps)
                continue
            excess, stiffness, end = (self.scratch(name)[block] for name in ("excess", "stiffness", "end"))
            np.multiply(activation.max_slope, drive, out=end)
            for _ in range(newton_steps):
                np.multiply(activation.slope(rho, out=excess), drive, out=excess)
                np.subtract(state, excess, out=excess)
                np.multiply(activation.curvature(rho, out=stiffness), drive, out=stiffness)
                np.divide(excess, np.subtract(1, stiffness, out=stiffness), out=excess)
                np.subtract(state, excess, out=state)
                np.maximum(state, np.minimum(end, 0, out=excess), out=state)
                np.minimum(state, np.maximum(end, 0, out=excess), out=state)
                activation.value(state, out=rho)

    def keep_within_bounds(self) -> None:
        """Project the state onto the bounds of the activation, if it has any."""
        if self.activation.bounds is not None:
            np.clip(self.state, *self.activation.bounds, out=self.state)


def as_workspace(network: Network, start: Layers) -> tuple[Workspace, tuple[int, ...]]:
    """Layers 1 … L of a state in any shape as (network, pattern), not evaluated, and its shape (..., pattern).

    Leading axes broadcast. All patterns of a single network are the rows of one matrix. Raises ValueError for a
    network with feedback weights of its own, which has no energy to descend.
    """
    network.require_symmetric()
    batch_shape = np.broadcast_shapes(
        *(weight.shape[:-2] for weight in network.weights), *(bias.shape[:-1] for bias in network.biases)
    )
    shape = np.broadcast_shapes((*batch_shape, 1), start[0].shape[:-1])
    if prod(batch_shape) == 1:
        n_networks, axes = 1, (1, prod(shape))
    else:
        n_networks, axes = prod(shape[:-1]), (prod(shape[:-1]), shape[-1])

    def flat(array: np.ndarray, n_axes: int) -> np.ndarray:
        size = array.shape[array.ndim - n_axes :]
        leading = shape[:-1] if n_networks > 1 else batch_shape
        return np.broadcast_to(array, (*leading, *size)).reshape(n_networks, *size)

    network = network.map(lambda weight: flat(weight, 2), lambda bias: flat(bias, 1))
    clamped, *free = (np.broadcast_to(layer, (*shape, layer.shape[-1])).reshape(*axes, -1) for layer in start)
    input_drive = network.activation.value(clamped) @ network.weights[0] + network.biases[0][:, None]
    cases = np.broadcast_arrays(np.arange(axes[0])[:, None], np.arange(axes[1]))
    workspace = Workspace(network, input_drive, tuple(cases))
    workspace.fill(free)
    return workspace, shape
