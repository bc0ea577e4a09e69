"""Parameters of the network half: stationary points, early inference, gradient correlation."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import (
    LEAST_RATIO,
    AtLeastThree,
    Name,
    Potential,
    Range,
    Section,
    Several,
    _list_as_tuple,
    not_lost_in_rounding,
    not_zero,
    quantity,
)

ActivationName = Literal["logistic", "tanh", "hard_sigmoid"]
CHAIN_GROUPS = 20
"""Equal groups of Langevin chains, whose scatter gives the intervals of claim A3."""
LARGEST_ARRAY = 2 * 10**9
"""Numbers in the largest array that an experiment may ask for: 16 gigabytes in double precision."""


class Ensemble(Section):
    """How the networks and patterns of one condition are drawn."""

    activation: ActivationName = quantity("1", "the activation function ρ of all units")
    gain: float = quantity("1", "scale of the weights: multiples of the Glorot-uniform bound", ge=0.01, le=100)
    bias: Range = quantity("state", "biases are drawn uniformly between these two values")
    input: Range = quantity("state", "clamped inputs are drawn uniformly between these two values")
    target: Range = quantity("state", "targets of the output are drawn uniformly between these two values")
    candidates: int = quantity(
        "1",
        "1: every network drawn is used. More than 1: of this many random networks, each with one input and n_patterns "
        "targets, the network and the target are used for which backpropagated and equilibrium errors differ most; "
        "`limits` leaves such an ensemble out",
        ge=1,
        le=1000,
    )


class Langevin(Section):
    """Noisy dynamics of a chain of three units, two of them free, sampled and compared with exp(−E/T)."""

    input: Potential = quantity("state", "clamped input of the chain of three units")
    weights: Annotated[tuple[Potential, Potential], BeforeValidator(_list_as_tuple)] = quantity(
        "1", "weights of the two connections"
    )
    biases: Annotated[tuple[Potential, Potential], BeforeValidator(_list_as_tuple)] = quantity(
        "state", "biases of the two free units"
    )
    temperature: float = quantity("energy", "temperature T of the noise", gt=0, le=100)
    steps: AtLeastThree[Annotated[float, Field(ge=1e-3, le=1)]] = quantity(
        "time constants", "Euler steps ε, largest first, halved from one to the next"
    )
    n_chains: int = quantity("1", "independent chains, a multiple of 20", ge=20, le=1_000_000)
    n_samples: int = quantity("1", "samples per chain, one time constant apart", ge=1, le=100_000)
    burn_in: float = quantity("time constants", "time before the first sample", ge=1, le=1000)
    n_bins: int = quantity("1", "histogram bins per unit", ge=2, le=200)

    @model_validator(mode="after")
    def _steps_halve(self) -> Self:
        if any(abs(2 * small - large) > 1e-12 for large, small in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError(f"steps: found {list(self.steps)}; each must be half of the one before")
        return self

    @model_validator(mode="after")
    def _chains_form_groups(self) -> Self:
        if rest := self.n_chains % CHAIN_GROUPS:
            raise ValueError(
                f"n_chains: found {self.n_chains}; allowed is a multiple of {CHAIN_GROUPS}, such as "
                f"{self.n_chains - rest} or {self.n_chains - rest + CHAIN_GROUPS}: the intervals of claim A3 come from "
                f"the scatter of {CHAIN_GROUPS} equal groups of chains"
            )
        return self


class Relaxation(Section):
    """Experiment `relaxation`: networks relax to a stationary point of the energy."""

    layer_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=10_000)], ...], BeforeValidator(_list_as_tuple)] = (
        quantity("units", "units per layer: input, hidden layers, output", min_length=3, max_length=12)
    )
    n_networks: int = quantity("1", "networks, each with its own weights", ge=2, le=10_000)
    n_patterns: int = quantity("1", "input and target patterns per network", ge=1, le=10_000)
    activations: dict[Name, Ensemble] = quantity(
        "1", "the ensembles of networks to run by name; the name is used in file names", min_length=1
    )
    step: float = quantity("time constants", "Euler step ε of the paper's dynamics", gt=0, le=1)
    tolerance: float = quantity("state", "largest max|R(s) − s| that is still called stationary", ge=1e-14, le=1e-6)
    max_steps: int = quantity("1", "Euler steps after which a relaxation counts as failed", ge=1, le=10_000_000)
    langevin: Langevin

    @model_validator(mode="after")
    def _hessians_fit_into_memory(self) -> Self:
        n_free = sum(self.layer_sizes[1:])
        numbers = self.n_networks * self.n_patterns * n_free**2
        if numbers > LARGEST_ARRAY:
            raise ValueError(
                f"layer_sizes: found {n_free} units above the input, in {self.n_networks} networks (n_networks) with "
                f"{self.n_patterns} patterns each (n_patterns): Hessians of {numbers:.3g} numbers; allowed are "
                f"{LARGEST_ARRAY:.3g}"
            )
        return self

    def only(self, condition: Name) -> Self:
        """The same section with one ensemble alone: what the results of that condition depend on."""
        return self.model_copy(update={"activations": {condition: self.activations[condition]}})


class RecordedTimes(Section):
    """Log-spaced times at which a trajectory is recorded."""

    first: float = quantity("time constants", "first recorded time", ge=1e-6, le=1e-3)
    last: float = quantity("time constants", "last recorded time", ge=1, le=1000)
    per_decade: int = quantity("1", "recorded times per factor of ten", ge=3, le=50)


class EarlyInference(Section):
    """Experiment `early_inference`: the output is nudged and the first motion of the other layers recorded."""

    nudges: Several[Annotated[float, Field(ge=-1, le=1), not_zero, not_lost_in_rounding]] = quantity(
        "1", "nudges, ξ of the displaced and β of the driven protocol; each value must be listed with both signs"
    )
    times: RecordedTimes
    max_step: float = quantity("time constants", "longest Runge–Kutta step of the trajectories", ge=1e-3, le=0.25)
    euler_step: float = quantity(
        "time constants", "Euler step ε of the runs in which the first steps are counted", ge=1e-3, le=1
    )

    @model_validator(mode="after")
    def _both_signs(self) -> Self:
        alone = [nudge for nudge in self.nudges if -nudge not in self.nudges]
        if alone:
            raise ValueError(f"nudges: found {alone} without the opposite sign; give ±ξ in pairs")
        sizes = sorted({abs(nudge) for nudge in self.nudges})
        if len(sizes) < 2:
            raise ValueError(f"nudges: found {list(self.nudges)}; at least two sizes are needed to measure an order")
        if sizes[1] < LEAST_RATIO * sizes[0]:
            raise ValueError(
                f"nudges: found {sizes[0]:g} and {sizes[1]:g} as the smallest sizes, between which orders are "
                f"measured; the second must be at least {LEAST_RATIO} times the first"
            )
        return self


class GradientCorrelation(Section):
    """Experiment `gradient_correlation`: weight changes of the rate rules against the gradients of the loss."""

    protocol: Literal["driven"] = quantity(
        "1", "the nudging protocol whose trajectories are compared; only the driven one moves every layer"
    )
