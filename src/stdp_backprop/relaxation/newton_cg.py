"""Newton steps towards a stationary point, each by conjugate gradients on the even layers alone.

Layers of one parity are not connected to each other, so that the Hessian H = D − P K P (P = diag ρ', D = diag(1 − ρ''
u), K the weights between odd and even layers) has diagonal blocks, and the odd layers can be eliminated exactly. What
remains for the even ones, scaled by D^(−½), is S = 1 − C with C = D^(−½) P Kᵀ (P² D⁻¹) K P D^(−½). An iteration takes
one product with all weights, as it would with H, but there are half as many (Saad 2003, *Iterative methods for sparse
linear systems*, on red-black orderings).

The hard sigmoid's s = clip(u) has no H at its kinks; there the step is that of the active set: a unit whose drive is
beyond a bound goes to the bound, and the others respond with ρ' = 1 (semismooth Newton).
"""

import numpy as np

from .workspace import Workspace


class Linearised:
    """H at the state of `free`, which must be evaluated, and a Newton step there. Works in its scratch arrays."""

    def __init__(self, free: Workspace):
        self._free = free
        activation, odd, even = free.activation, free.odd_units, free.even_units
        self._slope, self._stiffness = free.scratch("slope"), free.scratch("stiffness")
        if activation.bounds is None:
            self._sent_slope = activation.slope(free.rho, out=self._slope)
        else:
            low, high = activation.bounds
            np.multiply(free.drive > low, free.drive < high, out=self._slope)
            self._sent_slope = free.scratch("sent slope")
            self._sent_slope.fill(1)  # a unit that goes to its bound moves its rate as well
        np.multiply(activation.curvature(free.rho, out=self._stiffness), free.drive, out=self._stiffness)
        np.subtract(1, self._stiffness, out=self._stiffness)
        self.has_positive_diagonal = np.min([layer.min(axis=-1) for layer in free.layers(self._stiffness)], axis=0) > 0
        if not self.has_positive_diagonal.all():
            np.copyto(self._stiffness, 1, where=self._stiffness <= 0)
        self._root = np.sqrt(self._stiffness[even])
        self._scale = self._slope[even] / self._root
        self._odd_response = free.scratch("odd response")[odd]
        np.multiply(self._slope[odd], self._sent_slope[odd], out=self._odd_response)
        np.divide(self._odd_response, self._stiffness[odd], out=self._odd_response)
        self._signal = free.scratch("signal")

    def _apply_c(self, factor: np.ndarray, vector: np.ndarray, out: np.ndarray) -> None:
        """D^(−½) P Kᵀ (P² D⁻¹) K (factor · x) of the even layers x of a flat array, into those of another."""
        free, signal = self._free, self._signal
        np.multiply(factor, vector[free.even_units], out=signal[free.even_units])
        free.send(signal, free.odd, signal)
        np.multiply(self._odd_response, signal[free.odd_units], out=signal[free.odd_units])
        self._from_odd(out)

    def _from_odd(self, out: np.ndarray) -> None:
        """D^(−½) P Kᵀ of the signal of the odd layers, into the even layers of a flat array."""
        even = self._free.even_units
        self._free.send(self._signal, self._free.even, self._signal)
        np.multiply(self._scale, self._signal[even], out=out[even])

    def _dot(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Σ x y over the units of the even layers: (network, pattern)."""
        free = self._free
        dots = [np.vecdot(free.layer(one, layer), free.layer(other, layer)) for layer in free.even]
        return np.sum(dots, axis=0) if dots else np.zeros(free.cases[0].shape)

    def _multiply(self, by: np.ndarray, vector: np.ndarray, out: np.ndarray) -> np.ndarray:
        """The even layers of a flat array times a number (network, pattern), into those of another."""
        for layer in self._free.even:
            np.multiply(by[..., None], self._free.layer(vector, layer), out=self._free.layer(out, layer))
        return out[self._free.even_units]

    def newton_cg_step(self, accuracy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The solution d of H d = R(s) − s up to a relative residual, whether H is positive along it, and its cost.

        accuracy : (network, pattern), the relative residual of the linear system
        Returns d (flat), and by (network, pattern): False after a direction of negative curvature, or without
        convergence; and the number of products with all weights.
        """
        free, odd, even, signal = self._free, self._free.odd_units, self._free.even_units, self._signal
        residual = free.residual_vector()
        rhs, solution, cg_residual, direction, a_p, scaled = map(
            free.scratch, ("rhs", "solution", "cg_residual", "direction", "a_p", "scaled")
        )
        np.multiply(self._sent_slope[odd], residual[odd], out=signal[odd])
        np.divide(signal[odd], self._stiffness[odd], out=signal[odd])
        self._from_odd(rhs)
        rhs[even] += residual[even] / self._root
        solution[even] = rhs[even]
        # right side − S solution, 0 at held units
        self._apply_c(self._sent_slope[even] / self._root, solution, cg_residual)
        direction[even] = cg_residual[even]
        goal, squared = accuracy**2 * self._dot(rhs, rhs), self._dot(cg_residual, cg_residual)
        positive, n_products = self.has_positive_diagonal.copy(), np.full(goal.shape, 2)
        for _ in range(2 * sum(self._free.layer(rhs, layer).shape[-1] for layer in free.even)):
            active = positive & (squared > goal)
            if not active.any():
                break
            self._apply_c(self._scale, direction, a_p)
            np.subtract(direction[even], a_p[even], out=a_p[even])
            curvature = self._dot(direction, a_p)
            positive &= ~active | (curvature > 0)
            active &= positive
            length = np.divide(squared, curvature, out=np.zeros_like(squared), where=active)
            solution[even] += self._multiply(length, direction, scaled)
            cg_residual[even] -= self._multiply(length, a_p, scaled)
            before, squared = squared, np.where(active, self._dot(cg_residual, cg_residual), squared)
            self._multiply(np.divide(squared, before, out=np.zeros_like(squared), where=active), direction, direction)
            direction[even] += cg_residual[even]
            n_products += active
        positive &= squared <= goal
        solution[even] /= self._root
        np.multiply(self._sent_slope[even], solution[even], out=signal[even])
        free.send(signal, free.odd, signal)
        np.multiply(self._slope[odd], signal[odd], out=signal[odd])
        np.add(residual[odd], signal[odd], out=signal[odd])
        np.divide(signal[odd], self._stiffness[odd], out=signal[odd])
        signal[even] = solution[even]
        return signal, positive, n_products
