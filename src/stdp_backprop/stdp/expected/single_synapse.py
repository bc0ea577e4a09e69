"""Exact expected weight changes of Poisson trains: every pairing, any piecewise linear rates.

The trains are independent, with rates r_i (presynaptic) and r_j. Given a presynaptic spike at t, the other
presynaptic spikes are still Poisson (Slivnyak; Mecke for rates that vary), so each half of each pairing is
one integral over the lag,

    G±(t) = ∫₀^∞ r_j(t ± u) e^{−u/τ} e^{−[nearest] ∫₀^u r_j(t ± v) dv − [no pre] ∫₀^u r_i(t ± v) dv} du

with [nearest] where no other postsynaptic spike may lie between the two and [no pre] where no other
presynaptic one may (`pairing.HALVES` lists which). The change by the presynaptic spikes of an interval is

    E[ΔW] = ∫ r_i(t) ( A₊ G₊(t) − A₋ G₋(t) ) dt   over t in the interval.

Both integrals are Gauss–Legendre sums on panels that end at the knots of the rates, short against all decay
lengths: their error is at rounding. This holds for the rate that is simulated, including where a ramp ends
at zero or the train ends. For all pairs on an endless ramp and a constant r_i the result per second is
r_i (r_j I₀ + r_j' I₁) (`endless_ramp_change_per_s`); a rectified ramp that reaches zero at a distance h from
the presynaptic spike lacks A τ² e^{−h/τ} of the derivative term in the half concerned. A train that
ends there lacks A τ² (1 + h/τ) e^{−h/τ} of the derivative term and A τ e^{−h/τ} of the rate term of that half.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..pairing import HALVES, PAIRINGS, Interval
from ..spike_trains import MS_PER_S, PiecewiseLinearRate, constant_rate
from ..windows import Window
from .quadrature import gauss_legendre

_NODES, _WEIGHTS = gauss_legendre(16)
_REACH = 60.0  # time constants after which a pair counts exp(−60): less than rounding
_BLOCK_NODES = 2_000_000  # at a time: 16 MB per array, whatever the time constants
_DECAYS_PER_PANEL = 6.0  # exp(−6) over 16 nodes: the error is below 1e-20 of a panel


def weight_change_per_s(
    pairing: str,
    window: Window,
    *,
    presynaptic_rate_hz: float,
    postsynaptic_rate: PiecewiseLinearRate,
    interval_ms: Interval,
) -> float:
    """E[ΔW] per second of the interval for a constant presynaptic rate, in units of the window's amplitudes.

    postsynaptic_rate : its span is also that of the presynaptic train, of which the spikes in the interval count
    Raises ValueError for an unknown pairing or an interval outside the span.
    """
    steady = constant_rate(presynaptic_rate_hz, start_ms=postsynaptic_rate.start_ms, stop_ms=postsynaptic_rate.stop_ms)
    total = weight_change(
        pairing, window, presynaptic_rate=steady, postsynaptic_rate=postsynaptic_rate, interval_ms=interval_ms
    )
    return total / (interval_ms[1] - interval_ms[0]) * MS_PER_S


def weight_change(
    pairing: str,
    window: Window,
    *,
    presynaptic_rate: PiecewiseLinearRate,
    postsynaptic_rate: PiecewiseLinearRate,
    interval_ms: Interval,
) -> float:
    """E[ΔW] by the presynaptic spikes in the interval, in units of the window's amplitudes.

    presynaptic_rate, postsynaptic_rate : each over the span of its train
    Raises ValueError for an unknown pairing or an interval outside either span.
    """
    if pairing not in PAIRINGS:
        raise ValueError(f"pairing {pairing!r} is unknown; choose from {', '.join(PAIRINGS)}")
    rates = presynaptic_rate, postsynaptic_rate
    for rate in rates:
        _reject_outside(rate, interval_ms)
    fastest = 1 / min(window.tau_plus_ms, window.tau_minus_ms) + presynaptic_rate.rates_hz.max() / MS_PER_S
    knots = np.concatenate([rate.knots_ms for rate in rates])
    times, weights = _interval_nodes(postsynaptic_rate, knots, interval_ms, decay_per_ms=fastest)
    potentiating, depressing = HALVES[pairing]
    gain = _half(postsynaptic_rate, times, potentiating, window.tau_plus_ms, presynaptic_rate)
    loss = _half(postsynaptic_rate.reversed(), -times, depressing, window.tau_minus_ms, presynaptic_rate.reversed())
    density = np.interp(times, presynaptic_rate.knots_ms, presynaptic_rate.rates_hz) / MS_PER_S
    return float((weights * density) @ (window.a_plus * gain - window.a_minus * loss))


def endless_ramp_change_per_s(
    window: Window, *, presynaptic_rate_hz: float, postsynaptic_rate_hz: float, slope_hz_per_s: float
) -> float:
    """r_i (r_j I₀ + r_j' I₁), in 1/s: all pairs on a ramp without end, proportionality plus offset."""
    offset = postsynaptic_rate_hz * window.integral_s
    return presynaptic_rate_hz * (offset + slope_hz_per_s * window.first_moment_s2)


def nearest_lag_probabilities(rate: PiecewiseLinearRate, *, interval_ms: Interval, edges_ms: ArrayLike) -> np.ndarray:
    """(n_edges − 1,) probability that the nearest post spike on one side of a pre spike lies in each lag bin.

    Bins of positive lags hold the first post spike after, those of negative lags the last one before; 0 must
    be an edge if both signs occur. The pre spike is uniform in `interval_ms`.
    """
    edges = np.asarray(edges_ms, dtype=float)
    if (np.diff(edges) <= 0).any() or (edges[0] < 0 < edges[-1] and 0 not in edges):
        raise ValueError(f"lag edges {edges} ms must ascend, with an edge at 0 between negative and positive lags")
    _reject_outside(rate, interval_ms)
    shifted = np.subtract.outer(rate.knots_ms, edges).ravel()  # presynaptic times whose lag edge is at a knot
    times, weights = _interval_nodes(rate, np.concatenate([rate.knots_ms, shifted]), interval_ms, decay_per_ms=0.0)
    count = rate.expected_count(times)[:, np.newaxis]
    no_spike = np.exp(-np.abs(rate.expected_count(times[:, np.newaxis] + edges) - count))
    mean = weights @ no_spike / (interval_ms[1] - interval_ms[0])
    return np.abs(np.diff(mean))


def closest_lag_averages(
    rate: PiecewiseLinearRate, functions: Callable[[np.ndarray], np.ndarray], *, edges_ms: np.ndarray
) -> np.ndarray:
    """Integrals of functions of the lag over the density of the post spike closest to a pre spike at time 0.

    functions : maps lags (n,) in ms to (n_functions, n)
    Returns (n_functions, n_edges − 1), per bin. The density at lag u is r(u) exp(−∫_{−|u|}^{|u|} r dt): no
    spike is closer on either side.
    """
    kinks = np.concatenate([rate.knots_ms, -rate.knots_ms, [0.0]])
    totals = []
    for low, high in pairwise(edges_ms):
        breaks = np.unique(np.concatenate([[low, high], kinks[(kinks > low) & (kinks < high)]]))
        lags, weights = _nodes(breaks[:-1], breaks[1:], n_panels=_panels(breaks, 2 * rate.rates_hz.max() / MS_PER_S))
        lags, weights = lags.ravel(), weights.ravel()
        within = rate.expected_count(np.abs(lags)) - rate.expected_count(-np.abs(lags))
        density = np.interp(lags, rate.knots_ms, rate.rates_hz, left=0.0, right=0.0) / MS_PER_S * np.exp(-within)
        totals.append(functions(lags) @ (weights * density))
    return np.stack(totals, axis=-1)


def _half(
    rate: PiecewiseLinearRate,
    times_ms: np.ndarray,
    half: tuple[bool, bool],
    tau_ms: float,
    presynaptic_rate: PiecewiseLinearRate,
) -> np.ndarray:
    """(n_times,) G₊ at each time; G₋ is this with time running backwards."""
    nearest_only, no_pre_between = half
    between = [rate] * nearest_only + [presynaptic_rate] * no_pre_between
    fastest = 1 / tau_ms + (rate.rates_hz.max() + presynaptic_rate.rates_hz.max()) / MS_PER_S
    total = np.zeros(times_ms.size)
    for start, stop, rate_hz, slope in _pieces(rate, presynaptic_rate.knots_ms if no_pre_between else []):
        first = np.maximum(start, times_ms)
        last = np.maximum(first, np.minimum(np.maximum(stop, times_ms), times_ms + _REACH * tau_ms))
        n_panels = _panels([0.0, (last - first).max()], fastest)
        n_times = max(1, _BLOCK_NODES // (n_panels * _NODES.size))
        for begin in range(0, times_ms.size, n_times):
            block = slice(begin, begin + n_times)
            origins = times_ms[block]
            at, weights = _nodes(first[block], last[block], n_panels=n_panels)
            exponent = -(at - origins[:, np.newaxis]) / tau_ms
            for excluded in between:
                exponent -= excluded.expected_count(at) - excluded.expected_count(origins)[:, np.newaxis]
            density = (rate_hz + slope * (at - start)) / MS_PER_S
            total[block] += (weights * density * np.exp(exponent)).sum(axis=1)
    return total


def _pieces(rate: PiecewiseLinearRate, cuts_ms: ArrayLike) -> Iterator[tuple[float, float, float, float]]:
    """Start, stop, rate at the start and slope of each piece of the rate, cut up further at `cuts_ms`."""
    pieces = zip(rate.knots_ms[:-1], rate.knots_ms[1:], rate.rates_hz[:-1], rate.slopes_hz_per_ms, strict=True)
    for start, stop, rate_hz, slope in pieces:
        inside = [cut for cut in np.unique(cuts_ms) if start < cut < stop]
        for left, right in pairwise([start, *inside, stop]):
            yield left, right, rate_hz + slope * (left - start), slope


def _interval_nodes(
    rate: PiecewiseLinearRate, knots_ms: np.ndarray, interval_ms: Interval, *, decay_per_ms: float
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights over the interval, split at the knots."""
    inside = knots_ms[(knots_ms > interval_ms[0]) & (knots_ms < interval_ms[1])]
    breaks = np.unique(np.concatenate([interval_ms, inside]))
    fastest = decay_per_ms + rate.rates_hz.max() / MS_PER_S
    nodes, weights = _nodes(breaks[:-1], breaks[1:], n_panels=_panels(breaks, fastest))
    return nodes.ravel(), weights.ravel()


def _panels(breaks_ms: ArrayLike, decay_per_ms: float) -> int:
    """How many panels the longest piece needs."""
    return max(1, int(np.ceil(np.diff(breaks_ms).max() * decay_per_ms / _DECAYS_PER_PANEL)))


def _nodes(starts: np.ndarray, stops: np.ndarray, *, n_panels: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Legendre nodes and weights (n_intervals, n_panels · 16) over each [start, stop]."""
    width = (stops - starts)[:, np.newaxis, np.newaxis] / n_panels
    lefts = starts[:, np.newaxis, np.newaxis] + width * np.arange(n_panels)[:, np.newaxis]
    nodes = lefts + width * _NODES
    weights = np.broadcast_to(width * _WEIGHTS, nodes.shape)
    return nodes.reshape(starts.size, -1), weights.reshape(starts.size, -1)


def _reject_outside(rate: PiecewiseLinearRate, interval_ms: Interval) -> None:
    start, stop = interval_ms
    if not rate.start_ms <= start < stop <= rate.stop_ms:
        raise ValueError(
            f"the interval {start:g} to {stop:g} ms must lie within the span of the rate, "
            f"{rate.start_ms:g} to {rate.stop_ms:g} ms"
        )
