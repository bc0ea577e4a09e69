"""The gradient-correlation experiment: weight changes synapse by synapse, and what they align with, early and late."""

import math

import numpy as np
import pytest
from oracles import NAMES, SLOPE, SMOOTH, VALUE, case_of, jacobian_of_force, observed_order, split

CASE = (2, 1)
RULES = ("velocity", "rate", "symmetric")
REFERENCES = ("backprop", "equilibrium")


def slow_changes(network, state, motion, layer, n_times):
    """Weight change of each rule into `layer` up to record `n_times`, synapse by synapse, from the displacements."""
    value = VALUE[network.activation.name]
    zero = [np.zeros_like(part) for part in state]
    moved = [
        zero,
        *(
            [zero[0], *(motion[f"displacement_{index}"].values[(*CASE, n)].astype(float) for index in (1, 2, 3))]
            for n in range(n_times)
        ),
    ]
    rates = [[[value(s + z) for s, z in zip(*pair, strict=True)] for pair in zip(state, m, strict=True)] for m in moved]
    changes = np.zeros((3, len(state[layer - 1]), len(state[layer])))
    for i, j in np.ndindex(changes.shape[1:]):
        for now, then in zip(range(1, n_times + 1), range(n_times), strict=True):
            midway = (rates[now][layer - 1][i] + rates[then][layer - 1][i]) / 2
            changes[0, i, j] += midway * (moved[now][layer][j] - moved[then][layer][j])
            changes[1, i, j] += midway * (rates[now][layer][j] - rates[then][layer][j])
        start, end = (rates[n][layer - 1][i] * rates[n][layer][j] for n in (0, -1))
        changes[2, i, j] = end - start
    return changes


def slow_gradients(network, state, target, layer):
    """Minus both gradients by the weights into `layer`, synapse by synapse; errors from the differentiated force."""
    matrix = jacobian_of_force(network, state)
    path = [target - state[-1]]
    path.insert(0, -matrix[5:9, 9:12] @ path[0])
    path.insert(0, -matrix[0:5, 5:9] @ path[0])
    force = np.zeros(12)
    force[9:] = target - state[-1]
    late = split(network, np.linalg.solve(matrix, force))
    value, slope = VALUE[network.activation.name], SLOPE[network.activation.name]
    found = np.zeros((2, len(state[layer - 1]), len(state[layer])))
    for i, j in np.ndindex(found.shape[1:]):
        pre, post = state[layer - 1][i], state[layer][j]
        found[0, i, j] = value(pre) * slope(post) * path[layer - 1][j]
        found[1, i, j] = value(pre) * slope(post) * late[layer - 1][j]
        if layer > 1:
            found[1, i, j] += slope(pre) * late[layer - 2][i] * value(post)
    return found


def slow_measures(change, reference):
    x, y = change.ravel(), reference.ravel()
    dot = math.fsum(a * b for a, b in zip(x, y, strict=True))
    norms = [math.sqrt(math.fsum(a * a for a in values)) for values in (x, y)]
    agree = sum(a * b > 0 for a, b in zip(x, y, strict=True)) / sum(b != 0 for b in y)
    return {
        "cosine": dot / norms[0] / norms[1],
        "pearson": np.corrcoef(x, y)[0, 1],
        "norm_ratio": norms[0] / norms[1],
        "sign_agreement": agree,
    }


@pytest.mark.parametrize("nudge", [0.1, -0.03])
@pytest.mark.parametrize("name", SMOOTH)
def test_every_measure_is_that_of_the_weight_changes_synapse_by_synapse(correlated, nudged, relaxed, name, nudge):
    """B4: figure 6 would show other rules, references or layers than its labels say."""
    found = correlated(name)
    assert (found.attrs["activation"], found.attrs["protocol"]) == (name, "driven")
    motion = nudged(name).sel(protocol="driven", nudge=nudge)
    network, state, target = case_of(relaxed(name), *CASE)
    moment = 18
    for layer in (1, 2, 3):
        changes = slow_changes(network, state, motion, layer, moment + 1) / nudge
        gradients = slow_gradients(network, state, target, layer)
        for rule, change in zip(RULES, changes, strict=True):
            for reference, gradient in zip(REFERENCES, gradients, strict=True):
                for measure, expected in slow_measures(change, gradient).items():
                    value = found[measure].sel(rule=rule, reference=reference, nudge=nudge, layer=layer)
                    value = float(value.isel(network=CASE[0], pattern=CASE[1], time=moment))
                    assert value == pytest.approx(expected, rel=2e-5, abs=2e-7)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_rate_rule_starts_along_backprop_in_every_layer(correlated, name):
    """B4: as t → 0 and β → 0 the change is t^(d+1)/(d+1)! times the backprop gradient: cosine 1, ratio that power.

    At t = 1e-3 and β = 0.01 the first is met to order (t + β²) in the cosine and to order β + t in the ratio.
    """
    start = correlated(name).sel(rule="rate", reference="backprop", nudge=0.01).isel(time=0)
    assert (1 - start["cosine"]).max() < 1e-4
    assert (start["sign_agreement"] > 0.9).all()
    for layer, power in ((3, 1), (2, 2), (1, 3)):
        expected = float(start["time"]) ** power / math.factorial(power)
        np.testing.assert_allclose(start["norm_ratio"].sel(layer=layer), expected, rtol=0.02)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_symmetric_rule_ends_at_the_equilibrium_gradient(correlated, name):
    """B6: (ρ_i ρ_j at the nudged rest minus at the free one)/β → −dC/dW; the angle falls in proportion to β.

    The trajectories end at t = 40 and are kept in single precision: angles down to 1e-6 are seen.
    """
    end = correlated(name).sel(rule="symmetric", reference="equilibrium").isel(time=-1)
    angles = [np.sqrt(2 * (1 - end["cosine"].sel(nudge=nudge))).max() for nudge in (0.1, 0.03, 0.01)]
    np.testing.assert_allclose(observed_order([0.1, 0.03, 0.01], angles), 1, atol=0.15)
    np.testing.assert_allclose(end["norm_ratio"].sel(nudge=0.01), 1, atol=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_changes_per_unit_of_nudge_point_the_same_way_for_both_signs(correlated, name):
    """B4: a nudge away from the target would teach the loss to rise."""
    early = correlated(name).sel(rule="rate", reference="backprop", layer=3).isel(time=0)
    for nudge in (0.01, -0.01):
        assert (early["cosine"].sel(nudge=nudge) > 0.99).all()
        assert (early["norm_ratio"].sel(nudge=nudge) > 0).all()


@pytest.mark.parametrize("name", SMOOTH)
def test_the_velocity_rule_lacks_the_slope_of_the_postsynaptic_unit(correlated, relaxed, name):
    """B4: at t → 0 its change is t ρ_i δ_j, the gradient without ρ'(s_j): at most 4 times as long for the logistic.

    At t = 1e-3 and β = 0.01, of which the ratio of norms keeps terms of first order.
    """
    network, state, target = case_of(relaxed(name), *CASE)
    gradient = slow_gradients(network, state, target, 3)[0]
    expected = slow_measures(gradient / [SLOPE[name](s) for s in state[3]], gradient)
    early = correlated(name).sel(rule="velocity", reference="backprop", nudge=0.01, layer=3)
    early = early.isel(network=CASE[0], pattern=CASE[1], time=0)
    assert float(early["cosine"]) == pytest.approx(expected["cosine"], abs=1e-5)
    assert float(early["norm_ratio"]) == pytest.approx(1e-3 * expected["norm_ratio"], rel=2e-3)
    assert expected["norm_ratio"] > 1.02
