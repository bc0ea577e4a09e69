"""What a claim is, what was found of it under each condition, and the verdict that follows.

A criterion is written down before the run and comes from theory. Each claim names its central conditions: those for
which its source states it, or for which the theory behind its criterion holds; the others go beyond the source. The
verdict follows by one rule. `replicated`: the criterion is met under every condition. `replicated with deviation`: not
under every one, but under at least half of the central ones; those that fail are listed. `not replicated`: under fewer
than half of the central ones, whatever holds elsewhere. `not judged`: nothing to judge it by, with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from warnings import catch_warnings, simplefilter

import numpy as np
import xarray as xr

Results = Mapping[str, Mapping[str, xr.Dataset]]
"""Datasets by experiment and condition; a condition is an activation, a window, or "" where there is one file."""

REPLICATED, DEVIATING, NOT_REPLICATED = "replicated", "replicated with deviation", "not replicated"
NOT_JUDGED = "not judged"

UNDEFINED = "no value is defined: what it is a ratio or a logarithm of is exactly 0, or there are too few to compare"
NO_CONDITION = "the configuration has no condition that this claim is about"


@dataclass(frozen=True)
class Criterion:
    """An interval that an observed value must lie in, and how it reads."""

    text: str
    low: float = -inf
    high: float = inf

    def met_by(self, *values: float) -> bool:
        """Whether all values lie within the criterion; NaN does not."""
        return all(self.low <= value <= self.high for value in values)

    def margin(self, value: float) -> float:
        """Distance to the nearer end, negative outside: what ranks conditions of one metric."""
        return min(value - self.low, self.high - value)


def at_most(bound: float, text: str | None = None) -> Criterion:
    return Criterion(text or f"≤ {bound:g}", high=bound)


def at_least(bound: float, text: str | None = None) -> Criterion:
    return Criterion(text or f"≥ {bound:g}", low=bound)


def around(value: float, tolerance: float) -> Criterion:
    return Criterion(f"{value:g} ± {tolerance:g}", low=value - tolerance, high=value + tolerance)


@dataclass(frozen=True)
class Finding:
    """A claim under one condition: the observed value with its 95 % interval, and whether the criterion is met.

    criterion : None where a value is reported beside the claim without being judged; `met` is then None too
    reason : why there is no value, with `met` None, or why it is not of all networks; else empty
    """

    condition: str
    metric: str
    observed: float | None
    low: float | None
    high: float | None
    worst: float | None
    criterion: Criterion | None
    met: bool | None
    reason: str = ""


def undefined(condition: str, metric: str, criterion: Criterion | None, reason: str = UNDEFINED) -> Finding:
    """A finding without a value."""
    return Finding(condition, metric, None, None, None, None, criterion, None, reason)


def per_network(values: xr.DataArray) -> np.ndarray:
    """Median over the patterns that have a value, (network,); NaN for a network without any."""
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # that a network has none
        return values.where(np.isfinite(values)).median("pattern").values


def everywhere(finding: Finding) -> bool:
    """A claim that is stated without restriction: every condition is central."""
    return True


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, or of an extension, and the function that looks for it in the results.

    evaluate : results -> findings, those of the headline metric first
    setting : the central conditions in words, and why these
    central : whether a finding is of a central condition
    """

    id: str
    statement: str
    source: str
    experiment: str
    figure: str
    evaluate: Callable[[Results], Sequence[Finding]]
    setting: str = "all: the claim is stated without restriction"
    central: Callable[[Finding], bool] = everywhere


def judged_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Those that have a criterion and a value to compare with it."""
    return [finding for finding in findings if finding.met is not None]


def central_findings(findings: Sequence[Finding], central: Callable[[Finding], bool]) -> list[Finding]:
    """The judged findings of central conditions; all judged ones where the configuration has no central condition."""
    judged = judged_findings(findings)
    return [finding for finding in judged if central(finding)] or judged


def verdict(findings: Sequence[Finding], central: Callable[[Finding], bool] = everywhere) -> str:
    """The verdict that the judged findings give, see above."""
    if not judged_findings(findings):
        return NOT_JUDGED
    if all(finding.met for finding in judged_findings(findings)):
        return REPLICATED
    of_the_source = central_findings(findings, central)
    met = sum(bool(finding.met) for finding in of_the_source)
    return DEVIATING if 2 * met >= len(of_the_source) else NOT_REPLICATED


def headline(findings: Sequence[Finding]) -> Finding:
    """The finding that the table shows: the one furthest beyond its criterion, or else nearest to it, of one metric.

    The metric is the first that fails under any condition, or else the first that is judged at all. Where none is, the
    first finding, which says why.
    """
    judged = judged_findings(findings)
    if not judged:
        return findings[0] if findings else undefined("", "", None, NO_CONDITION)
    shown = next((finding for finding in judged if finding.met is False), judged[0])
    same_metric = [finding for finding in judged if finding.metric == shown.metric]
    return min(same_metric, key=lambda finding: finding.criterion.margin(finding.worst))


def over_networks(
    condition: str, metric: str, values: np.ndarray, criterion: Criterion | None, *, every: bool = False
) -> Finding:
    """A finding from one value per network (n_networks,): the median, and the range that holds 95 % of them.

    The criterion must hold over that range; with `every`, for every single network. Networks without a finite value
    are left out and counted in the reason.
    """
    n_networks, values = values.size, values[np.isfinite(values)]
    if not values.size:
        return undefined(condition, metric, criterion)
    left_out = n_networks - values.size
    reason = f"{left_out} of {n_networks} values are undefined and left out" if left_out else ""
    low, high = np.quantile(values, (0.025, 0.975))
    ends = (values.min(), values.max())
    worst = float(ends[1]) if criterion is None else float(min(ends, key=criterion.margin))
    met = None if criterion is None else criterion.met_by(*(ends if every else (low, high)))
    return Finding(condition, metric, float(np.median(values)), float(low), float(high), worst, criterion, met, reason)


def estimated(
    condition: str, metric: str, estimate: float, standard_error: float, criterion: Criterion | None
) -> Finding:
    """A finding from an estimate with a standard error: ± 1.96 of them; the estimate itself must meet the criterion."""
    if not np.isfinite([estimate, standard_error]).all():
        return undefined(condition, metric, criterion)
    low, high = estimate - 1.96 * standard_error, estimate + 1.96 * standard_error
    worst = estimate if criterion is None else min((low, high), key=criterion.margin)
    met = None if criterion is None else criterion.met_by(estimate)
    return Finding(condition, metric, float(estimate), float(low), float(high), float(worst), criterion, met)
