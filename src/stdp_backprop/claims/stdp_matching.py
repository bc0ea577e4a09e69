"""Claims C1–C5: what spike-timing-dependent plasticity makes of firing rates, for every window and pairing."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from .relaxation import jackknife_error
from .verdict import Claim, Criterion, Finding, Results, around, at_least, estimated, over_networks, undefined

SPIKE_ERRORS = 3.0
"""Standard errors within which a mean over spike trains must agree with theory (claim C1)."""


NO_PAIRS = "no pair of spikes in any trial of some condition: too few trials for such low rates"


def _conditions(results: Results) -> Iterator[tuple[str, xr.Dataset, xr.Dataset]]:
    """Name, result of the window, and its part for one pairing."""
    for window, dataset in results["stdp_matching"].items():
        for pairing in dataset["pairing"].values:
            yield f"{window}, {pairing}", dataset, dataset.sel(pairing=pairing)


def _is_antisymmetric(dataset: xr.Dataset) -> bool:
    window = dataset.attrs
    return window["a_plus"] == window["a_minus"] and window["tau_plus_ms"] == window["tau_minus_ms"]


def _constant_rates(results: Results) -> list[Finding]:
    findings = []
    for condition, dataset, part in _conditions(results):
        if _is_antisymmetric(dataset):
            constant = part.sel(rate_slope=0.0)
            for rate in constant["presynaptic_rate"].values:
                at_rate = constant.sel(presynaptic_rate=rate)
                errors = float(at_rate["weight_change_mean"] / at_rate["weight_change_sem"])
                findings.append(
                    estimated(
                        f"{condition}, {rate:g} Hz",
                        "mean ΔW at constant rates, in standard errors",
                        errors,
                        1.0,
                        around(0, SPIKE_ERRORS),
                    )
                )
    return findings


def _sign_of_the_slope(results: Results) -> list[Finding]:
    findings = []
    for condition, _, part in _conditions(results):
        change = part["weight_change_mean"].where(part["rate_slope"] != 0, drop=True)
        agrees = (np.sign(change) == np.sign(change["rate_slope"])).mean("rate_slope").values
        metric = "share of slopes whose sign ΔW has, by presynaptic rate"
        findings.append(over_networks(condition, metric, agrees, at_least(1), every=True))
    return findings


def regression(part: xr.Dataset, means: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """ΔW = m₁ r_i r_j' + m₀ r_i r_j over all conditions, weighted by 1/sem²: (m₁, m₀) and their covariance.

    m₁ is in s² (all pairs: I₁), m₀ in s (all pairs: I₀). The covariance allows for errors that are correlated over the
    slopes at one presynaptic rate, as those of common random numbers are.
    """
    weight = 1 / part["weight_change_sem"].values.ravel()
    rule = part["rate_rule"].values.ravel()
    rates = np.broadcast_to(part["presynaptic_rate"].values[:, None], part["rate_rule"].shape).ravel()
    design = np.stack([rule, rates * part.attrs["mean_rate_hz"]], axis=1) * weight[:, None]
    influence = np.linalg.solve(design.T @ design, design.T) * weight
    by_rate = influence.reshape(2, *part["rate_rule"].shape)
    covariance = np.einsum("ars,rst,brt->ab", by_rate, part["weight_change_covariance"].values, by_rate)
    return influence @ means.values.ravel(), covariance


def _proportional_to_the_rate_rule(results: Results) -> list[Finding]:
    slopes, correlations, offsets = [], [], []
    for condition, _, part in _conditions(results):
        if not (part["weight_change_sem"] > 0).all():
            slopes.append(undefined(condition, "slope of ΔW against r_i r_j' / closed form", None, NO_PAIRS))
            continue
        (slope, offset), covariance = regression(part, part["weight_change_mean"])
        (exact_slope, _), _ = regression(part, part["weight_change_expected"])
        error = np.sqrt(covariance[0, 0])
        slopes.append(
            estimated(
                condition,
                "slope of ΔW against r_i r_j' / closed form",
                slope / exact_slope,
                error / exact_slope,
                _within(1.0, error / exact_slope),
            )
        )
        means = part["weight_change_mean"].values.ravel()
        correlation = np.corrcoef(part["rate_rule"].values.ravel(), means)[0, 1]
        leave_out = _leave_one_out(part["rate_rule"].values.ravel(), means)
        correlations.append(
            estimated(
                condition,
                "correlation r of ΔW with r_i r_j' over conditions",
                correlation,
                jackknife_error(leave_out),
                at_least(0.99),
            )
        )
        gradient = np.array([-offset / slope**2, 1 / slope])
        error = float(np.sqrt(gradient @ covariance @ gradient))
        metric = "offset: ΔW at constant rates, as the relative slope r_j'/r_j (per s) that would give it"
        offsets.append(estimated(condition, metric, offset / slope, error, _within(0.0, error)))
    return slopes + correlations + offsets


def _within(value: float, error: float) -> Criterion:
    tolerance = SPIKE_ERRORS * error
    return Criterion(f"{value:g} within {SPIKE_ERRORS:g} standard errors", value - tolerance, value + tolerance)


def _leave_one_out(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    keep = ~np.eye(one.size, dtype=bool)
    return np.array([np.corrcoef(one[row], other[row])[0, 1] for row in keep])


def _stdp_curve(results: Results) -> list[Finding]:
    (dataset,) = results["stdp_curve"].values()
    curves = {
        "threshold neuron": (dataset["threshold_lag_mean"].values, dataset["threshold_weight_change_mean"].values),
        "Poisson neuron": (dataset["poisson_lag_mean"].values, dataset["poisson_weight_change_expected"].values),
        "Poisson neuron, by lag of the closest spike": (dataset["lag"].values, dataset["rate_rule_by_lag_mean"].values),
    }
    ranks, signs, decays = [], [], []
    for condition, (lags, changes) in curves.items():
        moving = changes != 0
        lags, changes = lags[moving], changes[moving]
        window = _window_at(dataset, lags)
        if lags.size < 3:
            few = f"{lags.size} points of the curve: at least three are needed"
            ranks.append(undefined(condition, "rank correlation of the simulated curve with the window", None, few))
            continue
        keep = ~np.eye(lags.size, dtype=bool)
        left_out = np.array([rank_correlation(changes[row], window[row]) for row in keep])
        ranks.append(
            estimated(
                condition,
                "rank correlation of the simulated curve with the window of [BP]",
                rank_correlation(changes, window),
                jackknife_error(left_out),
                at_least(0.99),
            )
        )
        agrees = (np.sign(lags) == np.sign(changes)).astype(float)
        signs.append(
            over_networks(condition, "share of lags at which ΔW has the sign of Δt", _whole(agrees), at_least(1))
        )
        decays.append(
            over_networks(
                condition,
                "share of steps to larger |Δt| at which |ΔW| falls",
                _whole(_falls(lags, changes)),
                at_least(1),
            )
        )
    return ranks + signs + decays


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's: the correlation of the ranks of two vectors (scipy.stats takes half a second to import)."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Places in ascending order, from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]


def _whole(values: np.ndarray) -> np.ndarray:
    """The share as the only case of its finding: it has no spread of its own."""
    return np.array([values.mean()])


def _falls(lags: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """For each step to the next larger |Δt| on either side, 1 where |ΔW| falls."""
    steps = []
    for side in (lags > 0, lags < 0):
        order = np.argsort(np.abs(lags[side]))
        steps.append(np.diff(np.abs(changes[side])[order]) < 0)
    return np.concatenate(steps).astype(float)


def _window_at(dataset: xr.Dataset, lags: np.ndarray) -> np.ndarray:
    """The window of the experiment at the given lags, from its parameters."""
    window = dataset.attrs
    return np.where(
        lags > 0,
        window["a_plus"] * np.exp(-np.abs(lags) / window["tau_plus_ms"]),
        -window["a_minus"] * np.exp(-np.abs(lags) / window["tau_minus_ms"]),
    )


def _grows_with_averaging(results: Results) -> list[Finding]:
    agreements, growths = [], []
    for condition, _, part in _conditions(results):
        distance = (part["averaging_correlation"] - part["averaging_correlation_expected"]) / part[
            "averaging_correlation_sem"
        ]
        agreements.append(
            over_networks(
                condition,
                "distance from the predicted correlation, in standard errors, over numbers of spikes averaged",
                distance.values,
                around(0, SPIKE_ERRORS),
            )
        )
        correlation, errors = part["averaging_correlation"].values, part["averaging_correlation_sem"].values
        growths.append(
            estimated(
                condition,
                "correlation at the largest average minus that at the smallest",
                float(correlation[-1] - correlation[0]),
                float(np.hypot(errors[-1], errors[0])),
                Criterion("> 0", low=np.nextafter(0, 1)),
            )
        )
    return agreements + growths


IN_THEORY = (
    "the antisymmetric window with all or with pre-centred pairs: there theory gives the statement at every "
    "presynaptic rate"
)


def in_theory(finding: Finding) -> bool:
    window, pairing, *_ = finding.condition.split(", ")
    return window == "antisymmetric" and pairing in ("all_to_all", "nearest_pre_centred")


CLAIMS = (
    Claim(
        "C1",
        "Constant rates change nothing (antisymmetric window)",
        "[STDP] section 2; [NC]",
        "stdp_matching",
        "fig3_rule_matching",
        _constant_rates,
        IN_THEORY,
        in_theory,
    ),
    Claim(
        "C2",
        "A rising postsynaptic rate potentiates, a falling one depresses",
        "[STDP] section 2; [NC]",
        "stdp_matching",
        "fig2_rate_change",
        _sign_of_the_slope,
        IN_THEORY,
        in_theory,
    ),
    Claim(
        "C3",
        "STDP is proportional to presynaptic rate times rate of change of the postsynaptic rate",
        "[NC]; [STDP] eq. 1; [XS]",
        "stdp_matching",
        "fig3_rule_matching",
        _proportional_to_the_rate_rule,
        IN_THEORY,
        in_theory,
    ),
    Claim(
        "C4",
        "The rate rule reproduces the STDP curve",
        "[BPDL] Fig. 1; [BP]",
        "stdp_curve",
        "fig1_stdp_curve",
        _stdp_curve,
        "the threshold neuron of [BPDL] Fig. 1",
        lambda finding: finding.condition == "threshold neuron",
    ),
    Claim(
        "C5",
        "The correlation of STDP with the rate rule grows with averaging, as predicted",
        "[STDP]; [NC]",
        "stdp_matching",
        "fig3_rule_matching",
        _grows_with_averaging,
    ),
)
