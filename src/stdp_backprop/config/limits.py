"""Parameters of the experiment `limits`: what breaks the approximation of backpropagation, factor by factor."""

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from .fields import (
    LEAST_RATIO,
    SMALLEST_NUDGE,
    AtLeastThree,
    AtLeastTwo,
    PositiveInt,
    Section,
    Several,
    quantity,
    reject_unless_increasing,
)

Residual = Annotated[float, Field(ge=1e-13, lt=1)]
SMALL_RESIDUAL = 1e-6
"""Up to this a starting residual is small, and claim B5 reads the order of the error in it."""


class Gain(Section):
    """All weights multiplied by a factor: faster dynamics, and in the end several stationary points."""

    factors: AtLeastTwo[Annotated[float, Field(gt=0, le=1000)]] = quantity(
        "1", "factors on all weights of the ensemble, increasing"
    )
    step: float = quantity(
        "time constants", "Euler step ε of the relaxation, every free unit starting at 0", ge=1e-3, le=0.5
    )
    settling_time: float = quantity(
        "time constants", "duration of that relaxation, which sweeps then complete", gt=0, le=10_000
    )
    max_sweeps: int = quantity("1", "alternating sweeps after which a relaxation counts as failed", ge=1, le=10_000_000)
    n_starts: int = quantity(
        "1", "random starting points per network of the search for stationary points", ge=2, le=10_000
    )
    start: float = quantity(
        "state", "free units start between ± this; bounded states anywhere in bounds", gt=0, le=1000
    )
    tolerance: float = quantity("state", "largest max|R(s) − s| at which a search ends", ge=1e-14, le=1e-4)
    distance: float = quantity(
        "state", "two stationary points count as different if they differ by more than this in some unit", gt=0, le=1
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.settling_time < self.step:
            raise ValueError(
                f"settling_time: found {self.settling_time:g}; allowed is at least one step ({self.step:g})"
            )
        if self.distance < 100 * self.tolerance:
            raise ValueError(
                f"distance: found {self.distance:g}; allowed is at least 100 times tolerance, "
                f"{100 * self.tolerance:g}: searches that end at the same stationary point would be counted as "
                "several points"
            )
        return self


class Noise(Section):
    """Langevin noise in the nudged dynamics, averaged over repeats."""

    temperatures: Several[Annotated[float, Field(ge=1e-16, le=100)]] = quantity(
        "energy", "temperatures T of the noise, increasing"
    )
    repeats: AtLeastThree[PositiveInt] = quantity(
        "1", "numbers of repeats over which the change is averaged, increasing"
    )
    n_samples: int = quantity(
        "1", "independent averages over repeats of each network; their root mean square error counts", ge=1, le=10_000
    )
    n_steps: int = quantity("1", "Euler–Langevin steps up to `time`", ge=4, le=10_000)


class Limits(Section):
    """Experiment `limits`: alignment of the rate rule with backprop at one early time, against what degrades it."""

    n_patterns: int = quantity(
        "1", "number of patterns used of each network of `relaxation`, counted from the first", ge=1
    )
    time: float = quantity(
        "time constants", "time after the onset of the nudge at which weight changes are measured", ge=1e-3, le=10
    )
    n_steps: int = quantity("1", "Runge–Kutta steps up to `time`", ge=4, le=10_000)
    nudge: float = quantity(
        "1", "β of the driven protocol wherever the nudge is not what is varied", ge=SMALLEST_NUDGE, le=1
    )
    nudges: AtLeastTwo[Annotated[float, Field(ge=SMALLEST_NUDGE, le=100)]] = quantity(
        "1", "strengths β of the nudge, increasing; each is applied with both signs"
    )
    times: AtLeastTwo[Annotated[float, Field(ge=1e-3, le=1000)]] = quantity(
        "time constants", "times after the onset of the nudge, increasing"
    )
    residuals: AtLeastTwo[Residual] = quantity(
        "state", "relaxation is stopped once max|R(s) − s| is below these, increasing"
    )
    noise: Noise
    gain: Gain
    hidden_layers: Several[Annotated[int, Field(ge=1, le=20)]] = quantity("1", "numbers of hidden layers, increasing")
    feedback_angles: AtLeastThree[Annotated[float, Field(ge=0, le=90)]] = quantity(
        "degrees",
        "angle between feedback and transposed forward weights, increasing from 0; at 90 they are unrelated; its "
        "tangent is the size of the noise in the feedback relative to the transposed weights",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        of_noise_and_gain = ("noise.temperatures", "noise.repeats", "gain.factors")
        reject_unless_increasing(
            self, "nudges", "times", "residuals", *of_noise_and_gain, "hidden_layers", "feedback_angles"
        )
        if self.feedback_angles[0] != 0:
            raise ValueError(f"feedback_angles: found {list(self.feedback_angles)}; the first must be 0, the reference")
        if self.feedback_angles[1] < 0.01 or self.feedback_angles[2] >= 90:
            raise ValueError(
                f"feedback_angles: found {list(self.feedback_angles)}; the second and third, between which claim "
                "B5 reads an order, must be at least 0.01 and below 90"
            )
        return self

    @model_validator(mode="after")
    def _orders_can_be_read(self) -> Self:
        small = [residual for residual in self.residuals if residual <= SMALL_RESIDUAL]
        if len(small) < 2 or small[-1] < 10 * small[0]:
            raise ValueError(
                f"residuals: found {list(self.residuals)}; at least two must be {SMALL_RESIDUAL:g} or less, and a "
                "factor of 10 apart: claim B5 reads an order between them"
            )
        if self.nudges[1] < LEAST_RATIO * self.nudges[0]:
            raise ValueError(
                f"nudges: found {self.nudges[0]:g} and {self.nudges[1]:g} first, between which claim B5 reads an "
                f"order; the second must be at least {LEAST_RATIO} times the first"
            )
        return self

    @model_validator(mode="after")
    def _steps_are_short(self) -> Self:
        for name, n_steps, longest in (("n_steps", self.n_steps, 0.25), ("noise.n_steps", self.noise.n_steps, 1.0)):
            if self.time > longest * n_steps:
                raise ValueError(
                    f"{name}: found {n_steps}, steps of {self.time / n_steps:.3g} up to time = {self.time:g}; "
                    f"allowed are steps of at most {longest:g} time constants: {math.ceil(self.time / longest)} or more"
                )
        return self
