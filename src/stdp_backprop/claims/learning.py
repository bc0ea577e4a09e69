"""Claim D2, ours and not the paper's: what its rate rule is worth when a network learns by nothing else.

Values are one per seed: each seed has its own first weights and order of the digits, the same for all rules, so that
rules are compared by their difference. The interval is that of the mean over seeds.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from .verdict import PREDICTION, Claim, Criterion, Finding, Results, at_least, at_most, within_interval

POINTS = "percentage points"


def over_seeds(condition: str, metric: str, values: np.ndarray, criterion: Criterion | None) -> Finding:
    """A finding from one value per seed: their mean and its 95 % interval by Student's t, which must meet it."""
    from scipy import stats  # slow to import, which the figures that need other verdicts are spared

    mean, error = values.mean(), stats.sem(values)
    ends = mean + error * np.array(stats.t.interval(0.95, values.size - 1))
    return within_interval(condition, metric, mean, tuple(ends), criterion, n=f"{values.size} seeds")


def by_network(results: Results) -> Iterator[tuple[str, xr.Dataset]]:
    """Each network's name and its datasets, side by side along `seed`."""
    datasets = list(results["learning"].values())
    for name in dict.fromkeys(dataset.attrs["network"] for dataset in datasets):
        yield name, xr.concat([dataset for dataset in datasets if dataset.attrs["network"] == name], dim="seed")


def final_test_error(dataset: xr.Dataset) -> xr.DataArray:
    """Test error of every rule with its own settings, mean of the last epochs: (seed, rule)."""
    last = slice(-int(dataset.attrs["final_epochs"]), None)
    return dataset["test_error"].isel(epoch=last).mean("epoch").transpose("seed", "rule")


def _rate_rule_learns(results: Results) -> list[Finding]:
    differences, depths, beside = [], [], []
    for name, dataset in by_network(results):
        error = final_test_error(dataset)
        rate = error.sel(rule="rate")
        for other, called in (("symmetric", "equilibrium propagation"), ("backprop", "backprop")):
            metric = f"test error of the rate rule minus that of {called}, {POINTS}"
            values = (rate - error.sel(rule=other)).values
            differences.append(over_seeds(name, metric, values, at_most(1)))
        shown = dict(zip(dataset["nudged_rule"].values, np.atleast_1d(dataset.attrs["shown_steps"]), strict=True))[
            "rate"
        ]
        by_steps = dataset["final_test_error"].sel(nudged_rule="rate")
        if shown > 1:
            gain = by_steps.sel(nudged_steps=1) - by_steps.sel(nudged_steps=shown)
            metric = f"test error with the output's weights learnt alone minus that with all, {POINTS}"
            depths.append(over_seeds(name, metric, gain.values, at_least(0)))
        beside += [
            over_seeds(name, f"test error, percent, {rule}", error.sel(rule=rule).values, None)
            for rule in dataset["rule"].values
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
