"""The one definition of what a parameter of `config.yaml` may be.

`validate` turns the raw mapping that YAML gives into the frozen models below, or raises `InvalidConfiguration`
with every error at once, each naming the key, what was found and what is allowed.
"""

from collections.abc import Mapping

from pydantic import ValidationError

from .across_sections import errors_across_sections
from .derivative_protocol import DerivativeProtocol
from .fields import Section, quantity
from .inference import EarlyInference, GradientCorrelation, Relaxation
from .learning import Learning
from .limits import Limits
from .messages import InvalidConfiguration, explain
from .spiking_inference import SpikingInference
from .spiking_learning import SpikingLearning
from .stdp import Fig1StdpCurve, StdpCurve, StdpMatching, Windows

__all__ = ["Configuration", "InvalidConfiguration", "validate"]


class Configuration(Section):
    """All raw parameters of the replication."""

    seed: int = quantity("1", "root of every random stream", ge=0, lt=2**63)
    relaxation: Relaxation
    early_inference: EarlyInference
    gradient_correlation: GradientCorrelation
    limits: Limits
    windows: Windows
    stdp_matching: StdpMatching
    stdp_curve: StdpCurve
    fig1_stdp_curve: Fig1StdpCurve
    learning: Learning
    derivative_protocol: DerivativeProtocol
    spiking_inference: SpikingInference
    spiking_learning: SpikingLearning


def validate(raw: Mapping) -> Configuration:
    """The configuration in `raw`. Raises InvalidConfiguration, which lists all errors."""
    try:
        configuration = Configuration.model_validate(dict(raw))
    except ValidationError as error:
        raise InvalidConfiguration(explain(error, Configuration)) from None
    if errors := errors_across_sections(configuration):
        raise InvalidConfiguration(errors)
    return configuration
