"""The kinds of value a configuration key may hold: strict, bounded, never a default."""

from collections import Counter
from itertools import pairwise
from operator import attrgetter
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Section(BaseModel):
    """A section of `config.yaml`: every key required, no other key allowed, no value converted in silence.

    Strict types reject the text `"1e-6"` (which is what YAML makes of `1e-6`; write `1.0e-6`) and `true` for 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


LEAST_RATIO = 1.5
"""Least ratio of two sizes between which the order of an error is read: closer, and rounding decides the order."""


def quantity(unit: str, description: str, **bounds: Any) -> Any:
    """A pydantic field that says its unit ("1" where there is none), its meaning and its bounds."""
    return Field(description=description, json_schema_extra={"unit": unit}, **bounds)


def _list_as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _without_repeats(values: tuple) -> tuple:
    repeated = sorted(value for value, count in Counter(values).items() if count > 1)
    if repeated:
        raise ValueError(f"different values; {', '.join(map(str, repeated))} is repeated")
    return values


def _increasing(bounds: tuple[float, float]) -> tuple[float, float]:
    if not bounds[0] < bounds[1]:
        raise ValueError("[low, high] with low < high")
    return bounds


def reject_unless_increasing(section: Section, *keys: str) -> None:
    """Raise ValueError, with the key and what it holds, for the first of the lists whose values do not increase."""
    for key in keys:
        values = attrgetter(key)(section)
        if any(not low < high for low, high in pairwise(values)):
            raise ValueError(f"{key}: found {list(values)}; the values must increase")


def _not_zero(value: float) -> float:
    if value == 0:
        raise ValueError("any number but 0, because a nudge of 0 moves nothing")
    return value


SMALLEST_NUDGE = 1e-4


def _not_lost_in_rounding(value: float) -> float:
    if abs(value) < SMALLEST_NUDGE:
        raise ValueError(f"a size of at least {SMALLEST_NUDGE:g}, below which rounding hides the order of an error")
    return value


Value = TypeVar("Value")
# Bounds stand before the checks in Python: after them, pydantic leaves them out of the JSON schema. A second bound of
# the same kind on the field itself would be overruled by the one here, hence several kinds of list.
_LIST = (BeforeValidator(_list_as_tuple), AfterValidator(_without_repeats))
Several = Annotated[tuple[Value, ...], Field(min_length=1), *_LIST]
AtLeastTwo = Annotated[tuple[Value, ...], Field(min_length=2), *_LIST]
AtLeastThree = Annotated[tuple[Value, ...], Field(min_length=3), *_LIST]
Potential = Annotated[float, Field(ge=-1000, le=1000)]
Range = Annotated[tuple[Potential, Potential], BeforeValidator(_list_as_tuple), AfterValidator(_increasing)]
not_zero = AfterValidator(_not_zero)
not_lost_in_rounding = AfterValidator(_not_lost_in_rounding)
PositiveInt = Annotated[int, Field(ge=1, le=100_000)]
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]
"""Of an ensemble of networks or a window, after which files are called, or of a part of a sweep."""
