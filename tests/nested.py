"""Mappings in mappings, such as a configuration, with another value at one place."""

from collections.abc import Mapping, Sequence
from typing import Any

MISSING = object()


def with_value(raw: Mapping[str, Any], place: str | Sequence[str], value: Any) -> dict[str, Any]:
    """`raw` with `value` at a dotted path, or at the end of these keys; without that key if `value` is MISSING."""
    *sections, key = place.split(".") if isinstance(place, str) else place
    changed = section = dict(raw)  # only the sections on the way are copied: to copy all of them takes much longer
    for name in sections:
        section[name] = dict(section[name])
        section = section[name]
    if value is MISSING:
        del section[key]
    else:
        section[key] = value
    return changed
