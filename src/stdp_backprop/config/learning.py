"""Parameters of the extension `learning`: networks that learn handwritten digits, each by its own rule."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import PositiveInt, Section, Several, _list_as_tuple, quantity, reject_unless_increasing

NudgedRule = Literal["rate", "velocity", "symmetric"]
N_DIGITS = 1797
"""Digits in scikit-learn's collection."""
NetworkName = Annotated[str, Field(pattern="^[a-z][a-z_]{0,38}[a-z]$")]


class Split(Section):
    """How many digits each part of a split has. A split is the same for every network and every seed."""

    train: int = quantity("1", "digits from which the weights are learnt", ge=1)
    validation: int = quantity(
        "1", "digits used to choose the settings, the same in every split; no weight is learnt from them", ge=1
    )
    test: int = quantity(
        "1", "digits used neither for choosing settings nor for learning; no two splits share one", ge=1
    )

    @model_validator(mode="after")
    def _enough_digits(self) -> Self:
        wanted = self.needed(1)
        if wanted > N_DIGITS:
            raise ValueError(
                f"train: found {self.train}, with validation = {self.validation} and test = {self.test}: {wanted} "
                f"digits together; the data set has {N_DIGITS}"
            )
        return self

    def needed(self, n_splits: int) -> int:
        """Digits needed for this many splits: the test digits of one split are training digits of the others."""
        return self.validation + max(n_splits * self.test, self.test + self.train)


class NudgedLearning(Section):
    """How one rate rule is applied."""

    learning_rate: float = quantity("1", "weight change per unit of minus the estimated gradient", gt=0, le=100)
    nudged_steps: int = quantity(
        "Euler steps", "length of the nudged phase for which errors are shown by epoch", ge=1, le=100_000
    )


class LearningNetwork(Section):
    """One architecture and the rules with which it is trained."""

    activation: Literal["tanh", "hard_sigmoid"] = quantity("1", "activation function ρ of all layers")
    hidden: Annotated[tuple[PositiveInt, ...], BeforeValidator(_list_as_tuple)] = quantity(
        "units", "units per hidden layer, lowest first", min_length=1, max_length=6
    )
    gain: float = quantity("1", "scale of the initial weights: multiples of the Glorot-uniform bound", ge=0.01, le=10)
    free_sweeps: int = quantity("1", "sweeps of the free phase, which starts with all units at 0", ge=1, le=10_000)
    rules: dict[NudgedRule, NudgedLearning] = quantity(
        "1", "the rate rules with which the network is trained", min_length=1
    )
    backprop_learning_rate: float = quantity("1", "learning rate of backpropagation", gt=0, le=100)


class Training(Section):
    """What every experiment that trains networks on the digits has: splits, seeds and epochs."""

    n_seeds: int = quantity("1", "random initial weights and orders of the digits per split", ge=2, le=1000)
    n_splits: int = quantity(
        "1", "splits into training and test digits; no digit is tested in two splits", ge=1, le=1000
    )
    split: Split
    epochs: int = quantity("1", "passes through the training digits", ge=1, le=1000)
    final_epochs: int = quantity("1", "number of last epochs over which the final error is averaged", ge=1, le=1000)
    batch: int = quantity("digits", "digits per weight change", ge=1, le=10_000)

    @model_validator(mode="after")
    def _enough_epochs_and_digits(self) -> Self:
        if self.final_epochs > self.epochs:
            raise ValueError(f"final_epochs: found {self.final_epochs}; allowed is at most epochs = {self.epochs}")
        if (needed := self.split.needed(self.n_splits)) > N_DIGITS:
            raise ValueError(
                f"n_splits: found {self.n_splits}; with the sizes in split this needs {needed} digits, and "
                f"the data set has {N_DIGITS}"
            )
        return self

    def only(self, network: str) -> Self:
        """The same section with one network alone: what the results of that network depend on."""
        return self.model_copy(update={"networks": {network: self.networks[network]}})


class Learning(Training):
    """Experiment `learning`: the same networks trained by rate rules and by backpropagation."""

    nudge: float = quantity("1", "β of the nudged phase, run with both signs", ge=1e-3, le=10)
    step: float = quantity("time constants", "Euler step ε of the nudged phase", ge=0.01, le=1)
    nudged_steps: Several[PositiveInt] = quantity(
        "Euler steps",
        "lengths of the nudged phase to compare, increasing; only the first split is run with all of them",
    )
    networks: dict[NetworkName, LearningNetwork] = quantity("1", "the architectures, by name", min_length=1)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        reject_unless_increasing(self, "nudged_steps")
        if 1 not in self.nudged_steps:
            raise ValueError(
                f"nudged_steps: found {list(self.nudged_steps)}; 1, at which the output weights learn alone, must be "
                "among them: claim D2 compares with it"
            )
        for name, network in self.networks.items():
            missing = [rule for rule in ("rate", "symmetric") if rule not in network.rules]
            if missing:
                raise ValueError(
                    f"networks.{name}.rules: found {', '.join(network.rules)}; {' and '.join(missing)} must be among "
                    "them: claim D2 compares the two"
                )
            for rule, learning in network.rules.items():
                if learning.nudged_steps not in self.nudged_steps:
                    raise ValueError(
                        f"networks.{name}.rules.{rule}.nudged_steps: found {learning.nudged_steps}; allowed is one of "
                        f"learning.nudged_steps, {list(self.nudged_steps)}"
                    )
        return self
