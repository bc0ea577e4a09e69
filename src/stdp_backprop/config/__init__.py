"""The one definition of what a parameter of `config.yaml` may be.

`validated` turns the raw mapping that YAML gives into the frozen models below, or raises `InvalidConfiguration`
with every mistake at once, each naming the key, what was found and what is allowed.
"""

from collections.abc import Mapping

from pydantic import ValidationError

from .fields import Section, quantity
from .inference import EarlyInference, GradientCorrelation, Relaxation
from .learning import Learning
from .messages import InvalidConfiguration, explain

__all__ = ["Configuration", "InvalidConfiguration", "validated"]


class Configuration(Section):
    """All raw parameters of the replication."""

    seed: int = quantity("1", "root of every random stream", ge=0, lt=2**63)
    relaxation: Relaxation
    early_inference: EarlyInference
    gradient_correlation: GradientCorrelation
    learning: Learning


def validated(raw: Mapping) -> Configuration:
    """The configuration in `raw`. Raises InvalidConfiguration, which lists all mistakes."""
    try:
        return Configuration.model_validate(dict(raw))
    except ValidationError as error:
        raise InvalidConfiguration(explain(error, Configuration)) from None
