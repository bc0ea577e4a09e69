"""Claims A1–A4: the dynamics lower the energy and converge to a point where its gradient vanishes."""

from functools import partial

import numpy as np
import xarray as xr

from .verdict import IDENTITY, Claim, Criterion, Finding, Results, around, at_most, finding_from_estimate, over_networks


def _worst(results: Results, variable: str, metric: str, criterion: Criterion | None) -> list[Finding]:
    """Per condition, the largest value of a variable over the patterns of each network; the criterion is of each."""
    return [
        over_networks(activation, metric, dataset[variable].max("pattern").values, criterion, every=True)
        for activation, dataset in results["relaxation"].items()
    ]


def _force_is_gradient(results: Results) -> list[Finding]:
    metric = "relative error of R(s) − s against −dE/ds, worst pattern of a network"
    return _worst(results, "force_error", metric, at_most(1e-8))


def _energy_decreases(results: Results) -> list[Finding]:
    metric = "Euler step ε relative to 2/λ_max(H)"
    steps = []
    for activation, dataset in results["relaxation"].items():
        share = dataset["hessian_eigenvalue_max"].max("pattern").values * dataset.attrs["euler_step"] / 2
        steps.append(over_networks(activation, metric, share, at_most(1), every=True))
    return _worst(results, "energy_increase_max", "largest change of E in one Euler step", at_most(1e-12)) + steps


def total_variation(dataset: xr.Dataset) -> np.ndarray:
    """Total variation between the Langevin histogram and exp(−E/T), (euler_step, left-out chain group + 1).

    The last column uses all groups of chains; the others leave one out, for jackknife errors.
    """
    observed, expected = dataset["langevin_probability"].values, dataset["boltzmann_probability"].values
    n_groups = observed.shape[1]
    # each group has the same number of samples, and its shares add up to its part of the total
    shares = [np.delete(observed, group, axis=1).mean(axis=1) for group in range(n_groups)]
    shares.append(observed.mean(axis=1))
    return np.stack([0.5 * np.abs(share - expected).sum(axis=(-2, -1)) for share in shares], axis=-1)


def jackknife_error(estimates: np.ndarray) -> float:
    """Standard error from leave-one-out estimates (n,)."""
    n = estimates.size
    return float(np.sqrt((n - 1) / n * np.sum((estimates - estimates.mean()) ** 2)))


def _langevin_samples_boltzmann(results: Results) -> list[Finding]:
    """The distance c₁ε + c₂ε² + … has the order 1 + O(ε) between two finite steps: the tolerance is the larger of them.

    Smaller steps bring the order closer to 1; more samples narrow the interval.
    """
    orders, limits = [], []
    for activation, dataset in results["relaxation"].items():
        coarse, fine = dataset["euler_step"].values[-2:]
        distance = total_variation(dataset)
        order = np.log2(distance[-2] / distance[-1])
        limit = 2 * distance[-1] - distance[-2]
        for kind, values, metric, criterion in (
            (orders, order, "order in ε of the total variation to exp(−E/T)", around(1, coarse)),
            (
                limits,
                limit,
                "total variation extrapolated to ε → 0",
                Criterion(f"0 ± ε² = {fine**2:g}", -(fine**2), fine**2),
            ),
        ):
            error, groups = jackknife_error(values[:-1]), f"{values.size - 1} groups of chains"
            kind.append(finding_from_estimate(activation, metric, values[-1], error, criterion, n=groups))
    return orders + limits


def _reaches_stationary_point(results: Results) -> list[Finding]:
    metric = "largest difference between the states of Euler steps and of another solver"
    distances = _worst(results, "solver_distance", metric, None)
    return _worst(results, "residual", "max|R(s) − s|, worst pattern of a network", at_most(1e-10)) + distances


_claim = partial(Claim, experiment="relaxation", figure="fig4_stationary_point")

CLAIMS = (
    _claim(
        "A1",
        "The inference dynamics R(s) − s are minus the gradient of the energy",
        "[NC]; [EP] eqs. 1, 8",
        evaluate=_force_is_gradient,
        kind=IDENTITY,
    ),
    _claim(
        "A2",
        "Noise-free inference only lowers the energy",
        "[NC]; [EP] eq. 9",
        evaluate=_energy_decreases,
        kind=IDENTITY,
    ),
    _claim("A3", "Langevin inference samples exp(−E/T)", "[NC]; [EI] section 2", evaluate=_langevin_samples_boltzmann),
    _claim("A4", "Inference reaches a stationary point", "[NC]; [EP] section 2", evaluate=_reaches_stationary_point),
)
