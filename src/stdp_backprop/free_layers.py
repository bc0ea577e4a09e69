"""The free layers of a batch of patterns in one buffer: the paper's dynamics without an allocation or a wasted product.

What the clamped input sends to layer 1 never changes and is computed once; all of ρ, u and the force live in buffers of
their own. One row per pattern holds the odd layers 1, 3, … and then the even ones 2, 4, …: units of layers of one parity
are not connected to each other, and each parity is one block of columns.

Arrays are (network, pattern, unit). Rows can be dropped as they come to rest (`of`); each knows which it was (`cases`).
"""

from collections.abc import Iterable

import numpy as np

from .network import Layers, Network

Cases = tuple[np.ndarray, np.ndarray]


class FreeLayers:
    """Layers 1 … L of (network, pattern): `state`, and after `evaluate` their `rho`, `drive` u and `force`.

    network : weights (network, n_{l-1}, n_l) and biases (network, n_l)
    sent : (network, pattern, n_1), W_1ᵀ ρ(x) + b_1 of the clamped input x
    cases : for each row the index of its network and of its pattern in the batch that this is a part of
    """

    def __init__(self, network: Network, sent: np.ndarray, cases: Cases):
        self.network, self.sent, self.cases = network, sent, cases
        self.activation = network.activation
        self._weights = network.weights
        self._feedback = [np.swapaxes(weight, -1, -2) for weight in network.weights]
        sizes = network.layer_sizes
        self.n_layers = len(sizes) - 1
        self.odd, self.even = range(1, self.n_layers + 1, 2), range(2, self.n_layers + 1, 2)
        self._columns, start = {}, 0
        for layer in (*self.odd, *self.even):
            self._columns[layer] = slice(start, start + sizes[layer])
            start += sizes[layer]
        self.n_odd = sum(sizes[layer] for layer in self.odd)
        self.state, self.rho, self.drive, self.force, self._constant = np.zeros((5, *sent.shape[:-1], start), sent.dtype)
        self._arriving = {
            layer: np.empty((*sent.shape[:-1], sizes[layer]), sent.dtype) for layer in range(2, self.n_layers)
        }
        for layer in range(1, self.n_layers + 1):
            self.layer(self._constant, layer)[...] = sent if layer == 1 else network.biases[layer - 1][:, None]

    def layer(self, array: np.ndarray, layer: int) -> np.ndarray:
        """The columns of one layer in an array (network, pattern, unit), as a view."""
        return array[..., self._columns[layer]]

    def layers(self, array: np.ndarray) -> list[np.ndarray]:
        """The layers 1 … L of an array (network, pattern, unit), as views."""
        return [self.layer(array, layer) for layer in range(1, self.n_layers + 1)]

    def fill(self, layers: Layers) -> None:
        """Set the state of the layers 1 … L."""
        for here, given in zip(self.layers(self.state), layers, strict=True):
            here[...] = given

    def of(self, mask: np.ndarray) -> "FreeLayers":
        """The rows where `mask` (network, pattern) holds, as they are, in buffers of their own.

        Networks with fewer such rows than others are filled up with a repetition of their last one.
        """
        networks = np.flatnonzero(mask.any(axis=-1))
        counts = mask[networks].sum(axis=-1)
        patterns = np.argsort(~mask[networks], axis=-1, kind="stable")
        patterns = np.take_along_axis(patterns, np.minimum(np.arange(counts.max()), counts[:, None] - 1), axis=-1)
        rows = networks[:, None], patterns
        network = self.network
        if networks.size < mask.shape[0]:
            network = Network(
                tuple(weight[networks] for weight in network.weights),
                tuple(bias[networks] for bias in network.biases),
                network.activation,
            )
        part = FreeLayers(network, self.sent[rows], (self.cases[0][rows], self.cases[1][rows]))
        for mine, whole in ((part.state, self.state), (part.rho, self.rho), (part.drive, self.drive)):
            mine[...] = whole[rows]
        part.force[...] = self.force[rows]
        return part

    def send(self, signal: np.ndarray, to: Iterable[int], out: np.ndarray) -> None:
        """Write W_lᵀ x_{l-1} + W_{l+1} x_{l+1} of a signal x into the layers `to` of `out`; the input sends nothing."""
        for layer in to:
            here = self.layer(out, layer)
            if self.n_layers == 1:
                here[...] = 0
            if layer > 1:
                np.matmul(self.layer(signal, layer - 1), self._weights[layer - 1], out=here)
            if layer < self.n_layers:
                arriving = self._arriving.get(layer, here)
                np.matmul(self.layer(signal, layer + 1), self._feedback[layer], out=arriving)
                if layer > 1:
                    np.add(here, arriving, out=here)

    def evaluate(self) -> None:
        """Set ρ(s), the drive u, and the force: R(s) − s, or u − s where the state is bounded. [EP] eqs. 8 and 9."""
        self.activation.value(self.state, out=self.rho)
        self.send(self.rho, range(1, self.n_layers + 1), self.drive)
        np.add(self.drive, self._constant, out=self.drive)
        if self.activation.bounds is None:
            self.activation.slope(self.rho, out=self.force)
            np.multiply(self.force, self.drive, out=self.force)
            np.subtract(self.force, self.state, out=self.force)
        else:
            np.subtract(self.drive, self.state, out=self.force)

    def towards_rest(self) -> np.ndarray:
        """What is missing to a stationary point: the force, or clip(u) − s where the state is bounded."""
        if self.activation.bounds is None:
            return self.force
        return np.clip(self.drive, *self.activation.bounds) - self.state

    def residual(self) -> np.ndarray:
        """max |R(s) − s|, or max |clip(u) − s| where the state is bounded: (network, pattern)."""
        return np.max(np.abs(self.towards_rest()), axis=-1)

    def euler_step(self, step: float) -> None:
        """s ← s + ε (R(s) − s) with the force of the last `evaluate`; a bounded state is projected. [EP] eq. 9."""
        np.multiply(self.force, step, out=self.force)
        np.add(self.state, self.force, out=self.state)
        self.keep_within_bounds()

    def sweep(self) -> None:
        """Each unit a step towards its energy minimum given its neighbours, the odd layers and then the even ones.

        Of a bounded state it is the minimum clip(u). Otherwise it is one step of Newton's method for s = ρ'(s) u, kept
        between 0 and ρ'(0) u, where the root lies. Needs the ρ of the last `evaluate` or sweep, and leaves it.
        """
        activation = self.activation
        for layers, block in ((self.odd, np.s_[..., : self.n_odd]), (self.even, np.s_[..., self.n_odd :])):
            self.send(self.rho, layers, self.drive)
            state, rho, drive = self.state[block], self.rho[block], self.drive[block]
            drive += self._constant[block]
            if activation.bounds is not None:
                np.clip(drive, *activation.bounds, out=state)
                rho[...] = state
                continue
            excess = state - activation.slope(rho) * drive
            excess /= 1 - activation.curvature(rho) * drive
            state -= excess
            drive *= activation.steepest
            np.clip(state, np.minimum(drive, 0), np.maximum(drive, 0), out=state)
            activation.value(state, out=rho)

    def keep_within_bounds(self) -> None:
        if self.activation.bounds is not None:
            np.clip(self.state, *self.activation.bounds, out=self.state)
