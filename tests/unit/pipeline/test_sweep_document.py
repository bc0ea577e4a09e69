"""Wrong sweeps, made from the shipped one: keys missing, misspelt, of each wrong type, out of bounds; all rejected."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nested import MISSING, with_value

from stdp_backprop.config import InvalidConfiguration, validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.pipeline.sweep_design import points_of, read_sweep

PROJECT = Path(__file__).resolve().parents[3]
CONFIGURATION = validate(read_strictly(PROJECT / "config.yaml"))
SHIPPED = read_strictly(PROJECT / "config" / "sweep.yaml")
CUBE = ("latin_hypercubes", "gain_and_time")
GAIN = (*CUBE, "ranges", "relaxation.activations.*.gain")
GRID = ("grids", "activations")
NO_NUMBERS = ["text", "1e-3", True, None, [], {}, [1.0], math.nan, math.inf, -math.inf, -1.0]
NO_WHOLE_NUMBERS = [*NO_NUMBERS, 2.5, 0, 10**9, "3"]
NO_NAMES = ["nonsense", 1, True, None, [], {}, "x" * 10_000]
NO_SECTIONS = ["text", 1.0, True, [1.0]]
NO_LISTS = ["text", 1.0, True, None, [], {}, [[1.0]], [None], [True], [{}], [math.nan], [math.inf], ["text"] * 100_000]
# where -> values that it does not take
WRONG = {
    ("points_per_job",): NO_WHOLE_NUMBERS,
    ("measure",): [*NO_SECTIONS, None, {}],
    ("measure", "activation"): NO_NAMES,
    ("measure", "nudge"): [*NO_NUMBERS, 0.0, 1.5],
    ("measure", "time"): [*NO_NUMBERS, 0.0, 1e4],
    ("measure", "threshold"): [*NO_NUMBERS, 0.0, 1.0],
    ("base",): [*NO_SECTIONS, None],
    ("base", "relaxation"): [*NO_SECTIONS, None],
    ("base", "relaxation", "n_networks"): NO_WHOLE_NUMBERS,
    ("grids",): NO_SECTIONS,
    GRID: [*NO_SECTIONS, None],
    (*GRID, "measure.activation"): [*NO_LISTS, ["tahn"], ["tanh", "tanh"]],
    (*GRID, "relaxation.activations.*.gain"): [*NO_LISTS, [-1.0], ["0.1"]],
    ("latin_hypercubes",): NO_SECTIONS,
    CUBE: [*NO_SECTIONS, None, {}],
    (*CUBE, "n_points"): NO_WHOLE_NUMBERS,
    (*CUBE, "ranges"): NO_SECTIONS,
    (*CUBE, "choices"): NO_SECTIONS,
    GAIN: [*NO_SECTIONS, None, {}],
    (*GAIN, "low"): [*NO_NUMBERS, 0.0, 5.0],
    (*GAIN, "high"): [*NO_NUMBERS, 0.0, 1e-3],
    (*GAIN, "scale"): NO_NAMES,
    ("figure",): [*NO_SECTIONS, None, {}],
    ("figure", "horizontal"): NO_NAMES,
    ("figure", "vertical"): NO_NAMES,
}
MAY_BE_ABSENT = {GRID, CUBE, GAIN, ("base", "relaxation"), ("base", "relaxation", "n_networks")}
MAY_BE_CALLED_OTHERWISE = {GRID, CUBE}


def cases() -> Iterator[tuple[tuple[str, ...], Any]]:
    for place, values in WRONG.items():
        if place not in MAY_BE_ABSENT and place[0] != "grids":
            yield place, MISSING
        if place not in MAY_BE_CALLED_OTHERWISE:
            yield (*place[:-1], f"{place[-1]}x"), None
        yield from ((place, value) for value in values)


def rejected(place: tuple[str, ...], value: Any) -> list[str]:
    try:
        points_of(read_sweep(with_value(SHIPPED, place, value)), CONFIGURATION)
    except InvalidConfiguration as rejection:
        return rejection.errors
    return []


def test_at_least_150_wrong_sweeps_are_rejected_each_in_seconds_with_the_key_and_without_filling_the_screen():
    """A sweep takes hours: what is wrong with it must be said before the first point."""
    told = list(cases())
    assert len(told) >= 150
    for place, value in told:
        began = time.process_time()
        errors = rejected(place, value)
        case = f"{'.'.join(place)} = {value!r}"[:200]
        assert time.process_time() - began < 5, case
        assert errors, f"accepted: {case}"
        assert any(place[-1].split(".")[-1].removesuffix("x") in line for line in errors), (case, errors)
        assert max(map(len, errors)) < 1000, case
        assert len(errors) <= 21, case
