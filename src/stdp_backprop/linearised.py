"""Newton steps towards a stationary point, each by conjugate gradients on the even layers alone.

Layers of one parity are not connected to each other, so that the Hessian H = D − P K P (P = diag ρ', D = diag(1 − ρ'' u),
K the weights between odd and even layers) has diagonal blocks, and the odd layers can be eliminated exactly. What remains
for the even ones, scaled by their D^(−½), is S = 1 − C with C = D^(−½) P Kᵀ (P² D⁻¹) K P D^(−½): one product with all
weights per iteration, as for H itself, but the condition number of H is about halved in the exponent, and so is the
number of iterations (the red-black reduced system: Saad, *Iterative methods for sparse linear systems*, 2nd ed., 12.4).

The hard sigmoid's s = clip(u) has no H at its kinks; there the step is that of the active set: a unit whose drive is
beyond a bound goes to the bound, and the others answer with ρ' = 1 (semismooth Newton).
"""

import numpy as np

from .free_layers import FreeLayers


class Linearised:
    """H at the state of `free`, which must be evaluated, and a Newton step there."""

    def __init__(self, free: FreeLayers):
        self._free = free
        activation = free.activation
        if activation.bounds is None:
            self._answer = self._sent = activation.slope(free.rho)
        else:
            low, high = activation.bounds
            self._answer = ((free.drive > low) & (free.drive < high)).astype(free.state.dtype)
            self._sent = np.ones_like(self._answer)  # a unit that goes to its bound moves its rate as well
        stiffness = 1 - activation.curvature(free.rho) * free.drive
        self.has_positive_diagonal = np.all(stiffness > 0, axis=-1)
        self._stiffness = np.where(stiffness > 0, stiffness, 1)
        self._odd, self._even = np.s_[..., : free.n_odd], np.s_[..., free.n_odd :]
        self._root = np.sqrt(self._stiffness[self._even])
        self._through = (self._answer * self._sent / self._stiffness)[self._odd]
        self._signal = np.empty_like(free.state)

    def _coupled(self, even: np.ndarray) -> np.ndarray:
        """D^(−½) P Kᵀ (P² D⁻¹) K x of what the even layers send."""
        free, signal = self._free, self._signal
        signal[self._even] = even
        free.send(signal, free.odd, signal)
        signal[self._odd] *= self._through
        return self._from_odd()

    def _from_odd(self) -> np.ndarray:
        free, signal = self._free, self._signal
        free.send(signal, free.even, signal)
        return signal[self._even] * self._answer[self._even] / self._root

    def step(self, accuracy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The solution of H d = R(s) − s up to a relative residual, whether H is positive along it, and its cost.

        accuracy : (network, pattern), the relative residual of the linear system
        Returns d (network, pattern, unit), and by (network, pattern): False where a direction of negative curvature
        turned up, or no solution; and how many products with all weights it took.
        """
        free, odd, even = self._free, self._odd, self._even
        missing = free.towards_rest()
        self._signal[odd] = self._sent[odd] * missing[odd] / self._stiffness[odd]
        right_side = missing[even] / self._root + self._from_odd()
        solution = right_side.copy()
        rest = self._coupled(self._sent[even] / self._root * solution)  # right side − S solution, 0 at held units
        goal = accuracy**2 * np.vecdot(right_side, right_side)
        scale = self._answer[even] / self._root
        positive, n_products = self.has_positive_diagonal.copy(), np.full(goal.shape, 2)
        direction, squared = rest.copy(), np.vecdot(rest, rest)
        for _ in range(2 * right_side.shape[-1] + 10):  # in exact arithmetic, as many as there are units
            going = positive & (squared > goal)
            if not going.any():
                break
            turned = direction - self._coupled(scale * direction)
            curvature = np.vecdot(direction, turned)
            positive &= ~going | (curvature > 0)
            going &= positive
            length = np.divide(squared, curvature, out=np.zeros_like(squared), where=going)[..., None]
            solution += length * direction
            rest -= length * turned
            before, squared = squared, np.where(going, np.vecdot(rest, rest), squared)
            direction *= np.divide(squared, before, out=np.zeros_like(squared), where=going)[..., None]
            direction += rest
            n_products += going
        positive &= squared <= goal
        step = self._signal
        moved = solution / self._root
        step[even] = self._sent[even] * moved
        free.send(step, free.odd, step)
        step[odd] = (missing[odd] + self._answer[odd] * step[odd]) / self._stiffness[odd]
        step[even] = moved
        return step, positive, n_products
