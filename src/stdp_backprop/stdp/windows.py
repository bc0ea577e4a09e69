"""STDP windows: the weight change of one spike pair as a function of its lag.

Sign convention, everywhere: `delta_ms = t_post − t_pre`, so a positive lag means that the presynaptic spike
came first. A window is four numbers and a name; a new one needs no code.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

MS_PER_S = 1000.0
PARAMETERS = {"a_plus": "1", "a_minus": "1", "tau_plus_ms": "ms", "tau_minus_ms": "ms"}
"""The numbers of a window and their units."""


@dataclass(frozen=True)
class Window:
    """w(Δ) = A₊ exp(−Δ/τ₊) for Δ > 0, −A₋ exp(Δ/τ₋) for Δ < 0 and 0 at Δ = 0.

    name : how the window is called in the configuration and in file names
    a_plus, a_minus : weight change of a pair at vanishing lag; a_minus is a magnitude
    tau_plus_ms, tau_minus_ms : time constants, positive
    Raises ValueError for a number that is not finite or a time constant that is not positive.
    """

    name: str
    a_plus: float
    a_minus: float
    tau_plus_ms: float
    tau_minus_ms: float

    def __post_init__(self) -> None:
        for name, number in self.numbers().items():
            if not math.isfinite(number):
                raise ValueError(f"window {self.name!r}: {name} is {number}; a finite number is needed")
            if name.startswith("tau") and number <= 0:
                raise ValueError(f"window {self.name!r}: {name} is {number}; it must be positive")

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, Any]) -> Self:
        """The window whose name and numbers are among the attributes of a result."""
        return cls(name=attributes["window"], **{name: float(attributes[name]) for name in PARAMETERS})

    def numbers(self) -> dict[str, float]:
        """The four numbers by name."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def value(self, delta_ms: ArrayLike) -> np.ndarray:
        """Weight change of a pair, same shape as `delta_ms` (= t_post − t_pre); ±inf (no partner) gives 0.

        Coincident spikes (Δ = 0 exactly) change nothing, as in simulators (Morrison, Diesmann & Gerstner 2008).
        """
        delta_ms = np.asarray(delta_ms, dtype=float)
        potentiation = self.a_plus * np.exp(-np.maximum(delta_ms, 0.0) / self.tau_plus_ms)
        depression = -self.a_minus * np.exp(np.minimum(delta_ms, 0.0) / self.tau_minus_ms)
        return np.where(delta_ms > 0, potentiation, np.where(delta_ms < 0, depression, 0.0))

    @property
    def integral_s(self) -> float:
        """I₀ = ∫ w dΔ = A₊τ₊ − A₋τ₋ in seconds: the change per pre spike at a steady post rate of 1 Hz."""
        return (self.a_plus * self.tau_plus_ms - self.a_minus * self.tau_minus_ms) / MS_PER_S

    @property
    def first_moment_s2(self) -> float:
        """I₁ = ∫ Δ w dΔ = A₊τ₊² + A₋τ₋² in s²: the change per pre spike by a slope of 1 Hz/s, all pairs."""
        return (self.a_plus * self.tau_plus_ms**2 + self.a_minus * self.tau_minus_ms**2) / MS_PER_S**2

    @property
    def taus_ms(self) -> tuple[float, float]:
        """The time constants of potentiation and of depression."""
        return self.tau_plus_ms, self.tau_minus_ms

    @property
    def longest_tau_ms(self) -> float:
        """The larger time constant; beyond a multiple of it, pairs do not matter."""
        return max(self.taus_ms)
