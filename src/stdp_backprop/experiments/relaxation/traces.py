"""Records of a solver on its way to the stationary point, for the traces of `relaxation`."""

import numpy as np

from ...energy.network import Network, energy


class TraceRecorder:
    """What is kept of a relaxation: states, residuals, energies at log-spaced steps, and the largest energy rise."""

    def __init__(self, network: Network):
        self._network = network
        self._kept: list[tuple[int, list[np.ndarray], np.ndarray, np.ndarray]] = []
        self._last: tuple[int, list[np.ndarray], np.ndarray, np.ndarray] | None = None
        self._increases: np.ndarray | None = None

    def __call__(self, step: int, state: list[np.ndarray], residual: np.ndarray) -> None:
        now = energy(self._network, state)
        if self._last is not None:
            increase = now - self._last[3]
            self._increases = increase if self._increases is None else np.maximum(self._increases, increase)
        self._last = (step, state, residual, now)
        if step in _LOG_SPACED:
            self._kept.append(self._last)

    @property
    def largest_increase(self) -> np.ndarray:
        """(network, pattern); 0 where the start was at rest, since a step from there changes nothing."""
        return np.zeros_like(self._last[3]) if self._increases is None else self._increases

    @property
    def steps(self) -> np.ndarray:
        """The steps kept, the last one included."""
        return np.array([step for step, *_ in self._entries()])

    def states(self) -> list[list[np.ndarray]]:
        return [state for _, state, _, _ in self._entries()]

    def residuals_at(self, steps: np.ndarray) -> np.ndarray:
        """(network, pattern, step); after the solver's last step its last residual."""
        known = {step: residual for step, _, residual, _ in self._entries()}
        return np.stack([known.get(step, self._last[2]) for step in steps], axis=-1)

    def energies(self) -> np.ndarray:
        """(network, pattern, step)."""
        return np.stack([now for *_, now in self._entries()], axis=-1)

    def _entries(self) -> list[tuple[int, list[np.ndarray], np.ndarray, np.ndarray]]:
        return self._kept if self._kept[-1][0] == self._last[0] else [*self._kept, self._last]


class ResidualsByCost:
    """The residuals that the solver knows, by the products with all weights spent so far: its iterations."""

    def __init__(self) -> None:
        self._seen: list[tuple[np.ndarray, np.ndarray]] = []

    def __call__(self, n_products: np.ndarray, residual: np.ndarray) -> None:
        self._seen.append((n_products.copy(), residual.copy()))

    def residuals_at(self, steps: np.ndarray) -> np.ndarray:
        """(network, pattern, step): the last one known by then. The start, which is recorded first, has cost one."""
        found = np.repeat(self._seen[0][1][..., None], len(steps), axis=-1)
        for n_products, residual in self._seen:
            found = np.where(n_products[..., None] - 1 <= steps, residual[..., None], found)
        return found


_LOG_SPACED = frozenset({0} | {round(10 ** (exponent / 6)) for exponent in range(43)})
"""Steps kept: six per decade, up to ten million."""
