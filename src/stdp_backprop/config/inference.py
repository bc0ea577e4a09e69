"""Parameters of the network half: stationary points, early inference, gradient correlation."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import AtLeastThree, Range, Section, Several, _list_as_tuple, not_zero, quantity

ActivationName = Literal["logistic", "tanh", "hard_sigmoid"]


class Ensemble(Section):
    """How the networks and patterns of one activation are drawn."""

    gain: float = quantity("1", "scale of the weights: multiples of the Glorot-uniform bound", gt=0, le=100)
    bias: Range = quantity("state", "biases are uniform between these two")
    input: Range = quantity("state", "clamped inputs are uniform between these two")
    target: Range = quantity("state", "targets of the output are uniform between these two")


class Langevin(Section):
    """Noisy dynamics of a chain of three units, two of them free, sampled and compared with exp(−E/T)."""

    input: float = quantity("state", "clamped input of the chain of three units")
    weights: Annotated[tuple[float, float], BeforeValidator(_list_as_tuple)] = quantity(
        "1", "weights of the two connections"
    )
    biases: Annotated[tuple[float, float], BeforeValidator(_list_as_tuple)] = quantity(
        "state", "biases of the two free units"
    )
    temperature: float = quantity("energy", "temperature T of the noise", gt=0, le=100)
    steps: AtLeastThree[Annotated[float, Field(gt=0, le=1)]] = quantity(
        "time constants", "Euler steps ε, largest first, halved from one to the next"
    )
    n_chains: int = quantity("1", "independent chains", ge=20, le=1_000_000)
    n_samples: int = quantity("1", "samples per chain, one time constant apart", ge=1, le=100_000)
    lead_in: float = quantity("time constants", "time before the first sample", ge=1, le=1000)
    n_bins: int = quantity("1", "histogram bins per unit", ge=2, le=200)

    @model_validator(mode="after")
    def _steps_halve(self) -> Self:
        if any(abs(2 * small - large) > 1e-12 for large, small in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError(f"steps: found {list(self.steps)}; each must be half of the one before")
        return self


class Relaxation(Section):
    """Experiment `relaxation`: networks relax to a stationary point of the energy."""

    layer_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=10_000)], ...], BeforeValidator(_list_as_tuple)] = (
        quantity("units", "units per layer: input, hidden layers, output", min_length=3, max_length=12)
    )
    n_networks: int = quantity("1", "networks, each with its own weights", ge=2, le=10_000)
    n_patterns: int = quantity("1", "input and target patterns per network", ge=1, le=10_000)
    activations: dict[ActivationName, Ensemble] = quantity(
        "1", "the activation functions ρ to run, each with its ensemble", min_length=1
    )
    step: float = quantity("time constants", "Euler step ε of the paper's dynamics", gt=0, le=1)
    tolerance: float = quantity("state", "largest max|R(s) − s| that is still called stationary", ge=1e-14, le=1e-6)
    max_steps: int = quantity("1", "Euler steps after which a relaxation has failed", ge=1, le=10_000_000)
    langevin: Langevin

    def only(self, activation: ActivationName) -> Self:
        """The same section with one activation alone: what the results of that activation depend on."""
        return self.model_copy(update={"activations": {activation: self.activations[activation]}})


class RecordedTimes(Section):
    """Log-spaced times at which a trajectory is recorded."""

    first: float = quantity("time constants", "first recorded time", gt=0, le=1e-3)
    last: float = quantity("time constants", "last recorded time", ge=1, le=1000)
    per_decade: int = quantity("1", "recorded times per factor of ten", ge=3, le=50)


class EarlyInference(Section):
    """Experiment `early_inference`: the output is nudged and the first motion of the other layers recorded."""

    nudges: Several[Annotated[float, Field(ge=-1, le=1), not_zero]] = quantity(
        "1",
        "nudges: ξ of the displaced, β of the driven protocol; the value with the other sign must be there too",
    )
    times: RecordedTimes
    max_step: float = quantity("time constants", "longest Runge–Kutta step of the trajectories", gt=0, le=0.25)
    first_steps: float = quantity("time constants", "Euler step ε with which the first steps are counted", gt=0, le=1)

    @model_validator(mode="after")
    def _both_signs(self) -> Self:
        alone = [nudge for nudge in self.nudges if -nudge not in self.nudges]
        if alone:
            raise ValueError(f"nudges: found {alone} without the opposite sign; give ±ξ in pairs")
        if len({abs(nudge) for nudge in self.nudges}) < 2:
            raise ValueError(f"nudges: found {list(self.nudges)}; at least two sizes are needed to measure an order")
        return self


class GradientCorrelation(Section):
    """Experiment `gradient_correlation`: weight changes of the rate rules against the gradients of the loss."""

    protocol: Literal["driven"] = quantity(
        "1", "the nudging protocol whose trajectories are compared; only the driven one moves every layer"
    )
