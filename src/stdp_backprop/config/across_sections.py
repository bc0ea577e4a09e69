"""Keys of different sections that meet in an experiment or a claim: each check yields what does not fit together."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import enough_data

if TYPE_CHECKING:
    from . import Configuration
    from .inference import Ensemble


def errors_across_sections(configuration: "Configuration") -> list[str]:
    """One line for each combination of keys that cannot be run or judged."""
    return [line for check in CHECKS for line in check(configuration)]


def _windows_exist(configuration: "Configuration") -> Iterator[str]:
    windows = configuration.windows
    known = ", ".join(windows)
    named = {
        "stdp_curve.window": configuration.stdp_curve.window,
        "spiking_inference.trials.window": configuration.spiking_inference.trials.window,
        **{
            f"spiking_learning.protocols.{name}.window": protocol.window
            for name, protocol in configuration.spiking_learning.protocols.items()
        },
    }
    for key, name in named.items():
        if name not in windows:
            yield f"{key}: found {name}; allowed is one of windows: {known}"
    for name in {"stdp_matching", "derivative_protocol"} & set(windows):
        yield f"windows: found {name}; allowed is any name but that of an experiment, after which its files are called"


def _antisymmetric_window(configuration: "Configuration") -> Iterator[str]:
    windows = configuration.windows
    if "antisymmetric" not in windows:
        yield f"windows: found {', '.join(windows)}; `antisymmetric` must be among them, claim C1 is about it"
        return
    one = windows["antisymmetric"].parameters()
    for minus, plus in (("a_minus", "a_plus"), ("tau_minus_ms", "tau_plus_ms")):
        if one[minus] != one[plus]:
            yield (
                f"windows.antisymmetric.{minus}: found {one[minus]:g}; allowed is the value of {plus}, {one[plus]:g}: "
                "claim C1 is about a window that is antisymmetric; give any other window another name"
            )


def _spiking_activations(configuration: "Configuration") -> Iterator[str]:
    known = configuration.relaxation.activations
    absent = [name for name in configuration.spiking_inference.activations if name not in known]
    if absent:
        yield (
            f"spiking_inference.activations: found {', '.join(absent)}; allowed are those of relaxation.activations: "
            f"{', '.join(known)}"
        )
    negative = [name for name in configuration.spiking_inference.activations if _fires_negatively(known.get(name))]
    if negative:
        yield (
            f"spiking_inference.activations: found {', '.join(negative)}; its ρ(s) lies between -1 and 1, and a firing "
            "rate rate_max_hz · ρ(s) cannot be negative; allowed are ensembles of logistic or hard_sigmoid units"
        )


def _fires_negatively(ensemble: "Ensemble | None") -> bool:
    return ensemble is not None and ensemble.activation == "tanh"


def _patterns_of_limits(configuration: "Configuration") -> Iterator[str]:
    wanted, there = configuration.limits.n_patterns, configuration.relaxation.n_patterns
    if wanted > there:
        yield f"limits.n_patterns: found {wanted}; allowed is at most relaxation.n_patterns = {there}"


def _steps_of_limits(configuration: "Configuration") -> Iterator[str]:
    limits, n_free = configuration.limits, len(configuration.relaxation.layer_sizes) - 1
    if limits.noise.n_steps < n_free:
        yield (
            f"limits.noise.n_steps: found {limits.noise.n_steps}; allowed is at least {n_free}, the layers above "
            "the input in relaxation.layer_sizes: a nudge moves on by one layer in each Euler step"
        )
    deepest = max(n_free, limits.hidden_layers[-1] + 1)
    # four-stage steps leave the growth t^k of the k-th layer too small by binomial(k, 5) / n_steps^4 of it
    fewest = math.ceil((1000 * math.comb(deepest, 5)) ** 0.25)
    if limits.n_steps < fewest:
        yield (
            f"limits.n_steps: found {limits.n_steps}; allowed is at least {fewest} for the {deepest} layers above the "
            "input of the deepest network (relaxation.layer_sizes, limits.hidden_layers): an error of 0.1 percent"
        )


CHECKS = (
    _windows_exist,
    _antisymmetric_window,
    _spiking_activations,
    _patterns_of_limits,
    _steps_of_limits,
    *enough_data.CHECKS,
)
