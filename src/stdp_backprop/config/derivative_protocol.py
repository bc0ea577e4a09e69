"""Parameters of the extension `derivative_protocol`."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import Section, Several, _list_as_tuple, quantity

Rate = Annotated[float, Field(ge=0.01, le=200)]


class DerivativeProtocol(Section):
    """Extension `derivative_protocol`: two halves of different firing rates, the protocol of Jang et al. 2026."""

    half_ms: float = quantity("ms", "length of each half", ge=1, le=1000)
    rates_hz: Annotated[tuple[Rate, Rate], BeforeValidator(_list_as_tuple)] = quantity(
        "Hz", "the lower and the higher rate; all four orders of them are run"
    )
    presynaptic_rates_hz: Several[Rate] = quantity(
        "Hz", "presynaptic rates, increasing, of the variant in which only the postsynaptic rate switches"
    )
    margin_time_constants: float = quantity(
        "1", "how far trains that go on run past both ends, in units of the window's longer time constant", ge=5, le=50
    )
    n_trials: int = quantity("1", "trials per condition", ge=2, le=1_000_000)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name, values in (("rates_hz", self.rates_hz), ("presynaptic_rates_hz", self.presynaptic_rates_hz)):
            if list(values) != sorted(set(values)):
                raise ValueError(f"{name}: found {list(values)}; the values must increase")
            for one, next_one in pairwise(values):
                if f"{one:g}" == f"{next_one:g}":
                    raise ValueError(
                        f"{name}: found {one} and {next_one}; six digits must tell rates apart, by which "
                        "conditions are "
                        "called"
                    )
        return self
