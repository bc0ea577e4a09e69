"""Cases with and without a unit at a kink of the activation, where the derivatives that theory needs do not exist.

The logistic and tanh have derivatives everywhere. The hard sigmoid has a kink at either bound, where a unit can settle.
Whether a unit does so depends on the case, that is, on network and pattern, and follows from the recorded state.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from .verdict import Criterion, Finding, Results, over_cases

WITH_KINKS = "hard_sigmoid"

NO_BOUND, HIDDEN_AT_BOUND, OUTPUT_AT_BOUND = (
    "no unit at a bound",
    "hidden units at a bound",
    "an output unit at a bound",
)

SMOOTH = (
    "cases in which no unit rests at a kink of ρ: the derivation expands ρ to first order, and the criteria are orders "
    "of that"
)
"""Central conditions of claims whose theory needs derivatives of ρ at the stationary point."""


def has_curvature(dataset: xr.Dataset) -> bool:
    """Without curvature between its kinks, ρ makes no error in the first motion but that of a kink."""
    return dataset.attrs["activation"] != WITH_KINKS


def cases(results: Results, activation: str) -> Iterator[tuple[str, xr.DataArray]]:
    """Name and members, booleans (network, pattern), of each kind of case; empty kinds are left out.

    Without the states of `relaxation` there is one kind, named after the activation, which counts as having kinks if
    the activation has them.
    """
    relaxed = results.get("relaxation", {}).get(activation)
    if relaxed is None or has_curvature(relaxed):
        yield activation, xr.DataArray(True)
        return
    hidden, output = _at_a_bound(relaxed)
    kinds = {NO_BOUND: ~hidden & ~output, HIDDEN_AT_BOUND: hidden & ~output, OUTPUT_AT_BOUND: output}
    for kind, members in kinds.items():
        if members.any():
            yield f"{activation}, {kind}", members


def over_kinds_of_cases(
    results: Results, activation: str, about: str, metric: str, values: xr.DataArray, criterion: Criterion | None
) -> list[Finding]:
    """One finding for each kind of case, of the networks that have such cases.

    about : the rest of the condition, such as the layer; may be empty
    values : (network, pattern), possibly of the first patterns only
    """
    findings = []
    for kind, members in cases(results, activation):
        selected = values
        if members.ndim:
            members = members.isel(pattern=slice(values.sizes["pattern"]))
            if not members.any():
                continue
            selected = values.where(members).isel(network=np.flatnonzero(members.any("pattern")))
        condition = f"{kind}, {about}" if about else kind
        findings.append(over_cases(condition, metric, selected, criterion))
    return findings


def _at_a_bound(relaxed: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Whether any hidden unit, and any output unit, is at 0 or 1: (network, pattern) each.

    The projection onto [0, 1] makes a state at a bound exactly 0 or 1.
    """
    n_layers = sum(str(name).startswith("state_") for name in relaxed.data_vars)
    free = range(1, n_layers)
    held = [np.isin(relaxed[f"state_{layer}"], (0.0, 1.0)).any(axis=-1) for layer in free]
    dims = ("network", "pattern")
    return xr.DataArray(np.any(held[:-1], axis=0), dims=dims), xr.DataArray(held[-1], dims=dims)


def smooth(finding: Finding) -> bool:
    """Whether the condition is of an activation without kinks, or of cases without a unit at one."""
    activation, *parts = finding.condition.split(", ")
    if {HIDDEN_AT_BOUND, OUTPUT_AT_BOUND} & set(parts):
        return False
    return activation != WITH_KINKS or NO_BOUND in parts
