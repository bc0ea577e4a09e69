"""Claim D3, an extension: what pair-based STDP predicts for the temporal-derivative protocol of [J].

[J] report potentiation from the lower to the higher rate, depression the other way round, and nothing at equal rates.
A predicted change at equal rates counts as none if it is closer to none than to either of the other two: below half
the smaller of them.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from .stdp_matching import NO_PAIRS
from .verdict import PREDICTION, Claim, Finding, Results, at_least, exact, undefined

ROUNDING = 1e-9
"""Changes below this share of the potentiation and depression that they are the difference of are exactly 0."""


def outcomes(dataset: xr.Dataset) -> xr.Dataset:
    """The exact changes `rising`, `falling`, `low` and `high` (equal rates), with rounding taken to be 0."""
    potentiation = dataset.attrs["a_plus"] * dataset["potentiation_expected"]
    depression = dataset.attrs["a_minus"] * dataset["depression_expected"]
    change = dataset["weight_change_expected"]
    return _named(change.where(np.abs(change) > ROUNDING * (potentiation + depression), 0.0))


def _named(of_rates: xr.DataArray) -> xr.Dataset:
    places = {"rising": (0, 1), "falling": (1, 0), "low": (0, 0), "high": (1, 1)}
    return xr.Dataset({name: of_rates.isel(first_rate=i, second_rate=j, drop=True) for name, (i, j) in places.items()})


def as_reported(change: xr.Dataset) -> xr.DataArray:
    """Which of the four outcomes are as [J] report them, along a new dimension `outcome`."""
    smaller = np.minimum(np.abs(change["rising"]), np.abs(change["falling"]))
    right = [
        change["rising"] > 0,
        change["falling"] < 0,
        *(np.abs(change[name]) <= smaller / 2 for name in ("low", "high")),
    ]
    return xr.concat(right, dim=xr.IndexVariable("outcome", ["rising", "falling", "low", "high"]))


def compatible_ratios(dataset: xr.Dataset) -> xr.Dataset:
    """The range of A₋/A₊, `low` to `high`, in which all four outcomes are as reported; NaN where there is none.

    With x = P − (A₋/A₊) D every demand is linear in the ratio, so that the ratios that meet all of them form a range.
    """
    gain, loss = _named(dataset["potentiation_expected"]), _named(dataset["depression_expected"])
    demands = [{"rising": 1.0}, {"falling": -1.0}]  # sums that must be positive
    for equal in ("low", "high"):
        for sign in (1.0, -1.0):
            demands += [{equal: sign, "rising": 0.5}, {equal: sign, "falling": -0.5}]
    low, high = xr.zeros_like(gain["low"]), xr.full_like(gain["low"], np.inf)
    for weights in demands:  # each of them is constant − ratio · slope
        constant = sum(weight * gain[name] for name, weight in weights.items())
        slope = sum(weight * loss[name] for name, weight in weights.items())
        bound = constant / slope.where(slope != 0)
        high = xr.where(slope > 0, np.minimum(high, bound), high)
        low = xr.where(slope < 0, np.maximum(low, bound), low)
        high = xr.where((slope == 0) & (constant <= 0), -np.inf, high)
    found = xr.Dataset({"low": low, "high": high})
    return found.where(found["high"] > found["low"] * (1 + ROUNDING))


def _conditions(results: Results) -> Iterator[tuple[str, str, dict]]:
    """Name, window and selection of every window, pairing, presynaptic rate and surround; those of [J] first."""
    (first, *_) = results["derivative_protocol"].values()
    for surround in first["surround"].values:
        for presynaptic in first["presynaptic"].values:
            for window, dataset in results["derivative_protocol"].items():
                for pairing in dataset["pairing"].values:
                    selection = {"surround": surround, "presynaptic": presynaptic, "pairing": pairing}
                    name = f"{window}, {pairing}, presynaptic rate {presynaptic}, {surround} before and after"
                    yield name, window, selection


def _signs_of_the_protocol(results: Results) -> list[Finding]:
    datasets = results["derivative_protocol"]
    shares = {window: as_reported(outcomes(dataset)).mean("outcome") for window, dataset in datasets.items()}
    ratios = {window: compatible_ratios(dataset) for window, dataset in datasets.items()}
    signs, ranges = [], []
    for condition, window, selection in _conditions(results):
        share = shares[window].sel(selection).item()
        signs.append(exact(condition, "share of the four outcomes that are as reported", share, at_least(1)))
        if selection["surround"] == "silent" and selection["presynaptic"] == "switching":
            compatible = ratios[window].sel(selection)
            width = np.nan_to_num((compatible["high"] - compatible["low"]).item())
            metric = "width of the range of A₋/A₊ in which all four outcomes are as reported (0: none)"
            ranges.append(exact(condition, metric, width, None))
    return signs + _spikes_agree(results) + ranges


def _spikes_agree(results: Results) -> list[Finding]:
    findings = []
    for window, dataset in results["derivative_protocol"].items():
        sem = dataset["weight_change_sem"]
        sem = sem.where(sem > 0)  # no pair of spikes in any trial: no error to measure by
        distance = (dataset["weight_change_mean"] - dataset["weight_change_expected"]) / sem
        for pairing in dataset["pairing"].values:
            squares = (distance.sel(pairing=pairing) ** 2).values
            squares = squares[np.isfinite(squares)]
            # a comparison of the simulation with its own closed form: it verifies the code, not the claim
            metric = "mean square distance of spike trains from the exact change, in standard errors"
            if not squares.size:
                findings.append(undefined(f"{window}, {pairing}", metric, None, NO_PAIRS))
                continue
            findings.append(exact(f"{window}, {pairing}", metric, squares.mean(), None))
    return findings


CLAIMS = (
    Claim(
        "D3",
        "Pair-based STDP gives the outcome of the temporal-derivative protocol: 25 to 50 Hz potentiates, 50 to 25 Hz "
        "depresses, equal rates change nothing",
        "ours; [J]",
        "derivative_protocol",
        "fig10_derivative_protocol",
        _signs_of_the_protocol,
        "the protocol of [J] taken literally: both neurons switch rates, and are silent before and after",
        lambda finding: finding.condition.endswith("presynaptic rate switching, silent before and after"),
        PREDICTION,
    ),
)
