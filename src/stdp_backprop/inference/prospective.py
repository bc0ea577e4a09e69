"""Units that fire ahead of their membrane, at the rate ρ(s + α ds/dt) instead of ρ(s), while their output is nudged.

    r_l = ρ(s_l + α v_l) ,   v_l = ds_l/dt = ρ'(s_l) ⊙ u_l(r) − s_l   (+ β (target − r_L) at l = L)

The drive u_l = b_l + W_lᵀ r_{l-1} + W_{l+1} r_{l+1} is that of [EP] eq. 8 with the firing rates of the neighbours. α
is the time by which a unit looks ahead, in membrane time constants: 0 is the lagging unit of the paper, and at α = 1
the rate is ρ of the potential that the membrane tends to, without its lag ([GLE]). Each rate depends on the others at
the same instant, so that the rates solve an equation; at a stationary point v = 0, and the rates are ρ(s*) at every
α.

The nudge compares the target with the firing rates of the output. At α = 0 and with the hard sigmoid, whose state is
its rate, this is the β (target − y) of [EP].

To first order in β, with K the coupling of neighbouring layers, ρ'(s_l) W_{l+1} ρ'(s_{l+1}), which is minus the
Hessian H without its diagonal, and with g = target − ρ(y*) at the output, else 0,

    ds/dt (0⁺) = β (I − αK)⁻¹ g = β (g + αK g + α²K² g + …)

K^n g is 0 in every layer further than n from the output, and in layer L − n it is δ_{L−n}, the backpropagated error:
layer l at distance d = L − l starts to move at β α^d (δ_l + O(α²)). For the hard sigmoid I − K = H, so that at α = 1 it
starts at β H⁻¹ g = β λ: the whole network moves along the equilibrium error at once.
"""

from itertools import chain

import numpy as np

from ..energy.network import Layers, Network, concatenate_layers, hessian, rates, split_layers


def firing_rates(
    network: Network,
    state: Layers,
    *,
    alpha: float,
    n_sweeps: int,
    nudge: np.ndarray | float = 0.0,
    target: np.ndarray | float = 0.0,
    start: Layers | None = None,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The rates r_l of layers 0 … L, and the velocities ds_l/dt of layers 1 … L that belong to them.

    state : layers 0 … L, (..., pattern, n_l); layer 0 is clamped, r_0 = ρ(s_0)
    nudge, target : β, which broadcasts against (..., pattern, n_L), and the target
    n_sweeps : how often the odd layers, then the even ones, take on the rate that their neighbours give them. The
        error shrinks by about α² |K|² from one sweep to the next; at α = 0 the rates need none
    start : rates to start from instead of ρ(s)
    Of a bounded state the velocity is not projected yet: a unit held at its bound fires as if it were at the bound.
    """
    activation, last = network.activation, len(state) - 1
    rho = rates(network, state)
    rate = rho if start is None or alpha == 0 else [rho[0], *start[1:]]

    def pull(layer: int) -> np.ndarray:
        drive = network.biases[layer - 1][..., None, :] + rate[layer - 1] @ network.weights[layer - 1]
        if layer < last:
            drive = drive + rate[layer + 1] @ network.feedback[layer - 1]
        return drive if activation.bounds else activation.slope(activation.value(state[layer])) * drive

    def ahead(layer: int) -> np.ndarray:
        potential = (1 - alpha) * state[layer] + alpha * pull(layer)
        if layer < last:
            return activation.value(potential)
        potential = potential + alpha * nudge * target
        if activation.bounds:  # r = clip(x − αβ r), solved for r
            return activation.value(potential / (1 + alpha * nudge))
        return activation.value(potential - alpha * nudge * rate[last])

    if alpha != 0:
        for _ in range(n_sweeps):
            for layer in chain(range(1, last + 1, 2), range(2, last + 1, 2)):
                rate[layer] = ahead(layer)
    velocity = [pull(layer) - state[layer] for layer in range(1, last + 1)]
    velocity[-1] = velocity[-1] + nudge * (target - rate[last])
    return rate, velocity


def first_velocity(network: Network, state: Layers, target: np.ndarray, *, alpha: float) -> list[np.ndarray]:
    """(I − αK)⁻¹ g: ds/dt of layers 1 … L at a stationary point per unit of the nudge β, the instant it begins.

    target : (..., pattern, n_L). Dense: O(n_free³) per pattern.
    """
    force = [np.zeros_like(layer) for layer in state[1:]]
    force[-1] = target - network.activation.value(state[-1])
    if network.activation.bounds:  # an output unit held at its bound does not answer
        force[-1] = force[-1] * network.activation.slope(state[-1])
    matrix = alpha * hessian(network, state)  # beside the diagonal, −αK
    diagonal = np.arange(matrix.shape[-1])
    matrix[..., diagonal, diagonal] = 1.0
    solved = np.linalg.solve(matrix, concatenate_layers(force)[..., None])[..., 0]
    return split_layers(network, solved)
