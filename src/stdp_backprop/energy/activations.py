"""Activation functions ρ of the state s, with the derivatives that the energy's gradient and Hessian need.

For each of the three, ρ' and ρ'' are simple functions of ρ itself, so that one evaluation of ρ serves all. Every
function works element by element on arrays of any shape. `increment` and `slope_increment` give ρ(s + z) − ρ(s)
and ρ'(s + z) − ρ'(s) without subtracting nearly equal numbers: a displacement z of 1e-20 is as accurate as one of
0.1, and the first motion of far layers is that small.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

ElementwiseOfTwo = Callable[[np.ndarray, np.ndarray], np.ndarray]


class InPlace(Protocol):
    """A function of one array that, like numpy's own, writes its result into another one, `out`, if that is given."""

    def __call__(self, array: np.ndarray, /, out: np.ndarray | None = None) -> np.ndarray: ...


@dataclass(frozen=True)
class Activation:
    """An activation function and its derivatives.

    value : ρ(s) of the state s
    slope, curvature : ρ'(s) and ρ''(s), as functions of ρ(s)
    increment : ρ(s + z) − ρ(s), as a function of ρ(s) and the displacement z
    slope_increment : ρ'(s + z) − ρ'(s), as a function of ρ(s) and the increment of ρ
    bounds : the interval in which the state lives, or None where it may be any real number
    max_slope : the largest ρ', at s = 0 for a ρ that has no bounds
    limits : the two limits of a ρ that is a scaled hyperbolic tangent (see `sigmoid`); None for any other ρ
    """

    name: str
    value: InPlace
    slope: InPlace
    curvature: InPlace
    increment: ElementwiseOfTwo
    slope_increment: ElementwiseOfTwo
    bounds: tuple[float, float] | None = None
    max_slope: float = 1.0
    limits: tuple[float, float] | None = None


def _tanh_slope(rho: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.subtract(1, np.square(rho, out=out), out=out)


def _tanh_curvature(rho: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.multiply(-2, np.multiply(rho, _tanh_slope(rho, out), out=out), out=out)


def _tanh_increment(rho: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    # the addition theorem tanh(s + z) = (tanh s + tanh z) / (1 + tanh s tanh z), with tanh s subtracted
    step = np.tanh(displacement)
    return step * (1 - rho**2) / (1 + rho * step)


def _tanh_slope_increment(rho: np.ndarray, increment: np.ndarray) -> np.ndarray:
    return -increment * (2 * rho + increment)


def _logistic(state: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    # 1/2 + tanh(s/2)/2, unlike 1/(1 + exp(−s)): no overflow, and complex steps pass through
    half = np.tanh(np.multiply(0.5, state, out=out), out=out)
    return np.add(0.5, np.multiply(0.5, half, out=out), out=out)


def _logistic_slope(rho: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.subtract(rho, np.square(rho, out=out), out=out)


def _logistic_curvature(rho: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.multiply(_logistic_slope(rho, out), 1 - 2 * rho, out=out)


def _logistic_increment(rho: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    return 0.5 * _tanh_increment(2 * rho - 1, 0.5 * displacement)


def _logistic_slope_increment(rho: np.ndarray, increment: np.ndarray) -> np.ndarray:
    return increment * (1 - 2 * rho - increment)


def _clip(state: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.clip(state, 0.0, 1.0, out=out)


def _inside(rho: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    # the derivative of the active set: a unit held at a bound does not respond to its drive
    return np.multiply(rho > 0, rho < 1, out=np.empty_like(rho) if out is None else out)


def _no_curvature(rho: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.multiply(0, rho, out=out)


def _clip_increment(rho: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    # of a state in [0, 1], which equals its ρ; np.clip takes several times as long where the bounds are arrays
    return np.minimum(np.maximum(displacement, -rho), 1 - rho)


def _inside_increment(rho: np.ndarray, increment: np.ndarray) -> np.ndarray:
    return _inside(rho + increment) - _inside(rho)


LOGISTIC = Activation(
    "logistic",
    _logistic,
    _logistic_slope,
    _logistic_curvature,
    _logistic_increment,
    _logistic_slope_increment,
    max_slope=0.25,
    limits=(0.0, 1.0),
)
TANH = Activation(
    "tanh", np.tanh, _tanh_slope, _tanh_curvature, _tanh_increment, _tanh_slope_increment, limits=(-1.0, 1.0)
)
HARD_SIGMOID = Activation(
    "hard_sigmoid", _clip, _inside, _no_curvature, _clip_increment, _inside_increment, bounds=(0.0, 1.0)
)

ACTIVATIONS = {activation.name: activation for activation in (LOGISTIC, TANH, HARD_SIGMOID)}
"""The activation functions by name. The hard sigmoid ([EP] section 3) keeps its state in [0, 1] by projection."""
