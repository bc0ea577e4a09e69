"""Training of one network by STDP on its own spikes, and by the rate rule on its rates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np

from ...config.spiking_learning import INFINITE, Protocol, RateRule, SpikingLearning
from ...energy.network import Layers, Network
from ...plasticity.spiking_update import SpikingPhase, nudged_rates, spiking_changes
from ...plasticity.training import Change, Nudging, nudged_changes
from ...stdp.windows import Window
from ..digit_training import LearningCurve, TrainingTask, train_by_rule


def learn_by_spikes(
    start: Network,
    task: TrainingTask,
    settings: SpikingLearning,
    phase: SpikingPhase,
    *,
    layers: str,
    learners: Sequence[tuple[str, float]],
    generators: Sequence[Sequence[np.random.Generator]],
) -> list[LearningCurve]:
    """By STDP on spikes alone: a curve per learner, by seed; all learners and all seeds learn at once.

    layers : whose weights learn, as in the configuration of a protocol
    learners : population, see `n_neurons`, and learning rate
    generators : of the spikes of each network, (learner, seed)
    """
    populations, learning_rates = zip(*learners, strict=True)
    n, n_seeds = len(learners), len(task.orders)
    spikes = {
        "n_neurons": np.repeat([n_neurons(population) for population in populations], n_seeds),
        "generators": list(chain.from_iterable(generators)),
        "lowest": 1 if layers == "all" else len(start.weights),
    }

    def stdp(network: Network, state: Layers, target: np.ndarray) -> Change:
        changes = spiking_changes(nudged_rates(network, state, target, phase), phase, **spikes)
        return [change[..., :-1, :] for change in changes], [change[..., -1, :] for change in changes]

    own_rate = np.repeat(learning_rates, n_seeds)
    curve = train_by_rule(start.tile(n), task.tile(n), stdp, learning_rate=own_rate, n_sweeps=settings.free_sweeps)
    return curve.split(n)


def learn_by_rate_rule(
    start: Network, task: TrainingTask, settings: SpikingLearning, rate_rule: RateRule
) -> LearningCurve:
    """By ∫ ρ_i dρ_j along the nudged path, without spikes, as in the experiment `learning`."""
    nudging = Nudging(settings.nudge, rate_rule.nudged_steps, settings.bin_ms / settings.membrane_time_ms)
    by_rule = partial(nudged_changes, rules=["rate"] * len(task.orders), nudging=nudging)
    return train_by_rule(start, task, by_rule, learning_rate=rate_rule.learning_rate, n_sweeps=settings.free_sweeps)


def n_neurons(population: str) -> float:
    """Neurons per unit of a population named n1, n10, … or `infinite`."""
    return np.inf if population == INFINITE else float(population[1:])


def phase_of(settings: SpikingLearning, protocol: Protocol, windows: Mapping[str, Window]) -> SpikingPhase:
    """The nudged phase of a protocol, its window's depression scaled to the configured balance."""
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
