"""The numbers that documents quote from a build: `make readme` writes them between their marks.

A mark is a pair of comments, which readers on the web do not see: `<!--d2_runs-->15<!--end-->`. Numbers are rounded so
that a build on another processor gives the same text.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..claims.derivative_protocol import QUANTILE
from ..claims.digits import interval
from ..claims.learning import by_network, wrong
from ..claims.spiking_inference import ENOUGH, imbalance, trials_needed
from ..config.inference import Relaxation
from ..energy.activations import ACTIVATIONS
from ..energy.network import drives, rates
from ..experiments.ensemble import network_of, state_of
from ..experiments.random_streams import experiment_generator
from ..experiments.relaxation import candidate_alignments
from ..figures import fig5_early_inference as fig5
from ..figures import fig8_spiking_inference as fig8
from ..figures import fig10_derivative_protocol as fig10
from ..figures.style import format_signed
from ..stdp.windows import Window
from .io import attributes_of, load, load_conditions
from .numbers import powers

DEVIATIONS, SPIKING_LEARNING = "docs/deviations.md", "docs/spiking_learning.md"
MARK = re.compile(r"<!--(\w+)-->(.*?)<!--end-->", re.DOTALL)
LEARNING_BY_SPIKES = ("D4a", "D4b", "D5a", "D5b", "D6")
DIFFERENT = 0.7
"""Largest cosine of backprop and equilibrium errors in any hidden layer that counts as strongly coupled."""
CASE = ("network", "pattern")
USUAL = {"window": "antisymmetric", "pairing": "all_to_all"}


def with_numbers(text: str, numbers: Mapping[str, str]) -> str:
    """`text` with the numbers between their marks. Raises ValueError for a mark without a number and the reverse."""
    marked = {name for name, _ in MARK.findall(text)}
    if marked != set(numbers):
        raise ValueError(f"marked in the text or computed, but not both: {', '.join(sorted(marked ^ set(numbers)))}")
    return MARK.sub(lambda mark: f"<!--{mark[1]}-->{numbers[mark[1]]}<!--end-->", text)


def quoted(results: str | Path) -> dict[str, dict[str, str]]:
    """Document -> name of a mark -> its text, from the results of a build with the shipped configuration."""
    results = Path(results)
    claims = {row["id"]: row for row in json.loads((results / "claims.json").read_text(encoding="utf-8"))}
    spiking = load_conditions(results / "spiking_inference")
    deviations = (
        _kinks(results)
        | _strong_coupling(results)
        | _offset(load(results / "stdp_matching" / "bi_poo.nc"))
        | _learning(claims["D2"]["findings"], load_conditions(results / "learning"))
        | _derivative_protocol(claims["D3c"]["findings"], load_conditions(results / "derivative_protocol"))
        | _spiking_inference(spiking)
        | _lifted_outputs(spiking["hard_sigmoid"], load(results / "relaxation" / "hard_sigmoid.nc"))
    )
    return {DEVIATIONS: deviations, SPIKING_LEARNING: spiking_learning(claims)}


def _kinks(results: Path) -> dict[str, str]:
    """Cases of the hard sigmoid that do not start along the backpropagated error, and why (B1, B2)."""
    nudged = load(results / "early_inference" / "hard_sigmoid.nc", fig5.select_drawn)
    found = fig5.first_motion(nudged, load(results / "relaxation" / "hard_sigmoid.nc", fig5.outputs))
    released = (found["off"] & ~found["held"] & found["released"]).sum(CASE).values
    held = int(found["held"].sum())
    return {
        "output_at_bound": str(held),
        "output_free": str(found["held"].size - held),
        "released": _listed(str(int(n)) for n in released),
        "released_nudges": _listed(f"{size:g}" for size in found["nudge"].values),
    }


def _strong_coupling(results: Path) -> dict[str, str]:
    """Share of the candidates and targets for which backprop and equilibrium errors differ in every hidden layer (B3).

    A build keeps the best candidates alone, so that all are drawn again.
    """
    shares = {}
    for condition in ("tanh_strong", "logistic_strong"):
        origin = attributes_of(results / "relaxation" / f"{condition}.nc")
        settings = Relaxation.model_validate(json.loads(origin["configuration"])["relaxation"])
        rng = experiment_generator(int(origin["seed"]), "relaxation", condition)
        alignment = candidate_alignments(settings, condition, rng)
        shares[condition] = f"{100 * np.mean(alignment[np.isfinite(alignment)] < DIFFERENT):.0f} %"
    return shares


def _offset(result: xr.Dataset) -> dict[str, str]:
    """The relative slope that the integral of Bi and Poo's window amounts to (C3c)."""
    window, rate = Window.from_attributes(result.attrs), result.attrs["mean_rate_hz"]
    offset = window.integral_s / window.first_moment_s2
    return {"offset": f"{offset:.1f}", "offset_rate": f"{rate:g}", "offset_slope": f"{offset * rate:.0f}"}


def _learning(findings: Iterable[Mapping[str, Any]], learnt: Mapping[str, xr.Dataset]) -> dict[str, str]:
    """Differences of test errors on the digits (D2)."""
    splits = dict(by_network({"learning": learnt}))["one_hidden_layer"]
    rate = wrong(splits, "rate")
    alike, behind, output = (
        [finding for finding in findings if finding["metric"].startswith(beginning)]
        for beginning in (
            "test error of the rate rule minus that of equilibrium propagation",
            "test error of the rate rule minus that of backprop",
            "test error when only the output weights learn",
        )
    )
    ends = [abs(finding[end]) for finding in alike for end in ("interval_low", "interval_high")]
    behind_by_split = [interval(split[None]) for split in rate - wrong(splits, "backprop")]
    return {
        "d2_runs": str(rate.shape[0] * rate.shape[1]),
        "d2_splits": str(rate.shape[0]),
        "d2_digits": str(rate.shape[0] * rate.shape[2]),
        "d2_alike": _span((finding["observed"] for finding in alike), ".1f"),
        "d2_alike_end": f"{np.ceil(10 * max(ends)) / 10:.1f}",
        "d2_single_digits": str(rate.shape[2]),
        "d2_by_split": _span((mean for mean, _, _ in behind_by_split), ".1f"),
        "d2_by_split_half": _span(((high - low) / 2 for _, low, high in behind_by_split), ".1f"),
        "d2_output": _span((finding["observed"] for finding in output), ".0f"),
    } | {
        f"d2_{finding['condition']}": f"{_signed(finding['observed'], '.1f')} "
        f"({_signed(finding['interval_low'], '.1f')} to {_signed(finding['interval_high'], '.1f')})"
        for finding in behind
    }


def _derivative_protocol(findings: Iterable[Mapping[str, Any]], found: Mapping[str, xr.Dataset]) -> dict[str, str]:
    """χ² of the theories of the temporal-derivative protocol (D3)."""
    literal = [fig10.of(data, fig10.LITERAL)["chi_square"].values for data in found.values()]
    others = found["antisymmetric"]["chi_square"].where(lambda fit: fit < QUANTILE[3], drop=True)
    mechanism = {finding["metric"]: finding for finding in findings}
    longest = mechanism["longest slow time constant that goes with it, ms"]
    (chi_square,) = (finding["observed"] for metric, finding in mechanism.items() if metric.startswith("χ²"))
    currents = found["antisymmetric"]["current_chi_square"]
    fitting = currents["postsynaptic_ratio"].where(currents < QUANTILE[3])
    return {
        "d3_alike": f"{fig10.least_if_alike(found['antisymmetric']):.1f}",
        "d3_literal": _span(np.concatenate([fits.ravel() for fits in literal]), ".1f"),
        "d3_limit": f"{QUANTILE[3]:.1f}",
        "d3_antisymmetric": f"{float(others.max()):.1f}",
        "d3_ratio": f"{float(fitting.min()):g}",
        "d3_largest_ratio": f"{float(currents['postsynaptic_ratio'].max()):g}",
        "d3_mechanism": f"{chi_square:.1f}",
        "d3_slow": f"{longest['observed']:.0f}",
        "d3_slow_interval": f"{longest['interval_low']:.0f} to {longest['interval_high']:.0f}",
    }


def _spiking_inference(found: Mapping[str, xr.Dataset]) -> dict[str, str]:
    """What STDP on the spikes of a nudged network has in common with the gradient (D1)."""
    data, lowest = found["logistic"], fig8.lowest_cosines(found)
    logistic = {names[1:]: value for names, value in lowest.items() if names[0] == "logistic"}
    balanced = set(data["window"].values[(imbalance(data) < 1e-9).values])
    gated = fig8.gated_updates(data)
    return {
        "d1_balanced": _at_least(logistic["kept", window, "all_to_all"] for window in balanced),
        "d1_off_direction": _furthest(data),
        "d1_rate_change": _power(float(data["rate_change"].sel(layer=1, ending="released").median(CASE).max())),
        "d1_lost": _span((value for names, value in logistic.items() if names[0] == "kept" and value < ENOUGH), ".1f"),
        "d1_all_pairs": _at_least(v for names, v in logistic.items() if names[::2] == ("subtracted", "all_to_all")),
        "d1_neighbours": _span(
            (v for names, v in logistic.items() if names[0] == "subtracted" and names[2] != "all_to_all"), ".2f"
        ),
        "d1_hard_pre_centred": f"{lowest['hard_sigmoid', 'subtracted', 'antisymmetric', 'nearest_pre_centred']:.2f}",
        "d1_released": f"{100 * gated['all, released', 'forward'][1]:.2f} %",
        "d1_forward": f"{gated['presynaptic', 'forward'][0]:.2f}",
        "d1_feedback_size": f"{100 * gated['presynaptic', 'feedback'][1]:.0f} %",
        "d1_feedback": _signed(gated["presynaptic", "feedback"][0], ".2f"),
        "d1_sum": f"{gated['presynaptic', 'sum'][0]:.2f}",
    } | noise_and_trials(data)


def _furthest(data: xr.Dataset) -> str:
    """Largest median of 1 − cosine over ratios of time constants and lengths of the phase, rounded up."""
    usual = {"reference": "backprop", "window": data.attrs["trial_window"]}
    losses = [1 - data[f"cosine_by_{sweep}"].sel(usual).median(CASE) for sweep in ("duration", "membrane_time")]
    return f"{np.ceil(1e3 * max(float(loss.max()) for loss in losses)) / 1e3:.3f}"


def noise_and_trials(data: xr.Dataset) -> dict[str, str]:
    """Noise of a single trial, and trials whose average follows the gradient, by layer; medians over cases (D1b)."""
    usual = {"window": data.attrs["trial_window"], "ending": "released"}
    cosine = data["cosine_by_duration"].sel(usual | {"reference": "backprop"})
    noise = data["noise_by_duration"].sel(usual)
    needed = trials_needed(cosine, noise).median(CASE)
    normal, long = needed.sel(duration=data.attrs["usual_duration"]), needed.sel(duration=3.0)
    spread = np.sqrt(noise.sel(duration=data.attrs["usual_duration"])).median(CASE).values
    phase_s = data.attrs["usual_membrane_time_ms"] * data.attrs["usual_duration"] / 1000
    years = float(normal[0]) * phase_s / (365.25 * 24 * 3600)
    return {
        "d1_noise_output": f"{spread[-1]:.0f}",
        "d1_noise_first": _power(spread[0]),
        "d1_trials": _listed(_power(n) for n in normal.values[::-1]),
        "d1_per_layer": _span(np.round(normal.values[:-1] / normal.values[1:], -1), ".0f"),
        "d1_years": f"{years:.2g}",
        "d1_long_phase": _span((normal / long).values[:-1], ".0f"),
    }


def _lifted_outputs(spiking: xr.Dataset, relaxed: xr.Dataset) -> dict[str, str]:
    """Hard sigmoid: cases in which the nudge lifts an output unit off its bound, and the cosines of all cases (D1a)."""
    relaxed = relaxed.isel(pattern=slice(spiking.sizes["pattern"]))
    network, state = network_of(relaxed), state_of(relaxed)
    low, high = ACTIVATIONS["hard_sigmoid"].bounds
    drive = drives(network, rates(network, state))[-1]
    nudged = drive + spiking.attrs["usual_nudge"] * (relaxed["target"].values - state[-1])
    lifted = (((state[-1] == low) & (nudged > low)) | ((state[-1] == high) & (nudged < high))).any(axis=-1)
    cosine = spiking["pairing_cosine"].sel(USUAL | {"baseline": "subtracted"}).min("layer").transpose(*CASE).values
    return {
        "d1_lifted": str(int(lifted.sum())),
        "d1_cases": str(lifted.size),
        "d1_lifted_cosines": _span(cosine[lifted], ".1f"),
        "d1_others": str(int((~lifted).sum())),
        "d1_others_least": _at_least(cosine[~lifted], 2),
        "d1_others_median": f"{np.median(cosine[~lifted]):.3f}",
    }


def spiking_learning(claims: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Verdicts and central conditions of D4 to D6, and what spikes cost lagging units in the deepest network."""
    found = {}
    for claim in LEARNING_BY_SPIKES:
        row, name = claims[claim], claim.lower()
        met, total = row["central_conditions_met"].split(" of ")
        undecided = int(row["central_undecided"])
        found[f"{name}_verdict"] = row["verdict"]
        found[f"{name}_counts"] = f"{met}, {undecided}, {int(total) - int(met) - undecided} of {total}"
    (remaining,) = (
        finding["observed"]
        for finding in claims["D4b"]["findings"]
        if finding["metric"] == "test error minus that of N = ∞, percentage points"
        and finding["condition"] == "three_hidden_layers, lagging, N = 1000"
    )
    return {**found, "d4_remaining": f"{remaining:.1f}"}


def _signed(value: float, form: str) -> str:
    """With no minus sign before a zero."""
    return format_signed(value, f"z{form}")


def _span(values: Iterable[float], form: str) -> str:
    values = list(values)
    return f"{_signed(min(values), form)} to {_signed(max(values), form)}"


def _at_least(values: Iterable[float], digits: int = 3) -> str:
    """The smallest of them, rounded down."""
    return f"{np.floor(10**digits * min(values)) / 10**digits:.{digits}f}"


def _power(value: float) -> str:
    """One digit and a power of ten."""
    return powers(f"{value:.0e}")


def _listed(texts: Iterable[str]) -> str:
    *firsts, last = texts
    return f"{', '.join(firsts)} and {last}" if firsts else last
