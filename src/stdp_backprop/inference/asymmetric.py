"""The nudged phase of [AEP] for feedback that is not the transpose: its response is still the gradient of the loss.

If the feedback has weights of its own, the velocity F(s) is not the gradient of an energy, and its Jacobian J at the
stationary point s* is not symmetric. A parameter θ moves the point by ds*/dθ = −J⁻¹ ∂F/∂θ, so that

    −dC/dθ = λᵀ ∂F/∂θ   with   Jᵀ λ = −g ,   g = (0, …, 0, target − y*).

A plain nudge β g moves the state to s* − β J⁻¹ g, which is not along λ. The term that [AEP] adds turns J into Jᵀ:

    ds/dt = F(s) + (Jᵀ − J)(s − s*) + β (target − y) at the output ,     (s(∞) − s*)/β = λ + O(β).

Jᵀ has the eigenvalues of J, so dynamics that converge without the term also converge with it. Moreover,
ds/dt → β exp(Jᵀ t) g at every t. Since Jᵀ propagates an error through the *forward* weights, a layer first moves along
the backpropagated error δ_l, as with symmetric weights; without the term it first moves along the error propagated by
the feedback weights. With the feedback held fixed,
−dC/dW_l = ρ(s_{l-1}) ⊗ (ρ'(s_l) ⊙ λ_l), which is what the rate rule changes.

J differs from its transpose only between neighbouring layers, by ρ'(s_l) (B_lᵀ − W_{l+1}) ρ'(s_{l+1}), with B_l the
feedback to layer l. For a bounded state, J is the Jacobian of the active set: the term leaves out units that are at a
bound in s*.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..energy.network import Layers, Network, concatenate_layers, drives, rates, split_layers
from .nudged import Derivative, NudgeOrigin, displacement_velocity
from .nudged import driven as driven_without_term


def jacobian(network: Network, state: Layers) -> np.ndarray:
    """J = ∂F/∂s over the free units, (..., pattern, n_free, n_free): minus the Hessian where feedback is symmetric."""
    rho = rates(network, state)
    slopes = [network.activation.slope(rate) for rate in rho]
    edges = np.cumsum([0, *network.layer_sizes[1:]])
    matrix = np.zeros((*state[-1].shape[:-1], edges[-1], edges[-1]))
    for ends, rate, drive in zip(pairwise(edges), rho[1:], drives(network, rho), strict=True):
        diagonal = np.arange(*ends)
        matrix[..., diagonal, diagonal] = network.activation.curvature(rate) * drive - 1
    blocks = pairwise(slice(*edge) for edge in pairwise(edges))
    for (below, above), weight, feedback, low, high in zip(
        blocks, network.weights[1:], network.feedback, slopes[1:-1], slopes[2:], strict=True
    ):
        matrix[..., below, above] = low[..., None] * np.swapaxes(feedback, -1, -2)[..., None, :, :] * high[..., None, :]
        matrix[..., above, below] = high[..., None] * np.swapaxes(weight, -1, -2)[..., None, :, :] * low[..., None, :]
    return matrix


def equilibrium_errors(network: Network, state: Layers, force: Layers) -> list[np.ndarray]:
    """λ_1 … λ_L with Jᵀ λ = −g for the `force` g, (..., pattern, n_l) each: −dC per unit of force on a unit.

    Takes the force g, not the target as `plasticity.gradients.equilibrium_errors` does. Works for any feedback.
    """
    transposed = np.swapaxes(jacobian(network, state), -1, -2)
    return split_layers(network, np.linalg.solve(transposed, -concatenate_layers(force)[..., None])[..., 0])


def transposing_term(network: Network, state: Layers) -> Callable[[Layers], list[np.ndarray]]:
    """z_1 … z_L -> (Jᵀ − J) z at the stationary point `state`, layer by layer."""
    slopes = [network.activation.slope(rate) for rate in rates(network, state)[1:]]
    transposed = [np.swapaxes(weight, -1, -2) for weight in network.feedback]
    excess = [weight - other for weight, other in zip(network.weights[1:], transposed, strict=True)]

    def term(displacement: Layers) -> list[np.ndarray]:
        moved = [slope * z for slope, z in zip(slopes, displacement, strict=True)]
        total = [np.zeros_like(z) for z in moved]
        for below, difference in enumerate(excess):
            total[below] += moved[below + 1] @ np.swapaxes(difference, -1, -2)
            total[below + 1] -= moved[below] @ difference
        return [slope * change for slope, change in zip(slopes, total, strict=True)]

    return term


def driven(origin: NudgeOrigin, target: np.ndarray, nudges: Sequence[float]) -> tuple[list[np.ndarray], Derivative]:
    """As `nudged.driven`, with the term of [AEP]: start and derivative, one leading axis of nudges β."""
    start, _ = driven_without_term(origin, target, nudges)
    term = transposing_term(origin.network, origin.state)
    nudge = np.reshape(nudges, (-1, *[1] * target.ndim))

    def derivative(displacement: Layers) -> list[np.ndarray]:
        forces = [force + extra for force, extra in zip(origin.external_force, term(displacement), strict=True)]
        forces[-1] = forces[-1] + nudge * (target - origin.state[-1] - displacement[-1])
        return displacement_velocity(replace(origin, external_force=forces), displacement)

    return start, derivative
