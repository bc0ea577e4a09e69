"""Learning: each weight change against a derivative, a closed form or a slow version; then that something is learnt."""

from itertools import islice, pairwise

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from stdp_backprop.claims.digits import over_digits_and_runs
from stdp_backprop.claims.learning import CLAIMS, select_rule
from stdp_backprop.claims.verdict import at_most
from stdp_backprop.config.learning import Learning
from stdp_backprop.energy.activations import HARD_SIGMOID, TANH
from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.experiments import learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.digit_training import misclassified
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.inference.nudged import driven, euler_path, nudge_origin
from stdp_backprop.plasticity.rate_rules import rate_rule, symmetric_rule, velocity_rule
from stdp_backprop.plasticity.training import (
    Nudging,
    apply_changes,
    backprop_changes,
    chain_displacement,
    feedforward,
    free_phase,
    nudged_changes,
)
from stdp_backprop.relaxation.euler import alternating_sweeps, euler_steps, relax

SWEEPS = 200  # to the last bit for the networks below


def small(activation, *, sizes=(4, 5, 4, 3), n_networks=1, gain=0.3, seed=5):
    """Networks (all different), inputs (1, pattern, 4) and targets (1, pattern, 3) that leave no unit at a bound."""
    rng = np.random.default_rng(seed)
    weights = tuple(gain * rng.uniform(-1, 1, (n_networks, below, above)) for below, above in pairwise(sizes))
    biases = tuple(rng.uniform(0.4, 0.6, (n_networks, size)) for size in sizes[1:])
    network = Network(weights, biases, activation)
    return network, rng.uniform(0, 0.5, (1, 6, sizes[0])), rng.uniform(0.3, 0.7, (1, 6, sizes[-1]))


def replaced(network, kind, layer, value):
    """The network with other weights or biases at one layer."""
    parts = {"weights": list(network.weights), "biases": list(network.biases)}
    parts[kind][layer] = value
    return Network(tuple(parts["weights"]), tuple(parts["biases"]), network.activation)


def minus_gradient(loss, network, kind, layer, width=1e-5):
    """−d loss / d(weights or biases of a layer), by central differences."""
    start = getattr(network, kind)[layer]
    gradient = np.empty_like(start)
    for index in np.ndindex(start.shape):
        ends = []
        for sign in (1, -1):
            moved = start.copy()
            moved[index] += sign * width
            ends.append(loss(replaced(network, kind, layer, moved)))
        gradient[index] = (ends[1] - ends[0]) / (2 * width)
    return gradient


@pytest.mark.parametrize("activation", [TANH, HARD_SIGMOID], ids=lambda activation: activation.name)
def test_the_symmetric_rule_follows_the_derivative_of_the_relaxed_loss(activation):
    """Else what the figure calls equilibrium propagation would be something else: [EP] eq. 13."""
    network, images, targets = small(activation)

    def loss(other):
        output = free_phase(other, images, n_sweeps=SWEEPS)[-1]
        return 0.5 * np.sum((output - targets) ** 2) / targets.shape[-2]

    state = free_phase(network, images, n_sweeps=SWEEPS)
    late = Nudging(strength=1e-3, n_steps=200, step=0.5)
    changes = nudged_changes(network, state, targets, rules=["symmetric"], nudging=late)
    for kind, of_layer in zip(("weights", "biases"), changes, strict=True):
        for layer in range(3):
            expected = minus_gradient(loss, network, kind, layer)
            np.testing.assert_allclose(of_layer[layer], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("activation", [TANH, HARD_SIGMOID], ids=lambda activation: activation.name)
def test_backprop_follows_the_derivative_of_the_feedforward_loss(activation):
    network, images, targets = small(activation)

    def loss(other):
        return 0.5 * np.sum((feedforward(other, images)[-1] - targets) ** 2) / targets.shape[-2]

    changes, output = backprop_changes(network, images, targets)
    np.testing.assert_array_equal(output, feedforward(network, images)[-1])
    for kind, of_layer in zip(("weights", "biases"), changes, strict=True):
        for layer in range(3):
            expected = minus_gradient(loss, network, kind, layer)
            np.testing.assert_allclose(of_layer[layer], expected, rtol=1e-7, atol=1e-10)


def test_backprop_does_not_lose_an_output_beyond_the_bounds_of_the_hard_sigmoid():
    """Why its output is linear: a unit that is below 0 for all patterns would never learn."""
    network, images, targets = small(HARD_SIGMOID)
    lost = replaced(network, "biases", 2, network.biases[2] - np.array([5.0, 0.0, 0.0]))
    changes, output = backprop_changes(lost, images, targets)
    assert np.all(output[..., 0] < 0)
    np.testing.assert_allclose(changes[1][2], np.mean(targets - output, axis=-2), rtol=1e-12)


def test_the_rate_rule_as_the_nudge_arrives_is_the_backprop_gradient_of_the_lowest_weights():
    """[NC]: the first motion of each layer is its backpropagated error. Without curvature it is so at any β."""
    network, images, targets = small(HARD_SIGMOID, gain=0.15)
    state = free_phase(network, images, n_sweeps=SWEEPS)
    assert all(layer.min() > 0.1 and layer.max() < 0.9 for layer in state[1:])
    early = Nudging(strength=0.1, n_steps=3, step=0.5)
    weights, biases = nudged_changes(network, state, targets, rules=["rate"], nudging=early)
    error = (targets - state[3]) @ np.swapaxes(network.weights[2], -1, -2) @ np.swapaxes(network.weights[1], -1, -2)
    np.testing.assert_allclose(weights[0], np.swapaxes(images, -1, -2) @ error / 6, rtol=1e-10)
    np.testing.assert_allclose(biases[0], error.mean(axis=-2), rtol=1e-10)


def test_a_layer_that_the_nudge_has_not_reached_does_not_learn():
    network, images, targets = small(HARD_SIGMOID)
    state = free_phase(network, images, n_sweeps=SWEEPS)
    for n_steps, unmoved in ((1, 2), (2, 1), (3, 0)):
        changes = nudged_changes(network, state, targets, rules=["rate"], nudging=Nudging(0.1, n_steps, 0.5))
        for of_layer in changes:
            assert [bool(np.any(change)) for change in of_layer] == [False] * unmoved + [True] * (3 - unmoved)


def test_the_reach_is_that_of_a_chain_of_leaky_units():
    nudging = Nudging(strength=1.0, n_steps=7, step=0.3)
    chain = np.zeros(4)
    for _ in range(nudging.n_steps):
        chain = chain + nudging.step * (np.append(chain[1:], 1.0) - chain)
    np.testing.assert_allclose(chain_displacement(4, nudging), chain, rtol=1e-12)
    assert list(chain_displacement(4, Nudging(1.0, 2, 0.3)) == 0) == [True, True, False, False]


@pytest.mark.parametrize(("activation", "gain"), [(TANH, 0.3), (HARD_SIGMOID, 2.0)], ids=["tanh", "hard_sigmoid"])
def test_the_change_of_each_rule_is_its_integral_along_the_nudged_path(activation, gain):
    """Against the definitions in `rate_rules` along the path of `inference.nudged`, which keep every pattern apart.

    Of the hard sigmoid some units are at a bound, some leave it and some reach it.
    """
    network, images, targets = small(activation, n_networks=3, gain=gain)
    names = ["symmetric", "velocity", "rate"]
    nudging = Nudging(strength=0.3, n_steps=5, step=0.5)
    state = free_phase(network, images, n_sweeps=SWEEPS)
    weights, biases = nudged_changes(network, state, targets, rules=names, nudging=nudging)

    rest = nudge_origin(network, state)
    path = islice(euler_path(rest, *driven(rest, targets, (0.3, -0.3)), step=0.5), 6)
    moved = [np.stack(layer, axis=-2) for layer in zip(*path, strict=True)]  # (sign, network, pattern, time, n_l)
    rho = [activation.value(layer)[..., None, :] for layer in state]
    grown = [
        activation.value(layer[..., None, :] + z) - r for layer, z, r in zip(state[1:], moved, rho[1:], strict=True)
    ]
    for layer in (1, 2):
        pre, post = rho[layer] + grown[layer - 1], grown[layer]
        slow = {
            "rate": rate_rule(pre, post),
            "velocity": velocity_rule(pre, moved[layer]),
            "symmetric": symmetric_rule(rho[layer], grown[layer - 1], rho[layer + 1], post),
        }
        for index, name in enumerate(names):
            change = slow[name][:, index, :, -1].mean(axis=1)
            expected = (change[0] - change[1]) / (2 * 0.3) / chain_displacement(3, nudging)[layer]
            np.testing.assert_allclose(weights[layer][index], expected, rtol=1e-9, atol=1e-13)
            signal = moved[layer] if name == "velocity" else post
            both = signal[:, index, :, -1].mean(axis=1)
            expected = (both[0] - both[1]) / 0.6 / chain_displacement(3, nudging)[layer]
            np.testing.assert_allclose(biases[layer][index], expected, rtol=1e-9, atol=1e-13)


def test_velocity_and_rate_are_one_rule_where_the_state_is_the_rate():
    """Why the figure has no curve of `velocity` for the hard sigmoid."""
    network, images, targets = small(HARD_SIGMOID, gain=1.5)
    state = free_phase(network, images, n_sweeps=SWEEPS)
    nudging = Nudging(strength=0.5, n_steps=4, step=0.5)
    by_rate, by_velocity = (
        nudged_changes(network, state, targets, rules=[rule], nudging=nudging) for rule in ("rate", "velocity")
    )
    for one, other in zip((*by_rate[0], *by_rate[1]), (*by_velocity[0], *by_velocity[1]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_free_phase_of_the_hard_sigmoid_is_that_of_the_alternating_sweeps():
    """Each sweep is an exact minimisation of the energy, so that it can only fall."""
    network, images, _ = small(HARD_SIGMOID, n_networks=2, gain=1.0)
    start = initial_state(network, np.broadcast_to(images, (2, *images.shape[1:])))
    slow, _ = next(islice(alternating_sweeps(network, start), 3, None))
    for one, other in zip(free_phase(network, images, n_sweeps=3), slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_the_free_phase_of_tanh_ends_at_the_stationary_point_of_the_plain_dynamics():
    network, images, _ = small(TANH, n_networks=2, gain=1.0)
    start = initial_state(network, np.broadcast_to(images, (2, *images.shape[1:])))
    point = relax(euler_steps(network, start, step=0.2), tolerance=1e-12, max_steps=5000)
    for one, other in zip(free_phase(network, images, n_sweeps=SWEEPS), point.state, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-11)


def test_the_first_sweep_of_tanh_meets_units_that_do_not_fire_yet():
    """Newton's method from s = 0, where ρ = 0, ρ' = 1 and ρ'' = 0, takes layer 1 to its drive from the input alone."""
    network, images, _ = small(TANH, n_networks=2)
    drive = np.tanh(images) @ network.weights[0] + network.biases[0][:, None]
    np.testing.assert_allclose(free_phase(network, images, n_sweeps=1)[1], drive, rtol=1e-14)


def test_networks_side_by_side_learn_as_each_does_alone():
    """Else a seed or a rule more would change those before it."""
    settings = lesson_settings(epochs=2)
    together = taught(settings)
    for changes in ({"n_seeds": 3}, {"nudged_steps": [1, 2]}):
        again = taught(lesson_settings(epochs=2, **changes)).isel(seed=slice(2))
        for rule, n_steps in (("rate", 1), ("velocity", 2), ("symmetric", 2), ("backprop", 0)):
            for name in ("train_error", "test_error", "residual_max"):
                one, other = (select_rule(dataset, rule, n_steps)[name] for dataset in (together, again))
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


def test_a_change_moves_each_network_by_its_own_learning_rate():
    network, _, _ = small(TANH, n_networks=2)
    ones = [np.ones_like(weight) for weight in network.weights], [np.ones_like(bias) for bias in network.biases]
    after = apply_changes(network, ones, np.array([0.5, 2.0]))
    for kind in ("weights", "biases"):
        for old, new in zip(getattr(network, kind), getattr(after, kind), strict=True):
            np.testing.assert_allclose((new - old)[0], 0.5)
            np.testing.assert_allclose((new - old)[1], 2.0)


def test_an_error_is_a_largest_output_at_another_class():
    output = np.array([[[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [[0.1, 0.9], [0.2, 0.8], [0.6, 0.4]]])
    found = misclassified(output, np.array([0, 1, 1]))
    np.testing.assert_array_equal(found, [[False, False, True], [True, False, True]])


def lesson_settings(**changes):
    """Three clusters of eight pixels are learnt in a second."""
    rules = {rule: {"learning_rate": 0.2, "nudged_steps": 2} for rule in ("rate", "velocity", "symmetric")}
    network = {"activation": "tanh", "hidden": [12], "gain": 0.5, "free_sweeps": 10, "backprop_learning_rate": 0.2}
    raw = {
        "n_seeds": 2,
        "n_splits": 2,
        "split": {"train": 60, "validation": 20, "test": 20},
        "epochs": 6,
        "final_epochs": 2,
        "batch": 8,
        "nudge": 0.5,
        "step": 0.5,
        "nudged_steps": [1, 2, 4],
        "networks": {"toy": {**network, "rules": rules}},
    }
    return Learning.model_validate(raw | changes)


def clusters(n=100, seed=2):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    centres = np.repeat(np.eye(3), 3, axis=1)
    return np.clip(centres[labels] + rng.normal(0, 0.2, (n, 9)), 0, 1), labels


def split(images, labels, settings, number=0):
    order = experiment_generator(1, "split").permutation(len(labels))
    return split_digits(images, labels, order, sizes=settings.split, split=number)


def taught(settings, stream="0", number=0):
    digits = split(*clusters(), settings, number)
    inputs = {"network": "toy", "digits": digits, "split": number}
    return experiment.run(settings, inputs=inputs, rng=experiment_generator(1, "learning", stream))


def test_three_clusters_are_learnt_by_every_rule():
    """From an error rate of two in three; a wrong sign anywhere would leave it there or raise it."""
    dataset = taught(lesson_settings())
    shown = dataset.isel(condition=dataset["shown"] == 1)
    assert sorted(shown["rule"].values) == ["backprop", "rate", "symmetric", "velocity"]
    assert float(shown["test_error"].isel(epoch=-1).mean("seed").max()) <= 5
    assert float(shown["train_error"].isel(epoch=0).max()) > 5  # there was something to learn


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    settings = lesson_settings(epochs=2)
    once, again, other = taught(settings), taught(settings), taught(settings, stream="1")
    assert once.identical(again)
    assert not once.equals(other)


def test_what_is_wrong_digit_by_digit_is_the_error_of_the_last_epochs():
    dataset = taught(lesson_settings())
    by_digit = 100 * dataset["test_wrong"].mean("test_digit")
    np.testing.assert_allclose(by_digit, dataset["test_error"].isel(epoch=slice(-2, None)).mean("epoch"), rtol=1e-12)


def test_the_first_split_has_every_length_and_the_others_what_the_claim_compares():
    settings = lesson_settings(epochs=2)
    every = {(rule, n_steps) for rule in ("rate", "velocity", "symmetric") for n_steps in (1, 2, 4)} | {("backprop", 0)}
    compared = {("rate", 1), ("rate", 2), ("velocity", 2), ("symmetric", 2), ("backprop", 0)}
    for number, expected in ((0, every), (1, compared)):
        dataset = taught(settings, number=number)
        found = list(zip(dataset["rule"].values.tolist(), dataset["nudged_steps"].values.tolist(), strict=True))
        assert (set(found), len(found)) == (expected, len(expected))


def test_more_epochs_leave_the_first_ones_as_they_were():
    short, long = taught(lesson_settings(epochs=2)), taught(lesson_settings(epochs=4))
    assert short.sizes["condition"] == 10
    np.testing.assert_array_equal(long["test_error"].isel(epoch=slice(2)), short["test_error"])


def test_no_digit_is_in_two_parts_and_splits_share_validation_digits_and_no_test_digit():
    images = np.linspace(0, 1, 100)[:, None] * np.ones(9)
    numbers = []
    for number in range(2):
        digits = split(images, np.arange(100) % 3, lesson_settings(), number)
        found = {part: np.round(99 * of.images[:, 0].astype(float)).astype(int) for part, of in digits.items()}
        assert [len(set(found[part])) for part in ("train", "validation", "test")] == [60, 20, 20]
        assert len(set(np.concatenate(list(found.values())))) == 100
        for part, of in digits.items():  # each image kept its label
            np.testing.assert_array_equal(found[part] % 3, of.labels)
        numbers.append(found)
    np.testing.assert_array_equal(numbers[0]["validation"], numbers[1]["validation"])
    assert not set(numbers[0]["test"]) & set(numbers[1]["test"])


def test_nothing_that_is_learnt_depends_on_validation_and_test_digits():
    """Else the test error would not be one."""
    settings = lesson_settings(epochs=2)
    digits = split(*clusters(), settings)
    swapped = {**digits, "validation": digits["test"], "test": digits["validation"]}
    one, other = (
        experiment.learn(settings, "toy", parts, experiment_generator(1, "learning").spawn(2), split=0)
        for parts in (digits, swapped)
    )
    np.testing.assert_array_equal(one["train_error"], other["train_error"])
    np.testing.assert_array_equal(one["test_error"], other["validation_error"])


def test_too_few_digits_are_rejected():
    with pytest.raises(ValueError, match="split 0 needs 100 digits; there are 99"):
        split(*clusters(99), lesson_settings())


def test_images_outside_the_unit_interval_are_rejected():
    images, labels = clusters()
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]; found \[0, 16\]"):
        split(16 * (images > 0.5), labels, lesson_settings())


def test_final_epochs_beyond_the_epochs_are_rejected():
    with pytest.raises(ValueError, match="final_epochs: found 7; allowed is at most epochs = 6"):
        lesson_settings(final_epochs=7)


def test_what_claim_d2_compares_must_be_run():
    with pytest.raises(ValueError, match=r"nudged_steps: found \[2\]; 1, at which the output weights learn alone"):
        lesson_settings(nudged_steps=[2])
    toy = lesson_settings().networks["toy"].model_dump()
    toy["rules"] = {"rate": toy["rules"]["rate"]}
    with pytest.raises(ValueError, match=r"networks\.toy\.rules: found rate; symmetric must be among them"):
        lesson_settings(networks={"toy": toy})


def test_the_interval_holds_the_errors_of_test_digits_and_of_runs():
    """Binomial scatter over digits that all runs get wrong alike: without the first error there would be none."""
    wrong = np.repeat(np.arange(2 * 100).reshape(2, 1, 100) % 20 == 0, 3, axis=1).astype(float)
    found = over_digits_and_runs("toy", "error", wrong, at_most(7))
    binomial = 1.96 * 100 * np.sqrt(0.05 * 0.95 / 199)
    assert (found.low, found.observed, found.high) == pytest.approx((5 - binomial, 5, 5 + binomial))
    assert not found.met  # the mean meets it, its interval does not
    assert found.interval == "95 % confidence interval, n = 200 test digits and 6 runs"

    alike = np.zeros((2, 3, 100)) + np.array([0.02, 0.04, 0.06])[:, None]  # runs that differ, digits that do not
    half = 100 * stats.t.ppf(0.975, 5) * np.std([0.02, 0.04, 0.06] * 2, ddof=1) / np.sqrt(6)
    found = over_digits_and_runs("toy", "error", alike, None)
    assert (found.low, found.high) == pytest.approx((4 - half, 4 + half))


def results_with(rate, *, symmetric=4.0, backprop=4.0, alone=20.0):
    """Three splits of one network with these errors in percent, the same in every seed."""
    errors = {("rate", 1): alone, ("rate", 2): rate, ("symmetric", 2): symmetric, ("backprop", 0): backprop}

    def one(number):
        digits = np.random.default_rng(number).random(10_000)  # the same digits are hard for all
        wrong = np.stack([np.tile(digits < error / 100, (5, 1)) for error in errors.values()])
        return xr.Dataset(
            {"test_wrong": (("condition", "seed", "test_digit"), wrong.astype(float))},
            coords={
                "rule": ("condition", [rule for rule, _ in errors]),
                "nudged_steps": ("condition", [n_steps for _, n_steps in errors]),
                "shown": ("condition", [0, 1, 1, 1]),
            },
            attrs={"network": "toy"},
        )

    return {"learning": {f"toy_{number}": one(number) for number in range(3)}}


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ({"rate": 4.7}, "supported"),
        ({"rate": 5.3}, "refuted"),
        ({"rate": 4.7, "alone": 4.3}, "partly supported"),
        ({"rate": 30.0}, "refuted"),
    ],
)
def test_d2_asks_for_one_point_of_the_others_and_for_hidden_layers_that_learn(errors, expected):
    (claim,) = (claim for claim in CLAIMS if claim.id == "D2")
    found = claim.evaluate(results_with(**errors))
    assert claim.judge(found) == expected
    for finding in found[:2]:
        assert finding.low < errors["rate"] - 4.0 < finding.high
    assert "equilibrium propagation" in found[0].metric
