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
    from_input: np.ndarray | None = None,
) -> list[np.ndarray]:
    """The rates r_l of layers 0 … L.

    state : layers 0 … L, (..., pattern, n_l); layer 0 is clamped, r_0 = ρ(s_0)
    nudge, target : β, which broadcasts against (..., pattern, n_L), and the target
    n_sweeps : updates of the odd layers, then the even ones, from the rates of their neighbours. Each reduces the
        error by a factor of about α² |K|²; none are needed at α = 0
    start : rates to start from instead of ρ(s)
    from_input : `input_drive`, if known already
    """
    activation, last = network.activation, len(state) - 1
    rho = rates(network, state)
    if alpha == 0:
        return rho
    rate = rho if start is None else [rho[0], *start[1:]]
    from_input = input_drive(network, rate[0]) if from_input is None else from_input
    for _ in range(n_sweeps):
        for layer in chain(range(1, last + 1, 2), range(2, last + 1, 2)):
            potential = _membrane_limit(network, state, rate, layer, from_input)
            if alpha != 1:
                potential = (1 - alpha) * state[layer] + alpha * potential
            if layer == last:
                potential = potential + alpha * nudge * target
                if activation.bounds:  # r = clip(x − αβ r), solved for r
                    potential = potential / (1 + alpha * nudge)
                else:
                    potential = potential - alpha * nudge * rate[last]
            rate[layer] = activation.value(potential)
    return rate


def nudged_velocity(
    network: Network,
    state: Layers,
    rate: Layers,
    *,
    nudge: np.ndarray | float = 0.0,
    target: np.ndarray | float = 0.0,
    from_input: np.ndarray | None = None,
) -> list[np.ndarray]:
    """ds_l/dt of layers 1 … L that fire at the rates r_0 … r_L; arguments as of `firing_rates`.

    Not yet projected where the state is bounded: a unit held at its bound fires as if it were at the bound.
    """
    from_input = input_drive(network, rate[0]) if from_input is None else from_input
    limits = [_membrane_limit(network, state, rate, layer, from_input) for layer in range(1, len(state))]
    velocity = [limit - layer for limit, layer in zip(limits, state[1:], strict=True)]
    velocity[-1] = velocity[-1] + nudge * (target - rate[-1])
    return velocity


def input_drive(network: Network, input_rate: np.ndarray) -> np.ndarray:
    """W_1ᵀ r_0 + b_1, what the input and the biases contribute to the drive of layer 1."""
    return input_rate @ network.weights[0] + network.biases[0][..., None, :]


def _membrane_limit(network: Network, state: Layers, rate: Layers, layer: int, from_input: np.ndarray) -> np.ndarray:
    """ρ'(s) ⊙ u(r) of one layer, or u(r) where the state is bounded: the potential that the membrane relaxes to."""
    drive = from_input
    if layer > 1:
        drive = rate[layer - 1] @ network.weights[layer - 1]
        drive += network.biases[layer - 1][..., None, :]
    if layer < len(state) - 1:
        drive = drive + rate[layer + 1] @ network.feedback[layer - 1]
    activation = network.activation
    return drive if activation.bounds else activation.slope(activation.value(state[layer])) * drive


def first_velocity(network: Network, state: Layers, target: np.ndarray, *, alpha: float) -> list[np.ndarray]:
    """(I − αK)⁻¹ g: ds/dt of layers 1 … L at a stationary point per unit of the nudge β, the instant it begins.

    target : (..., pattern, n_L). Dense: O(n_free³) per pattern.
    """
    force = [np.zeros_like(layer) for layer in state[1:]]
    force[-1] = target - network.activation.value(state[-1])
    if network.activation.bounds:  # an output unit held at its bound does not respond
        force[-1] = force[-1] * network.activation.slope(state[-1])
    matrix = alpha * hessian(network, state)  # beside the diagonal, −αK
    diagonal = np.arange(matrix.shape[-1])
    matrix[..., diagonal, diagonal] = 1.0
    solved = np.linalg.solve(matrix, concatenate_layers(force)[..., None])[..., 0]
    return split_layers(network, solved)
