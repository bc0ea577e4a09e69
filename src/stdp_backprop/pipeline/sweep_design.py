"""The points of a sweep: drawn, checked against the models of the configuration, named and distributed to jobs.

A key is a dotted path such as `relaxation.step`, `relaxation.layer_sizes[1]` or `relaxation.activations.*.gain`, where
`*` stands for the activation of the point. The name of a point is a hash of its settings and
does not depend on its place in a list, so that adding points changes neither names nor results of the others.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import ValidationError

from ..config import Configuration
from ..config.messages import InvalidConfiguration, explain, unit_at
from ..config.reading import laid_over
from ..config.sweep import SWEPT, LatinHypercube, Point, Span, Sweep
from ..experiments.random_streams import experiment_generator

Value = int | float | str
Settings = dict[str, Any]

NOT_SWEPT = {
    "relaxation.langevin": "it is not measured in a sweep",
    "early_inference.nudges": "a sweep uses measure.nudge instead",
    "early_inference.euler_step": "it is not measured in a sweep",
}
MOST_ERRORS_SHOWN = 20


@dataclass(frozen=True)
class NamedPoint:
    """One point: its name, the designs it belongs to, the value of every swept key and all its settings."""

    name: str
    designs: tuple[str, ...]
    values: dict[str, Value]
    settings: Settings


def read_sweep(raw: Mapping[str, Any]) -> Sweep:
    """The sweep in `raw`, as YAML gives it. Raises InvalidConfiguration."""
    try:
        return Sweep.model_validate(dict(raw))
    except ValidationError as error:
        raise InvalidConfiguration(explain(error, Sweep)) from None


def points_of(sweep: Sweep, configuration: Configuration) -> list[NamedPoint]:
    """Every point of the sweep, once, in the order of the file. Raises InvalidConfiguration with all errors."""
    base = _base(sweep, configuration)
    errors = _errors_at_base(base) or [*_errors_in_keys(sweep, base), *_errors_in_values(sweep, base)]
    if errors:
        raise InvalidConfiguration(_shorten(errors))
    points: dict[str, NamedPoint] = {}
    keys = swept_keys(sweep)
    for design, values in _draw(sweep, base, configuration.seed):
        settings = _with(base, values)
        try:
            point = Point.model_validate(settings)
        except ValidationError as error:
            at = ", ".join(f"{key} = {value}" for key, value in values.items())
            errors += [f"{design}: {line}, at {at}" for line in explain(error, Point)]
            continue
        name = _name(configuration.seed, point)
        designs = (*points[name].designs, design) if name in points else (design,)
        everywhere = {key: _read(settings, key) for key in keys}
        points[name] = NamedPoint(name, designs, everywhere, point.reduced().model_dump(mode="json"))
    if errors:
        raise InvalidConfiguration(_shorten(errors))
    return list(points.values())


def swept_keys(sweep: Sweep) -> list[str]:
    """The keys that any design varies, in the order of the file."""
    return list(dict.fromkeys(key for _, _, parameters in _designs(sweep) for key in parameters))


def unit_of(key: str) -> str:
    """The unit of the values of `key`, "1" where there is none."""
    return unit_at(Point, _parts(key, "*"))


def batch_points(points: Sequence[NamedPoint], points_per_job: int) -> dict[str, list[NamedPoint]]:
    """The points of each job under the job's name, which depends on the points alone."""
    jobs = [list(points[start : start + points_per_job]) for start in range(0, len(points), points_per_job)]
    return {_digest([point.name for point in job]): job for job in jobs}


def _designs(sweep: Sweep) -> Iterator[tuple[str, LatinHypercube | None, dict[str, Any]]]:
    for name, grid in sweep.grids.items():
        yield f"grids.{name}", None, dict(grid)
    for name, cube in sweep.latin_hypercubes.items():
        yield f"latin_hypercubes.{name}", cube, {**cube.ranges, **cube.choices}


def _base(sweep: Sweep, configuration: Configuration) -> Settings:
    """The settings of a point before any key is varied."""
    settings = configuration.model_dump(mode="json", include={name for name in SWEPT if name != "measure"})
    return laid_over(settings, {**sweep.base, "measure": sweep.measure.model_dump(mode="json")})


def _errors_at_base(base: Settings) -> list[str]:
    try:
        Point.model_validate(base)
    except ValidationError as error:
        return [line if line.startswith("measure.") else f"base.{line}" for line in explain(error, Point)]
    return []


def _errors_in_keys(sweep: Sweep, base: Settings) -> list[str]:
    errors = [
        f"{design}.{key}: {why}"
        for design, _, keys in _designs(sweep)
        for key in keys
        if (why := _reason_against(base, key))
    ]
    if not any(keys for _, _, keys in _designs(sweep)):
        errors.append("grids, latin_hypercubes: there is no point; give at least one design with a key and its values")
    for design, cube, _ in _designs(sweep):
        if cube:
            twice = sorted(set(cube.ranges) & set(cube.choices))
            errors += [
                f"{design}.choices.{key}: also given under ranges; a key can be varied in only one way" for key in twice
            ]
    known = swept_keys(sweep)
    for axis, key in sweep.figure:
        if key not in known:
            errors.append(f"figure.{axis}: found {key!r}; the keys varied are {', '.join(known) or 'none'}")
    return errors


def reason_not_swept(key: str) -> str:
    """Why neither `key` nor what it is part of can be varied in any sweep; nothing if they can."""
    reasons = (why for prefix, why in NOT_SWEPT.items() if re.match(rf"{re.escape(prefix)}($|[.[])", key))
    return next(reasons, "")


def _reason_against(base: Settings, key: str) -> str:
    """Why `key` cannot be varied; nothing if it can."""
    if reason := reason_not_swept(key):
        return f"cannot be varied: {reason}"
    named = re.match(r"relaxation\.activations\.(\w+)\.", key)
    if named:
        return f"name the activation by `*`, which stands for that of the point: {key.replace(named[1], '*', 1)}"
    node: Any = base
    for done, part in enumerate(parts := _parts(key, "*" if "*" in key else "")):
        if part == "*":
            part = base["measure"]["activation"]
        inside = isinstance(part, int) and isinstance(node, list) and part < len(node)
        if not inside and not (isinstance(node, dict) and part in node):
            return f"unknown key; {_alternatives(node, parts[:done])}"
        node = node[part]
    return "" if isinstance(node, (int, float, str)) else f"is not a single value; {_alternatives(node, parts)}"


def _alternatives(node: Any, parts: list[str | int]) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")
    if isinstance(node, list):
        return f"known here: {place}[0] to {place}[{len(node) - 1}]"
    return f"known here: {', '.join(node)}" if isinstance(node, dict) else f"{place} is a single value"


def _parts(key: str, activation: str) -> list[str | int]:
    """`relaxation.layer_sizes[1]` -> relaxation, layer_sizes, 1; with `activation` in the place of `*`."""
    parts: list[str | int] = []
    for part in key.split("."):
        name, *places = re.split(r"\[(\d{1,4})\]", part)
        parts += [activation if name == "*" else name, *map(int, filter(str.isdigit, places))]
    return parts


def _read(settings: Settings, key: str) -> Value:
    node: Any = settings
    for part in _parts(key, settings["measure"]["activation"]):
        node = node[part]
    return node


def _with(base: Settings, values: Mapping[str, Value]) -> Settings:
    """`base` with the values of a point; the activation first, because `*` stands for it."""
    settings = deepcopy(base)
    for key in sorted(values, key=lambda key: key != "measure.activation"):
        *way, last = _parts(key, settings["measure"]["activation"])
        node: Any = settings
        for part in way:
            node = node[part]
        node[last] = values[key]
    return settings


def _errors_in_values(sweep: Sweep, base: Settings) -> list[str]:
    """Values that the models reject, each varied alone: of a range its two ends."""
    errors: dict[str, None] = {}
    for design, _, parameters in _designs(sweep):
        for key, allowed in parameters.items():
            if _reason_against(base, key):
                continue
            current = _read(base, key)
            if isinstance(allowed, Span) and isinstance(current, str):
                errors[f"{design}.ranges.{key}: holds a name ({current!r}), not a number; give choices"] = None
                continue
            for value in _ends(allowed, current) if isinstance(allowed, Span) else allowed:
                try:
                    Point.model_validate(_with(base, {key: value}))
                except (ValidationError, KeyError) as error:
                    lines = explain(error, Point) if isinstance(error, ValidationError) else [f"unknown {error}"]
                    errors.update(dict.fromkeys(f"{design}: {line}" for line in lines))
    return list(errors)


def _ends(span: Span, current: Value) -> list[Value]:
    whole = isinstance(current, int)
    return [math.ceil(span.low) if whole else span.low, math.floor(span.high) if whole else span.high]


def _draw(sweep: Sweep, base: Settings, seed: int) -> Iterator[tuple[str, dict[str, Value]]]:
    for design, cube, parameters in _designs(sweep):
        rows = product(*parameters.values()) if cube is None else _cube(design, cube, parameters, base, seed)
        yield from ((design, dict(zip(parameters, row, strict=True))) for row in rows)


def _cube(
    design: str, cube: LatinHypercube, parameters: Mapping[str, Any], base: Settings, seed: int
) -> Iterable[tuple[Value, ...]]:
    from scipy.stats import qmc  # takes half a second, which only a run of the sweep has to spend

    rng = experiment_generator(seed, "sweep", design)
    shares = qmc.LatinHypercube(len(parameters), rng=rng).random(cube.n_points)
    for row in shares.tolist():
        yield tuple(
            _at(share, allowed, _read(base, key)) for share, (key, allowed) in zip(row, parameters.items(), strict=True)
        )


def _at(share: float, allowed: Span | tuple, current: Value) -> Value:
    """The value that lies at `share` (0 to 1) of what is allowed; of numbers four digits, which is all a name needs."""
    if not isinstance(allowed, Span):
        return allowed[min(int(share * len(allowed)), len(allowed) - 1)]
    low, high = _ends(allowed, current)
    top = high + 1 if isinstance(current, int) else high
    value = low * (top / low) ** share if allowed.scale == "log" else low + share * (top - low)
    if isinstance(current, int):
        return min(math.floor(value), high)
    return min(max(float(f"{value:.4g}"), low), high)


def _name(seed: int, point: Point) -> str:
    return _digest({"seed": seed, **point.identity()})


def _digest(content: Any) -> str:
    """Twelve hexadecimal digits: among 10 000 points two share a name with a chance of one in five million."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _shorten(errors: list[str]) -> list[str]:
    rest = len(errors) - MOST_ERRORS_SHOWN
    return errors if rest <= 0 else [*errors[:MOST_ERRORS_SHOWN], f"and {rest} more"]
