"""Parameters of the extension `spiking_inference`: networks under nudged inference that fire spikes."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from .fields import AtLeastTwo, Name, PositiveInt, Section, Several, quantity, reject_unless_increasing


class SpikeTrials(Section):
    """Trials of spike trains, beside the exact expectations."""

    n_networks: int = quantity(
        "1",
        "number of networks that fire spikes, counted from the first, one pattern each; all if `relaxation` has fewer",
        ge=2,
        le=100,
    )
    window: str = quantity("1", "name of the window, one of `windows`, that changes their weights")
    n_averaged: Several[PositiveInt] = quantity(
        "1", "trials over which weight changes are averaged, increasing; the last one is the number of trials run"
    )
    n_paired_trials: int = quantity(
        "1",
        "trials in which one synapse per postsynaptic unit is evaluated under every pairing scheme",
        ge=100,
        le=100_000,
    )

    @model_validator(mode="after")
    def _averages_are_nested(self) -> Self:
        first, last = self.n_averaged[0], self.n_averaged[-1]
        if list(self.n_averaged) != sorted(self.n_averaged) or any(number % first for number in self.n_averaged):
            raise ValueError(f"n_averaged: found {list(self.n_averaged)}; need increasing multiples of the first")
        if not any(10 * number <= last for number in self.n_averaged[1:]):
            raise ValueError(
                f"n_averaged: found {list(self.n_averaged)}; the last must be 10 times the second or more: claim D1 "
                "measures the order between the first and the largest of which there are ten averages"
            )
        if self.n_paired_trials > last:
            raise ValueError(f"n_paired_trials: found {self.n_paired_trials}; allowed is at most {last}, all trials")
        return self


class SpikingInference(Section):
    """Extension `spiking_inference`: units of a relaxed network fire Poisson spikes while it is nudged; STDP runs."""

    activations: Several[Name] = quantity(
        "1", "ensembles of `relaxation` whose networks are used; not of tanh, which would make firing rates negative"
    )
    n_patterns: int = quantity(
        "1", "patterns of each network of `relaxation` that are used, the first ones; all if fewer", ge=1
    )
    rate_max_hz: float = quantity("Hz", "firing rate of a unit with ρ(s) = 1", ge=0.01, le=500)
    nudge: float = quantity("1", "β of the driven protocol", ge=1e-3, le=10)
    membrane_time_ms: float = quantity("ms", "membrane time constant, the unit of time of the networks", ge=0.1, le=1e5)
    duration: float = quantity("time constants", "length of the nudged phase", ge=0.01, le=100)
    membrane_times_ms: AtLeastTwo[Annotated[float, Field(ge=0.1, le=1e5)]] = quantity(
        "ms", "membrane time constants to compare, increasing"
    )
    durations: AtLeastTwo[Annotated[float, Field(ge=0.01, le=100)]] = quantity(
        "time constants", "lengths of the nudged phase to compare, increasing"
    )
    margin_time_constants: float = quantity(
        "1",
        "how long spike trains run before the nudged phase, at the stationary point, and after it, in units of the "
        "longest time constant of all windows",
        ge=5,
        le=50,
    )
    settling_time: float = quantity(
        "time constants", "time after the nudged phase from which rates are held constant", ge=5, le=1000
    )
    knots_per_decade: int = quantity("1", "knots of the piecewise linear rates per factor of ten in time", ge=6, le=200)
    trials: SpikeTrials

    def only(self, activation: Name) -> Self:
        """The same section with one activation alone: what the results of that activation depend on."""
        return self.model_copy(update={"activations": (activation,)})

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for one, several in (("membrane_time_ms", "membrane_times_ms"), ("duration", "durations")):
            reject_unless_increasing(self, several)
            value, values = getattr(self, one), getattr(self, several)
            if value not in values:
                raise ValueError(f"{one}: found {value}; allowed is one of {several}: {list(values)}")
        return self
