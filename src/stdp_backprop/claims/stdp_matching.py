"""Claims C1–C5: spike-timing-dependent plasticity as a function of firing rates, for every window and pairing."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import xarray as xr

from ..stdp.windows import Window
from .verdict import (
    EQUIVALENT,
    IDENTITY,
    NO_CONDITION,
    PREDICTION,
    Claim,
    Criterion,
    Finding,
    Results,
    above,
    around,
    at_least,
    correlated,
    exact,
    finding_from_estimate,
    undefined_finding,
    within_interval,
)

NO_PAIRS = "no pair of spikes in any trial of some condition: too few trials for such low rates"


def _conditions(results: Results) -> Iterator[tuple[str, xr.Dataset, xr.Dataset]]:
    """Name, result of a window, and the part of it for one pairing."""
    for window, dataset in results["stdp_matching"].items():
        for pairing in dataset["pairing"].values:
            yield f"{window}, {pairing}", dataset, dataset.sel(pairing=pairing)


def _is_antisymmetric(dataset: xr.Dataset) -> bool:
    window = dataset.attrs
    return window["a_plus"] == window["a_minus"] and window["tau_plus_ms"] == window["tau_minus_ms"]


def _constant_rates(results: Results) -> list[Finding]:
    findings = []
    for condition, dataset, part in _conditions(results):
        if not _is_antisymmetric(dataset):
            continue
        for rate in part["presynaptic_rate"].values:
            at_rate = part.sel(presynaptic_rate=rate)
            constant, effect = at_rate.sel(rate_slope=0.0, other_rate_slope=0.0), _effect_of_steepest_ramp(at_rate)
            findings.append(
                finding_from_estimate(
                    f"{condition}, {rate:g} Hz",
                    "mean ΔW at constant rates / ΔW by which the steepest ramp changes it",
                    float(constant["conditional_change_mean"]) / effect,
                    float(constant["conditional_change_covariance"]) ** 0.5 / effect,
                    around(0, EQUIVALENT),
                    n=f"{at_rate.attrs['n_coupled_trials']} postsynaptic trains",
                )
            )
    return findings


def _effect_of_steepest_ramp(at_rate: xr.Dataset) -> float:
    """The change of ΔW by the steepest ramp of the experiment, by the closed form: the effect named in claim C1."""
    expected = at_rate["weight_change_expected"].sortby("rate_slope")
    return float(expected[-1] - expected[0]) / 2


def _trials(at_rate: xr.Dataset) -> str:
    return f"{int(at_rate['n_trials'].min())} trials"


def _at_each_rate(condition: str, part: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    """Name and part of every presynaptic rate, which stays a dimension."""
    for index, rate in enumerate(part["presynaptic_rate"].values):
        yield f"{condition}, {rate:g} Hz", part.isel(presynaptic_rate=[index])


def _has_pairs(part: xr.Dataset) -> bool:
    return bool((part["weight_change_sem"] > 0).all())


def _sign_of_the_slope(results: Results) -> list[Finding]:
    crossings, rises = [], []
    zero_metric = "relative slope r_j'/r_j (per s) at which ΔW changes sign"
    rise_metric = "slope of ΔW against r_j' / closed form for all pairs"
    for condition, dataset, by_pairing in _conditions(results):
        for name, part in _at_each_rate(condition, by_pairing):
            if not _has_pairs(part):
                crossings.append(undefined_finding(name, zero_metric, None, NO_PAIRS))
                continue
            (slope, offset), covariance = regression(part, part["weight_change_mean"])
            # ΔW has the sign of every slope tried exactly if it changes sign between the two gentlest slopes
            tried = np.abs(part["rate_slope"].values)
            gentlest = tried[tried > 0].min() / part.attrs["mean_rate_hz"]
            crossing, error = _ratio(-offset, slope, covariance[::-1, ::-1] * [[1, -1], [-1, 1]])
            criterion = Criterion(f"0 ± {gentlest:.3g}, the gentlest relative slope tried", -gentlest, gentlest)
            crossings.append(finding_from_estimate(name, zero_metric, crossing, error, criterion, n=_trials(part)))
            unit = float(dataset["window_first_moment"])
            error = np.sqrt(covariance[0, 0]) / unit
            # the zero crossing alone does not distinguish a rule from its opposite
            rises.append(finding_from_estimate(name, rise_metric, slope / unit, error, above(0), n=_trials(part)))
    return crossings + rises


def _ratio(top: float, bottom: float, covariance: np.ndarray) -> tuple[float, float]:
    """top / bottom and its standard error to first order; covariance : of (top, bottom)."""
    gradient = np.array([1 / bottom, -top / bottom**2])
    return top / bottom, float(np.sqrt(gradient @ covariance @ gradient))


def regression(part: xr.Dataset, means: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """ΔW = m₁ r_i r_j' + m₀ r_i r_j over all conditions, weighted by 1/sem²: (m₁, m₀) and their covariance.

    m₁ is in s² (all pairs: I₁), m₀ in s (all pairs: I₀).
    """
    weight = 1 / part["weight_change_sem"].values.ravel()
    rule = part["rate_rule"].values.ravel()
    rates = np.broadcast_to(part["presynaptic_rate"].values[:, None], part["rate_rule"].shape).ravel()
    design = np.stack([rule, rates * part.attrs["mean_rate_hz"]], axis=1) * weight[:, None]
    covariance = np.linalg.inv(design.T @ design)
    return covariance @ design.T @ (weight * means.values.ravel()), covariance


LINEAR = 0.99
"""Correlation from which a dependence counts as linear: less than 2 % of the variance is not."""


def _linear_in_the_slope(results: Results) -> list[Finding]:
    lines, slopes, pooled = [], [], []
    line_metric = "correlation r of ΔW with r_j' at one presynaptic rate"
    slope_metric = "slope of ΔW against r_i r_j' / closed form"
    for condition, _, part in _conditions(results):
        for name, at_rate in _at_each_rate(condition, part):
            lines.append(_correlation(name, line_metric, at_rate, at_least(LINEAR)))
        pooled.append(_correlation(condition, "correlation r of ΔW with r_i r_j' over conditions", part, None))
        if not _has_pairs(part):
            slopes.append(undefined_finding(condition, slope_metric, None, NO_PAIRS))
            continue
        (slope, _), covariance = regression(part, part["weight_change_mean"])
        (exact_slope, _), _ = regression(part, part["weight_change_expected"])
        ratio, error = slope / exact_slope, np.sqrt(covariance[0, 0]) / exact_slope
        # equivalence with theory: the effect is the closed form itself
        slopes.append(
            finding_from_estimate(condition, slope_metric, ratio, error, around(1, EQUIVALENT), n=_trials(part))
        )
    return lines + slopes + pooled


def _correlation(condition: str, metric: str, part: xr.Dataset, criterion: Criterion | None) -> Finding:
    rule, means = part["rate_rule"].values.ravel(), part["weight_change_mean"].values.ravel()
    if not _has_pairs(part):
        return undefined_finding(condition, metric, None, NO_PAIRS)
    pairs = f"{rule.size} pairs of rates and slopes"
    return correlated(condition, metric, np.corrcoef(rule, means)[0, 1], rule.size, criterion, n=pairs)


def _slope_grows_as_the_presynaptic_rate(results: Results) -> list[Finding]:
    findings = []
    metric = "power of r_i in the slope of ΔW against r_j'"
    for condition, _, part in _conditions(results):
        rates = part["presynaptic_rate"].values
        if rates.size < 2 or not _has_pairs(part):
            findings.append(undefined_finding(condition, metric, None, NO_PAIRS if rates.size > 1 else NO_CONDITION))
            continue
        fits = [regression(at_rate, at_rate["weight_change_mean"]) for _, at_rate in _at_each_rate(condition, part)]
        slopes = np.array([slope for (slope, _), _ in fits])
        errors = np.sqrt([covariance[0, 0] for _, covariance in fits])
        # the trains of different presynaptic rates are independent; the rule's own factor r_i is the 1
        power, error = _line(np.log(rates), np.log(slopes), errors / slopes)
        criterion = around(1, EQUIVALENT)  # the effect is proportionality itself, the power 1
        findings.append(finding_from_estimate(condition, metric, 1 + power, error, criterion, n=f"{rates.size} rates"))
    return findings


def _line(x: np.ndarray, y: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Slope of the weighted straight line through points with independent errors, and its standard error."""
    weights = errors**-2.0
    x = x - np.average(x, weights=weights)
    return float((weights * x * y).sum() / (weights * x**2).sum()), float((weights * x**2).sum() ** -0.5)


def _offset_is_the_integral(results: Results) -> list[Finding]:
    distances, offsets = [], []
    distance_metric = "offset minus I₀/I₁, as a share of the steepest relative slope tried"
    offset_metric = "offset: ΔW at constant rates, as the relative slope r_j'/r_j (per s) that would give it"
    for condition, dataset, part in _conditions(results):
        if not _has_pairs(part):
            distances.append(undefined_finding(condition, distance_metric, None, NO_PAIRS))
            continue
        (slope, offset), covariance = regression(part, part["weight_change_mean"])
        ratio, error = _ratio(offset, slope, covariance[::-1, ::-1])
        theory = float(dataset["window_integral"] / dataset["window_first_moment"])
        # the effect is that of the steepest ramp, as in C1
        steepest = float(np.abs(part["rate_slope"]).max()) / part.attrs["mean_rate_hz"]
        distance, trials = (ratio - theory) / steepest, _trials(part)
        criterion = around(0, EQUIVALENT)
        error_share = error / steepest
        distances.append(finding_from_estimate(condition, distance_metric, distance, error_share, criterion, n=trials))
        offsets.append(finding_from_estimate(condition, offset_metric, ratio, error, None, n=trials))
    return distances + offsets


def _curve_at_threshold(results: Results) -> list[Finding]:
    (dataset,) = results["stdp_curve"].values()
    lags, changes = dataset["threshold_lag_mean"].values, dataset["threshold_weight_change_mean"].values
    return _compare_with_window("threshold neuron", dataset, lags, changes)


def _curve_of_random_spikes(results: Results) -> list[Finding]:
    (dataset,) = results["stdp_curve"].values()
    lags, changes = dataset["poisson_lag_mean"].values, dataset["poisson_weight_change_expected"].values
    findings = _compare_with_window("Poisson neuron", dataset, lags, changes)
    lags, changes = dataset["lag"].values, dataset["rate_rule_by_lag_mean"].values
    by_lag = "Poisson neuron, by lag of the closest spike"
    return findings + _compare_with_window(by_lag, dataset, lags, changes)


RANKS = 1.06
"""Variance of Fisher's z of a rank correlation, in units of 1 / (n − 3): Fieller, Hartley and Pearson 1957."""


def _compare_with_window(condition: str, dataset: xr.Dataset, lags: np.ndarray, changes: np.ndarray) -> list[Finding]:
    """Rank, sign and decay of the curve, and the difference of its shape from the window."""
    moving = changes != 0
    lags, changes = lags[moving], changes[moving]
    rank_metric = "rank correlation of the simulated curve with the window of [BP]"
    if lags.size < 4:
        reason = f"{lags.size} points of the curve: at least four are needed"
        return [undefined_finding(condition, rank_metric, None, reason)]
    window = Window.from_attributes(dataset.attrs).value(lags)
    rank = rank_correlation(changes, window)
    agrees, decreasing = np.sign(lags) == np.sign(changes), _decreases(lags, changes)
    amplitude = (changes @ window) / (changes @ changes)
    misfit = np.sqrt(np.mean((amplitude * changes - window) ** 2) / np.mean(window**2))
    power = np.polyfit(np.log(np.abs(lags)), np.log(np.abs(changes)), 1)[0]
    return [
        # the same order at all lags gives 1; below 0.99, part of the curve is in another order
        correlated(condition, rank_metric, rank, lags.size, at_least(0.99), n=f"{lags.size} lags", variance=RANKS),
        exact(condition, "share of lags at which ΔW has the sign of Δt", agrees.mean(), at_least(1)),
        exact(condition, "share of steps to larger |Δt| at which |ΔW| falls", decreasing.mean(), at_least(1)),
        exact(condition, "rms distance from the exponential window at the best amplitude / its rms", misfit, None),
        exact(condition, "power of |Δt| in |ΔW| (−1: ΔW diverges at Δt = 0, the window does not)", power, None),
    ]


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman's: the correlation of the ranks of two vectors (scipy.stats takes half a second to import)."""
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks in ascending order, from 1; equal values share their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]


def _decreases(lags: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """For each step to the next larger |Δt| on either side, 1 where |ΔW| falls."""
    steps = []
    for side in (lags > 0, lags < 0):
        order = np.argsort(np.abs(lags[side]))
        steps.append(np.diff(np.abs(changes[side])[order]) < 0)
    return np.concatenate(steps).astype(float)


def _grows_with_averaging(results: Results) -> list[Finding]:
    agreements, growths = [], []
    for condition, _, part in _conditions(results):
        correlation, errors, predicted = (
            part[f"averaging_correlation{kind}"].values for kind in ("", "_sem", "_expected")
        )
        # "as predicted": relative to the growth that theory predicts
        growth = predicted[-1] - predicted[0]
        distance, half = (correlation - predicted) / growth, 1.96 * errors / abs(growth)
        ends = ((distance - half).min(), (distance + half).max())
        largest = distance[np.abs(distance).argmax()]
        numbers = f"{part['n_averaged'].size} numbers of spikes averaged, the widest ends of all"
        metric = "largest distance from the predicted correlation / predicted growth"
        if np.isfinite([*ends, largest]).all():
            agreements.append(within_interval(condition, metric, largest, ends, around(0, EQUIVALENT), n=numbers))
        else:
            agreements.append(undefined_finding(condition, metric, None, NO_PAIRS))
        growths.append(
            finding_from_estimate(
                condition,
                "correlation at the largest average minus that at the smallest",
                float(correlation[-1] - correlation[0]),
                float(np.hypot(errors[-1], errors[0])),
                above(0),
                n=f"{int(part['n_averaged'][-1])} spikes averaged",
            )
        )
    return growths + agreements


IN_THEORY = (
    "the antisymmetric window with all or with pre-centred pairs: there theory gives the statement at every "
    "presynaptic rate"
)


def in_theory(finding: Finding) -> bool:
    window, pairing, *_ = finding.condition.split(", ")
    return window == "antisymmetric" and pairing in ("all_to_all", "nearest_pre_centred")


_claim = partial(Claim, experiment="stdp_matching", figure="fig3_rule_matching")

CLAIMS = (
    _claim(
        "C1",
        "Constant rates change nothing (antisymmetric window)",
        "[STDP] section 2; [NC]",
        evaluate=_constant_rates,
        setting=IN_THEORY,
        central=in_theory,
    ),
    _claim(
        "C2",
        "A rising postsynaptic rate potentiates, a falling one depresses",
        "[STDP] section 2; [NC]",
        figure="fig2_rate_change",
        evaluate=_sign_of_the_slope,
        setting=IN_THEORY,
        central=in_theory,
    ),
    _claim(
        "C3a",
        "At any presynaptic rate, STDP is linear in the rate of change of the postsynaptic rate",
        "[NC]; [STDP] eq. 1; [XS]",
        evaluate=_linear_in_the_slope,
        setting=IN_THEORY,
        central=in_theory,
    ),
    _claim(
        "C3b",
        "The slope of STDP against the rate of change is proportional to the presynaptic rate",
        "[NC]; [STDP] eq. 1; [XS]",
        evaluate=_slope_grows_as_the_presynaptic_rate,
        setting=IN_THEORY,
        central=in_theory,
    ),
    _claim(
        "C3c",
        "The integral of the window sets the change by STDP at constant rates: an offset of I₀/I₁, 0 if balanced",
        "[STDP] section 2; [NC]",
        evaluate=_offset_is_the_integral,
        setting="all pairs of any window, for which theory is exact on a ramp; pre-centred pairs of the "
        "antisymmetric one",
        central=lambda finding: in_theory(finding) or finding.condition.endswith(", all_to_all"),
    ),
    Claim(
        "C4a",
        "For a neuron that fires at a threshold, the rate rule has the sign and the decay of the STDP curve",
        "[BPDL] Fig. 1; [BP]",
        "stdp_curve",
        "fig1_stdp_curve",
        _curve_at_threshold,
        "the threshold neuron of [BPDL] Fig. 1: there ΔW Δt = θ − V₀, which makes sign and order identities",
        kind=IDENTITY,
    ),
    Claim(
        "C4b",
        "For a neuron with random spikes, the rate rule has the sign and the decay of the STDP curve",
        "ours; after [BPDL] Fig. 1",
        "stdp_curve",
        "fig1_stdp_curve",
        _curve_of_random_spikes,
        kind=PREDICTION,
    ),
    _claim(
        "C5",
        "The correlation of STDP with the rate rule grows with averaging, as predicted",
        "[STDP]; [NC]",
        evaluate=_grows_with_averaging,
    ),
)
