"""Networks learn handwritten digits by STDP on their own Poisson spikes alone. Claims D4–D6, figure 11.

They are compared with three alternatives with the same initial weights and order of digits: only the output weights
learn, the rate rule is applied to the rates themselves, or backpropagation is used. A unit stands for N neurons. N =
∞ is the exact expectation of the same rule, which separates the cost of spikes from the cost of the rule.

Learning rates were chosen by the error on the validation digits, with other initial weights than those shown
(benchmarks/spiking_learning_settings.py). Validation digits are in no test set. The test sets of the splits have no
digit in common and together form one larger sample; errors are recorded for each digit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from ..config.spiking_learning import INFINITE, Protocol, SpikingLearning, SpikingNetwork
from ..energy.activations import HARD_SIGMOID
from ..energy.network import Layers, Network, drives, glorot_uniform, projected, rates, velocity_and_residual
from ..inference.prospective import firing_rates, first_velocity
from ..plasticity.alignment import cosine
from ..plasticity.gradients import backprop_errors, backprop_gradient, errors_at_biases
from ..plasticity.spiking_update import SpikingPhase, nudged_rates, spiking_changes
from ..plasticity.training import Nudging, backprop_changes, feedforward, free_phase, nudged_changes
from ..stdp.windows import Window
from .datasets import N_CLASSES, Patterns
from .labels import NO_DIRECTION, as_variables, explain_gaps

SMALL_NUDGE = 1e-3
"""Largest β of the first motion. Hard-sigmoid networks answer linearly until a unit reaches a bound or leaves it."""
PRECISE_SWEEPS = 200
FIRING = ("lagging", "prospective")
ENOUGH = 0.9
FINE_BINS = 8
"""Bins, and Euler steps, for one of the training, where trials per layer are found."""

BY_ALPHA, BY_FIRING = (("alpha", "layer", "seed", "pattern"), ("firing", "layer", "seed", "pattern"))
BY_EPOCH = ("condition", "seed", "epoch")
VARIABLES = {
    "train_error": (
        BY_EPOCH,
        "percent",
        "training digits classified wrongly, each just before its minibatch was learnt",
    ),
    "validation_error": (BY_EPOCH, "percent", "validation digits classified wrongly after the epoch"),
    "test_wrong": (
        ("condition", "seed", "test_digit"),
        "1",
        "share of the last `final_epochs` epochs after which the digit is wrong",
    ),
    "residual_median": (
        ("condition", "seed"),
        "state",
        "median over test digits of max|R(s) − s| where the free phase ends; 0 for backprop",
    ),
    "first_motion_along_error": (BY_ALPHA, "1", "first velocity per unit of β, its part along δ_l in units of δ_l"),
    "first_motion_cosine": (BY_ALPHA, "1", "cosine of the first velocity with δ_l"),
    "first_motion_mismatch": (BY_ALPHA, "1", "|first velocity − β (I − αK)⁻¹ g| / |β (I − αK)⁻¹ g|"),
    "trials_needed": (
        BY_FIRING,
        "1",
        f"trials whose average has a cosine of {ENOUGH:g} with its expectation, first weights",
    ),
    "expectation_cosine": (BY_FIRING, "1", "cosine of the expected weight change with backprop, first weights"),
}
COORDINATES = {
    "neurons": (("condition",), "1", "neurons per unit; 0 for the expectation, that of infinitely many"),
    "learning_rate": (("condition",), "1", "weight change per unit of minus the estimated gradient"),
    "epoch": (("epoch",), "1", "passes through the training digits"),
    "alpha": (("alpha",), "membrane time constants", "prospective firing"),
    "layer": (("layer",), "1", "layer, the output last"),
}


Update = Callable[[Network, Patterns], tuple[list[np.ndarray], np.ndarray]]
"""From networks and their minibatches to the changes to the upper layers, biases last, and the outputs before."""

Relaxed = Callable[[Network, np.ndarray], list[np.ndarray]]
"""From networks and images (digit, pixel) to layers 0 … L at rest."""


@dataclass(frozen=True)
class Curve:
    """Errors in percent, (seed, epoch) each; how often each test digit was wrong in the last epochs, (seed, digit).

    residual : median over test digits of max|R(s) − s| where the free phase ends, after the last epoch, (seed,)
    """

    train: np.ndarray
    validation: np.ndarray
    test_wrong: np.ndarray
    network: Network
    residual: np.ndarray


@dataclass(frozen=True)
class Task:
    """What all ways to learn have in common: first weights, one network per seed, digits, and their order."""

    settings: SpikingLearning
    start: Network
    digits: Mapping[str, Patterns]
    orders: np.ndarray  # (epoch, seed, digit)

    def learn(self, update: Update, learning_rate: float, relaxed: Relaxed) -> Curve:
        """All seeds at once; `relaxed` gives the layers whose last one answers for images, after each epoch."""
        settings, network = self.settings, self.start
        errors = {"train": [], "validation": []}
        test_wrong = []
        for epoch, order in enumerate(self.orders):
            wrong = []
            for first in range(0, order.shape[-1], settings.batch):
                minibatch = self.digits["train"].select(order[:, first : first + settings.batch])
                changes, output = update(network, minibatch)
                wrong.append(output.argmax(axis=-1) != minibatch.labels)
                network = _changed(network, changes, learning_rate)
            errors["train"].append(100 * np.concatenate(wrong, axis=-1).mean(axis=-1))
            validation = self.digits["validation"]
            errors["validation"].append(100 * _wrong(relaxed(network, validation.images), validation).mean(axis=-1))
            if epoch >= settings.epochs - settings.final_epochs:
                state = relaxed(network, self.digits["test"].images)
                test_wrong.append(_wrong(state, self.digits["test"]))
        curves = {part: np.stack(values, axis=-1) for part, values in errors.items()}
        residual = np.median(velocity_and_residual(network, state)[1], axis=-1)
        return Curve(**curves, test_wrong=np.mean(test_wrong, axis=0), network=network, residual=residual)


def _wrong(state: Layers, digits: Patterns) -> np.ndarray:
    return state[-1].argmax(axis=-1) != digits.labels


def _changed(network: Network, changes: list[np.ndarray], learning_rate: float) -> Network:
    """The network after a step along the changes to its uppermost layers."""
    weights, biases = list(network.weights), list(network.biases)
    rate = weights[0].dtype.type(learning_rate)
    for layer, change in enumerate(changes, start=len(weights) - len(changes)):
        weights[layer] = weights[layer] + rate * change[..., :-1, :]
        biases[layer] = biases[layer] + rate * change[..., -1, :]
    return Network(tuple(weights), tuple(biases), network.activation)


GAPS = dict.fromkeys(
    ("first_motion_along_error", "first_motion_cosine", "first_motion_mismatch", "expectation_cosine", "trials_needed"),
    f"{NO_DIRECTION}, as for a pattern that holds all units of a layer at their bounds, or where a unit rests exactly "
    "at a bound that it does not press against, so that no nudge is small",
)
"""Variable -> why it may have gaps."""


def run(settings: SpikingLearning, *, inputs: Mapping[str, Any], rng: np.random.Generator) -> xr.Dataset:
    """Train one network on one split by every protocol, and find its first motion and trials per layer.

    inputs : name of the `network`; `digits`, as `split_digits` returns them; `windows` by name
    """
    name, digits, windows = inputs["network"], inputs["digits"], inputs["windows"]
    architecture = settings.networks[name]
    seeds = rng.spawn(settings.n_seeds)
    task = new_task(settings, architecture, digits, seeds)
    curves = {
        condition: learn_by_spikes(task, architecture, condition, windows, [seed.spawn(1)[0] for seed in seeds])
        for condition in conditions(architecture)
    }
    curves["rate_rule", INFINITE] = learn_by_rate_rule(task, architecture)
    curves["backprop", INFINITE] = learn_by_backprop(task, architecture)
    few = digits["validation"].select(np.arange(settings.n_patterns))
    network = _double(task.start)
    images = np.repeat(few.images.astype(float)[None], settings.n_seeds, axis=0)
    state = free_phase(network, images, n_sweeps=PRECISE_SWEEPS)
    target = few.targets.astype(float)
    values = {
        "train_error": np.stack([curve.train for curve in curves.values()]),
        "validation_error": np.stack([curve.validation for curve in curves.values()]),
        "test_wrong": np.stack([curve.test_wrong for curve in curves.values()]).astype(np.float32),
        "residual_median": np.stack([curve.residual for curve in curves.values()]),
        **first_motion(settings, network, state, target),
        **trials_per_layer(settings, network, state, target, windows),
    }
    dataset = xr.Dataset(
        as_variables(values, VARIABLES),
        _coordinates(settings, architecture, list(curves)),
        {
            "network": name,
            "layer_sizes": list(network.layer_sizes),
            "nudge": settings.nudge,
            "final_epochs": settings.final_epochs,
            "protocols": list(settings.protocols),
            "balances": [0.0 if own.balance == "own" else own.balance for own in settings.protocols.values()],
        },
    )
    return explain_gaps(dataset, GAPS)


def _coordinates(settings: SpikingLearning, architecture: SpikingNetwork, curves: list[tuple[str, str]]) -> dict:
    values = {
        "neurons": [0 if population == INFINITE else int(n_neurons(population)) for _, population in curves],
        "learning_rate": [
            *(rate for rates in architecture.learning_rates.values() for rate in rates.values()),
            architecture.rate_rule.learning_rate,
            architecture.backprop_learning_rate,
        ],
        "epoch": np.arange(1, settings.epochs + 1),
        "alpha": list(settings.alphas),
        "layer": np.arange(1, len(architecture.hidden) + 2),
    }
    named = {"protocol": ("condition", [protocol for protocol, _ in curves]), "firing": list(FIRING)}
    return as_variables(values, COORDINATES) | named


def conditions(architecture: SpikingNetwork) -> list[tuple[str, str]]:
    """Protocol and neurons per unit, by name, of every training on spikes."""
    return [(protocol, population) for protocol, rates in architecture.learning_rates.items() for population in rates]


def n_neurons(population: str) -> float:
    """What n1, n10, … and `infinite` stand for."""
    return np.inf if population == INFINITE else float(population[1:])


def new_task(
    settings: SpikingLearning,
    architecture: SpikingNetwork,
    digits: Mapping[str, Patterns],
    seeds: Sequence[np.random.Generator],
) -> Task:
    """One network per seed, Glorot-uniform weights and biases of 0, and an order of the digits for each epoch."""
    sizes = (digits["train"].images.shape[1], *architecture.hidden, N_CLASSES)
    weights, orders = [], []
    for seed in seeds:
        weight_rng, order_rng = seed.spawn(2)
        weights.append([glorot_uniform(*pair, gain=settings.gain, rng=weight_rng) for pair in pairwise(sizes)])
        orders.append([order_rng.permutation(len(digits["train"].labels)) for _ in range(settings.epochs)])
    start = Network(
        tuple(np.stack(layer).astype(np.float32) for layer in zip(*weights, strict=True)),
        tuple(np.zeros((len(seeds), size), np.float32) for size in sizes[1:]),
        HARD_SIGMOID,
    )
    return Task(settings, start, digits, np.swapaxes(orders, 0, 1))


def phase_of(settings: SpikingLearning, protocol: Protocol, windows: Mapping[str, Window]) -> SpikingPhase:
    """The nudged phase of a protocol, its window's depression scaled to the balance asked for."""
    window = windows[protocol.window]
    if protocol.balance != "own":
        a_minus = protocol.balance * window.a_plus * window.tau_plus_ms / window.tau_minus_ms
        window = replace(window, a_minus=a_minus)
    return SpikingPhase(
        window=window,
        nudges=(settings.nudge, -settings.nudge) if protocol.signs == "both" else (settings.nudge,),
        alpha=protocol.alpha,
        n_bins=protocol.bins,
        bin_ms=settings.bin_ms,
        n_sweeps=settings.rate_sweeps,
        membrane_ms=settings.membrane_time_ms,
        rate_max_hz=settings.rate_max_hz,
    )


def learn_by_spikes(
    task: Task,
    architecture: SpikingNetwork,
    condition: tuple[str, str],
    windows: Mapping[str, Window],
    generators: Sequence[np.random.Generator],
) -> Curve:
    """By STDP on spikes alone; condition : the protocol and the neurons per unit, by name."""
    name, population = condition
    protocol = task.settings.protocols[name]
    phase = phase_of(task.settings, protocol, windows)
    spikes = {
        "n_neurons": n_neurons(population),
        "generators": generators,
        "lowest": 1 if protocol.layers == "all" else len(task.start.weights),
    }

    def update(network: Network, minibatch: Patterns) -> tuple[list[np.ndarray], np.ndarray]:
        state = free_phase(network, minibatch.images, n_sweeps=task.settings.free_sweeps)
        return spiking_changes(nudged_rates(network, state, minibatch.targets, phase), phase, **spikes), state[-1]

    return task.learn(update, architecture.learning_rates[name][population], _relaxed(task.settings))


def learn_by_rate_rule(task: Task, architecture: SpikingNetwork) -> Curve:
    """By ∫ ρ_i dρ_j along the nudged path, without spikes, as in the experiment `learning`."""
    settings = task.settings
    step = settings.bin_ms / settings.membrane_time_ms
    nudging = Nudging(settings.nudge, architecture.rate_rule.nudged_steps, step)
    rules = ["rate"] * settings.n_seeds

    def update(network: Network, minibatch: Patterns) -> tuple[list[np.ndarray], np.ndarray]:
        state = free_phase(network, minibatch.images, n_sweeps=settings.free_sweeps)
        change = nudged_changes(network, state, minibatch.targets, rules=rules, nudging=nudging)
        return _biases_last(change), state[-1]

    return task.learn(update, architecture.rate_rule.learning_rate, _relaxed(settings))


def learn_by_backprop(task: Task, architecture: SpikingNetwork) -> Curve:
    """The feedforward network of the same layers and first weights, its output linear."""

    def update(network: Network, minibatch: Patterns) -> tuple[list[np.ndarray], np.ndarray]:
        change, output = backprop_changes(network, minibatch.images, minibatch.targets)
        return _biases_last(change), output

    def outputs(network: Network, images: np.ndarray) -> list[np.ndarray]:
        return feedforward(network, images[None])

    curve = task.learn(update, architecture.backprop_learning_rate, outputs)
    return replace(curve, residual=np.zeros_like(curve.residual))  # nothing relaxes


def _relaxed(settings: SpikingLearning) -> Relaxed:
    return lambda network, images: free_phase(network, images[None], n_sweeps=settings.free_sweeps)


def _biases_last(change: tuple[list[np.ndarray], list[np.ndarray]]) -> list[np.ndarray]:
    return [np.concatenate([weight, bias[..., None, :]], axis=-2) for weight, bias in zip(*change, strict=True)]


def _double(network: Network) -> Network:
    weights, biases = (tuple(part.astype(float) for part in parts) for parts in (network.weights, network.biases))
    return Network(weights, biases, network.activation)


def first_motion(settings: SpikingLearning, network: Network, state: Layers, target: np.ndarray) -> dict:
    """ds/dt the instant a small nudge begins, against α^d δ_l and its exact value, for every α."""
    errors = errors_at_biases(network, state, backprop_errors(network, state, target))  # 0 for units held at a bound
    small = linear_nudge(network, state, target)
    along, cosines, mismatches = [], [], []
    for alpha in settings.alphas:
        ends = []
        for nudge in (small, -small):
            followed = {"alpha": alpha, "n_sweeps": PRECISE_SWEEPS, "nudge": nudge, "target": target}
            _, velocity = firing_rates(network, state, **followed)
            ends.append([projected(v, s, HARD_SIGMOID.bounds) for v, s in zip(velocity, state[1:], strict=True)])
        exact = first_velocity(network, state, target, alpha=alpha)
        motion = [
            np.divide(plus - minus, 2 * small, out=np.zeros_like(plus), where=small > 0)
            for plus, minus in zip(*ends, strict=True)
        ]
        with np.errstate(invalid="ignore"):  # 0/0, the gaps that are explained
            at_a_kink = np.where(small[..., 0] > 0, 0, np.nan)
            along.append(
                [at_a_kink + _dot(v, delta) / _dot(delta, delta) for v, delta in zip(motion, errors, strict=True)]
            )
            mismatches.append([at_a_kink + _size(v - e) / _size(e) for v, e in zip(motion, exact, strict=True)])
        cosines.append([cosine(v[..., None], delta[..., None]) for v, delta in zip(motion, errors, strict=True)])
    return {
        "first_motion_along_error": np.array(along),
        "first_motion_cosine": np.array(cosines),
        "first_motion_mismatch": np.array(mismatches),
    }


def linear_nudge(network: Network, state: Layers, target: np.ndarray) -> np.ndarray:
    """β for each pattern, (..., pattern, 1), that brings no unit to a bound and frees none: SMALL_NUDGE or less."""
    margins = []
    for layer, drive in zip(state[1:], drives(network, rates(network, state)), strict=True):
        held = (layer <= 0) | (layer >= 1)
        margins.append(np.where(held, np.abs(drive - layer), np.minimum(layer, 1 - layer)).min(axis=-1))
    furthest = np.abs(target - state[-1]).max(axis=-1)  # no unit moves by more than a few times β of this
    return np.minimum(SMALL_NUDGE, 0.1 * np.min(margins, axis=0) / furthest)[..., None]


def trials_per_layer(
    settings: SpikingLearning, network: Network, state: Layers, target: np.ndarray, windows: Mapping[str, Window]
) -> dict:
    """Trials of one neuron per unit whose average has a cosine of 0.9 with its expectation, by firing and layer.

    A trial is one presentation under +β and one under −β. Exact, from the expectation and the variance of a trial.
    """
    trials, aligned = [], []
    gradient = backprop_gradient(network, state, backprop_errors(network, state, target))
    for name in FIRING:
        phase = phase_of(settings, settings.protocols[name], windows)
        phase = replace(
            phase, bin_ms=phase.bin_ms / FINE_BINS, n_bins=phase.n_bins * FINE_BINS, n_sweeps=PRECISE_SWEEPS
        )
        counts = [
            phase.expected_counts(layer).reshape(settings.n_seeds, 2, settings.n_patterns, *layer.shape[-2:])
            for layer in nudged_rates(network, state, np.broadcast_to(target, state[-1].shape), phase)
        ]
        for below, here, exact in zip(counts[:-1], counts[1:], gradient, strict=True):
            pre = below[..., 1:-1, :]
            change = phase.pairs.changes(pre[..., None, :, :], here[..., None, :, :])
            mean = (change[:, 0] - change[:, 1]) / 2
            variance = phase.pairs.total_variance(pre, here).sum(axis=1) / 4
            size = np.sum(mean**2, axis=(-2, -1))
            size[size == 0] = np.nan  # no number of trials makes an average of nothing
            trials.append(ENOUGH**2 / (1 - ENOUGH**2) * variance / size)
            aligned.append(cosine(mean, exact))
    shape = (len(FIRING), len(gradient), settings.n_seeds, settings.n_patterns)
    return {"trials_needed": np.reshape(trials, shape), "expectation_cosine": np.reshape(aligned, shape)}


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.sum(one * other, axis=-1)


def _size(layer: np.ndarray) -> np.ndarray:
    return np.sqrt(_dot(layer, layer))
