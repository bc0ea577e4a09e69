"""The compiled passes against 60-digit arithmetic and the equations, unit by unit."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from oracles import SLOPE, SMOOTH, VALUE

from stdp_backprop.energy import sigmoid
from stdp_backprop.energy.activations import ACTIVATIONS

SIZES = 10.0 ** np.arange(-300, 0)
STATES = np.concatenate([np.linspace(-45, 45, 1801), SIZES, -SIZES])
"""Every 2ⁿ of the reduction, both sides of where tanh becomes 1, and states whose ρ is s itself."""


def rates(name: str, states: np.ndarray) -> np.ndarray:
    found = np.empty_like(states)
    sigmoid.rates(*ACTIVATIONS[name].limits, states, found)
    return found


def exact_tanh(state: float) -> Decimal:
    """To 60 digits; below 1e-9, where the quotient would need more of them, s − s³/3, off by 2 s⁵/15."""
    state = Decimal(state)
    if abs(state) < Decimal("1e-9"):
        return state - state**3 / 3
    doubled = (2 * state).exp()
    return (doubled - 1) / (doubled + 1)


def test_the_compiled_tanh_is_exact_to_three_units_in_the_last_place():
    """A2: the fast dynamics would be those of another activation, and lose the accuracy of small states."""
    with localcontext() as context:
        context.prec = 60
        errors = [
            abs(Decimal(float(found)) - exact_tanh(float(state))) / Decimal(float(np.spacing(abs(found))))
            for state, found in zip(STATES, rates("tanh", STATES), strict=True)
        ]
    assert max(errors) < 3


@pytest.mark.parametrize("name", SMOOTH)
def test_compiled_rates_are_those_of_the_activation(name):
    """A2: the fast dynamics would be those of another activation."""
    np.testing.assert_allclose(rates(name, STATES), ACTIVATIONS[name].value(STATES), rtol=0, atol=5e-16)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_compiled_rate_is_the_same_wherever_it_stands_in_the_array(name):
    """All claims: a pattern would depend on how many others are computed with it."""
    together = rates(name, STATES)
    alone = np.concatenate([rates(name, STATES[k : k + 1]) for k in range(STATES.size)])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("name", SMOOTH)
def test_states_that_diverged_are_not_hidden(name):
    """A2: a state that is no longer a number would be taken for one at a limit."""
    low, high = ACTIVATIONS[name].limits
    np.testing.assert_array_equal(rates(name, np.array([np.nan, -np.inf, np.inf])), [np.nan, low, high])
    for step, limits in ((sigmoid.euler_step, (low, high)), (sigmoid.clipped_euler_step, (0.0, 1.0))):
        state = np.array([np.nan, 0.5])
        step(*limits, state, np.full(2, 0.5), np.ones(2), 0.5)
        np.testing.assert_array_equal(np.isnan(state), [True, False])


@pytest.mark.parametrize("name", SMOOTH)
def test_a_compiled_euler_step_is_that_of_the_equation(name):
    """A2: [EP] eq. 9, s + ε (ρ'(s) u − s)."""
    states = np.linspace(-4, 4, 33)
    drives = np.cos(np.arange(33.0))
    moved = states.copy()
    sigmoid.euler_step(*ACTIVATIONS[name].limits, moved, np.array([VALUE[name](s) for s in states]), drives, 0.3)
    expected = [s + 0.3 * (SLOPE[name](s) * u - s) for s, u in zip(states, drives, strict=True)]
    np.testing.assert_allclose(moved, expected, rtol=0, atol=2e-15)
