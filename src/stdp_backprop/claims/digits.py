"""Confidence intervals of mean test errors: the sample of test digits, and initial weights, orders and spikes.

There is one value per split, seed and test digit. The interval of a mean adds two errors in quadrature. The first is
that of the sample of test digits, which are all different: 1.96 standard errors over digits, paired where two
learning rules are compared digit by digit. The second is that of initial weights, orders and spikes: Student's t over
the runs, one per split and seed. The scatter between runs contains part of the first error, so that the interval is
slightly too wide.
"""

import numpy as np

from .verdict import Criterion, Finding, within_interval

POINTS = "percentage points"


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % interval in percent of values (split, seed, digit)."""
    from scipy import stats  # slow to import, which the figures that need other verdicts are spared

    digits, runs = values.mean(axis=1).ravel(), values.mean(axis=2).ravel()
    over_digits = 1.96 * stats.sem(digits)
    over_runs = stats.t.ppf(0.975, runs.size - 1) * stats.sem(runs)
    mean, half = 100 * values.mean(), 100 * float(np.hypot(over_digits, over_runs))
    return mean, mean - half, mean + half


def over_digits_and_runs(condition: str, metric: str, values: np.ndarray, criterion: Criterion | None) -> Finding:
    """A finding from values (split, seed, digit), in percent: the whole interval must meet the criterion."""
    mean, *ends = interval(values)
    return within_interval(condition, metric, mean, tuple(ends), criterion, n=describe_sample(values))


def describe_sample(values: np.ndarray) -> str:
    """How many test digits and runs there are in values (split, seed, digit)."""
    n_splits, n_seeds, n_digits = values.shape
    return f"{n_splits * n_digits} test digits and {n_splits * n_seeds} runs"
