"""Claim D2, an extension: how well a network learns by the rate rule alone.

Each seed has its own initial weights and order of the digits, which are the same for all rules, so that rules are
compared by their difference on each test digit. `digits` explains the intervals.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from .digits import POINTS, over_digits_and_runs
from .verdict import PREDICTION, Claim, Finding, Results, at_least, at_most


def by_network(results: Results) -> Iterator[tuple[str, list[xr.Dataset]]]:
    """Each network's name and its datasets, one per split."""
    datasets = list(results["learning"].values())
    for name in dict.fromkeys(dataset.attrs["network"] for dataset in datasets):
        yield name, [dataset for dataset in datasets if dataset.attrs["network"] == name]


def select_rule(dataset: xr.Dataset, rule: str, n_steps: int | None = None) -> xr.Dataset:
    """What one rule did with a nudged phase of `n_steps`; by default of the length that it is compared at."""
    at_length = dataset["shown"] == 1 if n_steps is None else dataset["nudged_steps"] == n_steps
    (place,) = np.flatnonzero((dataset["rule"] == rule) & at_length)
    return dataset.isel(condition=place)


def wrong(splits: list[xr.Dataset], rule: str, n_steps: int | None = None) -> np.ndarray:
    """Share of the last epochs in which each test digit was wrong: (split, seed, digit)."""
    return np.stack([select_rule(dataset, rule, n_steps)["test_wrong"].values for dataset in splits]).astype(float)


def rules_of(dataset: xr.Dataset) -> list[str]:
    """All ways to learn, in order."""
    return list(dict.fromkeys(dataset["rule"].values.tolist()))


def _rate_rule_learns(results: Results) -> list[Finding]:
    differences, depths, beside = [], [], []
    for name, splits in by_network(results):
        rate = wrong(splits, "rate")
        for other, called in (("symmetric", "equilibrium propagation"), ("backprop", "backprop")):
            metric = f"test error of the rate rule minus that of {called}, {POINTS}"
            differences.append(over_digits_and_runs(name, metric, rate - wrong(splits, other), at_most(1)))
        if int(select_rule(splits[0], "rate")["nudged_steps"]) > 1:
            metric = f"test error when only the output weights learn minus that when all weights learn, {POINTS}"
            depths.append(over_digits_and_runs(name, metric, wrong(splits, "rate", 1) - rate, at_least(0)))
        beside += [
            over_digits_and_runs(name, f"test error, percent, {rule}", wrong(splits, rule), None)
            for rule in rules_of(splits[0])
        ]
    return sorted(differences, key=lambda finding: finding.metric, reverse=True) + depths + beside


CLAIMS = (
    Claim(
        "D2",
        "A network trained by the rate rule alone learns handwritten digits as well as backprop and equilibrium "
        "propagation do",
        "ours; settings after [EP] Table 2",
        "learning",
        "fig9_learning",
        _rate_rule_learns,
        kind=PREDICTION,
    ),
)
