"""`make verify` tests whether a build on another machine has the same findings as the committed reference.

The same configuration gives the same bytes on one kind of machine. Another processor, or another version of a library,
rounds differently; summaries must then agree up to rounding error, and verdicts must be the same.

    python -m stdp_backprop.pipeline.verify           compares results/ with the reference
    python -m stdp_backprop.pipeline.verify --write   makes results/ the reference
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from .io import write_text

REFERENCE = Path(__file__).resolve().parents[3] / "tests" / "data" / "reference.json"
CHAOTIC = ("learning", "spiking_learning")
"""Experiments in which a difference in the last digit grows with every weight change, until it decides which digits are
misread: another rounding gives another draw from the same distribution."""
DEVIATIONS = 4
"""How many standard deviations two draws may be apart: of normal ones, 6 in 100 000 are further."""
FLOOR = 1e4 * float(np.finfo(float).eps)
"""What ten thousand roundings of a value of order one may add up to: residuals are nothing else."""

Summary = dict[str, Any]


def summary(results: Path) -> Summary:
    """Verdicts and, of each variable of each result file, number of finite values, mean and root mean square."""
    claims = json.loads((results / "claims.json").read_text(encoding="utf-8"))
    return {
        "claims": {row["id"]: row["verdict"] for row in claims},
        "variables": {
            path.relative_to(results).as_posix(): _variables(path)
            for path in sorted([*results.glob("*.nc"), *results.glob("*/*.nc")])
        },
    }


def _variables(path: Path) -> Summary:
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        return {name: _statistics(values) for name, values in dataset.data_vars.items() if values.dtype.kind in "fiu"}


def _statistics(values: xr.DataArray) -> Summary:
    finite = values.values[np.isfinite(values.values)].astype(float)
    mean, rms = (float(finite.mean()), float(np.sqrt(np.mean(finite**2)))) if finite.size else (0.0, 0.0)
    return {"finite": int(finite.size), "mean": mean, "rms": rms, "type": values.dtype.name}


def as_text(found: Summary) -> str:
    """JSON with a line for each verdict and each variable."""
    return folded(json.dumps(found, indent=0, sort_keys=True)) + "\n"


def folded(text: str) -> str:
    """Indented JSON with each innermost list and section in one line, unless that would be too long to read."""
    innermost = r"([\[{])\n\s*([^\[\]{}]{1,500})\n\s*([\]}])"
    return re.sub(innermost, lambda found: found[1] + re.sub(r"\n\s*", " ", found[2]) + found[3], text)


def differences(found: Summary, reference: Summary) -> Iterator[str]:
    """What differs by more than rounding explains, in words."""
    for name, verdict in reference["claims"].items():
        if (now := found["claims"].get(name, "absent")) != verdict:
            yield f"claim {name}: {now}; in the reference {verdict}"
    for file, variables in reference["variables"].items():
        if file not in found["variables"]:
            yield f"{file}: absent"
            continue
        for name, expected in variables.items():
            yield from _difference(file, name, found["variables"][file].get(name), expected, reference)


def _difference(file: str, name: str, now: Summary | None, expected: Summary, reference: Summary) -> Iterator[str]:
    if now is None or now["finite"] != expected["finite"]:
        yield f"{file}: {name} has {now['finite'] if now else 'no'} values; in the reference {expected['finite']}"
        return
    allowed = tolerance(file, name, reference)
    for statistic in ("mean", "rms"):
        if not abs(now[statistic] - expected[statistic]) <= allowed:
            yield (
                f"{file}: the {statistic} of {name} is {now[statistic]:.10g}; in the reference "
                f"{expected[statistic]:.10g}, and rounding explains {allowed:.1g}"
            )


def tolerance(file: str, name: str, reference: Summary) -> float:
    """By how much rounding may move a statistic of the variable `name` in `file`.

    Half of the digits of the type, of a typical size of the values: what is found by going downhill, or as the
    difference of what is, is known to the root of the relative rounding error, and its square or a ratio of two such
    values to twice that; but never less than FLOOR. Counts of steps may change by one. Where rounding errors grow
    (CHAOTIC): DEVIATIONS times the standard deviation of the difference of two repetitions. The doubling for squares
    and ratios was derived after one of them, on another code path, had missed the single value by a factor of 1.5.
    """
    expected = reference["variables"][file][name]
    kind = np.dtype(expected["type"])
    rounding = max(FLOOR, 2 * float(np.sqrt(np.finfo(kind).eps)) * expected["rms"]) if kind.kind == "f" else 1.0
    if file.split("/")[0] not in CHAOTIC:
        return rounding
    repetitions = [
        variables[name]["mean"]
        for other, variables in reference["variables"].items()
        if other.rpartition("_")[0] == file.rpartition("_")[0] and name in variables
    ]
    return max(rounding, DEVIATIONS * float(np.sqrt(2)) * float(np.std(repetitions, ddof=min(1, len(repetitions) - 1))))


def main(arguments: list[str]) -> str:
    """The report; ends the process with status 1 if something differs."""
    results = Path("results")
    if not (results / "claims.json").is_file():
        sys.exit("results/ contains no complete build; make one first: make figures")
    found = summary(results)
    if arguments == ["--write"]:
        write_text(REFERENCE, as_text(found))
        return f"wrote {REFERENCE}"
    reference: Mapping[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    n_variables = sum(map(len, reference["variables"].values()))
    if different := list(differences(found, reference)):
        sys.exit("\n".join([*different, f"{len(different)} differences in {n_variables} variables"]))
    return f"{len(reference['claims'])} verdicts and {n_variables} variables agree with the reference"


if __name__ == "__main__":
    print(main(sys.argv[1:]))
