"""Networks in which backprop and the true gradient of the loss differ, as a test of *early* inference requires.

If layers are weakly coupled, the backpropagated errors δ and the equilibrium errors λ = H⁻¹ g point in almost the same
direction, so that a velocity along one is also along the other. λ differs from δ where loops amplify an error more than
the direct path from the output does. In networks of this size, a large gain makes this possible but not certain.
Therefore several candidates are drawn, and the one in which δ and λ differ most is kept. The choice depends only on the
stationary point, before any nudge.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ...energy.network import Layers, Network, initial_state
from ...plasticity.alignment import cosine
from ...plasticity.gradients import backprop_errors, equilibrium_errors
from ...relaxation.euler import euler_steps, try_relax

Ensemble = tuple[Network, np.ndarray, np.ndarray]
Draw = Callable[[Sequence[np.random.Generator]], Ensemble]

ROUGH, MAX_STEPS = 1e-6, 1000
"""Residual at which candidates are compared, and the number of Euler steps in which it must be reached."""


def most_strongly_coupled(
    draw: Draw, streams: Sequence[np.random.Generator], *, candidates: int, step: float
) -> Ensemble:
    """Networks with one input and one target each, for each stream the best of its `candidates`.

    draw : as `draw_ensemble`, with one network per stream; its first input is combined with every target
    step : Euler step ε; candidates that do not converge are discarded
    """
    (network, clamped_input, target), alignment = compare_candidates(draw, streams, candidates=candidates, step=step)
    best_target = np.argmin(alignment, axis=1)
    by_candidate = np.min(alignment, axis=1).reshape(len(streams), candidates)
    best = np.arange(len(streams)) * candidates + np.argmin(by_candidate, axis=1)
    return network.select(best), clamped_input[best, :1], target[best, best_target[best], None]


def compare_candidates(
    draw: Draw, streams: Sequence[np.random.Generator], *, candidates: int, step: float
) -> tuple[Ensemble, np.ndarray]:
    """All candidates, and for each of their targets the largest alignment; infinite where one does not converge."""
    network, clamped_input, target = draw([child for stream in streams for child in stream.spawn(candidates)])
    start = initial_state(network, clamped_input[:, :1])
    state, at_rest = try_relax(euler_steps(network, start, step=step), tolerance=ROUGH, max_steps=MAX_STEPS)
    alignment = np.full(target.shape[:-1], np.inf)
    converged = np.flatnonzero(at_rest[:, 0])
    repeated = [np.repeat(layer[converged], target.shape[1], axis=1) for layer in state]
    alignment[converged] = largest_alignment(network.select(converged), repeated, target[converged])
    return (network, clamped_input, target), alignment


def largest_alignment(network: Network, state: Layers, target: np.ndarray) -> np.ndarray:
    """Cosine between δ and λ in the hidden layer in which it is largest, (..., pattern); 1 where an error is 0."""
    errors = zip(backprop_errors(network, state, target), equilibrium_errors(network, state, target), strict=True)
    by_layer = [cosine(delta[..., None], lambda_[..., None]) for delta, lambda_ in errors]
    return np.max([np.where(np.isnan(alignment), 1.0, alignment) for alignment in by_layer[:-1]], axis=0)
