"""Reference gradients of the loss C = ½ |y − target|² at a stationary point: there are two different ones.

    backprop      treats each layer as a function of the one below: the path gradient to which [NC] refers
    equilibrium   the derivative of the loss at the relaxed state, feedback included: [EP] eq. 10, by the implicit
                  function theorem

Both return minus the gradient, the direction in which learning should go. Layers are numbered 1 … L, index l − 1.
"""

import numpy as np

from ..energy.network import Layers, Network, concatenate_layers, hessian, rates, split_layers


def backprop_errors(network: Network, state: Layers, target: np.ndarray) -> list[np.ndarray]:
    """δ_L = target − y, δ_l = ρ'(s_l) ⊙ W_{l+1} (ρ'(s_{l+1}) ⊙ δ_{l+1}): (..., pattern, n_l) for l = 1 … L. [EI]"""
    slopes = [network.activation.slope(rho) for rho in rates(network, state)]
    errors = [target - state[-1]]
    for layer in range(len(state) - 2, 0, -1):
        sent_back = (slopes[layer + 1] * errors[0]) @ np.swapaxes(network.weights[layer], -1, -2)
        errors.insert(0, slopes[layer] * sent_back)
    return errors


def output_force(network: Network, state: Layers, target: np.ndarray) -> list[np.ndarray]:
    """g = (0, …, 0, target − y) for l = 1 … L; 0 too for an output unit held at a bound, which does not respond."""
    error = target - state[-1]
    if network.activation.bounds is not None:
        error = error * network.activation.slope(network.activation.value(state[-1]))
    return [*(np.zeros_like(layer) for layer in state[1:-1]), error]


def equilibrium_errors(network: Network, state: Layers, target: np.ndarray) -> list[np.ndarray]:
    """λ with H λ = g, g the `output_force`: (..., pattern, n_l) for l = 1 … L.

    λ is the response of the stationary point to the nudge.
    """
    force = concatenate_layers(output_force(network, state, target))
    return split_layers(network, np.linalg.solve(hessian(network, state), force[..., None])[..., 0])


def backprop_gradient(network: Network, state: Layers, errors: Layers) -> list[np.ndarray]:
    """−∂C/∂W_l = ρ(s_{l-1}) ⊗ (ρ'(s_l) ⊙ δ_l) from the errors δ_1 … δ_L: (..., pattern, n_{l-1}, n_l)."""
    rho = rates(network, state)
    bias_gradient = errors_at_biases(network, state, errors)
    return [outer(below, here) for below, here in zip(rho[:-1], bias_gradient, strict=True)]


def equilibrium_gradient(network: Network, state: Layers, errors: Layers) -> list[np.ndarray]:
    """−dC/dW_l from the errors λ_1 … λ_L: (..., pattern, n_{l-1}, n_l).

    ρ(s_{l-1}) ⊗ (ρ'(s_l) ⊙ λ_l) + (ρ'(s_{l-1}) ⊙ λ_{l-1}) ⊗ ρ(s_l), the second term only where l − 1 is a free layer.
    """
    rho = rates(network, state)
    bias_gradient = errors_at_biases(network, state, errors)
    gradient = [outer(below, here) for below, here in zip(rho[:-1], bias_gradient, strict=True)]
    return gradient[:1] + [
        forward + outer(below, here)
        for forward, below, here in zip(gradient[1:], bias_gradient[:-1], rho[2:], strict=True)
    ]


def errors_at_biases(network: Network, state: Layers, errors: Layers) -> list[np.ndarray]:
    """−∂C/∂b_l = ρ'(s_l) ⊙ δ_l (with λ_l for δ_l: of the equilibrium), (..., pattern, n_l) for l = 1 … L."""
    rho = rates(network, state)
    return [network.activation.slope(rate) * error for rate, error in zip(rho[1:], errors, strict=True)]


def outer(presynaptic: np.ndarray, postsynaptic: np.ndarray) -> np.ndarray:
    """x ⊗ y over the last axes: (..., n_pre), (..., n_post) -> (..., n_pre, n_post)."""
    return presynaptic[..., :, None] * postsynaptic[..., None, :]
