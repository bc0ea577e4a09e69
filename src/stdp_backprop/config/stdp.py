"""What the configuration of the spike experiments may be: windows, stdp_matching, stdp_curve, fig1.

Every key is required, unknown keys and impossible values are rejected. Numbers must be numbers: the text
"1e-6" (which is how YAML reads 1e-6 without a point), true and nan are errors.
"""

import csv
import math
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, Strict, StringConstraints, model_validator

Number = Annotated[float, Strict(), AllowInfNan(False)]
Count = Annotated[int, Strict()]
WindowName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
SMALLEST_AMPLITUDE = 1e-6
MAX_LAG_BINS = 2000
MAX_PASSAGE_STEPS = 10_000
MAX_TRIALS = 2_000_000  # per condition: 64 MB of weight changes


def _field(unit, description, **bounds):
    return Field(description=description, json_schema_extra={"unit": unit}, **bounds)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowSettings(_Section):
    """An STDP window: A₊ exp(−Δt/τ₊) for Δt = t_post − t_pre > 0, −A₋ exp(Δt/τ₋) for Δt < 0."""

    a_plus: Number = _field("1", "Potentiation of a pair at vanishing lag.", ge=0, le=1e6)
    a_minus: Annotated[Number, Field(ge=0, le=1e6)] | Literal["balanced"] = _field(
        "1",
        "Depression of a pair at vanishing lag, a magnitude; `balanced` takes A₊τ₊/τ₋: integral 0.",
    )
    tau_plus_ms: Number = _field("ms", "Time constant of potentiation.", ge=1e-3, le=1000)
    tau_minus_ms: Number = _field("ms", "Time constant of depression.", ge=1e-3, le=1000)

    @model_validator(mode="after")
    def _changes_something(self):
        if self.a_plus == 0 and self.a_minus in (0, "balanced"):
            raise ValueError(f"a_plus 0.0 with a_minus {self.a_minus} is a window of zeros; one must be above 0")
        for key in ("a_plus", "a_minus"):
            amplitude = getattr(self, key)
            if amplitude != "balanced" and 0 < amplitude < SMALLEST_AMPLITUDE:
                raise ValueError(f"{key}: found {amplitude:g}; allowed is 0, or at least {SMALLEST_AMPLITUDE:g}")
        return self

    def parameters(self):
        """The four numbers by name, `balanced` replaced by its value."""
        numbers = self.model_dump()
        if self.a_minus == "balanced":
            numbers["a_minus"] = self.a_plus * (self.tau_plus_ms / self.tau_minus_ms)  # equal ones: a_plus exactly
        return numbers


Windows = Annotated[
    dict[WindowName, WindowSettings],
    Field(min_length=1, description="STDP windows by name; the name is used in file names."),
]


class StdpMatchingSettings(_Section):
    """STDP of Poisson trains against r_i · dr_j/dt."""

    mean_rate_hz: Number = _field("Hz", "Postsynaptic rate r₀ in the middle of the counted interval.", ge=0.01, le=200)
    presynaptic_rates_hz: tuple[Annotated[Number, Field(gt=0, le=200)], ...] = _field(
        "Hz", "Presynaptic rates r_i, ascending.", min_length=1
    )
    rate_slopes_hz_per_s: tuple[Number, ...] = _field(
        "Hz/s", "Slopes of the postsynaptic rate, ascending, with 0 and both signs.", min_length=3
    )
    interval_ms: Number = _field("ms", "Length T of the interval whose presynaptic spikes count.", ge=1, le=1000)
    margin_time_constants: Number = _field(
        "1",
        "How far the trains run past both ends, in units of the window's longer time constant.",
        ge=5,
        le=50,
    )
    n_presynaptic_spikes: Count = _field(
        "1",
        "Presynaptic spikes counted per condition, on average; sets the number of trials.",
        ge=10,
        le=1_000_000,
    )
    n_averaged: tuple[Annotated[Count, Field(ge=1)], ...] = _field(
        "1",
        "Presynaptic spikes averaged over before STDP and rate rule are correlated, ascending.",
        min_length=1,
    )
    estimator: Literal["independent_trials", "common_random_numbers"] = _field(
        "1",
        "How the mean weight changes are estimated: `independent_trials` averages over the simulated trials; "
        "`common_random_numbers` gives all slopes the same random numbers and integrates the presynaptic spikes out, "
        "which has the same expectation and needs far fewer trials for the dependence on the slope. The errors of "
        "different slopes are then correlated: `weight_change_covariance` in the result.",
    )
    lag_limit_ms: Number = _field("ms", "Largest lag in the density of the nearest spike.", gt=0, le=1000)
    lag_bin_ms: Number = _field("ms", "Width of its bins; a whole number of them up to the limit.", gt=0)

    @model_validator(mode="after")
    def _consistent(self):
        for key in ("presynaptic_rates_hz", "rate_slopes_hz_per_s", "n_averaged"):
            _reject_unordered(key, getattr(self, key))
        _reject_one_sided("rate_slopes_hz_per_s", self.rate_slopes_hz_per_s)
        if 0 not in self.rate_slopes_hz_per_s:
            raise ValueError(f"rate_slopes_hz_per_s is {self.rate_slopes_hz_per_s}; it must contain 0 (constant rate)")
        self._reject_silence()
        self._reject_impossible_averages()
        _reject_part_bins(self.lag_limit_ms, self.lag_bin_ms)
        return self

    def _reject_silence(self):
        steepest = max(self.rate_slopes_hz_per_s, key=abs)
        limit = 2000 * self.mean_rate_hz / self.interval_ms
        if abs(steepest) > limit:
            raise ValueError(
                f"rate_slopes_hz_per_s holds {steepest:g}: the rate would be negative within interval_ms "
                f"{self.interval_ms:g} about mean_rate_hz {self.mean_rate_hz:g}; allowed are ±{limit:g}"
            )

    def _reject_impossible_averages(self):
        fewest = min(self.presynaptic_rates_hz) * self.interval_ms / 1000
        n_trials = self.n_presynaptic_spikes / fewest
        if n_trials > MAX_TRIALS:
            raise ValueError(
                f"n_presynaptic_spikes {self.n_presynaptic_spikes} needs {n_trials:.3g} trials at "
                f"{min(self.presynaptic_rates_hz):g} Hz; at most {MAX_TRIALS} are allowed"
            )
        if self.n_averaged[-1] > self.n_presynaptic_spikes:
            raise ValueError(
                f"n_averaged holds {self.n_averaged[-1]}; at most n_presynaptic_spikes = "
                f"{self.n_presynaptic_spikes} can be averaged"
            )


def longest_lag_ms(threshold: "ThresholdNeuronSettings") -> float:
    """Mean lag of the postsynaptic spike at the smallest slope."""
    slowest = min(abs(slope) for slope in threshold.potential_slopes_mv_per_ms)
    return (threshold.threshold_mv - threshold.potential_mv) / slowest


class ThresholdNeuronSettings(_Section):
    """Neuron with a threshold, driven by a noisy ramp of its potential."""

    potential_mv: Number = _field("mV", "Potential V₀ at the presynaptic spike, below the threshold.")
    threshold_mv: Number = _field("mV", "Threshold θ.")
    potential_slopes_mv_per_ms: tuple[Number, ...] = _field(
        "mV/ms", "Slopes V̇ of the potential, ascending, at least two of each sign, not 0.", min_length=2
    )
    noise_mv_per_sqrt_ms: Number = _field("mV/√ms", "Strength σ of the Brownian noise.", gt=0)
    step_ms: Number = _field(
        "ms", "Step of the path and of the velocity measured at the presynaptic spike.", gt=0, le=100
    )
    n_trials: Count = _field("1", "Trials per slope.", ge=2, le=1_000_000)

    @model_validator(mode="after")
    def _consistent(self):
        slopes = self.potential_slopes_mv_per_ms
        _reject_unordered("potential_slopes_mv_per_ms", slopes)
        _reject_one_sided("potential_slopes_mv_per_ms", slopes)
        if 0 in slopes:
            raise ValueError(f"potential_slopes_mv_per_ms is {slopes}; with slope 0 the threshold need not be reached")
        distance_mv = self.threshold_mv - self.potential_mv
        if distance_mv <= 0:
            raise ValueError(f"potential_mv {self.potential_mv:g} must lie below threshold_mv {self.threshold_mv:g}")
        limit = math.sqrt(distance_mv * min(abs(slope) for slope in slopes))
        if self.noise_mv_per_sqrt_ms > limit:
            raise ValueError(
                f"noise_mv_per_sqrt_ms {self.noise_mv_per_sqrt_ms:g}: the passage time would scatter "
                f"by more than its mean at the smallest slope; at most √(distance · slope) = {limit:.3g} "
                "is allowed"
            )
        if longest_lag_ms(self) > MAX_PASSAGE_STEPS * self.step_ms:
            raise ValueError(
                f"step_ms {self.step_ms:g}: the threshold is reached after {longest_lag_ms(self):.3g} ms at the "
                "smallest "
                f"slope; at most {MAX_PASSAGE_STEPS} steps, and so at least "
                f"{longest_lag_ms(self) / MAX_PASSAGE_STEPS:.3g} ms each, are allowed"
            )
        return self


class PoissonNeuronSettings(_Section):
    """Poisson neuron whose rate ramps about the presynaptic spike."""

    mean_rate_hz: Number = _field("Hz", "Postsynaptic rate at the presynaptic spike.", gt=0, le=200)
    rate_slopes_hz_per_s: tuple[Number, ...] = _field(
        "Hz/s", "Slopes of the postsynaptic rate, ascending, at least two of each sign.", min_length=2
    )
    reach_ms: Number = _field("ms", "How far the train runs to both sides of the presynaptic spike.", gt=0, le=2000)
    n_trials: Count = _field("1", "Trials per slope.", ge=2, le=1_000_000)
    lag_limit_ms: Number = _field("ms", "Largest lag of the view by lag.", gt=0)
    lag_bin_ms: Number = _field("ms", "Width of a lag bin; a whole number of them up to the limit.", gt=0)

    @model_validator(mode="after")
    def _consistent(self):
        _reject_unordered("rate_slopes_hz_per_s", self.rate_slopes_hz_per_s)
        _reject_one_sided("rate_slopes_hz_per_s", self.rate_slopes_hz_per_s)
        _reject_part_bins(self.lag_limit_ms, self.lag_bin_ms)
        if self.lag_limit_ms > self.reach_ms:
            raise ValueError(f"lag_limit_ms {self.lag_limit_ms:g} must not exceed reach_ms {self.reach_ms:g}")
        expected = 2 * self.reach_ms * self.mean_rate_hz / 1000
        if expected < 5:
            raise ValueError(
                f"reach_ms {self.reach_ms:g} holds {expected:.3g} spikes at mean_rate_hz "
                f"{self.mean_rate_hz:g}; at least 5 are needed, or many trials have no spike"
            )
        return self


class StdpCurveSettings(_Section):
    """The STDP curve around one presynaptic spike."""

    window: WindowName = _field("1", "Which of `windows` gives the STDP of the Poisson neuron's spikes.")
    threshold_neuron: ThresholdNeuronSettings
    poisson_neuron: PoissonNeuronSettings


class Fig1StdpCurveSettings(_Section):
    """What fig1_stdp_curve draws besides the results."""

    measured_points: Annotated[str, Strict(), StringConstraints(min_length=1)] | None = _field(
        "path",
        "CSV file of measured pairs (columns delta_ms, change_percent) drawn under the window, or null; a relative "
        "path starts from the folder in which the workflow runs.",
    )


def read_measured_points(path):
    """[[lag, change], …]: measured lags in ms (t_post − t_pre) and changes in percent, from a CSV with a header.

    Raises ValueError, naming file and line, unless the header is `delta_ms,change_percent` and each line
    holds two finite numbers, or where the file cannot be read as text.
    """
    columns = ["delta_ms", "change_percent"]
    rows = _rows(path)
    header = [name.strip() for name in rows[0][1]] if rows else []
    if header != columns:
        raise ValueError(f"{path}, line 1: the header is {','.join(header)!r}; it must be {','.join(columns)!r}")
    points = [_measured_point(path, line, row) for line, row in rows[1:] if row]
    if not points:
        raise ValueError(f"{path} holds no points; give at least one line below the header, or null for the path")
    return points


def _rows(path):
    """[(line number, cells), …] of a CSV file."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            return [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise ValueError(f"{Path(path).absolute()} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is no CSV file in UTF-8: {error}") from error


def _measured_point(path, line, row):
    try:
        numbers = [float(cell) for cell in row]
    except ValueError:
        numbers = []
    if len(numbers) != 2 or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{path}, line {line}: found {','.join(row)!r}; need two finite numbers, ms and percent")
    return numbers


def _reject_unordered(key, values):
    if any(after <= before for before, after in pairwise(values)):
        raise ValueError(f"{key} is {values}; the values must ascend, without repeats")


def _reject_one_sided(key, values):
    if not min(values) < 0 < max(values):
        raise ValueError(f"{key} is {values}; rising and falling ones are needed, so both signs must occur")


def _reject_part_bins(limit_ms, bin_ms):
    n_bins = limit_ms / bin_ms
    if n_bins < 1 or not math.isclose(n_bins, round(n_bins), rel_tol=1e-9):
        raise ValueError(f"lag_limit_ms {limit_ms:g} is {n_bins:g} times lag_bin_ms {bin_ms:g}; need a whole number")
    if n_bins > MAX_LAG_BINS:
        raise ValueError(f"lag_bin_ms {bin_ms:g} makes {n_bins:.3g} bins up to the limit; allowed are {MAX_LAG_BINS}")
