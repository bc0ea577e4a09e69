"""The limits experiment: closed forms, scipy and unit-by-unit loops for every factor, and reproducible draws."""

from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest
from oracles import (
    IDENTITY,
    NAMES,
    SLOPE,
    SMOOTH,
    VALUE,
    case,
    jacobian_of_force,
    joined,
    linear_rest,
    observed_order,
    pattern_of,
    single,
    slow_euler,
    slow_trajectory,
    split,
)
from scipy.linalg import expm
from scipy.optimize import brentq

from stdp_backprop.claims.limits import repeats_needed
from stdp_backprop.energy.activations import ACTIVATIONS
from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.experiments import limits
from stdp_backprop.experiments.ensemble import network_of
from stdp_backprop.experiments.limits import gain as stationary_points
from stdp_backprop.experiments.limits import noise as noisy_repeats
from stdp_backprop.experiments.limits.depth import networks_of_depth
from stdp_backprop.experiments.limits.feedback import feedback_variables, rotate_towards
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.inference.nudged import driven, euler_path, nudge_origin
from stdp_backprop.pipeline import result_checks
from stdp_backprop.plasticity.weight_change import (
    RelaxedEnsemble,
    cosine_distances,
    displacements,
    early_change,
    linear_limit,
)
from stdp_backprop.relaxation.euler import alternating_sweeps, relax

CHANGES = {
    "n_patterns": 2,
    "time": 0.1,
    "n_steps": 40,
    "nudge": 0.1,
    "nudges": (0.03, 0.1, 1.0),
    "times": (0.05, 0.1, 1.0),
    "residuals": (1e-8, 1e-4),
    "hidden_layers": (1, 2, 4),
    "feedback_angles": (0.0, 1.0, 3.0, 90.0),
}


@pytest.fixture(scope="module")
def settings(small):
    noise = small.limits.noise.model_copy(update={"temperatures": (1e-8, 1e-6), "repeats": (1, 4, 16), "n_steps": 10})
    gain = small.limits.gain.model_copy(update={"factors": (1.0, 4.0), "n_starts": 4})
    return small.limits.model_copy(update={**CHANGES, "noise": noise, "gain": gain})


@pytest.fixture(scope="module")
def limited(settings, small, relaxed):
    """activation -> result of `limits`."""
    return cache(
        lambda name: limits.run(
            settings, inputs={"relaxation": relaxed(name)}, rng=experiment_generator(small.seed, "limits", name)
        )
    )


def cases_at_rest(name, **options):
    drawn = case(name, **options)
    start = initial_state(drawn.network, drawn.clamped_input)
    point = relax(alternating_sweeps(drawn.network, start), tolerance=1e-13, max_steps=10_000)
    return RelaxedEnsemble(drawn.network, point.state, drawn.target)


# what is measured


@pytest.mark.parametrize("name", SMOOTH)
def test_without_any_factor_the_cosine_is_that_of_figure_6(limited, correlated, name):
    """B5: figure 7 would be about another quantity than B4."""
    selection = {"rule": "rate", "reference": "backprop", "nudge": 0.1}
    expected = correlated(name)["cosine"].sel(**selection).sel(time=0.1, method="nearest").isel(pattern=slice(2))
    found = limited(name)
    np.testing.assert_allclose(found["nudge_cosine"].sel(nudge_signs="one", nudge=0.1), expected, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found["time_cosine"].sel(time=0.1), expected, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found["feedback_cosine"].sel(feedback_angle=0.0), expected, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found["gain_cosine"].sel(gain_factor=1.0), expected, rtol=0, atol=1e-7)


def test_the_limit_of_small_nudges_of_two_linear_units_is_the_solved_pair_of_modes():
    """B5: errors would be measured from the wrong point. Modes of two units coupled by w decay at 1 − w and 1 + w."""
    weight, time = 0.4, 0.7
    network = Network((np.full((1, 1, 1), 0.3), np.full((1, 1, 1), weight)), (np.zeros((1, 1)),) * 2, IDENTITY)
    rest = linear_rest(single(network, 0), np.array([0.5]))
    state = [np.full((1, 1, 1), value) for value in (0.5, *rest)]
    error = 1.0 - rest[1]
    slow, fast = ((1 - np.exp(-rate * time)) / rate for rate in (1 - weight, 1 + weight))
    first, second = linear_limit(RelaxedEnsemble(network, state, np.ones((1, 1, 1))), time)
    np.testing.assert_allclose(first, 0.5 * error * (slow - fast) / 2, rtol=1e-12)
    np.testing.assert_allclose(second, rest[0] * error * (slow + fast) / 2, rtol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_limit_of_small_nudges_is_the_matrix_exponential_of_the_differentiated_force(name):
    """B5: errors would be measured from the wrong point. Here with curvature."""
    cases, time = cases_at_rest(name), 0.3
    network, state = single(cases.network, 1), pattern_of(cases.state, 1, 2)
    matrix = jacobian_of_force(network, state)
    force = np.zeros(len(matrix))
    force[-2:] = cases.target[1, 2] - state[-1]
    moved = split(network, np.linalg.solve(matrix, (np.eye(len(matrix)) - expm(-matrix * time)) @ force))
    value, slope = VALUE[name], SLOPE[name]
    for layer, found in enumerate(linear_limit(cases, time), start=1):
        pre = [value(s) for s in state[layer - 1]]
        post = [slope(s) * z for s, z in zip(state[layer], moved[layer - 1], strict=True)]
        np.testing.assert_allclose(found[1, 2], np.outer(pre, post), rtol=1e-6, atol=1e-12)


def test_one_minus_the_cosine_keeps_tiny_angles():
    """B5: its order in the nudge would be that of rounding."""
    angle = 1e-9
    change, limit = np.array([[np.cos(angle), np.sin(angle)]]), np.array([[3.0, 0.0]])
    assert cosine_distances([change], [limit])[0] == pytest.approx(angle**2 / 2, rel=1e-6, abs=0)


# the nudge


@pytest.mark.parametrize("name", SMOOTH)
def test_errors_are_of_order_1_in_the_nudge_2_with_both_signs_and_2_in_the_angle(limited, name):
    """B5: the statement about the nudge itself."""
    found = limited(name).sel(nudge=[0.03, 0.1]).sel(layer=[2, 3]).median(("network", "pattern"))
    for variable, sides, order in (
        ("nudge_error", "one", 1),
        ("nudge_error", "both", 2),
        ("nudge_angle_loss", "one", 2),
    ):
        for values in found[variable].sel(nudge_signs=sides).values:
            assert observed_order([0.03, 0.1], values) == pytest.approx(order, abs=0.1)


# the residual


@pytest.mark.parametrize("name", NAMES)
def test_a_relaxation_is_stopped_at_the_first_euler_step_below_the_threshold(name):
    """B5: the error would be drawn over another residual, or of other dynamics than the paper's."""
    drawn = case(name)
    states, residuals = limits.stopped_early(drawn.network, drawn.clamped_input, (1e-3, 1e-1), step=0.3)
    network, clamped = single(drawn.network, 1), drawn.clamped_input[1, 0]
    for place, threshold in enumerate((1e-3, 1e-1)):
        state, residual = next(found for found in slow_euler(network, clamped, 0.3) if found[1] < threshold)
        assert residuals[place, 1, 0] == pytest.approx(residual, rel=1e-9)
        np.testing.assert_allclose(joined(pattern_of([s[place] for s in states], 1, 0)), joined(state), atol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_state_that_drifts_follows_the_nudged_equation_from_where_it_is(name):
    """B5: the drift would be missing, or the nudge, from what a relaxation stopped early does."""
    drawn = case(name)
    state = initial_state(drawn.network, drawn.clamped_input)
    rest = limits._drifting_origin(drawn.network, state)
    start, derivative = driven(rest, drawn.target, [0.5])
    path = displacements(rest, start, derivative, times=[0.2, 0.4], max_step=0.01)
    network, target = single(drawn.network, 0), drawn.target[0, 1]

    def nudged(free, moved):
        return moved + joined([*(np.zeros_like(layer) for layer in free[:-1]), 0.5 * (target - free[-1])])

    expected = slow_trajectory(network, pattern_of(state, 0, 1), 0.4, nudged)
    np.testing.assert_allclose(joined([layer[0, 0, 1] for layer in path[-1]]), expected, atol=1e-9)


def test_a_relaxation_that_never_comes_below_the_threshold_is_a_gap():
    """B5: a state with a larger residual would be shown as one with a smaller."""
    drawn = case("tanh")
    _, residuals = limits.stopped_early(drawn.network, drawn.clamped_input, (1e-9, 1e9), step=0.1, max_steps=3)
    assert np.isnan(residuals[0]).all()
    assert np.isfinite(residuals[1]).all()


def test_the_stationary_points_of_searches_that_do_not_end_are_not_counted():
    """B5: states on their way would pass for stationary points."""
    points = np.array([[[0.0], [1.0], [1.0], [2.0]]])
    assert stationary_points.count_distinct(points, 0.1) == 3
    assert stationary_points.count_distinct(points, 0.1, counted=np.array([[True, False, True, False]])) == 2


def test_a_single_feedback_weight_cannot_be_turned(settings):
    """B5: rounding would be taken for a direction at right angles to the weight, or the weight shown as turned."""
    weight = np.array([[[0.3]]])
    assert rotate_towards(weight, np.array([[[0.7]]]), 0.0) == weight
    assert np.isnan(rotate_towards(weight, np.array([[[0.7]]]), 30.0))
    cases, stop = cases_at_rest("tanh", sizes=(2, 1, 2, 1)), {"tolerance": 1e-12, "max_steps": 5000}
    _, found, _ = feedback_variables(settings, cases, 0.5, stop, np.random.default_rng(0))["feedback_cosine"]
    assert np.isfinite(found).all()
    cases = cases_at_rest("tanh", sizes=(2, 1, 1))
    _, found, _ = feedback_variables(settings, cases, 0.5, stop, np.random.default_rng(0))["feedback_cosine"]
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1:]).all()


def test_feedback_that_never_comes_to_rest_is_a_gap_with_its_reason(settings, relaxed, monkeypatch):
    """B5: one network without a stationary point would cost the whole figure, or be shown as if it had one."""
    monkeypatch.setattr(limits, "MAX_STEPS", 2)
    chosen = settings.model_copy(update={"n_patterns": 1, "residuals": (0.5, 0.9)})
    found = limits.run(chosen, inputs={"relaxation": relaxed("tanh")}, rng=np.random.default_rng(0))
    assert np.isnan(found["feedback_cosine"]).all()
    assert found["feedback_cosine"].attrs["n_gaps"] == found["feedback_cosine"].size
    assert "do not come to rest" in found["feedback_cosine"].attrs["gap_reason"]
    assert np.isfinite(found["nudge_cosine"]).all()
    assert result_checks.missing_values(found) == []


def test_taking_the_unnudged_run_off_leaves_the_error_of_the_moved_start_alone(limited):
    """B5: the baselines of a change would be mixed up."""
    error = limited("tanh")["residual_error"].sel(residual_threshold=1e-4, layer=1).median(("network", "pattern"))
    assert float(error.sel(baseline="kept")) > 100 * float(error.sel(baseline="subtracted"))


# noise


@pytest.mark.parametrize("name", SMOOTH)
def test_noise_starts_in_its_own_equilibrium(name):
    """B5: otherwise it would spread first, and the number of repeats would depend on how long it had."""
    cases = cases_at_rest(name, n_networks=1, n_patterns=1)
    drawn = noisy_repeats.equilibrium_displacement(cases, 0.01, 20_000, [np.random.default_rng(1)])
    flat = joined(drawn)[0]
    expected = 0.01 * np.linalg.inv(jacobian_of_force(single(cases.network, 0), pattern_of(cases.state, 0, 0)))
    # standard error of a covariance of Gaussians: √((C_ii C_jj + C_ij²) / n)
    diagonal = np.diag(expected)
    error = np.sqrt((np.outer(diagonal, diagonal) + expected**2) / len(flat))
    assert np.max(np.abs(flat.T @ flat / len(flat) - expected) / error) < 5


def test_units_held_at_a_bound_start_there():
    """B5: noise of the start would release units that the temperature is far too low to release."""
    network = Network(
        (np.full((1, 1, 1), 1.0), np.full((1, 1, 1), 0.2)),
        (np.full((1, 1), 2.0), np.full((1, 1), 0.1)),
        ACTIVATIONS["hard_sigmoid"],
    )
    state = [np.ones((1, 1, 1)), np.ones((1, 1, 1)), np.full((1, 1, 1), 0.3)]
    held, free = noisy_repeats.equilibrium_displacement(
        RelaxedEnsemble(network, state, np.ones((1, 1, 1))), 1e-4, 50, [np.random.default_rng(0)]
    )
    assert np.all(held == 0)
    assert np.all(free != 0)


@pytest.mark.parametrize("name", SMOOTH)
def test_how_far_noise_wanders_is_the_covariance_of_an_ornstein_uhlenbeck_process(name):
    """B5: the closed form through the noise panel, and every number of repeats needed, would be wrong."""
    cases, time = cases_at_rest(name), 0.4
    network, state = single(cases.network, 1), pattern_of(cases.state, 1, 0)
    matrix = jacobian_of_force(network, state)
    covariance = np.linalg.inv(matrix)
    wander = split(network, np.diag(2 * (covariance - expm(-matrix * time) @ covariance)))
    value, slope = VALUE[name], SLOPE[name]
    for layer, found in enumerate(noisy_repeats.fluctuation_norms(cases, time), start=1):
        pre = sum(value(s) ** 2 for s in state[layer - 1])
        post = sum(slope(s) ** 2 * v for s, v in zip(state[layer], wander[layer - 1], strict=True))
        assert found[1, 0] == pytest.approx(np.sqrt(pre * post), rel=1e-6)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_noise_has_the_size_that_the_closed_form_says(settings, name):
    """B5: temperature, step, nudge or number of repeats would not be those of the axes."""
    cases = cases_at_rest(name, n_networks=200, n_patterns=1)
    noise = {
        key: np.array(values)
        for key, (_, values, _) in noisy_repeats.noise_variables(settings, cases, np.random.default_rng(6)).items()
    }
    single_run = noise["noise_error"][:, :, 0] / noise["noise_error_expected"][:, :, None]  # the nudged runs alone
    square = single_run**2 * np.array(settings.noise.repeats)[:, None]
    # five standard errors of a mean square of 200 draws with at least one degree of freedom each
    np.testing.assert_allclose(square.mean(axis=-1), 1, atol=5 * np.sqrt(2 / 200))


def test_nudged_and_unnudged_runs_share_their_noise():
    """B5: the difference would hold twice the noise instead of none."""
    noisy = noisy_repeats.with_noise(
        lambda z: [np.zeros((2, 3, 4, 5))], 2.0, [np.random.default_rng(k) for k in range(3)]
    )
    [drawn] = noisy(None)
    assert np.array_equal(drawn[0], drawn[1])
    assert drawn[0].std() == pytest.approx(2.0, rel=0.5)


def test_the_sums_over_repeats_are_those_of_each_repeat_alone():
    """B5: averages would be over other repeats than their number says."""
    cases = cases_at_rest("tanh", n_networks=2, n_patterns=1)
    rest = nudge_origin(cases.network, [np.repeat(layer, 5, axis=1) for layer in cases.state])
    start, derivative = driven(rest, np.repeat(cases.target, 5, axis=1), [0.3, 0.0])
    generators = [np.random.default_rng(k) for k in range(2)]
    path = list(islice(euler_path(rest, start, noisy_repeats.with_noise(derivative, 0.1, generators), step=0.05), 4))
    sums = noisy_repeats.summed_over_repeats(rest, path, [2, 5])
    moments = [[rest.state[0], *(s + z for s, z in zip(rest.state[1:], moved, strict=True))] for moved in path]
    rho = [[np.broadcast_to(np.tanh(s), (2, *s.shape[-3:])) for s in layers] for layers in moments]
    for count, of_layers in zip((2, 5), sums, strict=True):
        for layer, found in enumerate(of_layers, start=1):
            expected = 0
            for before, after in pairwise(rho):
                middle = 0.5 * (before[layer - 1] + after[layer - 1])[..., :count, :]
                rise = (after[layer] - before[layer])[..., :count, :]
                expected = expected + np.einsum("kgri,kgrj->kgij", middle, rise)
            np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_average_needed_for_a_cosine_turns_the_signal_by_its_angle():
    """B5: an error as large as tan(angle), at right angles to the signal, turns it by that angle."""
    assert float(repeats_needed(np.tan(np.arccos(0.9)))) == pytest.approx(1.0)
    assert float(repeats_needed(10 * np.tan(np.arccos(0.9)))) == pytest.approx(100.0)


# gain and stationary points


def roots_of_two_units(weight, drive, bias):
    """Stable stationary points of s₁ = ρ'(s₁)(drive + w ρ(s₂)), s₂ = ρ'(s₂)(bias + w ρ(s₁)) for tanh, by bisection."""

    def answer(pull):
        return brentq(lambda s: s - pull / np.cosh(s) ** 2, -abs(pull) - 1, abs(pull) + 1, xtol=1e-14)

    def excess(first):
        return first - (drive + weight * np.tanh(answer(bias + weight * np.tanh(first)))) / np.cosh(first) ** 2

    grid = np.linspace(-6, 6, 4001)
    values = np.array([excess(s) for s in grid])
    rising = np.flatnonzero((values[:-1] < 0) & (values[1:] >= 0))  # upwards: a minimum of the energy
    return [brentq(excess, grid[k], grid[k + 1], xtol=1e-14) for k in rising]


@pytest.mark.parametrize(("weight", "count"), [(0.5, 1), (4.0, 2)])
def test_the_stationary_points_of_two_units_are_those_that_bisection_finds(settings, weight, count):
    """B5: the panel of stationary points would show solver failures, or one point twice."""
    expected = roots_of_two_units(weight, 0.02, -0.01)
    assert len(expected) == count
    network = Network(
        (np.full((1, 1, 1), 0.02), np.full((1, 1, 1), weight)),
        (np.zeros((1, 1)), np.full((1, 1), -0.01)),
        ACTIVATIONS["tanh"],
    )
    clamped = np.full((1, 1, 1), np.arctanh(1 - 1e-15))
    gain = settings.gain.model_copy(update={"n_starts": 20, "settling_time": 20.0, "start": 2.0})
    starts = stationary_points.random_starts(network, clamped, gain, np.random.default_rng(2))
    points, at_rest = stationary_points.reached_by_dynamics(network, starts, gain, 1e-11)
    assert at_rest.all()
    assert stationary_points.count_distinct(np.concatenate(points[1:], axis=-1), 1e-3) == count
    found = sorted({round(float(s), 6) for s in points[1].ravel()})
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_points_are_distinct_if_any_unit_is_further_away_than_the_distance():
    """B5: rounding would count as another stationary point, or two of them as one."""
    points = np.array([[[0.0, 0.0], [0.0, 0.5], [0.01, 0.0], [0.0, 0.51]], [[1.0, 1.0]] * 4])
    assert stationary_points.count_distinct(points, 0.1).tolist() == [2, 1]
    assert stationary_points.count_distinct(points, 0.001).tolist() == [4, 1]


# depth


def test_the_first_change_of_the_first_weights_shrinks_as_the_power_of_time_that_their_depth_says(
    settings, small, relaxed
):
    """B5: the size panel. At t = 1e-4 the leading power is pure to about 1e-4."""
    early = settings.model_copy(update={"time": 1e-4})
    found = limits.run(
        early, inputs={"relaxation": relaxed("tanh")}, rng=experiment_generator(small.seed, "limits", "tanh")
    )
    ratio = found["depth_size"] / found["depth_size_expected"]
    np.testing.assert_allclose(ratio, 1, rtol=1e-3)
    for depth, expected in zip((1, 2, 4), (1e-8 / 2, 1e-12 / 6, 1e-20 / 120), strict=True):
        assert float(found["depth_size_expected"].sel(hidden_layers=depth)) == pytest.approx(expected)
    np.testing.assert_allclose(found["depth_cosine"], 1, atol=1e-7)


def test_networks_of_another_depth_are_drawn_from_the_same_distribution(relaxed):
    """B5: depth would be mixed up with the strength of the weights."""
    network = network_of(relaxed("tanh"))
    deep = networks_of_depth(network, 4, np.random.default_rng(0))
    assert deep.layer_sizes == (4, 5, 5, 5, 5, 3)
    for index in range(3):
        pool = np.concatenate([(w[index] / np.sqrt(6 / sum(w.shape[1:]))).ravel() for w in network.weights])
        drawn = np.concatenate([(w[index] / np.sqrt(6 / sum(w.shape[1:]))).ravel() for w in deep.weights])
        assert np.all(np.min(np.abs(drawn[:, None] - pool), axis=1) < 1e-12)


# feedback


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0])
def test_feedback_has_the_angle_and_the_norm_that_are_asked_for(angle):
    """B5: the axis of the asymmetry panel."""
    rng = np.random.default_rng(5)
    weight, noise = rng.normal(size=(2, 6, 5)), rng.normal(size=(2, 6, 5)) + 0.3
    turned = rotate_towards(weight, noise, angle)
    for one, other in zip(weight, turned, strict=True):
        assert np.linalg.norm(other) == pytest.approx(np.linalg.norm(one))
        cosine = np.sum(one * other) / np.linalg.norm(one) ** 2
        assert cosine == pytest.approx(np.cos(np.radians(angle)), abs=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_corrected_late_change_has_an_error_of_order_one_at_every_angle(limited, name):
    """D7: at angle 0, where feedback is the transpose, the plain nudge does the same; at 90° it does not."""
    error = limited(name)["late_feedback_error"]
    small, large = (error.sel(nudged_phase="corrected", late_nudge=nudge) for nudge in (1e-3, 1e-2))
    np.testing.assert_allclose(np.log10(large / small), 1, atol=0.1)
    plain = error.sel(nudged_phase="plain", late_nudge=1e-3)
    np.testing.assert_allclose(plain.sel(feedback_angle=0.0), small.sel(feedback_angle=0.0), rtol=1e-5)
    assert np.all(plain.sel(feedback_angle=90.0, layer=1) > 10 * small.sel(feedback_angle=90.0, layer=1))


# the experiment as a whole


@pytest.mark.parametrize("name", NAMES)
def test_another_network_changes_none_before_it(limited, settings, small, relaxed, name):
    """B5: a larger ensemble would be another experiment, not a more precise one."""
    fewer = relaxed(name).isel(network=slice(2))
    found = limits.run(settings, inputs={"relaxation": fewer}, rng=experiment_generator(small.seed, "limits", name))
    whole = limited(name).isel(network=slice(2))
    for variable in ("noise_cosine", "depth_size", "feedback_error", "gain_cosine", "stationary_points"):
        # not to rounding: a relaxation goes on until the slowest network is at rest, and the residuals differ
        np.testing.assert_allclose(found[variable], whole[variable], rtol=1e-7, atol=1e-12)


def test_more_patterns_than_there_are_are_rejected(settings, relaxed):
    """B5: fewer cases would be shown than the caption says."""
    greedy = settings.model_copy(update={"n_patterns": 3})
    with pytest.raises(ValueError, match="n_patterns is 3, but relaxation has 2"):
        limits.run(greedy, inputs={"relaxation": relaxed("tanh")}, rng=np.random.default_rng(0))


def test_the_weights_change_in_proportion_to_a_small_nudge():
    """B5: what is divided by the nudge would not be proportional to it."""
    cases = cases_at_rest("tanh")
    changes = early_change(cases.origin, cases.target, [1e-4, 2e-4], time=0.1, n_steps=10)
    for change in changes:
        np.testing.assert_allclose(change[1], 2 * change[0], rtol=1e-3)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"nudges": (1.0, 0.1)}, r"nudges: found \[1.0, 0.1\]; the values must increase"),
        ({"feedback_angles": (1.0, 2.0, 3.0)}, r"feedback_angles: found .*; the first must be 0, the reference"),
    ],
)
def test_lists_out_of_order_are_rejected(settings, changes, complaint):
    """B5: orders are read between neighbours at the weak end, and errors from symmetric feedback."""
    with pytest.raises(ValueError, match=complaint):
        type(settings).model_validate({**settings.model_dump(), **changes})
