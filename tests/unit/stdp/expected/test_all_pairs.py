"""Expected STDP of whole layers: against adaptive quadrature, closed forms and what symmetry demands."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from stdp_windows import ANTISYMMETRIC, BALANCED, LOPSIDED

from stdp_backprop.stdp.expected.all_pairs import expected_changes, smooth_pieces, variance_at_rest, variance_terms
from stdp_backprop.stdp.expected.quadrature import refine
from stdp_backprop.stdp.windows import Window

KNOTS = np.array([-60.0, -10.0, 0.0, 4.0, 30.0, 90.0])
INSIDE = np.array([0.0, 0.0, 1.0, 1.0, 0.0])


def arbitrary(n_units, *, seed, batch=(2, 3)):
    """Rates of 5 to 90 Hz at the knots, (*batch, n_knots, n_units)."""
    return np.random.default_rng(seed).uniform(5.0, 90.0, (*batch, KNOTS.size, n_units))


def layered(window, **counts):
    trains = {"knots_ms": KNOTS, "pre_hz": arbitrary(3, seed=1), "post_hz": arbitrary(4, seed=2)}
    return expected_changes(window, **trains, **counts), trains


@pytest.mark.parametrize("where", [(0, 0, 0, 0), (1, 2, 2, 3)])
@pytest.mark.parametrize("both", [False, True])
def test_every_synapse_meets_the_double_integral_over_pairs(where, both):
    """∬ w(t' − t) p r_i(t) q r_j(t'), piece by piece, by adaptive quadrature: claim D1 rests on these numbers."""
    found, trains = layered(LOPSIDED, pre_counts=INSIDE, post_counts=INSIDE if both else True)
    *case, i, j = where
    pre = lambda t: np.interp(t, KNOTS, trains["pre_hz"][*case, :, i]) / 1000  # noqa: E731
    post = lambda t: np.interp(t, KNOTS, trains["post_hz"][*case, :, j]) / 1000  # noqa: E731
    pair = lambda u, t: float(LOPSIDED.value(u - t)) * pre(t) * post(u)  # noqa: E731
    total = 0.0
    for a, b in ((0.0, 4.0), (4.0, 30.0)):
        for c, d in ((0.0, 4.0), (4.0, 30.0)) if both else pairwise(KNOTS):
            if a == c:  # the window jumps on the diagonal
                total += dblquad(pair, a, b, lambda t: t, lambda t, d=d: d, epsabs=1e-9)[0]
                total += dblquad(pair, a, b, lambda t, c=c: c, lambda t: t, epsabs=1e-9)[0]
            else:
                total += dblquad(pair, a, b, c, d, epsabs=1e-9)[0]
    assert found[where] == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize("window", [LOPSIDED, ANTISYMMETRIC])
def test_further_knots_on_the_same_lines_change_nothing(window):
    """The recursion is exact on each piece, so where the pieces end cannot matter."""
    coarse, trains = layered(window, pre_counts=INSIDE)
    middles = (KNOTS[1:] + KNOTS[:-1]) / 2
    fine = np.sort(np.concatenate([KNOTS, middles]))
    at = np.searchsorted(KNOTS, middles) - 1
    rates = {}
    for name in ("pre_hz", "post_hz"):
        values = np.empty((2, 3, fine.size, trains[name].shape[-1]))
        values[..., ::2, :] = trains[name]
        values[..., 1::2, :] = (trains[name][..., at, :] + trains[name][..., at + 1, :]) / 2
        rates[name] = values
    found = expected_changes(window, knots_ms=fine, **rates, pre_counts=np.repeat(INSIDE, 2))
    np.testing.assert_allclose(found, coarse, rtol=1e-12, atol=1e-14)  # differences of two larger sides


def test_the_two_directions_change_by_opposite_amounts_if_every_pair_counts():
    """w(−u) = −w(u): without gating, an antisymmetric window cannot keep symmetric weights symmetric."""
    forward, trains = layered(ANTISYMMETRIC)
    back = expected_changes(ANTISYMMETRIC, knots_ms=KNOTS, pre_hz=trains["post_hz"], post_hz=trains["pre_hz"])
    np.testing.assert_allclose(forward, -np.swapaxes(back, -1, -2), rtol=1e-14)
    gated, _ = layered(ANTISYMMETRIC, pre_counts=INSIDE)
    back = expected_changes(
        ANTISYMMETRIC, knots_ms=KNOTS, pre_hz=trains["post_hz"], post_hz=trains["pre_hz"], pre_counts=INSIDE
    )
    assert np.abs(gated + np.swapaxes(back, -1, -2)).min() > 1e-3


@pytest.mark.parametrize(("window", "integral"), [(BALANCED, 0.0), (ANTISYMMETRIC, 0.0), (LOPSIDED, -0.0034)])
def test_constant_rates_change_the_weight_by_the_integral_of_the_window(window, integral):
    """r_i r_j T I₀ between long trains: nothing for a balanced window, an offset for any other."""
    knots = np.array([-1000.0, -500.0, 0.0, 25.0, 525.0, 1025.0])
    pre, post = (np.full((6, 1), rate) for rate in (20.0, 50.0))
    inside = np.array([0.0, 0.0, 1.0, 0.0, 0.0])
    found = expected_changes(window, knots_ms=knots, pre_hz=pre, post_hz=post, pre_counts=inside)
    assert found.item() == pytest.approx(20.0 * 50.0 * 0.025 * integral, abs=1e-11)


def test_a_ramp_changes_the_weight_by_the_first_moment_of_the_window():
    """r_i r_j' T I₁ on a ramp that goes on: STDP is the rate rule times I₁."""
    knots = np.array([-800.0, 0.0, 25.0, 825.0])
    ramp = (50.0 + 0.04 * knots)[:, None]  # 40 Hz/s
    found = expected_changes(
        BALANCED, knots_ms=knots, pre_hz=np.full((4, 1), 20.0), post_hz=ramp, pre_counts=np.array([0.0, 1.0, 0.0])
    )
    assert found.item() == pytest.approx(20.0 * 40.0 * 0.025 * (0.017**2 + 0.5 * 0.034**2), rel=1e-6)


@pytest.mark.parametrize("tau_ms", [0.001, 0.02, 0.0201, 20.0, 1000.0])
def test_a_piece_of_any_length_has_the_closed_form_of_ramps(tau_ms):
    """∫ e^{−u/τ} (D³/3 − D² u/2 + u³/6) du for x = t, y = t' from 0 to D, all powers of τ by hand; 50 τ is no seam."""
    length, decay = 1.0, np.exp(-1.0 / tau_ms)
    window = Window("potentiating", a_plus=1.0, a_minus=0.0, tau_plus_ms=tau_ms, tau_minus_ms=tau_ms)
    ramp = np.array([[0.0], [1000.0]])
    found = expected_changes(window, knots_ms=np.array([0.0, length]), pre_hz=ramp, post_hz=ramp)
    # X' = −X/τ + t: X = τ t − τ² (1 − e^{−t/τ}); ∫ t X dt
    closed = tau_ms / 3 - tau_ms**2 / 2 + tau_ms**3 * (tau_ms - (1.0 + tau_ms) * decay)
    assert found.item() == pytest.approx(closed if tau_ms < 100 else 1 / 8 - 1 / 30 / tau_ms, rel=1e-6)


def seen(t, length):
    """k(t) = ∫₀ᵀ w(t − t') dt' of the lopsided window, times in s."""
    breaks = [0.0] if t - length < 0 < t else None
    return quad(lambda lag: float(LOPSIDED.value(1000 * lag)), t - length, t, points=breaks)[0]


def test_the_variance_at_constant_rates_has_its_closed_form():
    """r_i r_j T ∫w² + r_i r_j² T I₀² + r_i² r_j ∫ k², k(t) = ∫₀ᵀ w(t − t') dt' by quadrature: long trains."""
    length = 0.03
    margin = np.linspace(-1000.0, 0.0, 101)
    knots = np.concatenate([margin, [10.0, 20.0], 30.0 - margin[::-1]])
    counts = ((knots[:-1] >= 0) & (knots[:-1] < 30)).astype(float)
    pre, post = (np.full((knots.size, 1), rate) for rate in (20.0, 30.0))
    terms = variance_terms(LOPSIDED, knots_ms=knots, pre_hz=pre, post_hz=post, pre_counts=counts)
    alone, shared_pre, shared_post = (term.item() for term in terms)
    assert alone == pytest.approx(600 * length * (0.017 + 0.36 * 0.034) / 2, rel=1e-9)
    assert shared_pre == pytest.approx(20 * 900 * length * (0.017 - 0.6 * 0.034) ** 2, rel=1e-8)
    area = sum(quad(lambda t: seen(t, length) ** 2, *ends)[0] for ends in ((-1.0, 0.0), (0.0, length), (length, 1.0)))
    assert shared_post == pytest.approx(400 * 30 * area, rel=1e-6)


def test_the_variance_weighs_shared_spikes_by_the_rate_at_which_they_come():
    """A postsynaptic ramp: ∫ p r_i (r_j I₀ + r_j' I₁)² in closed form, ∫ r_j k² by quadrature; earlier is not later."""
    length, slope = 0.03, 20.0
    margin = np.linspace(-1000.0, 0.0, 101)
    knots = np.concatenate([margin, [10.0, 20.0], 30.0 - margin[::-1]])
    counts = ((knots[:-1] >= 0) & (knots[:-1] < 30)).astype(float)
    rate = lambda t: 30.0 + slope * t  # noqa: E731
    _, shared_pre, shared_post = variance_terms(
        LOPSIDED,
        knots_ms=knots,
        pre_hz=np.full((knots.size, 1), 20.0),
        post_hz=rate(knots / 1000)[:, None],
        pre_counts=counts,
    )
    integral, moment = 0.017 - 0.6 * 0.034, 0.017**2 + 0.6 * 0.034**2
    closed = 20 * quad(lambda t: (rate(t) * integral + slope * moment) ** 2, 0.0, length)[0]
    assert shared_pre.item() == pytest.approx(closed, rel=1e-7)
    pieces = ((-1.0, 0.0), (0.0, length), (length, 1.0))
    area = sum(quad(lambda t: rate(t) * seen(t, length) ** 2, *ends)[0] for ends in pieces)
    assert shared_post.item() == pytest.approx(400 * area, rel=1e-6)


@pytest.mark.parametrize("window", [LOPSIDED, ANTISYMMETRIC, Window("wide", 1.0, 0.3, 0.2, 1000.0)])
@pytest.mark.parametrize("phase_ms", [0.5, 20.0, 3000.0])
def test_the_variance_at_rest_is_that_of_constant_rates(window, phase_ms):
    """Closed form against the recursion with sums over nodes, which is tested by quadrature above."""
    margin = 25 * window.longest_tau_ms
    knots = smooth_pieces(np.array([-margin, 0.0, phase_ms, phase_ms + margin]), window)
    pre, post = np.array([20.0, 70.0]), np.array([30.0, 5.0, 90.0])
    terms = variance_terms(
        window,
        knots_ms=knots,
        pre_hz=np.broadcast_to(pre, (knots.size, 2)),
        post_hz=np.broadcast_to(post, (knots.size, 3)),
        pre_counts=((knots[:-1] >= 0) & (knots[:-1] < phase_ms)).astype(float),
    )
    closed = variance_at_rest(window, pre_hz=pre, post_hz=post, phase_ms=phase_ms)
    np.testing.assert_allclose(closed, sum(terms), rtol=1e-9)


def test_pieces_are_short_where_a_trace_decays_and_few_whatever_the_ratio_of_the_time_constants():
    """The sums over nodes on them are those of pieces four times finer, of the shorter time constant everywhere."""
    knots = np.array([-400.0, 0.0, 3.0, 40.0, 440.0])
    window = Window("wide", a_plus=1.0, a_minus=0.4, tau_plus_ms=0.5, tau_minus_ms=40.0)
    pieces = smooth_pieces(knots, window)
    assert np.isin(knots, pieces).all()
    assert pieces.size < 300
    assert smooth_pieces(knots, Window("wider", 1.0, 0.4, 1e-6, 40.0)).size < 400
    everywhere = refine(knots, 0.25)
    found = []
    for fine in (pieces, everywhere):
        pre, post = (np.interp(fine, knots, rates)[:, None] for rates in ([20, 20, 60, 10, 10], [30, 30, 5, 80, 50]))
        inside = ((fine[:-1] >= 0) & (fine[:-1] < 40)).astype(float)
        found.append(variance_terms(window, knots_ms=fine, pre_hz=pre, post_hz=post, pre_counts=inside))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)
