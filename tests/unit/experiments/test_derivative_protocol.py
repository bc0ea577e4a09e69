"""The temporal-derivative protocol: exact changes against quadrature, symmetry and closed form; spikes; the claim."""

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError
from scipy.integrate import dblquad, solve_ivp
from scipy.optimize import minimize_scalar
from scipy.stats import chi2
from stdp_windows import ANTISYMMETRIC, BALANCED, LOPSIDED

from stdp_backprop.claims.derivative_protocol import CLAIMS, as_reported, compatible_ratios, outcomes, within_chi_square
from stdp_backprop.claims.verdict import REFUTED, SUPPORTED
from stdp_backprop.config.derivative_protocol import DerivativeProtocol
from stdp_backprop.experiments.derivative_protocol import run, two_halves
from stdp_backprop.experiments.derivative_protocol.currents import all_pairs_change
from stdp_backprop.experiments.measured_protocol import fast_minus_slow, fit_scale, longest_time_constant
from stdp_backprop.stdp.expected.single_synapse import weight_change
from stdp_backprop.stdp.pairing import PAIRINGS
from stdp_backprop.stdp.spike_trains import PiecewiseLinearRate, constant_rate

VALUES = {
    "half_ms": 100.0,
    "rates_hz": [25.0, 50.0],
    "presynaptic_rates_hz": [25.0, 40.0],
    "margin_time_constants": 10.0,
    "gap_ms": 400.0,
    "n_repetitions": 10,
    "postsynaptic_ratios": [1.0, 2.0, 4.0],
    "n_trials": 300,
    "measured": {
        "rising": {"mean": 1.42, "sem": 0.15, "slices": 12},
        "falling": {"mean": 0.73, "sem": 0.10, "slices": 18},
        "low": {"mean": 1.12, "sem": 0.15, "slices": 12},
        "high": {"mean": 1.09, "sem": 0.08, "slices": 11},
    },
}


@pytest.fixture(scope="module")
def lopsided():
    return run(DerivativeProtocol(**VALUES), inputs={"window": LOPSIDED}, rng=np.random.default_rng(5))


@pytest.fixture(scope="module")
def antisymmetric():
    return run(DerivativeProtocol(**VALUES), inputs={"window": ANTISYMMETRIC}, rng=np.random.default_rng(5))


def between(rate, start_s, stop_s):
    """Spikes expected between two times, from the steps of a rate, by hand."""
    edges, heights = rate
    inside = [max(0.0, min(stop_s, b) - max(start_s, a)) for a, b in pairwise(edges)]
    return float(np.dot(inside, heights))


def value(rate, time_s):
    edges, heights = rate
    return float(sum(h * (a <= time_s < b) for a, b, h in zip(edges[:-1], edges[1:], heights, strict=True)))


SLOW = {  # pairing: which trains may have no spike between, when the pre spike is first, and when it is second
    "all_to_all": ("", ""),
    "nearest_pre_centred": ("j", "j"),
    "nearest_symmetric": ("i", "j"),
    "nearest_restricted": ("ij", "ij"),
}


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_two_switching_rates_meet_the_double_integral_over_pairs(pairing):
    """Sum over pairs of w · P(the pair is formed), for two different step functions, by adaptive quadrature."""
    pre, post = ((0.0, 0.1, 0.2), (25.0, 50.0)), ((0.0, 0.06, 0.2), (40.0, 10.0))

    def formed(t, u, which):
        low, high = sorted((t, u))
        return np.exp(-sum(between(pre if name == "i" else post, low, high) for name in which))

    total, cuts = 0.0, [0.0, 0.06, 0.1, 0.2]
    for a, b in pairwise(cuts):  # presynaptic time t, on pieces without steps
        for c, d in pairwise(cuts):  # postsynaptic time u
            height = value(pre, (a + b) / 2) * value(post, (c + d) / 2)
            for first, sign, tau, which in ((True, 1.0, 0.017, 0), (False, -0.6, 0.034, 1)):
                low = (lambda t, c=c: max(c, t)) if first else (lambda t, c=c: c)
                high = (lambda t, d=d: d) if first else (lambda t, d=d: min(d, t))
                if (first and d <= a) or (not first and c >= b):
                    continue
                pair = lambda u, t, tau=tau, which=which: np.exp(-abs(u - t) / tau) * formed(t, u, SLOW[pairing][which])  # noqa: E731
                total += sign * height * dblquad(pair, a, b, low, high, epsabs=1e-8)[0]
    found = weight_change(
        pairing,
        LOPSIDED,
        presynaptic_rate=PiecewiseLinearRate([0.0, 100.0, 100.0, 200.0], [25.0, 25.0, 50.0, 50.0]),
        postsynaptic_rate=PiecewiseLinearRate([0.0, 60.0, 60.0, 200.0], [40.0, 40.0, 10.0, 10.0]),
        interval_ms=(0.0, 200.0),
    )
    assert found == pytest.approx(total, rel=1e-6)


def test_a_presynaptic_ramp_weighs_the_spikes_by_its_rate():
    """All pairs with a steady post rate: the ramp's spike count times r_j (A₊τ₊ − A₋τ₋)."""
    found = weight_change(
        "all_to_all",
        LOPSIDED,
        presynaptic_rate=PiecewiseLinearRate([-10.0, 110.0], [8.0, 32.0]),
        postsynaptic_rate=constant_rate(30.0, start_ms=-2000.0, stop_ms=2100.0),
        interval_ms=(0.0, 100.0),
    )
    assert found == pytest.approx(2.0 * 30.0 * (0.017 - 0.6 * 0.034), rel=1e-10)


def test_the_interval_must_lie_within_both_trains():
    """Beyond a train's end there are no spikes whose change could be expected."""
    steady = constant_rate(30.0, start_ms=0.0, stop_ms=100.0)
    longer = constant_rate(30.0, start_ms=-50.0, stop_ms=150.0)
    for pre, post in ((steady, longer), (longer, steady)):
        with pytest.raises(ValueError, match="must lie within the span"):
            weight_change(
                "all_to_all", LOPSIDED, presynaptic_rate=pre, postsynaptic_rate=post, interval_ms=(-20.0, 100.0)
            )


def test_a_step_between_trains_that_go_on_has_its_closed_form(antisymmetric):
    """All pairs, constant pre rate: r_i Δr (A₊τ₊² + A₋τ₋²)(1 − e^{−T/τ}), and nothing without a step."""
    change = antisymmetric["weight_change_expected"].sel(surround="continued", pairing="all_to_all")
    for rate in (25.0, 40.0):
        found = change.sel(presynaptic=f"constant {rate:g} Hz").values
        size = rate * 25.0 * 2 * 0.02**2 * (1 - np.exp(-5.0))
        # the trains end 200 ms away, where the window has fallen to e^{−10}
        np.testing.assert_allclose(found, [[0.0, size], [-size, 0.0]], atol=2e-3 * size)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_no_window_tells_a_rise_from_a_fall_if_both_trains_switch_between_silences(lopsided, pairing):
    """The protocol of [J]: one order is the other played backwards, and pairs do not know the direction of time."""
    change = lopsided.sel(surround="silent", presynaptic="switching", pairing=pairing)
    for half in ("potentiation_expected", "depression_expected"):
        found = change[half].values
        assert found[0, 1] == pytest.approx(found[1, 0], rel=1e-12)
        assert found[0, 1] > 0


def test_the_antisymmetric_window_changes_nothing_there(antisymmetric):
    """∫∫ w(t' − t) r(t) r(t') with an odd w."""
    change = antisymmetric["weight_change_expected"].sel(surround="silent", presynaptic="switching")
    np.testing.assert_allclose(change, 0, atol=1e-12)


def test_potentiation_and_depression_make_up_the_change(lopsided):
    """The ranges of amplitudes are read from these two."""
    by_hand = 1.0 * lopsided["potentiation_expected"] - 0.6 * lopsided["depression_expected"]
    np.testing.assert_allclose(lopsided["weight_change_expected"], by_hand, rtol=1e-12)
    assert (lopsided["depression_expected"] > 0).all()


def test_spike_trains_agree_with_the_exact_change_in_every_condition(lopsided):
    """Five standard errors; the mean of 96 squares lies below 2."""
    errors = (lopsided["weight_change_mean"] - lopsided["weight_change_expected"]) / lopsided["weight_change_sem"]
    assert float(np.abs(errors).max()) < 5
    assert 0.3 < float((errors**2).mean()) < 2


def test_other_presynaptic_rates_leave_a_condition_as_it_was(lopsided):
    """A condition's spikes belong to its rates, not to its place in a list."""
    more = DerivativeProtocol(**VALUES | {"presynaptic_rates_hz": [40.0, 60.0]})
    again = run(more, inputs={"window": LOPSIDED}, rng=np.random.default_rng(5)).sel(
        presynaptic=["switching", "constant 40 Hz"]
    )
    for name in ("weight_change_mean", "weight_change_sem", "weight_change_expected"):
        np.testing.assert_array_equal(again[name], lopsided[name].sel(presynaptic=again["presynaptic"]))
    means = lopsided["weight_change_mean"].values
    assert np.unique(means.round(12)).size > 0.9 * means.size  # pairings may coincide, conditions may not


def test_the_two_halves_are_steps_with_or_without_silence():
    """25 Hz for 100 ms and 50 Hz for 100 ms hold 7.5 spikes; each margin of 40 ms adds its own rate."""
    assert two_halves(25.0, 50.0, half_ms=100.0, margin_ms=0.0).counts_at_knots[-1] == pytest.approx(7.5)
    assert two_halves(25.0, 50.0, half_ms=100.0, margin_ms=40.0).counts_at_knots[-1] == pytest.approx(10.5)


@pytest.mark.parametrize(
    ("key", "found", "message"),
    [
        ("rates_hz", [50.0, 25.0], "must increase"),
        ("rates_hz", [25.0, 25.0], "must increase"),
        ("rates_hz", [25.0], "Field required"),
        ("presynaptic_rates_hz", [40.0, 25.0], "must increase"),
        ("n_trials", 1, "greater than or equal to 2"),
        ("half_ms", 0.0, "greater than or equal to 1"),
        ("margin_time_constants", 2.0, "greater than or equal to 5"),
        ("postsynaptic_ratios", [2.0, 1.0], "must increase"),
        ("postsynaptic_ratios", [0.5], "greater than or equal to 1"),
        ("measured", {"rising": {"mean": 1.4, "sem": 0.0, "slices": 12}}, "greater than or equal to 0.001"),
    ],
)
def test_impossible_settings_are_rejected(key, found, message):
    with pytest.raises(ValidationError, match=message):
        DerivativeProtocol(**VALUES | {key: found})


def changes(rising, falling, low, high):
    names = {"rising": rising, "falling": falling, "low": low, "high": high}
    return xr.Dataset({name: ((), number) for name, number in names.items()})


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (changes(1.0, -1.0, 0.0, 0.0), [True, True, True, True]),
        (changes(-1.0, 1.0, 0.0, 0.0), [False, False, True, True]),
        (changes(1.0, -0.4, 0.1, -0.3), [True, True, True, False]),  # 0.3 is more than half of 0.4
        (changes(0.0, 0.0, 0.0, 0.0), [False, False, True, True]),
    ],
)
def test_an_outcome_at_equal_rates_is_none_if_it_is_nearer_to_none(change, right):
    assert as_reported(change).values.tolist() == right


def example(potentiation, depression, *, a_minus=0.5):
    """A dataset of one condition from its two halves (first rate, second rate)."""
    dims = ("first_rate", "second_rate")
    parts = {"potentiation_expected": np.array(potentiation), "depression_expected": np.array(depression)}
    parts["weight_change_expected"] = parts["potentiation_expected"] - a_minus * parts["depression_expected"]
    return xr.Dataset({name: (dims, part) for name, part in parts.items()}, attrs={"a_plus": 1.0, "a_minus": a_minus})


def test_the_range_of_ratios_is_where_the_four_outcomes_are_as_reported():
    """By scanning the ratio; the range is empty where rise and fall are alike."""
    potentiation, depression = [[1.0, 2.6], [1.9, 4.1]], [[1.9, 3.8], [4.7, 8.0]]
    found = compatible_ratios(example(potentiation, depression))
    scanned = np.linspace(0.3, 0.8, 501)
    right = [as_reported(outcomes(example(potentiation, depression, a_minus=a))).all().item() for a in scanned]
    inside = scanned[right]
    assert 0.3 < inside[0] < inside[-1] < 0.8
    assert float(found["low"]) == pytest.approx(inside[0], abs=1e-3)
    assert float(found["high"]) == pytest.approx(inside[-1], abs=1e-3)
    assert np.isnan(compatible_ratios(example([[1.0, 2.0], [2.0, 4.0]], depression=[[2.0, 4.0], [4.0, 8.0]]))["low"])


@pytest.fixture(scope="module")
def results(antisymmetric):
    balanced = run(DerivativeProtocol(**VALUES), inputs={"window": BALANCED}, rng=np.random.default_rng(5))
    return {"derivative_protocol": {"antisymmetric": antisymmetric, "balanced": balanced}}


def judged(name, results):
    (claim,) = (claim for claim in CLAIMS if claim.id == name)
    findings = claim.evaluate(results)
    return findings, claim.judge(findings)


def test_the_claim_fails_between_silences_and_that_decides_though_it_holds_for_constant_presynaptic_rates(results):
    """The verdict lists every combination; what a pair-based rule cannot do is not hidden behind what it can."""
    findings, answer = judged("D3a", results)
    met = {found.condition: found.met for found in findings if found.criterion is not None}
    assert len(met) == 2 * 4 * 3 * 2 + 2
    for window in ("antisymmetric", "balanced"):
        assert met[f"{window}, all_to_all, presynaptic rate constant 25 Hz, continued before and after"]
        assert not met[f"{window}, all_to_all, presynaptic rate switching, silent before and after"]
    assert answer == REFUTED
    assert [found.observed for found in findings if found.metric.startswith("width")] == [0.0] * 8


def test_the_two_orders_are_one_change_for_stdp_and_two_for_the_slices(results):
    findings, answer = judged("D3b", results)
    assert answer == SUPPORTED
    measured = next(found for found in findings if found.metric.startswith("measured change"))
    assert measured.observed == pytest.approx(1.42 - 0.73)
    assert measured.low == pytest.approx(0.69 - 1.96 * np.sqrt(0.15**2 + 0.10**2))


def test_a_fast_minus_a_slow_integral_is_compatible_and_would_not_be_if_rise_and_fall_were_alike(results):
    assert judged("D3c", results)[1] == SUPPORTED
    other = VALUES | {"measured": VALUES["measured"] | {"falling": {"mean": 1.42, "sem": 0.10, "slices": 18}}}
    alike = run(DerivativeProtocol(**other), inputs={"window": LOPSIDED}, rng=np.random.default_rng(5))
    assert judged("D3c", {"derivative_protocol": {"lopsided": alike}})[1] == REFUTED


def test_the_quantiles_are_those_of_chi_square():
    assert {degrees: within_chi_square(degrees).high for degrees in (2, 3)} == pytest.approx(
        {degrees: chi2.ppf(0.95, degrees) for degrees in (2, 3)}, abs=5e-4
    )


CHANGE, SEM = np.array([0.42, -0.27, 0.12, 0.09]), np.array([0.15, 0.10, 0.15, 0.08])
DRIVERS = np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 1.0], [2.0, 2.0]])


def test_the_fitted_scale_has_the_least_chi_square_and_never_turns_the_window_round():
    """By minimisation; a prediction with all signs wrong explains nothing, at scale 0."""
    right, wrong = np.array([1.0, -0.8, 0.1, 0.2]), np.array([-1.0, 0.8, -0.1, -0.2])
    scale, chi_square = fit_scale(CHANGE, SEM, np.array([right, wrong, 0 * right]))
    found = minimize_scalar(lambda k: np.sum(((CHANGE - k * right) / SEM) ** 2))
    nothing = np.sum((CHANGE / SEM) ** 2)
    np.testing.assert_allclose(scale, [found.x, 0, 0], atol=1e-7)
    np.testing.assert_allclose(chi_square, [found.fun, nothing, nothing])


def test_the_fast_minus_the_slow_integral_is_the_solution_of_its_two_equations():
    """c (x₂ − (1 − s) x₁) fits dz/dt = (x − z)/τ, solved numerically over the two halves, and finds c and s again.

    The slow time constant cannot be longer than the bound that follows from s.
    """
    half, fast, slow, gain = 100.0, 20.0, 60.0, 3.0
    outcomes = []
    for steps in DRIVERS:
        ends = []
        for tau in (fast, slow):
            state = np.zeros(1)
            for x in steps:
                solution = solve_ivp(lambda t, z, x=x, tau=tau: (x - z) / tau, (0, half), state, rtol=1e-10, atol=1e-12)
                state = solution.y[:, -1]
            ends.append(state[0])
        outcomes.append(gain * (ends[0] - ends[1]))
    a, b = np.exp(-half / fast), np.exp(-half / slow)
    fit = fast_minus_slow(np.array(outcomes), SEM, DRIVERS)
    assert (fit.scale, fit.remainder) == pytest.approx((gain * (b - a), a + b), rel=1e-7)
    assert fit.chi_square < 1e-12
    assert longest_time_constant(fit.remainder, half) > slow
    assert longest_time_constant(b, half) == pytest.approx(slow)
    assert (longest_time_constant(-0.1, half), longest_time_constant(1.0, half)) == (0, np.inf)


def test_the_error_of_the_remainder_is_the_scatter_of_fits_to_noisy_outcomes():
    rng = np.random.default_rng(3)
    exact, small = DRIVERS @ np.array([-0.8, 1.0]), 0.05 * SEM  # small: of first order
    fits = [fast_minus_slow(exact + small * rng.normal(size=4), small, DRIVERS) for _ in range(2000)]
    assert np.std([fit.remainder for fit in fits]) == pytest.approx(fits[0].remainder_error, rel=5 / np.sqrt(2 * 2000))


@pytest.mark.parametrize("post_hz", [(25.0, 50.0), (10.0, 80.0)])
def test_all_pairs_over_two_repetitions_have_their_closed_form(post_hz):
    """Against the integrals of `expected` over rates with silence between the repetitions."""
    knots = np.array([0, 100, 100, 200, 200, 230, 230, 330, 330, 430.0])
    pre_hz = (25.0, 50.0)
    steps = [
        PiecewiseLinearRate(knots, np.repeat([first, second, 0.0, first, second], 2))
        for first, second in (pre_hz, post_hz)
    ]
    expected = weight_change(
        "all_to_all", LOPSIDED, presynaptic_rate=steps[0], postsynaptic_rate=steps[1], interval_ms=(0.0, 430.0)
    )
    found = all_pairs_change(LOPSIDED, pre_hz, post_hz, half_ms=100.0, gap_ms=30.0, n_repetitions=2)
    assert 2 * found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_the_whole_protocol_does_not_tell_a_rise_from_a_fall_either(pairing):
    """Two repetitions with a pause that the window outlasts."""
    knots, found = np.array([0, 20, 20, 40, 40, 60, 60, 80, 80, 100.0]), []
    for first, second in ((25.0, 50.0), (50.0, 25.0)):
        rate = PiecewiseLinearRate(knots, np.repeat([first, second, 0.0, first, second], 2))
        rates = {"presynaptic_rate": rate, "postsynaptic_rate": rate, "interval_ms": (0.0, 100.0)}
        found.append(weight_change(pairing, LOPSIDED, **rates))
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_what_a_current_must_do_for_stdp_to_have_the_reported_signs(antisymmetric):
    """Rising minus falling is (p₁q₂ − p₂q₁)(A₊C₊ + A₋C₋): its sign is that of the ratio minus 2."""
    change = antisymmetric["current_change"]
    apart = (change.sel(order="rising") - change.sel(order="falling")).values
    between = 0.02**2 * (1 - np.exp(-5.0)) ** 2
    np.testing.assert_allclose(apart, [25**2 * (ratio - 2) * 2 * between for ratio in (1, 2, 4)], rtol=1e-6)
    assert antisymmetric["current_chi_square"].values[1] == pytest.approx(np.sum((CHANGE / SEM) ** 2))
