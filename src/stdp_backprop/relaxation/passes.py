"""The elementwise part of a step, beside the matrix products: compiled where that is faster, else by numpy."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..energy.activations import Activation

Rates = Callable[[np.ndarray, np.ndarray], object]
EulerStep = Callable[[np.ndarray, np.ndarray, np.ndarray, float], None]
NewtonSteps = Callable[[np.ndarray, np.ndarray, np.ndarray, int], None]


def elementwise_functions(activation: Activation, dtype: np.dtype) -> tuple[Rates, EulerStep, NewtonSteps | None]:
    """Functions of flat arrays: (s, ρ) writes ρ(s); (s, ρ, u, ε) is an Euler step and (s, ρ, u, n) n Newton steps of s.

    Compiled for doubles and the activations of `sigmoid` and the hard sigmoid. In single precision numpy is faster.
    None instead of Newton steps that are not compiled.
    """
    if dtype != np.float64 or not (activation.limits or activation.bounds):
        return activation.value, partial(_euler_step, activation), None
    from ..energy import sigmoid  # imports numba, which takes 0.4 s: only where a network is relaxed

    if activation.bounds:
        return activation.value, partial(sigmoid.clipped_euler_step, *activation.bounds), None
    return tuple(
        partial(function, *activation.limits) for function in (sigmoid.rates, sigmoid.euler_step, sigmoid.newton_steps)
    )


def _euler_step(activation: Activation, state: np.ndarray, rho: np.ndarray, drive: np.ndarray, step: float) -> None:
    response = activation.slope(rho) * drive if activation.bounds is None else drive
    state += step * (response - state)
    if activation.bounds is not None:
        np.clip(state, *activation.bounds, out=state)
