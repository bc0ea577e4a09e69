"""Parameters of the extension `spiking_learning`: networks that learn by STDP on their own spikes."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import LEAST_RATIO, AtLeastTwo, PositiveInt, Section, _list_as_tuple, quantity
from .learning import NetworkName, Training

ConditionName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,38}[a-z0-9]$")]
Population = Annotated[str, Field(pattern="^(n[1-9][0-9]{0,6}|infinite)$")]
"""How many neurons a unit stands for: n1, n10, …, or `infinite` for the expectation."""
INFINITE = "infinite"
LearningRate = Annotated[
    float,
    quantity("1", "by protocol and neurons per unit: weight change per unit of minus the estimated gradient", gt=0),
]
REQUIRED_PROTOCOLS = ("lagging", "prospective", "output_alone")
NAMED_AFTER = {
    "lagging": {"signs": "both", "alpha": 0.0, "layers": "all"},
    "prospective": {"signs": "both", "layers": "all"},
    "output_alone": {"layers": "output"},
    "bi_poo_plus": {"signs": "plus"},
    "bi_poo_lagging": {"signs": "both", "alpha": 0.0},
    "bi_poo_prospective": {"signs": "both"},
    "both_": {"signs": "both"},
    "plus_": {"signs": "plus"},
}
"""What protocols that claims and figures know by name, or by the beginning of it, must be."""
SMALLEST_MOTION = 1e-8
"""Of a first velocity α^d, the smallest that rounding leaves six digits of."""


class Protocol(Section):
    """How one network is nudged, fires and learns."""

    window: str = quantity("1", "name of a window in the section `windows`")
    balance: Annotated[float, Field(gt=0, le=10)] | Literal["own"] = quantity(
        "1", "ratio A₋τ₋/(A₊τ₊) to which the depression of the window is scaled; `own` leaves it unchanged"
    )
    signs: Literal["both", "plus"] = quantity(
        "1", "`both`: the change under −β is subtracted from that under +β; `plus`: +β alone"
    )
    alpha: float = quantity("time constants", "look-ahead α of prospective firing ρ(s + α ds/dt)", ge=0, le=1)
    bins: int = quantity("bins", "length of the nudged phase", ge=1, le=1000)
    layers: Literal["all", "output"] = quantity("1", "weights that learn: all, or only those of the output")


class RateRule(Section):
    """The rate rule applied to the rates themselves, as in `learning`."""

    learning_rate: float = quantity("1", "weight change per unit of minus the estimated gradient", gt=0, le=100)
    nudged_steps: int = quantity("Euler steps", "length of the nudged phase, one step per bin", ge=1)


class SpikingNetwork(Section):
    """One architecture and its learning rates."""

    hidden: Annotated[tuple[PositiveInt, ...], BeforeValidator(_list_as_tuple)] = quantity(
        "units", "units per hidden layer, lowest first", min_length=1, max_length=6
    )
    learning_rates: dict[ConditionName, dict[Population, LearningRate]] = Field(min_length=1)
    rate_rule: RateRule
    backprop_learning_rate: float = quantity("1", "learning rate of backpropagation", gt=0, le=100)


class SpikingLearning(Training):
    """Experiment `spiking_learning`: digits learnt by STDP of all pairs on the network's own Poisson spikes."""

    gain: float = quantity("1", "scale of the initial weights: multiples of the Glorot-uniform bound", gt=0, le=10)
    free_sweeps: int = quantity("1", "sweeps of the free phase, which starts with all units at 0", ge=1, le=10_000)
    rate_sweeps: int = quantity("1", "sweeps with which the rates of prospective units are solved for", ge=1, le=10_000)
    # a prospective output answers −β with 1 / (1 − αβ), which no longer has a digit in single precision near β = 1
    nudge: float = quantity("1", "β of the nudged phase", gt=0, le=0.99)
    bin_ms: float = quantity("ms", "bin of the spike counts, which is also the Euler step", gt=0, le=1000)
    membrane_time_ms: float = quantity("ms", "membrane time constant", gt=0, le=1000)
    rate_max_hz: float = quantity("Hz", "firing rate of one neuron at ρ = 1", gt=0, le=1000)
    n_patterns: int = quantity(
        "1", "validation digits on which the trials needed per layer and the first motion are measured", ge=2
    )
    alphas: AtLeastTwo[Annotated[float, Field(gt=0, le=1)]] = quantity(
        "time constants", "look-ahead times α for which the first motion is measured, increasing"
    )
    protocols: dict[ConditionName, Protocol] = quantity("1", "the learning protocols, by name", min_length=1)
    networks: dict[NetworkName, SpikingNetwork] = quantity("1", "the architectures, by name", min_length=1)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.bin_ms > self.membrane_time_ms:
            raise ValueError(
                f"bin_ms: found {self.bin_ms:g}; allowed is at most membrane_time_ms, the Euler step's limit"
            )
        if self.n_patterns > self.split.validation:
            raise ValueError(
                f"n_patterns: found {self.n_patterns}; allowed is at most split.validation = {self.split.validation}"
            )
        self._enough_test_digits()
        self._protocols_are_what_they_are_called()
        self._first_motion_can_be_read()
        for name, network in self.networks.items():
            unknown = [protocol for protocol in network.learning_rates if protocol not in self.protocols]
            if unknown:
                raise ValueError(
                    f"networks.{name}.learning_rates: found {', '.join(unknown)}; allowed are the protocols "
                    f"{', '.join(self.protocols)}"
                )
            for protocol in REQUIRED_PROTOCOLS:
                if INFINITE not in network.learning_rates.get(protocol, {}):
                    raise ValueError(
                        f"networks.{name}.learning_rates.{protocol}.infinite is missing: claim D4 compares with it"
                    )
        return self

    def _enough_test_digits(self) -> None:
        if self.n_splits * self.split.test < 2:
            raise ValueError("split.test: found 1; allowed is at least 2 over all splits, for an interval over digits")

    def _protocols_are_what_they_are_called(self) -> None:
        for name, protocol in self.protocols.items():
            meant = NAMED_AFTER.get(name) or NAMED_AFTER.get(name.partition("_")[0] + "_", {})
            for key, value in meant.items():
                if getattr(protocol, key) != value:
                    raise ValueError(
                        f"protocols.{name}.{key}: found {getattr(protocol, key)}; allowed is {value}, which claims "
                        "take from the name; give any other protocol another name"
                    )

    def _first_motion_can_be_read(self) -> None:
        alphas, deepest = self.alphas, max(len(network.hidden) for network in self.networks.values())
        if list(alphas) != sorted(alphas) or alphas[1] < LEAST_RATIO * alphas[0]:
            raise ValueError(
                f"alphas: found {list(alphas)}; the values must increase, the second to at least {LEAST_RATIO} times "
                "the first: claim D5 reads an order between the two"
            )
        if alphas[0] ** deepest < SMALLEST_MOTION:
            raise ValueError(
                f"alphas: found {alphas[0]:g}; allowed is at least {SMALLEST_MOTION ** (1 / deepest):.2g} with "
                f"{deepest} hidden layers, the lowest of which starts at α to this power: below, rounding hides it"
            )
