"""The models of `config/sweep.yaml`, and of one point of a sweep."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, StrictStr, model_validator

from .fields import Name, Section, Several, quantity
from .inference import EarlyInference, GradientCorrelation, Relaxation

SWEPT = ("relaxation", "early_inference", "gradient_correlation", "measure")
"""The sections whose keys a sweep may vary: what the measurement at a point depends on."""


class Measure(Section):
    """What is measured at a point."""

    activation: Name = quantity("1", "ensemble of relaxation.activations from which the networks are drawn")
    nudge: float = quantity("1", "strength β of the nudge", gt=0, le=1)
    time: float = quantity(
        "time constants", "time after the onset of the nudge at which the alignment is measured", gt=0, le=1000
    )
    threshold: float = quantity("1", "cosine below which a weight change no longer counts as aligned", gt=0, lt=1)


class Point(Section):
    """Everything that the measurement at one point depends on, besides the seed."""

    relaxation: Relaxation
    early_inference: EarlyInference
    gradient_correlation: GradientCorrelation
    measure: Measure

    @model_validator(mode="after")
    def _can_be_measured(self) -> Self:
        if self.measure.activation not in self.relaxation.activations:
            known = ", ".join(self.relaxation.activations)
            raise ValueError(
                f"measure.activation: found {self.measure.activation!r}; the configured ensembles are {known}"
            )
        times = self.early_inference.times
        if not times.first <= self.measure.time <= times.last:
            raise ValueError(
                f"measure.time: found {self.measure.time:g}; recorded times are {times.first:g} to {times.last:g}"
            )
        return self

    def reduced(self) -> Self:
        """The same point with no other activation: what its measurement depends on."""
        return self.model_copy(update={"relaxation": self.relaxation.only(self.measure.activation)})

    def identity(self) -> dict[str, Any]:
        """What tells two points apart, as plain values: all but what is not measured in a sweep."""
        unused = {"relaxation": {"langevin"}, "early_inference": {"nudges", "euler_step"}}
        return self.reduced().model_dump(mode="json", exclude=unused)


class Span(Section):
    """A range of values, both ends included; whole numbers where the key holds a whole number."""

    low: float = quantity("that of the key", "smallest value")
    high: float = quantity("that of the key", "largest value")
    scale: Literal["linear", "log"] = quantity(
        "1", "whether points are spread evenly over the values or over their logarithms"
    )

    @model_validator(mode="after")
    def _increases(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low: found {self.low:g}; it must lie below high ({self.high:g})")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"low: found {self.low:g}; a logarithmic scale needs numbers above 0")
        return self


OF_BASE = quantity("1", "values that replace those of config.yaml at every point")
Key = Annotated[str, Field(min_length=1, max_length=200)]
Values = Annotated[
    Several[StrictInt | StrictFloat | StrictStr],
    quantity("that of the key", "values of the key by which they are named"),
]
Choices = dict[Key, Values]


def _an_empty_section(value: Any) -> Any:
    return {} if value is None else value  # what YAML makes of a section whose entries are all commented out


class LatinHypercube(Section):
    """Points of which each parameter, cut into as many slices as there are points, has one in every slice."""

    n_points: int = quantity("1", "number of points", ge=1, le=100_000)
    ranges: Annotated[dict[Key, Span], BeforeValidator(_an_empty_section)] = quantity("1", "key -> range of its values")
    choices: Annotated[Choices, BeforeValidator(_an_empty_section)] = quantity("1", "key -> its values")


class SweepFigure(Section):
    """What fig_sweep draws."""

    horizontal: Key = quantity("1", "key along the horizontal axis")
    vertical: Key = quantity("1", "key along the vertical axis")


class Sweep(Section):
    """`config/sweep.yaml`."""

    points_per_job: int = quantity("1", "points that one job evaluates, one after the other", ge=1, le=10_000)
    measure: Measure
    base: dict[Literal["relaxation", "early_inference", "gradient_correlation"], Annotated[dict, OF_BASE]] = OF_BASE
    grids: Annotated[dict[Name, Choices], BeforeValidator(_an_empty_section)] = quantity(
        "1", "name -> key -> values, in every combination"
    )
    latin_hypercubes: Annotated[dict[Name, LatinHypercube], BeforeValidator(_an_empty_section)] = quantity(
        "1", "name -> number of points and the parameters they are spread over"
    )
    figure: SweepFigure
