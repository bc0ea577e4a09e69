"""The first motion of every layer as a small nudge begins, by prospective firing: claim D5."""

import numpy as np

from ...config.spiking_learning import SpikingLearning
from ...energy.activations import HARD_SIGMOID
from ...energy.network import Layers, Network, drives, project_velocity, rates
from ...inference.prospective import firing_rates, first_velocity, nudged_velocity
from ...plasticity.alignment import cosine
from ...plasticity.gradients import backprop_errors, errors_at_biases

SMALL_NUDGE = 1e-3
"""Largest β of the first motion. Hard-sigmoid networks respond linearly until a unit reaches a bound or leaves it."""
RESOLVED = 1e-12
"""Smallest motion that is measured: its rounding errors, about 1e-16 of a state of order one, are then below the 1e-3
of it that the check of results allows."""
PRECISE_SWEEPS = 200


def first_motion(settings: SpikingLearning, network: Network, state: Layers, target: np.ndarray) -> dict:
    """ds/dt the instant a small nudge begins, against α^d δ_l and its exact value, for every α."""
    errors = errors_at_biases(network, state, backprop_errors(network, state, target))  # 0 for units held at a bound
    small = linear_nudge(network, state, target)
    along, cosines, mismatches = [], [], []
    for alpha in settings.alphas:
        ends = []
        for nudge in (small, -small):
            nudged = {"nudge": nudge, "target": target}
            fired = firing_rates(network, state, alpha=alpha, n_sweeps=PRECISE_SWEEPS, **nudged)
            velocity = nudged_velocity(network, state, fired, **nudged)
            ends.append([project_velocity(v, s, HARD_SIGMOID.bounds) for v, s in zip(velocity, state[1:], strict=True)])
        exact = first_velocity(network, state, target, alpha=alpha)
        motion = [
            np.divide(plus - minus, 2 * small, out=np.zeros_like(plus), where=small > 0)
            for plus, minus in zip(*ends, strict=True)
        ]
        lengths = [np.linalg.norm(e, axis=-1) for e in exact]
        unresolved = [small[..., 0] * length < RESOLVED for length in lengths]  # also where there is no small nudge
        motion = [np.where(gap[..., None], 0, v) for v, gap in zip(motion, unresolved, strict=True)]
        with np.errstate(invalid="ignore"):  # 0/0, the gaps that are explained
            parts = [np.vecdot(v, delta) / np.vecdot(delta, delta) for v, delta in zip(motion, errors, strict=True)]
            apart = [np.linalg.norm(v - e, axis=-1) for v, e in zip(motion, exact, strict=True)]
            distances = [distance / length for distance, length in zip(apart, lengths, strict=True)]
        along.append(np.where(unresolved, np.nan, parts))
        mismatches.append(np.where(unresolved, np.nan, distances))
        cosines.append([cosine(v[..., None], delta[..., None]) for v, delta in zip(motion, errors, strict=True)])
    return {
        "first_motion_along_error": np.array(along),
        "first_motion_cosine": np.array(cosines),
        "first_motion_mismatch": np.array(mismatches),
    }


def linear_nudge(network: Network, state: Layers, target: np.ndarray) -> np.ndarray:
    """β for each pattern, (..., pattern, 1), that brings no unit to a bound and frees none: SMALL_NUDGE or less."""
    margins = []
    for layer, drive in zip(state[1:], drives(network, rates(network, state)), strict=True):
        held = (layer <= 0) | (layer >= 1)
        margins.append(np.where(held, np.abs(drive - layer), np.minimum(layer, 1 - layer)).min(axis=-1))
    furthest = np.abs(target - state[-1]).max(axis=-1)  # no unit moves by more than a few times β times this
    return np.minimum(SMALL_NUDGE, 0.1 * np.min(margins, axis=0) / furthest)[..., None]
