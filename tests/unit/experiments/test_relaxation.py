"""The relaxation experiment: independent draws, states at rest, honest traces, Langevin histograms."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from oracles import (
    NAMES,
    SLOPE,
    SMOOTH,
    case,
    case_of,
    coupling_matrix,
    jacobian_of_force,
    joined,
    pattern_of,
    random_state,
    single,
    slow_energy,
    slow_euler,
    slow_residual,
    slow_velocity,
    split,
)
from scipy.integrate import dblquad
from scipy.stats import norm

from stdp_backprop.energy.activations import ACTIVATIONS, TANH
from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.experiments.relaxation import (
    N_CHAIN_GROUPS,
    boltzmann_probabilities,
    draw_ensemble,
    force_error,
    run,
    start_of_sweeps,
)
from stdp_backprop.experiments.relaxation.strong_coupling import most_strongly_coupled
from stdp_backprop.experiments.relaxation.traces import ResidualsByCost, TraceRecorder
from stdp_backprop.relaxation.euler import NotStationary, euler_steps, relax

CASES = [(0, 0), (2, 1)]


def rng(seed=11):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_state_is_at_rest(relaxed, small, name):
    """A4: checked unit by unit, s = ρ'(s) u or s = clip(u)."""
    for k, p in CASES:
        network, state, _ = case_of(relaxed(name), k, p)
        assert slow_residual(network, state) < 2 * small.relaxation.tolerance
    assert relaxed(name).attrs["activation"] == name
    assert relaxed(name)["residual"].max() < small.relaxation.tolerance
    assert relaxed(name)["solver_distance"].max() < 1e-10


@pytest.mark.parametrize("name", NAMES)
def test_traces_are_those_of_the_papers_dynamics(relaxed, small, name):
    """A2, A4: figure 4 would show energies and residuals of other steps, or of other networks."""
    found = relaxed(name)
    for k, p in CASES:
        network, state, _ = case_of(found, k, p)
        path = list(islice(slow_euler(network, state[0], small.relaxation.step), int(found["step"][-1]) + 1))
        energies = np.array([slow_energy(network, layers) for layers, _ in path])
        residuals = np.array([residual for _, residual in path])
        steps = found["step"].values
        np.testing.assert_allclose(found["energy"].values[k, p], energies[steps], rtol=0, atol=1e-13)
        trace = found["residual_trace"].sel(solver="euler").values[k, p]
        np.testing.assert_allclose(trace, residuals[steps], rtol=1e-4, atol=2e-15)
        expected = int(np.argmax(residuals < small.relaxation.tolerance))
        assert abs(found["n_steps"].sel(solver="euler").values[k, p] - expected) <= 1  # the last bit may tip it
        rise = np.max(np.diff(energies))
        assert abs(found["energy_increase_max"].values[k, p] - rise) < 1e-14
    assert steps[0] == 0
    assert steps[-1] == found["n_steps"].sel(solver="euler").max()


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_solvers_need_fewer_iterations_and_each_trace_is_its_own(relaxed, small, name):
    """A4: the solvers would be confused in figure 4. All start at the same residual; `newton` gives the states."""
    found = relaxed(name)
    n_steps, trace = found["n_steps"], found["residual_trace"]
    for solver in ("alternating_sweeps", "newton"):
        assert (n_steps.sel(solver=solver) < n_steps.sel(solver="euler")).all()
        np.testing.assert_allclose(trace.sel(solver=solver)[..., 0], trace.sel(solver="euler")[..., 0], rtol=1e-12)
    assert (trace[..., -1] < small.relaxation.tolerance).all()
    np.testing.assert_array_equal(trace.sel(solver="newton")[..., -1], found["residual"])


def test_residuals_by_cost_are_the_last_ones_known():
    """A4: figure 4 would show the fast solver at rest before it is. The first look costs one product, and is step 0."""
    record, products, residual = ResidualsByCost(), np.array([[1, 1]]), np.array([[8.0, 9.0]])
    for cost, left in (((1, 1), (8.0, 9.0)), ((4, 7), (0.5, 0.25)), ((4, 9), (0.5, 0.125))):
        products[:], residual[:] = cost, left  # the solver goes on in the same arrays
        record(products, residual)
    np.testing.assert_array_equal(
        record.residuals_at(np.array([0, 1, 2, 3, 6, 10])), [[[8, 8, 8, 0.5, 0.5, 0.5], [9, 9, 9, 9, 0.25, 0.125]]]
    )


@pytest.mark.parametrize("name", NAMES)
def test_networks_are_called_unique_where_the_dense_eigenvalue_of_all_weights_says_so(relaxed, name):
    """A4: which point is meant would be open. λ_max from the dense matrix of all weights, max ρ' as of the papers."""
    found = relaxed(name)
    steepest = {"logistic": 0.25, "tanh": 1.0, "hard_sigmoid": 1.0}[name]
    for k in range(3):
        largest = np.linalg.eigvalsh(coupling_matrix(case_of(found, k, 0)[0]))[-1]
        assert found["unique"].values[k] == (steepest**2 * largest < 1)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_smallest_eigenvalue_is_that_of_the_differentiated_force(relaxed, name):
    """B6: a network that is not at a minimum would pass for stable."""
    found = relaxed(name)
    for k, p in CASES:
        network, state, _ = case_of(found, k, p)
        eigenvalues = np.linalg.eigvals(jacobian_of_force(network, state)).real
        assert found["hessian_eigenvalue_min"].values[k, p] == pytest.approx(eigenvalues.min(), abs=1e-8)
        assert found["hessian_eigenvalue_max"].values[k, p] >= eigenvalues.max() - 1e-8
    assert found["hessian_eigenvalue_min"].min() > 0


def test_the_stiffest_eigenvalue_is_taken_over_the_whole_way(relaxed, small):
    """A2: the criterion ε ≤ 2/λ_max would hold at the end only.

    Hard sigmoid, whose Hessian is 1 − K over the units that no bound holds: units may be released, or held, on the way.
    """
    found = relaxed("hard_sigmoid")
    excess = []
    for k, p in np.ndindex(3, 2):
        network, state, _ = case_of(found, k, p)
        path = list(islice(slow_euler(network, state[0], small.relaxation.step), int(found["step"][-1]) + 1))
        largest = []
        for step in found["step"].values:
            free = joined(path[step][0][1:])
            answers = np.outer((free > 0) & (free < 1), (free > 0) & (free < 1))
            largest.append(np.linalg.eigvalsh(np.eye(len(free)) - answers * coupling_matrix(network))[-1])
        assert found["hessian_eigenvalue_max"].values[k, p] == pytest.approx(max(largest), rel=1e-12)
        excess.append(max(largest) - largest[-1])
    assert max(excess) > 1e-3


def synthetic_record(energies):
    """A record of a single free unit with zero weight and bias that takes these energies ½ s², one per step."""
    network = Network((np.zeros((1, 1)),), (np.zeros(1),), TANH)
    record = TraceRecorder(network)
    for step, value in enumerate(energies):
        record(step, [np.zeros((1, 1)), np.full((1, 1), np.sqrt(2 * value))], np.array([float(step)]))
    return record


def test_a_rise_of_the_energy_between_two_kept_steps_is_not_overlooked():
    """A2: energies are kept at a few steps only, but the largest rise is over all of them."""
    energies = [10.0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0.9, 0.8, 1.3, 0.7, 0.6, 0.5]
    record = synthetic_record(energies)
    assert record.largest_increase == pytest.approx(0.5)
    np.testing.assert_array_equal(record.steps, [0, 1, 2, 3, 5, 7, 10, 15])  # six per decade, and the last one
    np.testing.assert_allclose(record.energies()[0], [10, 9, 8, 7, 5, 3, 0.9, 0.5])
    np.testing.assert_array_equal(record.residuals_at(record.steps)[0], record.steps)
    np.testing.assert_array_equal(record.residuals_at(np.array([3, 32]))[0], [3, 15])


def test_an_energy_that_only_falls_has_a_negative_largest_rise():
    """A2: a largest rise that starts from 0 would hide how far from a rise the dynamics are."""
    assert synthetic_record([3.0, 2.0, 1.5]).largest_increase == pytest.approx(-0.5)


@pytest.mark.parametrize("name", NAMES)
def test_the_force_is_minus_the_gradient_and_a_wrong_one_would_be_noticed(relaxed, name):
    """A1: the check of the force would pass anything. With R one percent too large the error is |0.01 R|/|dE/ds|."""
    assert relaxed(name)["force_error"].max() < 1e-11
    drawn = case(name)
    state = random_state(drawn)
    assert force_error(drawn.network, state).max() < 1e-11
    if name in SMOOTH:
        activation = drawn.network.activation
        wrong = replace(activation, slope=lambda rho: 1.01 * activation.slope(rho))
        found = force_error(replace(drawn.network, activation=wrong), state)
        for k, p in CASES[:1]:
            layers = pattern_of(state, k, p)
            velocity = joined(slow_velocity(single(drawn.network, k), layers))
            expected = 0.01 * np.linalg.norm(velocity + joined(layers[1:])) / np.linalg.norm(velocity)
            assert found[k, p] == pytest.approx(expected, rel=1e-9)


def draw(small, name="tanh", seed=11, **changes):
    settings = small.relaxation.model_copy(update=changes)
    return draw_ensemble(settings, settings.activations[name], rng(seed))


@pytest.mark.parametrize("changes", [{"n_networks": 5}, {"n_patterns": 7}])
def test_another_network_or_pattern_changes_none_of_the_earlier_ones(small, changes):
    """All claims: a larger ensemble would be another sample, and no result could be looked up again."""
    few, few_inputs, few_targets = draw(small)
    many, many_inputs, many_targets = draw(small, **changes)
    for one, other in zip((*few.weights, *few.biases), (*many.weights, *many.biases), strict=True):
        np.testing.assert_array_equal(one, other[:3])
    np.testing.assert_array_equal(few_inputs, many_inputs[:3, :2])
    np.testing.assert_array_equal(few_targets, many_targets[:3, :2])


def test_networks_and_their_parts_are_drawn_independently(small):
    """All claims: networks that share numbers would make every interval too narrow."""
    network, inputs, targets = draw(small, n_networks=4, n_patterns=3)
    # the same uniform numbers would lie at the same share of their intervals
    ensemble = small.relaxation.activations["tanh"]
    shares = [np.ravel(w) / (ensemble.gain * np.sqrt(6 / sum(w.shape[-2:]))) / 2 + 0.5 for w in network.weights]
    intervals = (*((b, ensemble.bias) for b in network.biases), (inputs, ensemble.input), (targets, ensemble.target))
    shares += [(np.ravel(values) - low) / (high - low) for values, (low, high) in intervals]
    assert np.min(np.diff(np.sort(np.concatenate(shares)))) > 1e-13


@pytest.mark.parametrize("name", NAMES)
def test_draws_fill_the_intervals_of_the_configuration(small, name):
    """All claims: the ensemble would not be the one that is described."""
    ensemble = small.relaxation.activations[name]
    network, inputs, targets = draw(small, name, n_networks=60, n_patterns=20)
    assert network.activation is ACTIVATIONS[name]
    intervals = [(joined(network.biases), ensemble.bias), (inputs, ensemble.input), (targets, ensemble.target)]
    for weight in network.weights:
        bound = ensemble.gain * np.sqrt(6 / sum(weight.shape[-2:]))
        intervals.append((weight, (-bound, bound)))
    for values, (low, high) in intervals:
        assert low <= values.min() < low + 0.02 * (high - low)
        assert high >= values.max() > high - 0.02 * (high - low)
        mean_error = (high - low) / np.sqrt(12 * values.size)
        assert abs(values.mean() - (low + high) / 2) < 5 * mean_error


def test_a_relaxation_that_is_cut_short_gives_no_result(small):
    """A4: networks that did not come to rest would be dropped, or kept, in silence."""
    settings = small.relaxation.model_copy(update={"max_steps": 4})
    with pytest.raises(NotStationary, match=r"after 4 steps, tolerance 1\.0e-12, in 6 of 6 states"):
        run(settings, inputs={"condition": "tanh"}, rng=rng())


def test_the_same_generator_gives_the_same_result_and_another_one_another(small):
    """All claims: a figure would change from run to run."""
    settings = small.relaxation.model_copy(update={"n_networks": 2})
    one, same, other = (run(settings, inputs={"condition": "logistic"}, rng=rng(seed)) for seed in (1, 1, 2))
    assert one.identical(same)
    assert not np.any(one["weight_1"].values == other["weight_1"].values)


def test_langevin_samples_do_not_depend_on_the_ensemble_nor_on_later_steps(small):
    """A3: a larger ensemble would change figure 4."""
    langevin = small.relaxation.langevin
    more_steps = langevin.model_copy(update={"steps": (*langevin.steps, 0.05)})
    one = run(small.relaxation.model_copy(update={"n_networks": 2}), inputs={"condition": "tanh"}, rng=rng())
    other = run(
        small.relaxation.model_copy(update={"n_networks": 3, "langevin": more_steps}),
        inputs={"condition": "tanh"},
        rng=rng(),
    )
    np.testing.assert_array_equal(one["langevin_probability"], other["langevin_probability"][:3])
    assert not np.array_equal(one["langevin_probability"][0], one["langevin_probability"][1])


def chain(name, settings):
    return Network(
        tuple(np.full((1, 1), weight) for weight in settings.weights),
        tuple(np.full(1, bias) for bias in settings.biases),
        ACTIVATIONS[name],
    )


@pytest.mark.parametrize("name", NAMES)
def test_boltzmann_probabilities_are_integrals_of_the_density(small, name):
    """A3: the histogram would be compared with another distribution. scipy's adaptive quadrature, bin by bin."""
    settings = small.relaxation.langevin.model_copy(update={"n_bins": 4, "weights": (1.0, -0.7)})
    network = chain(name, settings)
    edges, found = boltzmann_probabilities(network, settings)

    def density(second, first):
        return np.exp(-slow_energy(network, [[settings.input], [first], [second]]) / settings.temperature)

    expected = [
        [dblquad(density, *edges[i : i + 2], *edges[j : j + 2], epsabs=1e-9)[0] for j in range(4)] for i in range(4)
    ]
    np.testing.assert_allclose(found, np.array(expected) / np.sum(expected), rtol=0, atol=1e-7)
    if name == "hard_sigmoid":
        np.testing.assert_allclose(edges, [0, 0.25, 0.5, 0.75, 1])
    else:  # no more than a share of 1e-4 of exp(−E/T) lies outside, far below any distance that a histogram can show
        wide = dblquad(density, 2 * edges[0], 2 * edges[-1], 2 * edges[0], 2 * edges[-1], epsabs=1e-9)[0]
        assert np.sum(expected) == pytest.approx(wide, rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_histograms_hold_every_sample_of_every_group_of_chains(relaxed, small, name):
    """A3: shares would not be those of the samples that were taken."""
    settings = small.relaxation.langevin
    found = relaxed(name)["langevin_probability"]
    assert found.sizes == {"euler_step": 3, "chain_group": N_CHAIN_GROUPS, "bin_1": 8, "bin_2": 8}
    np.testing.assert_allclose(found.sum(("bin_1", "bin_2")), 1, rtol=1e-14)
    per_group = settings.n_chains // N_CHAIN_GROUPS * settings.n_samples
    counts = found * per_group
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-12)
    assert float(relaxed(name)["boltzmann_probability"].sum()) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_the_fine_histogram_of_a_unit_is_that_of_both_units_summed_over_the_other(relaxed, small, name):
    """A3: figure 4 would show other samples, or another density, than those that are judged."""
    dataset, n_bins = relaxed(name), small.relaxation.langevin.n_bins
    joint = dataset["langevin_probability"].mean("chain_group").values, dataset["boltzmann_probability"].values
    for kind, both in zip(("langevin", "boltzmann"), joint, strict=True):
        fine = dataset[f"{kind}_marginal"].values
        coarse = fine.reshape(*fine.shape[:-1], n_bins, -1).sum(axis=-1)
        expected = np.stack([both.sum(axis=-1), both.sum(axis=-2)], axis=-2)
        np.testing.assert_allclose(coarse, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("temperature", [1e-4, 1e-2])
@pytest.mark.parametrize("bias", [0.3, 500.0])
def test_the_boltzmann_distribution_of_cold_or_strongly_driven_units_is_the_exact_one(small, temperature, bias):
    """A3: exp(−E/T) would overflow, or a density narrower than the distance of the nodes fall between them."""
    settings = small.relaxation.langevin.model_copy(
        update={"temperature": temperature, "weights": (0.0, 0.0), "biases": (bias, 0.5), "n_bins": 7}
    )
    network = Network((np.zeros((1, 1)),) * 2, (np.array([bias]), np.array([0.5])), ACTIVATIONS["hard_sigmoid"])
    edges, found = boltzmann_probabilities(network, settings)
    sides = []
    for drive in (bias, 0.5):  # uncoupled: truncated normal densities about the drive, in logarithms far out
        log_tail = norm.logcdf((edges - drive) / np.sqrt(temperature))
        mass = np.exp(log_tail[1:] - log_tail[-1]) - np.exp(log_tail[:-1] - log_tail[-1])
        sides.append(mass / mass.sum())
    np.testing.assert_allclose(found, np.outer(*sides), atol=1e-10)


@pytest.mark.parametrize(("name", "scale"), [("tanh", 1.0), ("logistic", 8.0)])
def test_the_candidate_is_kept_in_which_the_two_errors_differ_most(name, scale):
    """B3, B4: early and late directions would agree, and any rule would pass."""
    drawn = case(name, n_networks=8, scale=scale)
    network, inputs, targets = most_strongly_coupled(
        lambda streams: (drawn.network, drawn.clamped_input, drawn.target), rng().spawn(2), candidates=4, step=0.2
    )
    for kept in range(2):
        choices = [
            (alignment_by_hand(drawn, candidate, target), candidate, target)
            for candidate in range(4 * kept, 4 * kept + 4)
            for target in range(3)
        ]
        _, candidate, target = min(choices)
        np.testing.assert_array_equal(network.weights[0][kept], drawn.network.weights[0][candidate])
        np.testing.assert_array_equal(inputs[kept], drawn.clamped_input[candidate, :1])
        np.testing.assert_array_equal(targets[kept, 0], drawn.target[candidate, target])


def alignment_by_hand(drawn, candidate, target):
    """Largest cosine over hidden layers of δ, by the recursion, and λ, with H by differences of the slow velocity."""
    network = single(drawn.network, candidate)
    clamped = drawn.clamped_input[candidate, 0]
    state = next(layers for layers, residual in slow_euler(network, clamped, 0.2) if residual < 1e-9)
    error = drawn.target[candidate, target] - state[-1]
    force = np.concatenate([*(np.zeros(len(layer)) for layer in state[1:-1]), error])
    response = split(network, np.linalg.solve(jacobian_of_force(network, state), force))
    slopes = [np.array([SLOPE[network.activation.name](s) for s in layer]) for layer in state]
    cosines = []
    for layer in reversed(range(1, len(state) - 1)):
        error = slopes[layer] * (network.weights[layer] @ (slopes[layer + 1] * error))
        cosines.append(response[layer - 1] @ error / np.linalg.norm(response[layer - 1]) / np.linalg.norm(error))
    return max(cosines)


def test_sweeps_start_where_the_dynamics_come_near_unless_the_stationary_point_is_unique():
    """A4: sweeps from elsewhere would find another stationary point, and the solvers seem to disagree."""
    drawn = case("tanh", n_networks=2, scale=1.5)
    start = initial_state(drawn.network, drawn.clamped_input)
    begin = start_of_sweeps(drawn.network, start, np.array([True, False]), step=0.2)
    end = relax(euler_steps(drawn.network, start, step=0.2), tolerance=1e-12, max_steps=100_000).state
    for first, begun, last in zip(start[1:], begin[1:], end[1:], strict=True):
        np.testing.assert_array_equal(begun[0], first[0])
        np.testing.assert_allclose(begun[1], last[1], atol=1e-3)
