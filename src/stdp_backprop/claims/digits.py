"""Confidence intervals of mean test errors: the sample of test digits, and initial weights, orders and spikes.

There is one value per split, seed and test digit. The interval of a mean adds two errors in quadrature. The first is
that of the sample of test digits, which are all different: 1.96 standard errors over digits, paired where two
learning rules are compared digit by digit. The second is that of initial weights, orders and spikes: Student's t over
the runs, one per split and seed. The scatter between runs contains part of the first error, so that the interval is
slightly too wide.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from .verdict import Criterion, Finding, Results, within_interval

POINTS = "percentage points"


def splits_by_network(results: Results, *, experiment: str) -> Iterator[tuple[str, list[xr.Dataset]]]:
    """Each network's name and its datasets, one per split."""
    datasets = list(results[experiment].values())
    for name in dict.fromkeys(dataset.attrs["network"] for dataset in datasets):
        yield name, [dataset for dataset in datasets if dataset.attrs["network"] == name]


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % interval in percent of values (split, seed, digit)."""
    digits, runs = values.mean(axis=1).ravel(), values.mean(axis=2).ravel()
    mean, half = 100 * values.mean(), 100 * float(np.hypot(1.96 * standard_error(digits), half_interval(runs)))
    return mean, mean - half, mean + half


def half_interval(runs: np.ndarray) -> np.ndarray:
    """Half of Student's 95 % interval of the mean over the first axis, one value per run."""
    return stdtrit(len(runs) - 1, 0.975) * standard_error(runs)


def standard_error(values: np.ndarray) -> np.ndarray:
    """Of the mean over the first axis."""
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


def over_digits_and_runs(condition: str, metric: str, values: np.ndarray, criterion: Criterion | None) -> Finding:
    """A finding from values (split, seed, digit), in percent: the whole interval must meet the criterion."""
    mean, *ends = interval(values)
    return within_interval(condition, metric, mean, tuple(ends), criterion, n=describe_sample(values))


def describe_sample(values: np.ndarray) -> str:
    """How many test digits and runs there are in values (split, seed, digit)."""
    n_splits, n_seeds, n_digits = values.shape
    return f"{n_splits * n_digits} test digits and {n_splits * n_seeds} runs"
