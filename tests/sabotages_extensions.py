"""One-line sabotages of the extensions, in the form of `sabotages.py`."""

from sabotages import Sabotage

_PROTOCOL = "unit/test_experiment_derivative_protocol.py"

DERIVATIVE_PROTOCOL = (
    Sabotage(
        "expectations.py",
        "for none in between:",
        "for none in between[:1]:",
        "unit/test_expectations.py",
    ),
    Sabotage(
        "expectations.py",
        "presynaptic_rate.knots_ms if no_pre_between else []",
        "[]",
        _PROTOCOL,
    ),
    Sabotage(
        "expectations.py",
        "np.interp(times, presynaptic_rate.knots_ms, presynaptic_rate.rates_hz) / MS_PER_S",
        "presynaptic_rate.rates_hz.mean() / MS_PER_S",
        _PROTOCOL,
    ),
    Sabotage(
        "expectations.py",
        "window.tau_minus_ms, presynaptic_rate.reversed()",
        "window.tau_minus_ms, presynaptic_rate",
        _PROTOCOL,
    ),
    Sabotage(
        "experiments/derivative_protocol.py",
        "pre = post if constant_hz is None else",
        "pre = two_halves(second_hz, first_hz, **steps) if constant_hz is None else",
        _PROTOCOL,
    ),
    Sabotage(
        "experiments/derivative_protocol.py",
        '0.0 if surround == "silent" else margin_ms',
        '0.0 if surround == "continued" else margin_ms',
        _PROTOCOL,
    ),
    Sabotage(
        "experiments/derivative_protocol.py",
        "child_generator(rng, where, constant_hz or 0.0, first_hz, second_hz)",
        "child_generator(rng, where, who, first_hz, second_hz)",
        _PROTOCOL,
    ),
    Sabotage(
        "experiments/derivative_protocol.py",
        "window.a_plus * potentiation - window.a_minus * depression",
        "window.a_plus * (potentiation - depression)",
        _PROTOCOL,
    ),
    Sabotage(
        "claims/derivative_protocol.py",
        "np.abs(change[name]) <= smaller / 2",
        "np.abs(change[name]) <= smaller",
        _PROTOCOL,
    ),
    Sabotage(
        "claims/derivative_protocol.py",
        "low = xr.where(slope < 0, np.maximum(low, bound), low)",
        "low = xr.where(slope < 0, np.minimum(low, bound), low)",
        _PROTOCOL,
    ),
)

SABOTAGES = DERIVATIVE_PROTOCOL
