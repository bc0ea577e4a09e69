"""Small displacements z from a stationary point, by the eigenvectors of the Hessian H: functions of H and of time.

To first order dz/dt = −H z + β g + √(2T) noise, with g the force of the nudge per unit of β. From rest, without noise,

    dz/dt = β exp(−H t) g ,   z = β (1 − exp(−H t)) H⁻¹ g                                                      [RBP]

Noise alone has the equilibrium exp(−zᵀHz / 2T), of covariance T H⁻¹, in which z(t) − z(0) has the covariance
2T (1 − exp(−H t)) H⁻¹. Units held at a bound have the row and column of the identity in H.
"""

from dataclasses import dataclass

import numpy as np

from ..energy.network import Layers, Network, concatenate_layers, hessian, split_layers


@dataclass(frozen=True)
class LinearResponse:
    """H = V diag(h) Vᵀ of a network at a stationary point, as `linear_response` returns it.

    eigenvalues : h, (..., pattern, n_free); modes : V, (..., pattern, n_free, n_free), one mode per column
    """

    network: Network
    eigenvalues: np.ndarray
    modes: np.ndarray

    def velocities(self, force: Layers, times: np.ndarray) -> np.ndarray:
        """exp(−H t) g at each of `times`, (..., pattern, time, n_free); force : g of layers 1 … L."""
        decay = np.exp(-self.eigenvalues[..., None, :] * times[:, None])
        return self._from_modes(self._along_modes(force)[..., None, :] * decay)

    def displacement(self, force: Layers, time: float) -> list[np.ndarray]:
        """(1 − exp(−H t)) H⁻¹ g, layers 1 … L; force : g of layers 1 … L."""
        amplitudes = self._integrated_decay(time) * self._along_modes(force)
        return split_layers(self.network, (self.modes @ amplitudes[..., None])[..., 0])

    def fluctuations(self, normal: np.ndarray, temperature: float) -> np.ndarray:
        """√T H^(−1/2) x, draws from the equilibrium of the noise; normal : x, (..., pattern, draw, n_free).

        The symmetric root: V √(T/h) x has the same distribution, but its draws depend on the signs of the modes, and on
        their choice where eigenvalues coincide, which linear algebra settles differently on another processor.
        """
        return self._from_modes(normal @ self.modes * np.sqrt(temperature / self.eigenvalues)[..., None, :])

    def increment_variance(self, time: float) -> list[np.ndarray]:
        """Diagonal of 2 (1 − exp(−H t)) H⁻¹, layers 1 … L: the variance of z(t) − z(0) in equilibrium at T = 1."""
        variance = 2 * np.sum(self.modes**2 * self._integrated_decay(time)[..., None, :], axis=-1)
        return split_layers(self.network, variance)

    def _integrated_decay(self, time: float) -> np.ndarray:
        return -np.expm1(-self.eigenvalues * time) / self.eigenvalues

    def _along_modes(self, layers: Layers) -> np.ndarray:
        return (np.swapaxes(self.modes, -1, -2) @ concatenate_layers(layers)[..., None])[..., 0]

    def _from_modes(self, amplitudes: np.ndarray) -> np.ndarray:
        return amplitudes @ np.swapaxes(self.modes, -1, -2)


def linear_response(network: Network, state: Layers) -> LinearResponse:
    """The linear response at the stationary point `state`, layers 0 … L. Costs O(n_free³) per pattern."""
    return LinearResponse(network, *np.linalg.eigh(hessian(network, state)))
