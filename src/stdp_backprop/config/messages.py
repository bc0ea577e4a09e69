"""Error messages for a configuration: the key, the value found and the values allowed."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError


class InvalidConfiguration(ValueError):
    """Every error of a configuration, one line each, before any job has started."""

    def __init__(self, errors: list[str]):
        self.errors = errors
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        super().__init__("\n".join([f"The configuration has {count}:", *(f"  - {line}" for line in errors)]))


MOST_OF_ONE_LIST = 5
"""Number of wrong items of one list that are reported individually; a list may have a million items."""


def explain(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line per error that pydantic found while it read `model`."""
    schema = _schema(model)
    told, left_out = _errors_to_report(error.errors(include_url=False))
    lines = [_line(entry, schema) for entry in told if not _follows_from_another(entry, told)]
    return lines + [f"{_dotted_name(place)}: and {count} more of its items" for place, count in left_out.items()]


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _errors_to_report(entries: list[Any]) -> tuple[list[Any], Counter]:
    """The errors to report, and for each list with many wrong items the number left out."""
    told, of_list = [], Counter()
    for entry in entries:
        location = entry["loc"]
        items = next((location[:depth] for depth, part in enumerate(location) if isinstance(part, int)), None)
        of_list[items] += items is not None
        if of_list[items] <= MOST_OF_ONE_LIST:
            told.append(entry)
    return told, Counter(
        {items: count - MOST_OF_ONE_LIST for items, count in of_list.items() if count > MOST_OF_ONE_LIST}
    )


def _follows_from_another(entry: dict[str, Any], told: list[Any]) -> bool:
    """Whether the error follows from another: a list too short because of bad items, a value under an unknown key."""
    location = entry["loc"]
    others = [other["loc"] for other in told if other["loc"] != location]
    if entry["type"] == "too_short":
        return any(len(other) > len(location) and other[: len(location)] == location for other in others)
    unknown = [other[:-1] for other in others if other[-1:] == ("[key]",)]
    return any(key == location[: len(key)] for key in unknown)


def _line(entry: dict[str, Any], schema: dict[str, Any]) -> str:
    key, found, kind = _dotted_name(entry["loc"]), entry["input"], entry["type"]
    if kind == "missing":
        return f"{key}: missing; this key is required: {_meaning(schema, entry['loc'])}"
    if kind in ("string_pattern_mismatch", "string_type") and entry["loc"][-1:] == ("[key]",):
        section = resolve_reference(schema, list(_nodes(schema, entry["loc"][:-2]))[-1])
        allowed = NAMES.get(next(iter(section.get("patternProperties", ())), ""), "texts")
        return f"{key}: found the name {_value_text(found)}; allowed are {allowed}"
    if kind == "extra_forbidden" or entry["loc"][-1:] == ("[key]",):
        return f"{key}: unknown key; {_suggestion(schema, entry['loc'])}"
    if kind == "value_error" and isinstance(found, dict):  # a cross-check between keys speaks for itself
        return _whole_or_ends(f"{key}.{entry['ctx']['error']}" if key else str(entry["ctx"]["error"]))
    return (
        f"{key}: found {_value_text(found)}; allowed is {_allowed_values(entry)}{_of(_meaning(schema, entry['loc']))}"
    )


def _whole_or_ends(text: str) -> str:
    """`text`, without the middle where it is long: a check quotes what it found, which may be a list of a million."""
    return text if len(text) <= 400 else f"{text[:200]} ... {text[-200:]}"


def _of(meaning: str) -> str:
    return f" ({meaning})" if meaning else ""


def _dotted_name(location: tuple[str | int, ...]) -> str:
    words = [f"[{part}]" if isinstance(part, int) else f".{_one_line(part)}" for part in location if part != "[key]"]
    return "".join(words).removeprefix(".")


def _one_line(name: str) -> str:
    name = name if name.isprintable() else repr(name)
    return name if len(name) <= 80 else f"{name[:77]}..."


def _value_text(found: Any) -> str:
    text = "None (no value)" if found is None else repr(list(found) if isinstance(found, tuple) else found)
    hint = ""
    if isinstance(found, str) and _reads_as_number(found):  # YAML's numbers have a point and a sign before an exponent
        number = re.sub(r"(?<=e)(?=\d)", "+", re.sub(r"^([+-]?\d+)e", r"\1.0e", found.strip().lower().replace("_", "")))
        hint = f" (text; the number is written {_one_line(number)}, without quotes)"
    return (text if len(text) <= 80 else f"{text[:77]}...") + hint


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


RENAMED = {"lead_in": "burn_in", "first_steps": "euler_step", "settle": "settling_time"}
"""Keys of earlier versions and their present names."""

NAMES = {
    "^[a-z][a-z0-9_]{0,39}$": "1 to 40 lower-case letters, digits and _, starting with a letter",
    "^[a-z][a-z0-9_]{0,38}[a-z0-9]$": "2 to 40 lower-case letters, digits and _, starting with a letter, _ not last",
    "^[a-z][a-z_]{0,38}[a-z]$": "2 to 40 lower-case letters and _, starting and ending with a letter",
    "^(n[1-9][0-9]{0,6}|infinite)$": "n1, n2, … n9999999 and infinite",
}
"""Pattern of the keys of a section whose keys are names -> the names that it allows, in words."""

_ALLOWED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a section with keys of its own",
    "model_type": "a section with keys of its own",
    "model_attributes_type": "a section with keys of its own",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "too_short": "a list of at least {min_length} (found {actual_length})",
    "too_long": "a list of at most {max_length} (found {actual_length})",
    "literal_error": "{expected}",
    "value_error": "{error}",
}


def _allowed_values(entry: dict[str, Any]) -> str:
    words = _ALLOWED.get(entry["type"])
    return words.format(**entry.get("ctx", {})) if words else entry["msg"][0].lower() + entry["msg"][1:]


def _nodes(schema: dict[str, Any], location: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """The schema's node at each part of `location`, as far as the schema knows the way."""
    node = schema
    yield node
    for part in location:
        node = resolve_reference(schema, node)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or of_any_name(node) or {}
        yield node


def of_any_name(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema of the entries of a section whose keys are names that a user chooses; None for any other section."""
    entry = node.get("additionalProperties")
    return entry if isinstance(entry, dict) else next(iter(node.get("patternProperties", {}).values()), None)


def resolve_reference(schema: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """`node` with what it refers to; what stands beside the reference (the key's own description) takes precedence."""
    target = schema["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else {}
    return {**target, **{name: value for name, value in node.items() if name != "$ref"}}


def _meaning(schema: dict[str, Any], location: tuple[str | int, ...]) -> str:
    """What the key means, from the nearest described node on the way to it."""
    for node in reversed(list(_nodes(schema, location))[1:]):
        described = resolve_reference(schema, node)
        if "description" in described:
            unit = described.get("unit", "1")
            return described["description"].splitlines()[0] + (f", in {unit}" if unit != "1" else "")
    return ""


def unit_at(model: type[BaseModel], location: Sequence[str | int]) -> str:
    """The unit of the key at `location` in `model`: of the key itself, or of the list or section that it is part of."""
    schema = _schema(model)
    described = (resolve_reference(schema, node) for node in reversed(list(_nodes(schema, tuple(location)))))
    return next((node["unit"] for node in described if "unit" in node), "1")


def _suggestion(schema: dict[str, Any], location: tuple[str | int, ...]) -> str:
    key = location[-2] if location[-1] == "[key]" else location[-1]
    name, parents = str(key), location[: location.index(key)]
    parent = resolve_reference(schema, list(_nodes(schema, parents))[-1])
    known = list(parent.get("properties", {})) or parent.get("propertyNames", {}).get("enum", [])
    if RENAMED.get(name) in known:
        return f"it is now called {RENAMED[name]}"
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
