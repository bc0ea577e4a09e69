"""Claims D1, an extension: STDP of the spikes of a network under nudged inference follows minus the gradient.

What theory requires of expected weight changes (D1a, D1d):

    every window and pairing    cosine with backprop ≥ 0.9, the threshold of claim B3, in every layer: for a nudged
                                phase of one membrane time constant, with the change at constant rates kept and
                                subtracted
    windows with integral 0     in the limit of a window that is short against the nudged phase, and a phase that is
                                short against the membrane, STDP is the rate rule times I₁: the criterion of claim B4
    all pairs counted           an antisymmetric window changes the two directions of a connection by opposite amounts

Averages over spike trains must scatter around the expectation with the variance of one trial divided by the number of
trials (D1c). Expectation and variance determine how many trials must be averaged before the change of a layer points
along the gradient (D1b), which is a measurement without a criterion.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import xarray as xr

from .kinks import smooth
from .verdict import (
    EQUIVALENT,
    IDENTITY,
    MEASUREMENT,
    PREDICTION,
    Claim,
    Finding,
    Results,
    around,
    at_least,
    at_most,
    finding_from_estimate,
    over_networks,
)

ENOUGH = 0.9
"""Cosine of an average over trials with the gradient: the threshold of claim B3."""
MEASURED = "a measurement: no number of trials is required"
BALANCED = 1e-9
"""|A₊τ₊ − A₋τ₋| / (A₊τ₊ + A₋τ₋) up to which a window counts as one with integral 0."""


def lowest_layer(cosine: xr.DataArray) -> np.ndarray:
    """Cosine in the layer where it is lowest, mean over patterns: (network,)."""
    return cosine.mean("pattern").min("layer", skipna=False).values


def imbalance(dataset: xr.Dataset) -> xr.DataArray:
    """|I₀| of each window relative to the sum of the areas of its two sides."""
    plus, minus = (dataset[f"a_{side}"] * dataset[f"tau_{side}_ms"] for side in ("plus", "minus"))
    return np.abs(plus - minus) / (plus + minus)


def is_antisymmetric(dataset: xr.Dataset) -> xr.DataArray:
    return (dataset["a_plus"] == dataset["a_minus"]) & (dataset["tau_plus_ms"] == dataset["tau_minus_ms"])


def _follows_the_gradient(results: Results) -> list[Finding]:
    everywhere, early = [], []
    for activation, dataset in results["spiking_inference"].items():
        for baseline, window, pairing in _combinations(dataset):
            part = dataset["pairing_cosine"].sel(baseline=baseline, window=window, pairing=pairing)
            metric = "cosine of E[ΔW] with minus the gradient by backprop, lowest of all layers"
            name = f"{activation}, {window}, {pairing}, change at constant rates {baseline}"
            everywhere.append(over_networks(name, metric, lowest_layer(part), at_least(0.9)))
        for window in dataset["window"].values[(imbalance(dataset) < BALANCED).values]:
            metric = "the same for short windows and phases, all pairs"
            values = lowest_layer(dataset["early_cosine"].sel(window=window))
            early.append(over_networks(f"{activation}, {window}", metric, values, at_least(0.99)))
    return everywhere + early


def _opposite_directions(results: Results) -> list[Finding]:
    metric, findings = "|ΔW_ij + ΔW_ji| / |ΔW_ij| with all pairs counted", []
    for activation, dataset in results["spiking_inference"].items():
        for window in dataset["window"].values[is_antisymmetric(dataset).values]:
            sums = dataset["opposite_error"].sel(window=window).max(("ending", "inner_layer", "pattern")).values
            findings.append(over_networks(f"{activation}, {window}", metric, sums, at_most(1e-9), every=True))
    return findings


def _combinations(dataset: xr.Dataset) -> Iterator[tuple[str, str, str]]:
    for baseline in dataset["baseline"].values:
        for window in dataset["window"].values:
            for pairing in dataset["pairing"].values:
                yield baseline, window, pairing


def _spikes_agree(results: Results) -> list[Finding]:
    """Mean square of the error of an average over trials, in units of its variance; and the order of its root."""
    squares, slopes = [], []
    for activation, dataset in results["spiking_inference"].items():
        numbers = dataset["n_averaged"].values
        several = numbers[-1] // numbers >= 10  # numbers of trials with enough averages to estimate their scatter
        for layer in dataset["layer"].values:
            part = dataset.sel(layer=layer)
            name = f"{activation}, weights {layer}"
            mean, error = (part[f"spike_square_error_{kind}"].values[several] for kind in ("mean", "sem"))
            # equivalence with theory: within a twentieth of the variance, and of the power −1/2 of a mean
            trials = f"{numbers[-1]} trials"
            metric = f"mean square error of averages over {numbers[several][-1]} trials / exact variance"
            squares.append(finding_from_estimate(name, metric, mean[-1], error[-1], around(1, EQUIVALENT), n=trials))
            decades = np.log(numbers[several][-1] / numbers[0])
            slope = -0.5 + 0.5 * np.log(mean[-1] / mean[0]) / decades
            slope_error = 0.5 * np.hypot(error[-1] / mean[-1], error[0] / mean[0]) / decades
            criterion = around(-0.5, 0.5 * EQUIVALENT)
            slopes.append(
                finding_from_estimate(
                    name, "order of the error in the number of trials", slope, slope_error, criterion, n=trials
                )
            )
    return squares + slopes


def trials_needed(cosine: xr.DataArray, noise: xr.DataArray) -> xr.DataArray:
    """Trials whose average has a cosine of 0.9 with the gradient; NaN where the expectation itself has less.

    An average over n trials has the cosine of the expectation divided by √(1 + noise/n), with the noise the variance of
    a trial over the square of its expectation, both summed over the synapses of a layer.
    """
    return noise / ((cosine / ENOUGH) ** 2 - 1).where(cosine > ENOUGH)


def _trials(results: Results) -> list[Finding]:
    """By layer, with all pairs of the window whose trials are run, at the usual length and membrane time constant."""
    findings = []
    for activation, dataset in results["spiking_inference"].items():
        usual = {"membrane_time": dataset.attrs["usual_membrane_time_ms"], "window": dataset.attrs["trial_window"]}
        cosine = dataset["cosine_by_membrane_time"].sel(reference="backprop", ending="released", **usual)
        noise = dataset["noise_by_membrane_time"].sel(ending="released", **usual)
        needed = trials_needed(cosine, noise)
        for layer in needed["layer"].values:
            values = needed.sel(layer=layer).median("pattern").values
            metric = f"trials for a cosine of {ENOUGH:g} with backprop, one neuron per unit"
            finding = over_networks(f"{activation}, weights {layer}", metric, values, None)
            findings.append(replace(finding, reason=f"{MEASURED}; {finding.reason}" if finding.reason else MEASURED))
    return sorted(findings, key=lambda finding: not smooth(finding))


SETTING = (
    "the central conditions of both halves: networks whose ρ has no kink; the antisymmetric window with all pairs, or "
    "with the spikes right before and after each presynaptic one"
)


def central(finding: Finding) -> bool:
    """Whether a finding is of an activation, a window and a pairing for which theory makes both halves' claims."""
    _, about, *pairing = finding.condition.split(", ")
    of_pairing = not pairing or pairing[0] in ("all_to_all", "nearest_pre_centred")
    return smooth(finding) and about == "antisymmetric" and of_pairing


_claim = partial(
    Claim, source="ours; joins [NC]'s two halves", experiment="spiking_inference", figure="fig8_spiking_inference"
)

CLAIMS = (
    _claim(
        "D1a",
        "STDP on the spike trains of a network under nudged inference follows minus the backprop gradient",
        evaluate=_follows_the_gradient,
        setting=SETTING,
        central=central,
        kind=PREDICTION,
    ),
    _claim(
        "D1b",
        "Number of trials of one neuron per unit whose average follows minus the gradient, by layer: it grows with the "
        "distance from the output",
        evaluate=_trials,
        kind=MEASUREMENT,
    ),
    _claim(
        "D1c",
        "The error of averages over trials is the one predicted from the exact variance of a single trial",
        evaluate=_spikes_agree,
        kind=IDENTITY,
    ),
    _claim(
        "D1d",
        "With all pairs counted, an antisymmetric window changes both directions of a connection by opposite amounts",
        evaluate=_opposite_directions,
        kind=IDENTITY,
    ),
)
