"""Claim D2, an extension: how well a network learns by the rate rule alone.

Each seed has its own initial weights and order of the digits, which are the same for all rules, so that rules are
compared by their difference on each test digit. `digits` explains the intervals.
"""

from functools import partial

import numpy as np
import xarray as xr

from .digits import POINTS, over_digits_and_runs, splits_by_network
from .verdict import PREDICTION, Claim, Finding, Results, at_least, at_most

by_network = partial(splits_by_network, experiment="learning")


def select_rule(dataset: xr.Dataset, rule: str, n_steps: int | None = None) -> xr.Dataset:
    """The result of one rule with a nudged phase of `n_steps`; by default the length at which it is compared."""
    at_length = dataset["shown"] == 1 if n_steps is None else dataset["nudged_steps"] == n_steps
    (place,) = np.flatnonzero((dataset["rule"] == rule) & at_length)
    return dataset.isel(condition=place)


def wrong(splits: list[xr.Dataset], rule: str, n_steps: int | None = None) -> np.ndarray:
    """Share of the last epochs in which each test digit was wrong: (split, seed, digit)."""
    return np.stack([select_rule(dataset, rule, n_steps)["test_wrong"].values for dataset in splits]).astype(float)


def rules_of(dataset: xr.Dataset) -> list[str]:
    """All learning rules, in order."""
    return list(dict.fromkeys(dataset["rule"].values.tolist()))


def _rate_rule_learns(results: Results) -> list[Finding]:
    differences, depths, reported = [], [], []
    for name, splits in by_network(results):
        rate = wrong(splits, "rate")
        for other, label in (("symmetric", "equilibrium propagation"), ("backprop", "backprop")):
            metric = f"test error of the rate rule minus that of {label}, {POINTS}"
            differences.append(over_digits_and_runs(name, metric, rate - wrong(splits, other), at_most(1)))
        if int(select_rule(splits[0], "rate")["nudged_steps"]) > 1:
            metric = f"test error when only the output weights learn minus that when all weights learn, {POINTS}"
            depths.append(over_digits_and_runs(name, metric, wrong(splits, "rate", 1) - rate, at_least(0)))
        reported += [
            over_digits_and_runs(name, f"test error, percent, {rule}", wrong(splits, rule), None)
            for rule in rules_of(splits[0])
        ]
    return sorted(differences, key=lambda finding: finding.metric, reverse=True) + depths + reported


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
