"""Parameters of the extension `derivative_protocol`."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import Section, Several, _list_as_tuple, quantity, reject_unless_increasing

Rate = Annotated[float, Field(ge=0.01, le=200)]
Ratio = Annotated[float, Field(ge=1, le=1000)]


class MeasuredChange(Section):
    """A measured outcome of the protocol."""

    mean: float = quantity("1", "normalised EPSP, 1 for no change", gt=0, le=100)
    sem: float = quantity("1", "its standard error over slices", ge=1e-3, le=100)
    slices: int = quantity("1", "how many slices", ge=2, le=100_000)


class MeasuredChanges(Section):
    """The four measured outcomes."""

    rising: MeasuredChange = quantity("1", "lower rate, then higher")
    falling: MeasuredChange = quantity("1", "higher rate, then lower")
    low: MeasuredChange = quantity("1", "lower rate in both halves")
    high: MeasuredChange = quantity("1", "higher rate in both halves")


class DerivativeProtocol(Section):
    """Extension `derivative_protocol`: two halves of different firing rates, the protocol of Jang et al. 2026."""

    half_ms: float = quantity("ms", "length of each half", ge=1, le=1000)
    gap_ms: float = quantity("ms", "silence between repetitions", ge=0, le=100_000)
    n_repetitions: int = quantity("1", "repetitions of the two halves", ge=1, le=1000)
    rates_hz: Annotated[tuple[Rate, Rate], BeforeValidator(_list_as_tuple)] = quantity(
        "Hz", "the lower and the higher rate; all four orders of them are run"
    )
    presynaptic_rates_hz: Several[Rate] = quantity(
        "Hz", "presynaptic rates, increasing, of the variant in which only the postsynaptic rate switches"
    )
    margin_time_constants: float = quantity(
        "1", "how far trains that go on run past both ends, in units of the window's longer time constant", ge=5, le=50
    )
    postsynaptic_ratios: Several[Ratio] = quantity(
        "1", "ratios of the postsynaptic rates under the higher and the lower current, increasing"
    )
    n_trials: int = quantity("1", "trials per condition", ge=2, le=1_000_000)
    measured: MeasuredChanges

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        reject_unless_increasing(self, "rates_hz", "presynaptic_rates_hz", "postsynaptic_ratios")
        for name, values in (("rates_hz", self.rates_hz), ("presynaptic_rates_hz", self.presynaptic_rates_hz)):
            for one, next_one in pairwise(values):
                if f"{one:g}" == f"{next_one:g}":
                    raise ValueError(
                        f"{name}: found {one} and {next_one}; six digits must tell rates apart, by which "
                        "conditions are called"
                    )
        return self
