"""The one definition of what a parameter of `config.yaml` may be.

`validated` turns the raw mapping that YAML gives into the frozen models below, or raises `InvalidConfiguration`
with every mistake at once, each naming the key, what was found and what is allowed.
"""

from collections.abc import Mapping
from typing import Self

from pydantic import ValidationError, model_validator

from .derivative_protocol import DerivativeProtocol
from .fields import Section, quantity
from .inference import EarlyInference, GradientCorrelation, Relaxation
from .learning import Learning
from .limits import Limits
from .messages import InvalidConfiguration, explain
from .spiking_inference import SpikingInference
from .stdp import Fig1StdpCurveSettings, StdpCurveSettings, StdpMatchingSettings, Windows

__all__ = ["Configuration", "InvalidConfiguration", "validated"]


class Configuration(Section):
    """All raw parameters of the replication."""

    seed: int = quantity("1", "root of every random stream", ge=0, lt=2**63)
    relaxation: Relaxation
    early_inference: EarlyInference
    gradient_correlation: GradientCorrelation
    limits: Limits
    windows: Windows
    stdp_matching: StdpMatchingSettings
    stdp_curve: StdpCurveSettings
    fig1_stdp_curve: Fig1StdpCurveSettings
    learning: Learning
    derivative_protocol: DerivativeProtocol
    spiking_inference: SpikingInference

    @model_validator(mode="after")
    def _named_windows_exist(self) -> Self:
        known = ", ".join(self.windows)
        if "antisymmetric" not in self.windows:
            raise ValueError(f"windows: found {known}; `antisymmetric` must be among them, claim C1 is about it")
        if self.stdp_curve.window not in self.windows:
            raise ValueError(f"stdp_curve.window: found {self.stdp_curve.window}; allowed is one of windows: {known}")
        if self.spiking_inference.trials.window not in self.windows:
            found = self.spiking_inference.trials.window
            raise ValueError(f"spiking_inference.trials.window: found {found}; allowed is one of windows: {known}")
        return self

    @model_validator(mode="after")
    def _spiking_networks_exist(self) -> Self:
        spiking, relaxation = self.spiking_inference, self.relaxation
        absent = [name for name in spiking.activations if name not in relaxation.activations]
        if absent:
            raise ValueError(
                f"spiking_inference.activations: found {', '.join(absent)}; allowed are those of "
                f"relaxation.activations: {', '.join(relaxation.activations)}"
            )
        return self


def validated(raw: Mapping) -> Configuration:
    """The configuration in `raw`. Raises InvalidConfiguration, which lists all mistakes."""
    try:
        return Configuration.model_validate(dict(raw))
    except ValidationError as error:
        raise InvalidConfiguration(explain(error, Configuration)) from None
