"""Activation functions ρ of the state s, with the derivatives that the energy's gradient and Hessian need.

For each of the three, ρ' and ρ'' are simple functions of ρ itself, so that one evaluation of ρ serves all. Every
function works element by element on arrays of any shape. `increment` and `slope_increment` give ρ(s + z) − ρ(s)
and ρ'(s + z) − ρ'(s) without subtracting nearly equal numbers: a displacement z of 1e-20 is as accurate as one of
0.1, and the first motion of far layers is that small.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Elementwise = Callable[[np.ndarray], np.ndarray]
ElementwiseOfTwo = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Activation:
    """An activation function and its derivatives.

    value : ρ(s) of the state s
    slope, curvature : ρ'(s) and ρ''(s), as functions of ρ(s)
    increment : ρ(s + z) − ρ(s), as a function of ρ(s) and the displacement z
    slope_increment : ρ'(s + z) − ρ'(s), as a function of ρ(s) and the increment of ρ
    bounds : the interval in which the state lives, or None where it may be any real number
    """

    name: str
    value: Elementwise
    slope: Elementwise
    curvature: Elementwise
    increment: ElementwiseOfTwo
    slope_increment: ElementwiseOfTwo
    bounds: tuple[float, float] | None = None


def _tanh_slope(rho: np.ndarray) -> np.ndarray:
    return 1 - rho**2


def _tanh_curvature(rho: np.ndarray) -> np.ndarray:
    return -2 * rho * (1 - rho**2)


def _tanh_increment(rho: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    # the addition theorem tanh(s + z) = (tanh s + tanh z) / (1 + tanh s tanh z), with tanh s subtracted
    step = np.tanh(displacement)
    return step * (1 - rho**2) / (1 + rho * step)


def _tanh_slope_increment(rho: np.ndarray, increment: np.ndarray) -> np.ndarray:
    return -increment * (2 * rho + increment)


def _logistic(state: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * state)  # unlike 1/(1 + exp(−s)): no overflow, and complex steps pass through


def _logistic_slope(rho: np.ndarray) -> np.ndarray:
    return rho * (1 - rho)


def _logistic_curvature(rho: np.ndarray) -> np.ndarray:
    return rho * (1 - rho) * (1 - 2 * rho)


def _logistic_increment(rho: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    return 0.5 * _tanh_increment(2 * rho - 1, 0.5 * displacement)


def _logistic_slope_increment(rho: np.ndarray, increment: np.ndarray) -> np.ndarray:
    return increment * (1 - 2 * rho - increment)


def _clip(state: np.ndarray) -> np.ndarray:
    return np.clip(state, 0.0, 1.0)


def _inside(rho: np.ndarray) -> np.ndarray:
    # the derivative of the active set: a unit held at a bound does not answer to its drive
    return ((rho > 0) & (rho < 1)).astype(rho.dtype)


def _clip_increment(rho: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    return np.clip(displacement, -rho, 1 - rho)  # of a state in [0, 1], which equals its ρ


def _inside_increment(rho: np.ndarray, increment: np.ndarray) -> np.ndarray:
    return _inside(rho + increment) - _inside(rho)


LOGISTIC = Activation(
    "logistic", _logistic, _logistic_slope, _logistic_curvature, _logistic_increment, _logistic_slope_increment
)
TANH = Activation("tanh", np.tanh, _tanh_slope, _tanh_curvature, _tanh_increment, _tanh_slope_increment)
HARD_SIGMOID = Activation(
    "hard_sigmoid", _clip, _inside, np.zeros_like, _clip_increment, _inside_increment, bounds=(0.0, 1.0)
)

ACTIVATIONS = {activation.name: activation for activation in (LOGISTIC, TANH, HARD_SIGMOID)}
"""The activation functions by name. The hard sigmoid ([EP] section 3) keeps its state in [0, 1] by projection."""
