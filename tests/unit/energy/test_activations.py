"""The activation functions against their textbook formulas, complex steps and 60-digit arithmetic."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import NAMES, SLOPE, SMOOTH, VALUE

from stdp_backprop.energy.activations import ACTIVATIONS

STATES = (-3.0, -1.0, -0.2, 0.0, 0.3, 0.8, 2.5)
DISPLACEMENTS = tuple(sign * size for sign in (-1, 1) for size in (1e-18, 1e-13, 1e-9, 1e-5, 1e-2, 0.1, 2.0))


def exact_value(name: str, state: Decimal) -> Decimal:
    if name == "tanh":
        return ((2 * state).exp() - 1) / ((2 * state).exp() + 1)
    return 1 / (1 + (-state).exp())


def exact_slope(name: str, state: Decimal) -> Decimal:
    if name == "tanh":
        return 4 / (state.exp() + (-state).exp()) ** 2
    return 1 / ((state / 2).exp() + (-state / 2).exp()) ** 2


def exact_state(name: str, rho: float) -> Decimal:
    """The state whose ρ is exactly this double."""
    rho = Decimal(rho)
    return ((1 + rho) / (1 - rho)).ln() / 2 if name == "tanh" else (rho / (1 - rho)).ln()


@pytest.mark.parametrize("name", NAMES)
def test_each_activation_is_the_function_of_its_name(name):
    """Every number of the replication would belong to some other network."""
    states = np.linspace(-6, 6, 97)
    expected = [VALUE[name](s) for s in states]
    np.testing.assert_allclose(ACTIVATIONS[name].value(states), expected, rtol=1e-14, atol=2e-16)
    assert ACTIVATIONS[name].name == name


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_is_the_derivative_in_closed_form(name):
    """A1: the force R(s) − s would not be minus the gradient of the energy."""
    states = np.array([s for s in np.linspace(-5, 5, 97) if s not in (0.0, 1.0)])
    activation = ACTIVATIONS[name]
    expected = [SLOPE[name](s) for s in states]
    np.testing.assert_allclose(activation.slope(activation.value(states)), expected, rtol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_slope_and_curvature_are_complex_step_derivatives(name):
    """B6: the Hessian, and with it the late response to the nudge, would be wrong."""
    activation = ACTIVATIONS[name]
    states = np.linspace(-3, 3, 41)
    tiny = 1e-150
    rho = activation.value(states)
    slope = activation.value(states + 1j * tiny).imag / tiny
    curvature = activation.slope(activation.value(states + 1j * tiny)).imag / tiny
    np.testing.assert_allclose(activation.slope(rho), slope, rtol=1e-13)
    np.testing.assert_allclose(activation.curvature(rho), curvature, rtol=1e-12, atol=1e-15)


def test_the_hard_sigmoid_answers_between_its_bounds_only():
    """B1: a unit held at a bound would seem to pass an error on."""
    activation = ACTIVATIONS["hard_sigmoid"]
    rho = activation.value(np.array([-2.0, 0.0, 1e-300, 0.5, 1 - 2**-53, 1.0, 3.0]))
    np.testing.assert_array_equal(activation.slope(rho), [0, 0, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(activation.curvature(rho), np.zeros(7))
    assert activation.bounds == (0.0, 1.0)


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_activations_leave_their_state_unbounded(name):
    """A2: projection would stop a motion that the equations of the paper let go on."""
    assert ACTIVATIONS[name].bounds is None


@pytest.mark.parametrize("name", SMOOTH)
def test_saturated_states_neither_overflow_nor_leave_the_range(name):
    """A4: a large drive would end the relaxation with a NaN."""
    activation = ACTIVATIONS[name]
    rho = activation.value(np.array([-1e4, -800.0, 800.0, 1e4]))
    low = {"logistic": 0.0, "tanh": -1.0}[name]
    np.testing.assert_array_equal(rho, [low, low, 1.0, 1.0])
    np.testing.assert_array_equal(activation.slope(rho), np.zeros(4))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("displacement", DISPLACEMENTS)
def test_increments_keep_fourteen_digits_at_any_displacement(name, displacement):
    """B2: the first motion of far layers, of size ξ t^d, would drown in rounding.

    Expected in 60 digits from the state that has exactly this ρ. 1 − ρ² and ρ (1 − ρ) amplify a rounding of ρ by at
    most 1/(1 − |ρ|), 200 at s = −3.
    """
    activation = ACTIVATIONS[name]
    for state in STATES:
        rho = float(activation.value(np.array(state)))
        with localcontext(prec=60):
            s, z = exact_state(name, rho), Decimal(displacement)
            expected = float(exact_value(name, s + z) - exact_value(name, s))
        found = activation.increment(np.array(rho), np.array(displacement))
        assert found == pytest.approx(expected, rel=200 * 2**-53, abs=0)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("displacement", DISPLACEMENTS)
def test_slope_increments_are_rounded_in_proportion_to_the_displacement(name, displacement):
    """B2: the bend of ρ', as small as the displacement, would drown in rounding.

    ρ' is of second degree in ρ: its increment is that of ρ times a sum of at most three terms of size 2 or less,
    whose roundings make up less than 8 units of 2⁻⁵³.
    """
    activation = ACTIVATIONS[name]
    for state in STATES:
        rho = float(activation.value(np.array(state)))
        with localcontext(prec=60):
            s, z = exact_state(name, rho), Decimal(displacement)
            expected = float(exact_slope(name, s + z) - exact_slope(name, s))
            increment = float(exact_value(name, s + z) - exact_value(name, s))
        found = activation.slope_increment(np.array(rho), np.array(increment))
        assert found == pytest.approx(expected, rel=0, abs=8 * 2**-53 * abs(increment))


@pytest.mark.parametrize(
    ("rho", "displacement", "increment", "slope_increment"),
    [
        (0.3, 1e-18, 1e-18, 0),
        (0.3, 0.25, 0.25, 0),
        (0.3, 0.7, 0.7, -1),
        (0.3, 5.0, 0.7, -1),
        (0.3, -5.0, -0.3, -1),
        (0.0, -0.5, 0.0, 0),
        (0.0, 0.5, 0.5, 1),
        (1.0, 0.5, 0.0, 0),
        (1.0, -0.5, -0.5, 1),
        (0.0, 2.0, 1.0, 0),
    ],
)
def test_increments_of_the_hard_sigmoid_stop_at_the_bounds(rho, displacement, increment, slope_increment):
    """B5: a strong nudge would push units out of their range."""
    activation = ACTIVATIONS["hard_sigmoid"]
    found = activation.increment(np.array(rho), np.array(displacement))
    assert found == increment
    assert activation.slope_increment(np.array(rho), found) == slope_increment


@pytest.mark.parametrize("name", NAMES)
@settings(derandomize=True, max_examples=60, deadline=None)
@given(state=st.floats(0, 1), displacement=st.floats(-3, 3))
def test_an_increment_is_the_difference_of_two_values(name, state, displacement):
    """B6: nudged and undisturbed dynamics would follow different equations.

    1 + tanh s tanh z is as small as 1 − tanh 1 tanh 3 = 0.24: two more bits than those of ρ itself are lost.
    """
    activation, value = ACTIVATIONS[name], VALUE[name]
    found = activation.increment(activation.value(np.array(state)), np.array(displacement))
    assert found == pytest.approx(value(state + displacement) - value(state), abs=8 * 2**-53 * 2)
    assert found == 0 or math.copysign(1, found) == math.copysign(1, displacement)


@pytest.mark.parametrize("name", NAMES)
def test_functions_work_element_by_element_on_any_shape(name):
    """All claims: a network of the ensemble would depend on its neighbours in the array."""
    activation = ACTIVATIONS[name]
    states = np.random.default_rng(0).uniform(-1, 2, (2, 3, 4))
    rho = activation.value(states)
    for function in (activation.value, activation.slope, activation.curvature):
        np.testing.assert_array_equal(function(rho)[1, 2], function(rho[1, 2]))
    for function in (activation.increment, activation.slope_increment):
        np.testing.assert_array_equal(function(rho, 0.1 * states)[1, 2], function(rho[1, 2], 0.1 * states[1, 2]))
