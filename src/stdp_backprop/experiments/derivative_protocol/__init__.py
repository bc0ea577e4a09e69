"""The temporal-derivative protocol of [J] under one window: what STDP predicts for its 2 × 2 outcome. Claims D3.

[J] stimulate axons over two halves of 100 ms at 25 or 50 Hz each, while the postsynaptic cell is held at a lower or a
higher current (120 or 350 pA), chosen for about these rates; ten times, 400 ms apart. 25 → 50 potentiates, 50 → 25
depresses, equal rates change little. Here the two trains are independent Poisson trains with these rates. Two other
conditions are varied, besides window and pairing:

    presynaptic   `switching` as the postsynaptic rate does, as in [J], or constant, the paper's r_i
    surround      `silent`: neither neuron fires before or after, as in a slice; `continued`: each goes on at the
                  rate of its first half before and of its second half after, so that the switch is the only change

One repetition is run: across a gap of 400 ms the windows of the configuration have fallen to e^{−400/τ} < 1e-5, and the
whole protocol played backwards exchanges the two orders as one repetition does. Pairs count if their presynaptic spike
lies in the two halves. The expectations are exact. Potentiation and depression are recorded separately, each for an
amplitude of 1: the change under any amplitudes follows from them.

The measured changes, and how well each prediction fits them, are recorded too (`measured_protocol`); `currents` drops
the assumption that both cells have the same rates.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from ...config.derivative_protocol import DerivativeProtocol
from ...stdp.expected.single_synapse import weight_change
from ...stdp.pairing import PAIRINGS, weight_changes
from ...stdp.spike_trains import PiecewiseLinearRate, child_generator, poisson_trains, trial_blocks
from ...stdp.windows import Window
from ..labels import attrs
from ..measured_protocol import ORDERS, RATE_INDICES, difference, fit_scale, select_orders
from .currents import all_pairs_change

SURROUNDS = ("silent", "continued")
SWITCHING = "switching"
CONDITION = ("surround", "presynaptic", "first_rate", "second_rate")


def run(settings: DerivativeProtocol, *, inputs: Mapping[str, Window], rng: np.random.Generator) -> xr.Dataset:
    """Weight changes of every condition, by spike trains and exactly, in units of the amplitudes of `inputs["window"]`.

    rng : only its seed sequence is used; each condition derives its own generator from its numbers, so that windows
        run from one seed see the same random numbers
    """
    window, interval_ms = inputs["window"], (0.0, 2 * settings.half_ms)
    presynaptic = {SWITCHING: None, **{f"constant {rate:g} Hz": rate for rate in settings.presynaptic_rates_hz}}
    shape = (len(SURROUNDS), len(presynaptic), len(settings.rates_hz), len(settings.rates_hz), len(PAIRINGS))
    mean, sem, potentiation, depression = np.empty((4, *shape))
    margin_ms = settings.margin_time_constants * window.longest_tau_ms
    gain, loss = replace(window, a_plus=1.0, a_minus=0.0), replace(window, a_plus=0.0, a_minus=-1.0)
    for s, surround in enumerate(SURROUNDS):
        for p, constant_hz in enumerate(presynaptic.values()):
            for i, first_hz in enumerate(settings.rates_hz):
                for j, second_hz in enumerate(settings.rates_hz):
                    steps = {"half_ms": settings.half_ms, "margin_ms": 0.0 if surround == "silent" else margin_ms}
                    post = two_halves(first_hz, second_hz, **steps)
                    pre = post if constant_hz is None else two_halves(constant_hz, constant_hz, **steps)
                    generator = child_generator(rng, s, constant_hz or 0.0, first_hz, second_hz)
                    cell = (s, p, i, j)
                    mean[cell], sem[cell] = _simulate(pre, post, generator, settings.n_trials, window, interval_ms)
                    for k, pairing in enumerate(PAIRINGS):
                        rates = {"presynaptic_rate": pre, "postsynaptic_rate": post, "interval_ms": interval_ms}
                        potentiation[*cell, k] = weight_change(pairing, gain, **rates)
                        depression[*cell, k] = weight_change(pairing, loss, **rates)
    dims = (*CONDITION, "pairing")
    exact = difference(window.a_plus * potentiation, window.a_minus * depression)
    variables = {
        "weight_change_mean": (dims, mean, attrs("1", "mean weight change by STDP of the spike trains")),
        "weight_change_sem": (dims, sem, attrs("1", "standard error of the mean weight change")),
        "weight_change_expected": (dims, exact, attrs("1", "exact expectation of the weight change")),
        "potentiation_expected": (dims, potentiation, attrs("1", "exact potentiation for an amplitude of 1")),
        "depression_expected": (dims, depression, attrs("1", "exact depression for an amplitude of 1, a magnitude")),
    }
    dataset = xr.Dataset(
        variables | _compare_with_measured(settings, exact) | _by_currents(settings, window),
        coords=_coordinates(settings, list(presynaptic)),
    )
    return dataset.transpose("surround", "presynaptic", "pairing", ...).assign_attrs(
        window=window.name, half_ms=settings.half_ms, n_trials=settings.n_trials, **window.numbers()
    )


FIT = "of the four measured changes about the prediction, its scale fitted: three degrees of freedom"


def measured_changes(settings: DerivativeProtocol) -> tuple[np.ndarray, np.ndarray]:
    """Relative changes of the EPSP and their standard errors, in the order ORDERS."""
    measured = [getattr(settings.measured, order) for order in ORDERS]
    return np.array([entry.mean - 1 for entry in measured]), np.array([entry.sem for entry in measured])


def _compare_with_measured(settings: DerivativeProtocol, predicted: np.ndarray) -> dict:
    """What [J] measured, and how well the predictions (..., first rate, second rate, pairing) fit it."""
    change, sem = measured_changes(settings)
    scale, chi_square = fit_scale(change, sem, select_orders(np.moveaxis(predicted, -1, -3)))
    conditions = ("surround", "presynaptic", "pairing")
    return {
        "measured_change": ("order", change, attrs("1", "measured by [J]: normalised EPSP after 30 to 35 min, − 1")),
        "measured_sem": ("order", sem, attrs("1", "standard error of the mean over slices")),
        "measured_n": ("order", [getattr(settings.measured, order).slices for order in ORDERS], attrs("1", "slices")),
        "scale": (conditions, scale, attrs("1", "measured change per unit of the predicted one, at least 0, fitted")),
        "chi_square": (conditions, chi_square, attrs("1", f"χ² {FIT}")),
    }


def _by_currents(settings: DerivativeProtocol, window: Window) -> dict:
    """All pairs, where the current sets another ratio of the postsynaptic rates."""
    ratios, low_hz = np.array(settings.postsynaptic_ratios), settings.rates_hz[0]
    protocol = {name: getattr(settings, name) for name in ("half_ms", "gap_ms", "n_repetitions")}
    pre = [[settings.rates_hz[half] for half in halves] for halves in RATE_INDICES]
    post = [[[low_hz * (ratio if half else 1.0) for half in halves] for halves in RATE_INDICES] for ratio in ratios]
    changes = [[all_pairs_change(window, *rates, **protocol) for rates in zip(pre, p, strict=True)] for p in post]
    _, chi_square = fit_scale(*measured_changes(settings), np.array(changes))
    meaning = "exact change per repetition, all pairs, both neurons silent before and after"
    return {
        "current_change": (("postsynaptic_ratio", "order"), changes, attrs("1", meaning)),
        "current_chi_square": ("postsynaptic_ratio", chi_square, attrs("1", f"χ² {FIT}")),
    }


def two_halves(first_hz: float, second_hz: float, *, half_ms: float, margin_ms: float) -> PiecewiseLinearRate:
    """One rate from −margin to `half_ms`, the other from there to 2 · half + margin; silence outside."""
    knots = np.array([-margin_ms, half_ms, half_ms, 2 * half_ms + margin_ms])
    return PiecewiseLinearRate(knots, np.array([first_hz, first_hz, second_hz, second_hz]))


def _simulate(
    pre: PiecewiseLinearRate,
    post: PiecewiseLinearRate,
    generator: np.random.Generator,
    n_trials: int,
    window: Window,
    interval_ms: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error (n_pairings,) of the weight change of one condition."""
    changes = []
    for block, n_block in trial_blocks(generator, n_trials=n_trials, rates=(pre, post)):
        trains = (
            poisson_trains(rate, own, n_trials=n_block) for rate, own in zip((pre, post), block.spawn(2), strict=True)
        )
        changes.append(weight_changes(*trains, window=window, interval_ms=interval_ms))
    changes = np.concatenate(changes, axis=1)
    return changes.mean(axis=1), changes.std(axis=1, ddof=1) / np.sqrt(n_trials)


def _coordinates(settings: DerivativeProtocol, presynaptic: list[str]) -> dict:
    rates = np.array(settings.rates_hz)
    return {
        "surround": list(SURROUNDS),
        "presynaptic": presynaptic,
        "pairing": list(PAIRINGS),
        "order": list(ORDERS),
        "postsynaptic_ratio": (
            "postsynaptic_ratio",
            list(settings.postsynaptic_ratios),
            attrs("1", "postsynaptic rate under the higher current over that under the lower one"),
        ),
        "first_rate": ("first_rate", rates, attrs("Hz", "rate in the first half")),
        "second_rate": ("second_rate", rates, attrs("Hz", "rate in the second half")),
    }
