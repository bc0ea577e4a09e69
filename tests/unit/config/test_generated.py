"""Hundreds of wrong configurations, made from the shipped one and its schema: every one rejected, in words, quickly."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nested import MISSING, with_value

from stdp_backprop.config import Configuration, InvalidConfiguration, validate
from stdp_backprop.config.reading import read_strictly

PROJECT = Path(__file__).resolve().parents[3]
SHIPPED = read_strictly(PROJECT / "config.yaml")
SCHEMA = Configuration.model_json_schema()
HUGE = [0.5] * 100_000
WRONG = {
    "number": ["text", "1e-3", True, None, [], {}, [1.0], math.nan, math.inf, -math.inf],
    "integer": ["text", "3", True, None, [], {}, [1], 2.5, math.nan, math.inf],
    "string": ["nonsense", 1, True, None, [], {}],
    "array": ["text", 1.0, None, [], {}, HUGE, ["text", "text"], [None, None], [math.nan, 1.0], [[1.0], [2.0]]],
    "object": ["text", 1.0, True, None, [1.0]],
}
SAYS_WHAT_IS_ALLOWED = (
    "; allowed is ",
    "; this key is required: ",
    "did you mean ",
    "known here: ",
    "; each must ",
    "; give ",
    "must",
)


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {**SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]], **node}
    return node


def inside(section: dict[str, Any], name: str) -> dict[str, Any]:
    """The node of the key `name`, which may be any name."""
    if name in section.get("properties", {}):
        return section["properties"][name]
    return section.get("additionalProperties") or next(iter(section["patternProperties"].values()))


def keys(value: Any, node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, dict]]:
    """Every key of the shipped configuration, sections included, with its value and its node in the schema."""
    for name, child in value.items():
        below = inside(resolved(node), name)
        yield (*path, name), child, resolved(below)
        if isinstance(child, dict):
            yield from keys(child, resolved(below), (*path, name))


def out_of_bounds(node: dict[str, Any]) -> Iterator[float]:
    small = 1 if node.get("type") == "integer" else 1e-16
    for name, beyond in {"minimum": -1, "maximum": 1}.items():
        if name in node:
            yield node[name] + beyond * max(small, abs(node[name]) if small < 1 else 0)
    for name in ("exclusiveMinimum", "exclusiveMaximum"):
        if name in node:
            yield node[name]


def alternatives(node: dict[str, Any]) -> set[str]:
    """The types of value that the key takes."""
    return {one["type"] for one in node.get("anyOf", [node]) if "type" in one}


def kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", int: "integer", float: "number"}
    return kinds[type(value)]


def cases() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key missing, misspelt, of each wrong type, out of each bound."""
    for path, value, node in keys(SHIPPED, SCHEMA):
        if not named_by_the_reader(path):
            yield path, MISSING
            yield (*path[:-1], f"{path[-1]}x"), value
        taken = alternatives(node)
        if value is None or ("string" in taken and "enum" not in node and "const" not in node):
            continue  # any text, or nothing: covered key by key elsewhere
        for wrong in [*WRONG[kind(value)], *out_of_bounds(node)]:
            yield path, wrong


def named_by_the_reader(path: tuple[str, ...]) -> bool:
    """Whether the key is one of those that may be left out or called otherwise, as an activation or a window may."""
    section = path[:-1]
    free = {
        ("relaxation", "activations"),
        ("windows",),
        ("learning", "networks"),
        ("spiking_learning", "networks"),
        ("spiking_learning", "protocols"),
    }
    by_name = ("rules", "learning_rates")  # keys inside networks that are names too
    return section in free or ("networks" in section and any(name in section for name in by_name))


CASES = list(cases())


def rejected(path: tuple[str, ...], value: Any) -> list[str]:
    """The errors found; none if the configuration is accepted."""
    try:
        validate(with_value(SHIPPED, path, value))
    except InvalidConfiguration as rejection:
        return rejection.errors
    return []


@pytest.fixture(scope="module")
def rejections() -> tuple[list[list[str]], float]:
    """The errors of each case, and the seconds of the processor that all of them took."""
    began = time.process_time()
    return [rejected(path, value) for path, value in CASES], time.process_time() - began


def test_there_are_at_least_150_and_all_are_rejected_at_150_in_five_seconds_or_faster(rejections):
    """One that is not would be a figure of other parameters than the reader wrote down."""
    errors, seconds = rejections
    accepted = [
        f"{'.'.join(path)} = {value!r}"[:200] for (path, value), found in zip(CASES, errors, strict=True) if not found
    ]
    assert seconds / len(CASES) < 5 / 150
    assert not accepted
    assert len(CASES) >= 150


def test_every_rejection_names_the_key_and_what_is_allowed(rejections):
    for (path, _), errors in zip(CASES, rejections[0], strict=True):
        lines = [line for line in errors if line.startswith(".".join(path))]
        assert lines, (path, errors)
        assert any(words in line for line in lines for words in SAYS_WHAT_IS_ALLOWED), lines
        assert max(map(len, lines)) < 1000, "a huge value must not fill the screen"


BROKEN = {
    "no end": "relaxation: {",
    "two documents": "seed: 1\n---\nseed: 2\n",
    "unknown anchor": "seed: *one",
    "text": "seed",
    "code": "seed: !!python/object/apply:os.system ['touch executed']\n",
    "object": "seed: !!python/name:os.system\n",
    "control character": "seed: \x07\n",
    "list for a key": "? [1, 2]\n: 3\n",
    "section for a key": "? {a: 1}\n: 3\n",
    "deep": "[" * 5000,
    "template": "__use_yte__: true\nseed: 1\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_yaml_is_rejected_with_the_file_and_without_running_anything(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_text(BROKEN[name])
    with pytest.raises(InvalidConfiguration, match=r"mine\.yaml"):
        read_strictly(path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_section_that_holds_itself_is_rejected(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\nrelaxation: &itself\n  step: *itself\n")
    with pytest.raises(InvalidConfiguration, match=r"relaxation\.step: found"):
        validate(read_strictly(path))
