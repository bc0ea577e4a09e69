"""The smooth activations, and steps with them, in one compiled pass over all units instead of several of numpy.

Both are a hyperbolic tangent between two limits: with the middle m and half the distance h, ρ(s) = m + h tanh(h s) and
ρ'(s) = (ρ − low)(high − ρ). The results are those of the formulas in `activations` to rounding, on a single thread.

A call of the C library's tanh for every unit would take most of the time of a step. The one below has no branch, so
that the compiler computes several units at once: e^2|s| − 1 = 2ⁿ (e^r − 1) + 2ⁿ − 1 with |r| ≤ ½ log 2 and the Taylor
series of e^r − 1, whose first neglected term is below half a unit in the last place.
"""

import math

import numpy as np
from numba import njit

compiled = njit(cache=True, fastmath={"contract"}, error_model="numpy")  # of fast math, only a·b + c as one instruction

LOG_2_HIGH, LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""log 2 in two parts (fdlibm's): the product of the first with any n here is exact."""
ROUNDING = 1.5 * 2.0**52
"""A double this large has no fraction: adding it to a number leaves the nearest integer in the lowest bits."""
COEFFICIENTS = tuple(1 / math.factorial(k) for k in range(14))


@compiled
def _tanh(state):
    doubled = 2 * abs(state)
    if doubled > 40:  # tanh is 1 there; NaN is kept
        doubled = 40.0
    shifted = doubled * (1 / math.log(2)) + ROUNDING
    n = shifted - ROUNDING
    rest = (doubled - n * LOG_2_HIGH) - n * LOG_2_LOW
    series = COEFFICIENTS[13]
    for k in range(12, 1, -1):
        series = series * rest + COEFFICIENTS[k]
    series = rest + rest * rest * series
    exponent = np.int64((np.float64(shifted).view(np.int64) + np.int64(1023)) << np.int64(52))
    power = np.int64(exponent).view(np.float64)  # 2ⁿ
    expm1 = power * series + (power - 1)
    return math.copysign(expm1 / (expm1 + 2), state)


@compiled
def rates(low, high, state, rho):
    """Write ρ(s) into `rho`. Flat arrays of doubles, here and below."""
    middle, half = (low + high) / 2, (high - low) / 2
    for k in range(state.size):
        rho[k] = middle + half * _tanh(half * state[k])


@compiled
def euler_step(low, high, state, rho, drive, step):
    """s ← (1 − ε) s + ε ρ'(s) u in place."""
    for k in range(state.size):
        response = (rho[k] - low) * (high - rho[k]) * drive[k]
        state[k] = (1 - step) * state[k] + step * response


@compiled
def clipped_euler_step(low, high, state, rho, drive, step):
    """s ← (1 − ε) s + ε u in place, projected to [low, high]: the hard sigmoid's."""
    for k in range(state.size):
        moved = (1 - step) * state[k] + step * drive[k]
        if moved < low:
            moved = low
        if moved > high:  # written so that NaN stays
            moved = high
        state[k] = moved


@compiled
def newton_steps(low, high, state, rho, drive, n_steps):
    """Newton's method for the root of s = ρ'(s) u, kept between 0 and ρ'(0) u, where it lies; updates ρ(s) too."""
    middle, half = (low + high) / 2, (high - low) / 2
    for _ in range(n_steps):
        for k in range(state.size):
            slope = (rho[k] - low) * (high - rho[k])
            curvature = slope * (low + high - 2 * rho[k])
            moved = state[k] - (state[k] - slope * drive[k]) / (1 - curvature * drive[k])
            end = half * half * drive[k]
            if moved < min(end, 0.0):
                moved = min(end, 0.0)
            if moved > max(end, 0.0):
                moved = max(end, 0.0)
            state[k], rho[k] = moved, middle + half * _tanh(half * moved)
