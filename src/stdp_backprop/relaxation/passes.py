"""What an Euler step does to every unit beside the matrix products: compiled where that is faster, else by numpy."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..energy.activations import Activation

Rates = Callable[[np.ndarray, np.ndarray], object]
EulerStep = Callable[[np.ndarray, np.ndarray, np.ndarray, float], None]


def euler_passes(activation: Activation, dtype: np.dtype) -> tuple[Rates, EulerStep]:
    """Two functions of flat arrays: (s, ρ) writes ρ(s) into the second; (s, ρ, u, ε) moves s in place.

    Compiled for doubles and the activations of `sigmoid` and the hard sigmoid. In single precision numpy is faster.
    """
    if dtype != np.float64 or not (activation.limits or activation.bounds):
        return activation.value, partial(_euler_step, activation)
    from ..energy import sigmoid  # numba takes 0.4 s, which whoever does not relax a network is spared

    if activation.bounds:
        return activation.value, partial(sigmoid.clipped_euler_step, *activation.bounds)
    return partial(sigmoid.rates, *activation.limits), partial(sigmoid.euler_step, *activation.limits)


def _euler_step(activation: Activation, state: np.ndarray, rho: np.ndarray, drive: np.ndarray, step: float) -> None:
    response = activation.slope(rho) * drive if activation.bounds is None else drive
    state += step * (response - state)
    if activation.bounds is not None:
        np.clip(state, *activation.bounds, out=state)
