"""A claim, the findings under each condition, and the verdict that follows from them.

A criterion is written down before the run; it comes from theory, or is our choice where theory has no number. It is met
when the whole interval lies inside it. Each claim names its central conditions: those that satisfy the assumptions
under which its source derives or states it; the others show how far it extends. A finding is one measure under one
condition. It is undecided if its confidence interval overlaps the criterion without lying inside it, since more trials
might decide it either way; it is lost if it is neither met nor undecided. The verdict is that of the first line that
applies, in the first column of words for statements of a source and in the second for ours:

    no criterion: a measurement           reported                    reported
    no value to judge                     not judged                  not judged
    every finding is met                  replicated                  supported
    every central one is met              replicated; limits found    supported; limits found
    at least half of the central are met  partly replicated           partly supported
    at least half are met or undecided    not judged                  not judged
    otherwise                             not replicated              refuted

So "limits found" means: met wherever the source states it, but lost or undecided under some other condition. Too few
trials are no evidence against a claim.

"Nothing" and "equal" are equivalence tests: the interval must lie within ± 5 % of an effect that the criterion names.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from warnings import catch_warnings, simplefilter

import numpy as np
import xarray as xr

Results = Mapping[str, Mapping[str, xr.Dataset]]
"""Datasets by experiment and condition; a condition is an activation, a window, or "" where there is one file."""

IDENTITY, SIMULATION, PREDICTION, MEASUREMENT = "identity", "simulation", "prediction", "measurement"
"""Kinds of evidence: it follows from the equations, and the run verifies the code; a simulation; a prediction of ours
that it tests; a number that is reported without a criterion."""

OF_THE_SOURCE = REPLICATED, LIMITED, PARTLY, NOT_REPLICATED = (
    "replicated",
    "replicated; limits found",
    "partly replicated",
    "not replicated",
)
OF_OURS = SUPPORTED, SUPPORTED_LIMITED, PARTLY_SUPPORTED, REFUTED = (
    "supported",
    "supported; limits found",
    "partly supported",
    "refuted",
)
NOT_JUDGED, REPORTED = "not judged", "reported"

EQUIVALENT = 0.05
"""Share of a named effect below which a difference counts as none: a twentieth, chosen for all claims alike before any
result."""

FEW = 5
"""Number of values below which quantiles are no more than the smallest and the largest value."""

TOO_FEW = "too few trials: confidence intervals extend across an end of the criterion"
UNDEFINED = "no value is defined: what it is a ratio or a logarithm of is exactly 0, or there are too few to compare"
NO_CONDITION = "the configuration has no condition that this claim is about"


@dataclass(frozen=True)
class Criterion:
    """An interval in which an observed value must lie, and its text."""

    text: str
    low: float = -inf
    high: float = inf

    def met_by(self, *values: float) -> bool:
        """Whether all values lie within the criterion; NaN does not."""
        return all(self.low <= value <= self.high for value in values)

    def margin(self, value: float) -> tuple[float, float]:
        """Distance to the nearer end, negative outside; it ranks values of one metric, the worst first.

        The value follows, counted from that end, since distances from 1e-12 to values near 1e-33 are equal to rounding.
        """
        from_low, from_high = value - self.low, self.high - value
        return (from_low, value) if from_low < from_high else (from_high, -value)


def at_most(bound: float, text: str | None = None) -> Criterion:
    return Criterion(text or f"≤ {bound:g}", high=bound)


def at_least(bound: float) -> Criterion:
    return Criterion(f"≥ {bound:g}", low=bound)


def around(value: float, tolerance: float) -> Criterion:
    return Criterion(f"{value:g} ± {tolerance:g}", low=value - tolerance, high=value + tolerance)


def above(bound: float) -> Criterion:
    return Criterion(f"> {bound:g}", low=np.nextafter(bound, inf))


@dataclass(frozen=True)
class Finding:
    """A claim under one condition: the observed value with its interval, and whether the criterion is met.

    criterion : None where a value is reported beside the claim without being judged; `met` is then None too
    interval : what `low` and `high` are, and the number of values
    outside : where patterns are reduced to their median per network, the number of single cases that miss the criterion
    undecided : a confidence interval that overlaps the criterion without lying inside it: more trials might decide
    reason : why there is no value, with `met` None, or not for all networks; else empty
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
    interval: str = ""
    outside: str = ""
    undecided: bool = False


def undefined_finding(condition: str, metric: str, criterion: Criterion | None, reason: str = UNDEFINED) -> Finding:
    """A finding without a value."""
    return Finding(condition, metric, None, None, None, None, criterion, None, reason)


def per_network(values: xr.DataArray) -> np.ndarray:
    """Median over the patterns that have a value, (network,); NaN for a network without any."""
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # a network without a value
        return values.where(np.isfinite(values)).median("pattern").values


def power(errors: xr.DataArray, dim: str, size: xr.DataArray | None = None) -> xr.DataArray:
    """Slope of log `errors` against log `size`, by default the coordinate, along `dim`, by least squares."""
    x, y = np.log(errors[dim] if size is None else size), np.log(errors)
    x = x - x.mean(dim, skipna=False)
    return (x * y).sum(dim, skipna=False) / (x**2).sum(dim, skipna=False)


def everywhere(finding: Finding) -> bool:
    """A claim that is stated without restriction: every condition is central."""
    return True


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, or of an extension, and the function that evaluates it on the results.

    evaluate : results -> findings, those of the headline metric first
    setting : the central conditions and their reason, as text
    central : whether a finding is of a central condition
    source : begins with "ours" where no paper states it; the words of the verdict depend on it
    kind : kind of evidence
    """

    id: str
    statement: str
    source: str
    experiment: str
    figure: str
    evaluate: Callable[[Results], Sequence[Finding]]
    setting: str = "all: the claim is stated without restriction"
    central: Callable[[Finding], bool] = everywhere
    kind: str = SIMULATION

    @property
    def is_ours(self) -> bool:
        """Whether the statement is our own and not that of a paper."""
        return self.source.startswith("ours")

    def judge(self, findings: Sequence[Finding]) -> str:
        """The verdict on these findings."""
        if self.kind == MEASUREMENT and any(finding.observed is not None for finding in findings):
            return REPORTED
        return verdict(findings, self.central, ours=self.is_ours)


def judged_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Those that have a criterion and a value to compare with it."""
    return [finding for finding in findings if finding.met is not None]


def central_findings(findings: Sequence[Finding], central: Callable[[Finding], bool]) -> list[Finding]:
    """The judged findings of central conditions; all judged ones where the configuration has no central condition."""
    judged = judged_findings(findings)
    return [finding for finding in judged if central(finding)] or judged


def verdict(findings: Sequence[Finding], central: Callable[[Finding], bool] = everywhere, *, ours: bool = False) -> str:
    """The verdict on the judged findings, as in the table above; `ours` selects its words."""
    if not judged_findings(findings):
        return NOT_JUDGED
    names = OF_OURS if ours else OF_THE_SOURCE
    if all(finding.met for finding in judged_findings(findings)):
        return names[0]
    of_the_source = central_findings(findings, central)
    met = sum(bool(finding.met) for finding in of_the_source)
    possible = met + sum(finding.undecided for finding in of_the_source)
    if met == len(of_the_source):
        return names[1]
    if 2 * met >= len(of_the_source):
        return names[2]
    return NOT_JUDGED if 2 * possible >= len(of_the_source) else names[3]


def headline(findings: Sequence[Finding], central: Callable[[Finding], bool] = everywhere) -> Finding:
    """The finding that the table shows: the central one furthest outside its criterion, or else nearest to its end.

    Lost conditions come before undecided ones, these before met ones, and their first metric before others. Where
    nothing is judged, the first finding, which holds the reason.
    """
    judged = central_findings(findings, central)
    if not judged:
        return findings[0] if findings else undefined_finding("", "", None, NO_CONDITION)
    not_met = [finding for finding in judged if not finding.met]
    candidates = [finding for finding in not_met if not finding.undecided] or not_met or judged
    same_metric = [finding for finding in candidates if finding.metric == candidates[0].metric]
    return min(same_metric, key=lambda finding: finding.criterion.margin(finding.worst))


def reach(findings: Sequence[Finding], central: Callable[[Finding], bool] = everywhere) -> str:
    """Number of conditions beyond the central ones that meet the criterion or are undecided, and where it is lost."""
    of_the_source = central_findings(findings, central)
    beyond = [finding for finding in judged_findings(findings) if finding not in of_the_source]
    if not beyond:
        return "no others tried"
    counted = f"{sum(bool(finding.met) for finding in beyond)} of {len(beyond)} others"
    if undecided := sum(finding.undecided for finding in beyond):
        counted += f", {undecided} undecided"
    if lost := where_lost(beyond):
        return f"{counted}; lost for {lost}"
    return f"{counted}, none lost" if undecided else counted


def where_lost(findings: Sequence[Finding]) -> str:
    """Parts of the conditions, such as a window or a layer, for which the criterion is lost.

    The part with the largest share of lost conditions comes first, then that of the remaining conditions, and so on.
    Where only some of the conditions of a part are lost, their number follows. A single condition is named in full.
    """
    lost = {finding.condition for finding in findings if not (finding.met or finding.undecided)}
    parts_of = (lambda condition: [condition]) if len(lost) == 1 else (lambda condition: condition.split(", "))
    remaining = [(parts_of(finding.condition), bool(finding.met) or finding.undecided) for finding in findings]
    names = []
    while failing := [parts for parts, met in remaining if not met]:
        failed = Counter(part for parts in failing for part in parts)
        total = Counter(part for parts, _ in remaining for part in parts)
        named = max(failed, key=lambda part: (failed[part] / total[part], failed[part]))
        counts = "" if failed[named] == total[named] else f" ({failed[named]} of {total[named]})"
        names.append(_in_words(named) + counts)
        remaining = [(parts, met) for parts, met in remaining if named not in parts]
    return ", ".join(names)


def _in_words(part: str) -> str:
    first, *rest = part.replace("_", " ").split(", ", 1)
    return f"{first} ({rest[0]})" if rest else first or "the only condition"


def over_networks(
    condition: str,
    metric: str,
    values: np.ndarray,
    criterion: Criterion | None,
    *,
    every: bool = False,
    of: str = "networks",
) -> Finding:
    """A finding from one value per network (n_networks,): the median, and the central 95 % range.

    With fewer than `FEW` values the range is from the smallest to the largest. The whole range must meet the criterion;
    with `every`, every single network. Networks without a finite value are left out and counted in the reason.
    """
    n_networks, values = values.size, values[np.isfinite(values)]
    if not values.size:
        return undefined_finding(condition, metric, criterion)
    left_out = n_networks - values.size
    reason = f"{left_out} of {n_networks} values are undefined and left out" if left_out else ""
    ends = (values.min(), values.max())
    few = values.size < FEW
    low, high = ends if few else np.quantile(values, (0.025, 0.975))
    worst = float(ends[1]) if criterion is None else float(min(ends, key=criterion.margin))
    met = None if criterion is None else criterion.met_by(*(ends if every else (low, high)))
    interval = f"{'full' if few else '95 %'} range over {values.size} {of}"
    if n_networks == 1:
        interval = "one value, no interval"
    return Finding(
        condition, metric, float(np.median(values)), float(low), float(high), worst, criterion, met, reason, interval
    )


def over_cases(condition: str, metric: str, values: xr.DataArray, criterion: Criterion | None) -> Finding:
    """A finding from the median over patterns of each network, with the number of single cases that miss the criterion.

    values : (network, pattern), NaN where a case has no value
    """
    finding = over_networks(condition, metric, per_network(values), criterion)
    if criterion is None or finding.met is None:
        return finding
    cases = values.values[np.isfinite(values.values)]
    missed = sum(not criterion.met_by(case) for case in cases)
    return replace(finding, outside=f"{missed} of {cases.size} cases")


def exact(condition: str, metric: str, value: float, criterion: Criterion | None) -> Finding:
    """A finding from one number without an error."""
    return over_networks(condition, metric, np.array([value]), criterion)


def finding_from_estimate(
    condition: str, metric: str, estimate: float, standard_error: float, criterion: Criterion | None, *, n: str
) -> Finding:
    """A finding from an estimate with a standard error: the interval of ± 1.96 of them must meet the criterion.

    n : the sample, as text
    """
    if not np.isfinite([estimate, standard_error]).all():
        return undefined_finding(condition, metric, criterion)
    half = 1.96 * standard_error
    return within_interval(condition, metric, estimate, (estimate - half, estimate + half), criterion, n=n)


def correlated(
    condition: str,
    metric: str,
    correlation: float,
    n_pairs: int,
    criterion: Criterion | None,
    *,
    n: str,
    variance: float = 1.0,
) -> Finding:
    """A finding from a correlation, with the confidence interval of Fisher's z = artanh r, which stays within ± 1.

    variance : of z, in units of 1 / (n_pairs − 3), which is that of Pearson's correlation
    """
    if n_pairs <= 3 or not np.isfinite(correlation):
        return undefined_finding(condition, metric, criterion)
    half = 1.96 * (variance / (n_pairs - 3)) ** 0.5
    with np.errstate(divide="ignore"):  # z of a correlation of ± 1 is infinite
        low, high = np.tanh(np.arctanh(correlation) + np.array([-half, half]))
    return within_interval(condition, metric, correlation, (low, high), criterion, n=n)


def within_interval(
    condition: str, metric: str, estimate: float, ends: tuple[float, float], criterion: Criterion | None, *, n: str
) -> Finding:
    """A finding from an estimate with a 95 % confidence interval, which must meet the criterion as a whole."""
    low, high = (float(end) for end in ends)
    worst = float(estimate) if criterion is None else min((low, high), key=criterion.margin)
    met = None if criterion is None else criterion.met_by(low, high)
    overlaps = criterion is not None and bool(low <= criterion.high and high >= criterion.low)
    return Finding(
        condition,
        metric,
        float(estimate),
        low,
        high,
        worst,
        criterion,
        met,
        interval=f"95 % confidence interval, n = {n}",
        undecided=overlaps and not met,
    )
