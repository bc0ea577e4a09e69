"""Records of a solver on its way to the stationary point, for the traces of `relaxation`."""

import numpy as np

from ...energy.network import Network, energy


class TraceRecorder:
    """States, residuals and energies of a relaxation at log-spaced steps, and the largest increase of the energy."""

    def __init__(self, network: Network):
        self._network = network
        self._kept: list[tuple[int, list[np.ndarray], np.ndarray, np.ndarray]] = []
        self._last: tuple[int, list[np.ndarray], np.ndarray, np.ndarray] | None = None
        self._increases: np.ndarray | None = None

    def __call__(self, step: int, state: list[np.ndarray], residual: np.ndarray) -> None:
        energies = energy(self._network, state)
        if self._last is not None:
            increase = energies - self._last[3]
            self._increases = increase if self._increases is None else np.maximum(self._increases, increase)
        self._last = (step, state, residual, energies)
        if step in _LOG_SPACED:
            self._kept.append(self._last)

    @property
    def largest_increase(self) -> np.ndarray:
        """(network, pattern); 0 where the start was at rest, since a step from there changes nothing."""
        return np.zeros_like(self._last[3]) if self._increases is None else self._increases

    @property
    def steps(self) -> np.ndarray:
        """The recorded steps, including the last one."""
        return np.array([step for step, *_ in self._entries()])

    def states(self) -> list[list[np.ndarray]]:
        return [state for _, state, _, _ in self._entries()]

    def residuals_at(self, steps: np.ndarray) -> np.ndarray:
        """(network, pattern, step); after the solver's last step its last residual."""
        known = {step: residual for step, _, residual, _ in self._entries()}
        return np.stack([known.get(step, self._last[2]) for step in steps], axis=-1)

    def energies(self) -> np.ndarray:
        """(network, pattern, step)."""
        return np.stack([energies for *_, energies in self._entries()], axis=-1)

    def _entries(self) -> list[tuple[int, list[np.ndarray], np.ndarray, np.ndarray]]:
        return self._kept if self._kept[-1][0] == self._last[0] else [*self._kept, self._last]


class ResidualsByCost:
    """The residuals of the solver by its iterations: the products with all weights spent so far."""

    def __init__(self) -> None:
        self._records: list[tuple[np.ndarray, np.ndarray]] = []

    def __call__(self, n_products: np.ndarray, residual: np.ndarray) -> None:
        self._records.append((n_products.copy(), residual.copy()))

    def residuals_at(self, steps: np.ndarray) -> np.ndarray:
        """(network, pattern, step): the last known by then. The start, recorded first, has cost one product."""
        trace = np.repeat(self._records[0][1][..., None], len(steps), axis=-1)
        for n_products, residual in self._records:
            trace = np.where(n_products[..., None] - 1 <= steps, residual[..., None], trace)
        return trace


_LOG_SPACED = frozenset({0} | {round(10 ** (exponent / 6)) for exponent in range(43)})
"""Recorded steps: six per decade, up to ten million."""
