"""Parameters of the spike experiments: windows, `stdp_matching`, `stdp_curve`, and what figure 1 draws."""

import csv
import math
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .fields import AtLeastThree, AtLeastTwo, Name, Section, Several, quantity, reject_unless_increasing

SMALLEST_AMPLITUDE = 1e-6
MAX_LAG_BINS = 2000
MAX_PASSAGE_STEPS = 10_000
MAX_TRIALS = 2_000_000  # per condition: 64 MB of weight changes


class WindowSettings(Section):
    """An STDP window: A₊ exp(−Δt/τ₊) for Δt = t_post − t_pre > 0, −A₋ exp(Δt/τ₋) for Δt < 0."""

    a_plus: float = quantity("1", "potentiation of a pair at vanishing lag", ge=0, le=1e6)
    a_minus: Annotated[float, Field(ge=0, le=1e6)] | Literal["balanced"] = quantity(
        "1", "depression of a pair at vanishing lag, a magnitude; `balanced` takes A₊τ₊/τ₋: integral 0"
    )
    tau_plus_ms: float = quantity("ms", "time constant of potentiation", ge=1e-3, le=1000)
    tau_minus_ms: float = quantity("ms", "time constant of depression", ge=1e-3, le=1000)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.a_plus == 0 and self.a_minus in (0, "balanced"):
            raise ValueError(f"a_plus: found 0, with a_minus = {self.a_minus} a window of zeros; one must be above 0")
        for key in ("a_plus", "a_minus"):
            amplitude = getattr(self, key)
            if amplitude != "balanced" and 0 < amplitude < SMALLEST_AMPLITUDE:
                raise ValueError(f"{key}: found {amplitude:g}; allowed is 0, or at least {SMALLEST_AMPLITUDE:g}")
        return self

    def parameters(self) -> dict[str, float]:
        """The four numbers by name, `balanced` replaced by its value."""
        numbers = self.model_dump()
        if self.a_minus == "balanced":
            numbers["a_minus"] = self.a_plus * (self.tau_plus_ms / self.tau_minus_ms)  # equal ones: a_plus exactly
        return numbers


Windows = Annotated[
    dict[Name, WindowSettings], Field(min_length=1, description="STDP windows by name; the name is used in file names.")
]


class StdpMatching(Section):
    """STDP of Poisson trains against r_i · dr_j/dt."""

    mean_rate_hz: float = quantity("Hz", "postsynaptic rate r₀ in the middle of the counted interval", ge=0.01, le=200)
    presynaptic_rates_hz: Several[Annotated[float, Field(gt=0, le=200)]] = quantity(
        "Hz", "presynaptic rates r_i, increasing"
    )
    rate_slopes_hz_per_s: AtLeastThree[float] = quantity(
        "Hz/s", "slopes of the postsynaptic rate, increasing, with 0 and both signs"
    )
    interval_ms: float = quantity("ms", "length T of the interval whose presynaptic spikes count", ge=1, le=1000)
    margin_time_constants: float = quantity(
        "1", "how far the trains run past both ends, in units of the window's longer time constant", ge=5, le=50
    )
    n_presynaptic_spikes: int = quantity(
        "1", "presynaptic spikes counted per condition, on average; sets the number of trials", ge=10, le=1_000_000
    )
    n_averaged: Several[Annotated[int, Field(ge=1)]] = quantity(
        "1", "presynaptic spikes averaged over before STDP and rate rule are correlated, increasing", min_length=1
    )
    n_coupled_trials: int = quantity(
        "1",
        "postsynaptic trains per condition for the conditional expectation of the weight change, which claims C1 and "
        "C5 use: all slopes see the same random numbers, and the presynaptic spikes are integrated out",
        ge=2,
        le=MAX_TRIALS,
    )
    lag_limit_ms: float = quantity("ms", "largest lag in the density of the nearest spike", gt=0, le=1000)
    lag_bin_ms: float = quantity("ms", "width of its bins; a whole number of them up to the limit", gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        reject_unless_increasing(self, "presynaptic_rates_hz", "rate_slopes_hz_per_s", "n_averaged")
        _reject_one_sided("rate_slopes_hz_per_s", self.rate_slopes_hz_per_s)
        if 0 not in self.rate_slopes_hz_per_s:
            raise ValueError(
                f"rate_slopes_hz_per_s: found {list(self.rate_slopes_hz_per_s)}; 0, a constant rate, must be among them"
            )
        self._reject_silence()
        self._reject_impossible_averages()
        _reject_part_bins(self.lag_limit_ms, self.lag_bin_ms)
        return self

    def _reject_silence(self) -> None:
        steepest = max(self.rate_slopes_hz_per_s, key=abs)
        limit = 2000 * self.mean_rate_hz / self.interval_ms
        if abs(steepest) > limit:
            raise ValueError(
                f"rate_slopes_hz_per_s: found {steepest:g}, which makes the rate negative within interval_ms = "
                f"{self.interval_ms:g} about mean_rate_hz = {self.mean_rate_hz:g}; allowed are ±{limit:g}"
            )

    def _reject_impossible_averages(self) -> None:
        lowest_hz = min(self.presynaptic_rates_hz)
        n_trials = self.n_presynaptic_spikes / (lowest_hz * self.interval_ms / 1000)
        if n_trials > MAX_TRIALS:
            raise ValueError(
                f"n_presynaptic_spikes: found {self.n_presynaptic_spikes}, which needs {n_trials:.3g} trials at "
                f"{lowest_hz:g} Hz; allowed are {MAX_TRIALS}"
            )
        if self.n_averaged[-1] > self.n_presynaptic_spikes:
            raise ValueError(
                f"n_averaged: found {self.n_averaged[-1]}; allowed is at most n_presynaptic_spikes = "
                f"{self.n_presynaptic_spikes}"
            )


def longest_lag_ms(threshold: "ThresholdNeuron") -> float:
    """Mean lag of the postsynaptic spike at the smallest slope."""
    slowest = min(abs(slope) for slope in threshold.potential_slopes_mv_per_ms)
    return (threshold.threshold_mv - threshold.potential_mv) / slowest


class ThresholdNeuron(Section):
    """Neuron with a threshold, driven by a noisy ramp of its potential."""

    potential_mv: float = quantity("mV", "potential V₀ at the presynaptic spike, below the threshold")
    threshold_mv: float = quantity("mV", "threshold θ")
    potential_slopes_mv_per_ms: AtLeastTwo[float] = quantity(
        "mV/ms", "slopes V̇ of the potential, increasing, at least two of each sign, not 0"
    )
    noise_mv_per_sqrt_ms: float = quantity("mV/√ms", "strength σ of the Brownian noise", gt=0)
    step_ms: float = quantity(
        "ms", "step of the path and of the velocity measured at the presynaptic spike", gt=0, le=100
    )
    n_trials: int = quantity("1", "trials per slope", ge=2, le=1_000_000)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        slopes = self.potential_slopes_mv_per_ms
        reject_unless_increasing(self, "potential_slopes_mv_per_ms")
        _reject_one_sided("potential_slopes_mv_per_ms", slopes)
        if 0 in slopes:
            raise ValueError("potential_slopes_mv_per_ms: found 0, with which the threshold need not be reached")
        distance_mv = self.threshold_mv - self.potential_mv
        if distance_mv <= 0:
            raise ValueError(
                f"potential_mv: found {self.potential_mv:g}; allowed is less than threshold_mv = {self.threshold_mv:g}"
            )
        limit = math.sqrt(distance_mv * min(abs(slope) for slope in slopes))
        if self.noise_mv_per_sqrt_ms > limit:
            raise ValueError(
                f"noise_mv_per_sqrt_ms: found {self.noise_mv_per_sqrt_ms:g}; allowed is at most {limit:.3g}, the root "
                "of distance times smallest slope, where the passage time scatters by its mean"
            )
        shortest_ms = longest_lag_ms(self) / MAX_PASSAGE_STEPS
        if self.step_ms < shortest_ms:
            raise ValueError(
                f"step_ms: found {self.step_ms:g}; allowed is at least {shortest_ms:.3g}, {MAX_PASSAGE_STEPS} steps to "
                "the threshold at the smallest slope"
            )
        return self


class PoissonNeuron(Section):
    """Poisson neuron whose rate ramps about the presynaptic spike."""

    mean_rate_hz: float = quantity("Hz", "postsynaptic rate at the presynaptic spike", gt=0, le=200)
    rate_slopes_hz_per_s: AtLeastTwo[float] = quantity(
        "Hz/s", "slopes of the postsynaptic rate, increasing, at least two of each sign"
    )
    reach_ms: float = quantity("ms", "how far the train runs to both sides of the presynaptic spike", gt=0, le=2000)
    n_trials: int = quantity("1", "trials per slope", ge=2, le=1_000_000)
    lag_limit_ms: float = quantity("ms", "largest lag of the view by lag", gt=0)
    lag_bin_ms: float = quantity("ms", "width of a lag bin; a whole number of them up to the limit", gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        reject_unless_increasing(self, "rate_slopes_hz_per_s")
        _reject_one_sided("rate_slopes_hz_per_s", self.rate_slopes_hz_per_s)
        _reject_part_bins(self.lag_limit_ms, self.lag_bin_ms)
        if self.lag_limit_ms > self.reach_ms:
            raise ValueError(
                f"lag_limit_ms: found {self.lag_limit_ms:g}; allowed is at most reach_ms = {self.reach_ms:g}"
            )
        expected = 2 * self.reach_ms * self.mean_rate_hz / 1000
        if expected < 5:
            raise ValueError(
                f"reach_ms: found {self.reach_ms:g}, which holds {expected:.3g} spikes at mean_rate_hz = "
                f"{self.mean_rate_hz:g}; at least 5 are needed, or many trials have no spike"
            )
        return self


class StdpCurve(Section):
    """The STDP curve around one presynaptic spike."""

    window: Name = quantity("1", "which of `windows` gives the STDP of the Poisson neuron's spikes")
    threshold_neuron: ThresholdNeuron
    poisson_neuron: PoissonNeuron


class Fig1StdpCurve(Section):
    """What fig1_stdp_curve draws besides the results."""

    measured_points: Annotated[str, Field(min_length=1)] | None = quantity(
        "path",
        "CSV file of measured pairs (columns delta_ms, change_percent) drawn under the window, or null; a relative "
        "path starts from the folder in which the workflow runs.",
    )


def read_measured_points(path: str | Path) -> list[list[float]]:
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


def _rows(path: str | Path) -> list[tuple[int, list[str]]]:
    """[(line number, cells), …] of a CSV file."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            return [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise ValueError(f"{Path(path).absolute()} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is no CSV file in UTF-8: {error}") from error


def _measured_point(path: str | Path, line: int, row: list[str]) -> list[float]:
    try:
        numbers = [float(cell) for cell in row]
    except ValueError:
        numbers = []
    if len(numbers) != 2 or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{path}, line {line}: found {','.join(row)!r}; need two finite numbers, ms and percent")
    return numbers


def _reject_one_sided(key: str, values: tuple[float, ...]) -> None:
    if not min(values) < 0 < max(values):
        raise ValueError(f"{key}: found {list(values)}; both signs must occur")


def _reject_part_bins(limit_ms: float, bin_ms: float) -> None:
    n_bins = limit_ms / bin_ms
    if n_bins < 1 or not math.isclose(n_bins, round(n_bins), rel_tol=1e-9):
        raise ValueError(
            f"lag_limit_ms: found {limit_ms:g}, {n_bins:g} times lag_bin_ms = {bin_ms:g}; need a whole number"
        )
    if n_bins > MAX_LAG_BINS:
        raise ValueError(
            f"lag_bin_ms: found {bin_ms:g}, with {n_bins:.3g} bins up to lag_limit_ms; allowed are {MAX_LAG_BINS}"
        )
