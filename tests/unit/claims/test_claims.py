"""Verdicts: what follows from findings, and that broken results do not pass."""

import csv
import io
import json

import numpy as np
import pytest
import xarray as xr
from scipy.stats import pearsonr, spearmanr

from stdp_backprop.claims import CLAIMS, table
from stdp_backprop.claims.early_inference import _time_below
from stdp_backprop.claims.relaxation import jackknife_error, total_variation
from stdp_backprop.claims.spiking_learning import DEEPEST
from stdp_backprop.claims.stdp_matching import RANKS, rank_correlation
from stdp_backprop.claims.verdict import (
    LIMITED,
    MEASUREMENT,
    NOT_JUDGED,
    NOT_REPLICATED,
    PARTLY,
    REFUTED,
    REPLICATED,
    REPORTED,
    SUPPORTED,
    SUPPORTED_LIMITED,
    Claim,
    around,
    at_least,
    at_most,
    correlated,
    finding_from_estimate,
    headline,
    over_cases,
    over_networks,
    power,
    reach,
    verdict,
    where_lost,
)


def finding(value, criterion=None, condition="tanh", metric="error"):
    criterion = at_most(1.0) if criterion is None else criterion
    return over_networks(condition, metric, np.full(10, value), criterion)


@pytest.mark.parametrize(
    ("values", "expected"), [([0.5, 0.9], REPLICATED), ([0.5, 2.0], PARTLY), ([2.0, 3.0], NOT_REPLICATED)]
)
def test_the_verdict_follows_from_how_many_conditions_meet_the_criterion(values, expected):
    assert verdict([finding(value) for value in values]) == expected


def is_central(finding):
    return finding.condition.startswith("central")


@pytest.mark.parametrize(
    ("central", "others", "expected"),
    [
        ([0.5, 0.5], [0.5, 0.5], REPLICATED),
        ([0.5, 0.5], [2.0, 2.0, 2.0], LIMITED),
        ([0.5, 2.0], [2.0, 2.0, 2.0], PARTLY),
        ([0.5, 2.0, 2.0], [0.5, 0.5, 0.5], NOT_REPLICATED),
        ([2.0], [0.5] * 9, NOT_REPLICATED),
    ],
)
def test_fewer_than_half_of_the_central_conditions_is_not_replicated_whatever_holds_elsewhere(
    central, others, expected
):
    """Easy conditions, however many are added, must not save a claim that fails where its source makes it."""
    found = [finding(value, condition=f"central {place}") for place, value in enumerate(central)]
    found += [finding(value, condition=f"other {place}") for place, value in enumerate(others)]
    assert verdict(found, is_central) == expected


def claim_with(findings, **changes):
    return Claim("X1", "text", **{"source": "[NC]"} | changes, experiment="", figure="", evaluate=lambda _: findings)


@pytest.mark.parametrize("kind", ["identity", "simulation", "prediction"])
def test_the_verdict_on_a_statement_of_ours_has_names_of_its_own_whatever_the_kind_of_evidence(kind):
    """[NC] does not make it: "not replicated" would say that it does."""
    ours = claim_with([], source="ours; measured by [J]", central=is_central, kind=kind)
    assert ours.judge([finding(0.5)]) == SUPPORTED
    assert ours.judge([finding(0.5, condition="central"), finding(2.0, condition="other")]) == SUPPORTED_LIMITED
    assert ours.judge([finding(2.0)]) == REFUTED
    assert claim_with([], source="[AEP]", kind=kind).judge([finding(0.5)]) == REPLICATED


def test_a_measurement_is_reported_and_one_without_a_value_is_not():
    """D1b has no criterion: "not judged" would say that something is missing."""
    measured = over_networks("tanh", "trials", np.ones(9), None)
    assert claim_with([], kind=MEASUREMENT).judge([measured]) == REPORTED
    assert (
        claim_with([], kind=MEASUREMENT).judge([over_networks("tanh", "trials", np.full(9, np.nan), None)])
        == NOT_JUDGED
    )
    assert claim_with([]).judge([measured]) == NOT_JUDGED


def undecided(condition):
    return finding_from_estimate(condition, "offset", 0.04, 0.02, around(0, 0.05), n="3")


@pytest.mark.parametrize(
    ("central", "others", "expected"),
    [
        ("mm", "mu", LIMITED),
        ("mu", "", PARTLY),
        ("muul", "", NOT_JUDGED),
        ("mull", "m", NOT_JUDGED),
        ("mulll", "mmm", NOT_REPLICATED),
    ],
)
def test_undecided_conditions_decide_only_between_not_judged_and_not_replicated(central, others, expected):
    """m: met, u: undecided, l: lost. By the table of the module."""
    made = {
        "m": lambda name: finding(0.5, condition=name),
        "l": lambda name: finding(2.0, condition=name),
        "u": undecided,
    }
    found = [made[letter](f"central {place}") for place, letter in enumerate(central)]
    found += [made[letter](f"other {place}") for place, letter in enumerate(others)]
    assert verdict(found, is_central) == expected


@pytest.mark.parametrize(("correlation", "n_pairs"), [(0.3, 20), (0.9, 10), (0.996, 9), (-0.7, 12)])
def test_the_interval_of_a_correlation_is_that_of_scipy_and_stays_below_1(correlation, n_pairs):
    """C3a once had an interval that ended at 1.002. Expected: scipy.stats, for a sample with just that correlation."""
    x, noise = np.random.default_rng(1).normal(size=(2, n_pairs))
    x = (x - x.mean()) / x.std()
    noise -= noise.mean() + x * (noise @ x) / n_pairs
    y = correlation * x + np.sqrt(1 - correlation**2) * noise / noise.std()
    expected = pearsonr(x, y).confidence_interval(0.95)
    found = correlated("tanh", "r", np.corrcoef(x, y)[0, 1], n_pairs, at_least(0), n=f"{n_pairs}")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=2e-5)
    assert found.high < 1


def test_a_perfect_correlation_is_certain_and_one_of_three_pairs_undefined():
    """C4a: the order of a threshold neuron's curve is an identity."""
    found = correlated("threshold neuron", "r", 1.0, 20, at_least(0.99), n="20")
    assert (found.low, found.observed, found.high, found.met) == (1.0, 1.0, 1.0, True)
    assert correlated("threshold neuron", "r", 0.5, 3, at_least(0.99), n="3").met is None


def test_the_interval_of_a_rank_correlation_covers_that_of_the_population_as_often_as_it_says():
    """C4: 95 % of samples from a normal distribution, whose rank correlation is 6/π asin(ρ/2)."""
    rng, rho, n, trials = np.random.default_rng(5), 0.6, 24, 1500
    x = rng.normal(size=(trials, n))
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=x.shape)
    found = [
        correlated("", "r", rank_correlation(one, other), n, None, n="", variance=RANKS)
        for one, other in zip(x, y, strict=True)
    ]
    covered = np.mean([of.low <= 6 / np.pi * np.arcsin(rho / 2) <= of.high for of in found])
    assert covered == pytest.approx(0.95, abs=5 * np.sqrt(0.95 * 0.05 / trials))


def test_a_confidence_interval_meets_a_criterion_only_as_a_whole():
    """1 ± 1.96 · 0.1 against 1 ± 0.2 and 1 ± 0.19."""
    assert finding_from_estimate("all pairs", "slope", 1.0, 0.1, around(1, 0.2), n="3").met
    assert not finding_from_estimate("all pairs", "slope", 1.0, 0.1, around(1, 0.19), n="3").met


@pytest.mark.parametrize(
    ("estimate", "error", "expected"),
    [(0.0, 0.02, REPLICATED), (0.0, 0.2, NOT_JUDGED), (0.5, 0.2, NOT_REPLICATED), (0.5, 0.3, NOT_JUDGED)],
)
def test_too_few_trials_neither_meet_an_equivalence_criterion_nor_count_against_it(estimate, error, expected):
    """Of "within 3 standard errors" the second would have passed because it is noisy."""
    assert verdict([finding_from_estimate("all pairs", "offset", estimate, error, around(0, 0.05), n="3")]) == expected


def test_a_range_over_networks_that_leaves_the_criterion_is_never_undecided():
    """Some networks fail: that is what the range says, and no further trial changes it."""
    found = over_networks("tanh", "error", np.linspace(0, 2, 21), at_most(1.0))
    assert not found.met
    assert not found.undecided


def test_the_headline_is_the_worst_central_value_and_never_one_from_elsewhere():
    found = [finding(0.5, condition="central a"), finding(0.7, condition="central b"), finding(9.0, condition="other")]
    assert headline(found, is_central).condition == "central b"


def test_the_reach_counts_the_conditions_beyond_the_central_ones_and_says_where_it_is_lost():
    found = [finding(0.5, condition="central a"), finding(0.5, condition="other, all pairs")]
    assert reach(found[:1], is_central) == "no others tried"
    assert reach(found, is_central) == "1 of 1 others"
    found += [finding(2.0, condition=f"bi_poo, {pairing}") for pairing in ("all pairs", "nearest")]
    assert reach(found, is_central) == "1 of 3 others; lost for bi poo"


def test_a_single_lost_condition_is_named_in_full_and_none_is_said_to_be_none():
    """C3a was said to have limits, and no place where it is lost."""
    met = [finding(0.5, condition=f"central, {pairing}") for pairing in ("all pairs", "nearest")]
    lost = finding(2.0, condition="bi_poo, nearest, 5 Hz")
    assert reach([*met, lost], is_central) == "0 of 1 others; lost for bi poo (nearest, 5 Hz)"
    assert reach([*met, undecided("bi_poo")], is_central) == "0 of 1 others, 1 undecided, none lost"
    assert reach([*met, lost, undecided("bi_poo")], is_central) == (
        "0 of 2 others, 1 undecided; lost for bi poo (nearest, 5 Hz)"
    )
    same = finding(0.5, condition="bi_poo, nearest, 5 Hz", metric="slope")
    assert where_lost([lost, same]) == "bi poo (nearest, 5 Hz) (1 of 2)"


def test_where_a_criterion_is_lost_is_named_by_the_parts_under_which_it_never_holds_and_the_rest_by_counts():
    lost = {"a, x", "a, y", "b, x"}
    conditions = [f"{one}, {other}" for one in "abc" for other in "xy"]
    found = [finding(2.0 if condition in lost else 0.5, condition=condition) for condition in conditions]
    assert where_lost(found) in ("a, b (1 of 2)", "a, x (1 of 2)")
    assert where_lost([finding(0.5)]) == ""


def test_single_cases_outside_the_criterion_are_counted_beside_the_median_of_each_network():
    values = xr.DataArray([[0.5, 0.5, 9.0], [0.5, np.nan, 0.5]], dims=("network", "pattern"))
    found = over_cases("tanh", "error", values, at_most(1.0))
    assert (found.met, found.observed, found.outside) == (True, 0.5, "1 of 5 cases")


def test_without_a_central_condition_in_the_configuration_all_count():
    assert verdict([finding(0.5), finding(2.0), finding(2.0)], is_central) == NOT_REPLICATED


def test_every_central_setting_is_one_that_the_shipped_configuration_has():
    """A misspelt name would make every condition central, in silence."""
    conditions = [
        "logistic, antisymmetric, all_to_all, change at constant rates kept",
        "antisymmetric, all_to_all, 5 Hz",
        "antisymmetric, nearest_pre_centred",
        "bi_poo, all_to_all, presynaptic rate switching, silent before and after",
        "three_hidden_layers, N = 10",
    ]
    settings = [finding(0.5, condition=condition, metric=f"error, {DEEPEST}") for condition in conditions]
    restricted = [claim for claim in CLAIMS if not claim.central(finding(0.5, condition="no such, condition"))]
    assert {claim.id for claim in restricted} == {"C1", "C2", "C3a", "C3b", "C3c", "D1a", "D3a", "D5b"}
    for claim in restricted:
        assert any(claim.central(setting) for setting in settings), claim.id
    hard = finding(0.5, condition="hard_sigmoid, layer 1")
    assert [claim.id for claim in CLAIMS if claim.id[0] in "AB" and not claim.central(hard)] == [
        "B1",
        "B2",
        "B3",
        "B4",
        "B5a",
        "B5b",
        "B5c",
        "B5d",
        "B6",
    ]


def test_a_claim_that_nothing_judges_is_not_judged_and_says_why():
    assert verdict([over_networks("tanh", "beside", np.ones(3), None)]) == NOT_JUDGED
    for findings in ([], [over_networks("tanh", "order", np.full(3, np.nan), at_most(1.0))]):
        claim = Claim("X1", "text", "source", "experiment", "figure", lambda results, found=findings: found)
        (entry,) = json.loads(table.as_json([table.row(claim, {})]))
        assert entry["verdict"] == NOT_JUDGED
        assert entry["observed"] is None
        assert "no condition" in entry["reason"] or "no value is defined" in entry["reason"]
        assert entry["reason"] in " ".join(table.as_text([entry]).split())


def test_a_missing_number_never_meets_a_criterion():
    assert not over_networks("tanh", "error", np.array([np.nan, np.nan]), at_most(1.0)).met
    assert not over_networks("tanh", "error", np.array([2.0, np.nan]), at_most(1.0)).met
    assert not finding_from_estimate("tanh", "error", np.nan, 0.1, around(1, 0.5), n="3").met


def test_the_criterion_is_asked_of_95_percent_of_the_networks_or_of_every_one():
    values = np.append(np.zeros(99), 2.0)
    assert over_networks("tanh", "error", values, at_most(1.0)).met
    assert not over_networks("tanh", "error", values, at_most(1.0), every=True).met
    assert over_networks("tanh", "error", values, at_most(1.0)).worst == 2.0


@pytest.mark.parametrize(("n_networks", "says"), [(1, "one value"), (4, "full range over 4"), (5, "95 % range over 5")])
def test_a_range_over_a_few_networks_is_said_to_be_the_full_one(n_networks, says):
    """B1, B3: of the hard sigmoid there are two networks with a case without a unit at a bound."""
    values = np.arange(n_networks, dtype=float)
    found = over_networks("hard_sigmoid", "order", values, at_most(n_networks - 1.05))
    assert found.interval.startswith(says)
    few = n_networks < 5
    assert (found.low, found.high) == pytest.approx((0.0, n_networks - 1) if few else (0.1, 3.9))
    assert found.met != few


def test_the_interval_holds_the_central_95_percent():
    found = over_networks("tanh", "error", np.arange(1001.0), at_least(-1.0))
    assert (found.low, found.observed, found.high) == pytest.approx((25.0, 500.0, 975.0))


def test_the_table_shows_the_condition_that_is_furthest_beyond_its_criterion():
    found = [finding(0.1), finding(3.0, condition="logistic"), finding(5.0, condition="hard_sigmoid")]
    assert headline(found).condition == "hard_sigmoid"
    assert headline([finding(0.1), finding(0.7, condition="logistic")]).condition == "logistic"


def test_a_lost_condition_is_shown_before_an_undecided_one_with_a_wider_interval():
    """D4 showed a condition that more trials might decide, although others had been lost."""
    wide = finding_from_estimate("undecided", "offset", 0.0, 1.0, around(0, 0.05), n="3")
    lost = finding_from_estimate("lost", "offset", 0.2, 0.01, around(0, 0.05), n="3")
    met = finding_from_estimate("met", "offset", 0.0, 0.01, around(0, 0.05), n="3")
    assert headline([met, wide, lost]).condition == "lost"
    assert headline([met, wide]).condition == "undecided"


def test_a_failing_second_metric_is_shown_before_a_passing_first_one():
    found = [finding(0.1), finding(0.2, at_least(0.9), metric="share")]
    assert headline(found).metric == "share"


def test_the_interval_of_an_estimate_is_1_96_standard_errors_wide_on_each_side():
    found = finding_from_estimate("tanh", "order", 1.0, 0.1, around(1, 0.2), n="3")
    assert (found.low, found.high) == pytest.approx((0.804, 1.196))


def test_the_jackknife_error_of_a_mean_is_its_standard_error():
    sample = np.random.default_rng(3).normal(size=40)
    left_out = np.array([np.delete(sample, index).mean() for index in range(40)])
    assert jackknife_error(left_out) == pytest.approx(sample.std(ddof=1) / np.sqrt(40), rel=1e-12)


def test_total_variation_is_half_the_summed_difference():
    expected = np.array([[0.5, 0.5], [0.0, 0.0]])
    observed = np.array([[[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.5, 0.5]]]])
    dims = ("euler_step", "chain_group", "bin_1", "bin_2")
    dataset = xr.Dataset(
        {"langevin_probability": (dims, observed), "boltzmann_probability": (("bin_1", "bin_2"), expected)}
    )
    np.testing.assert_allclose(total_variation(dataset), [[1.0, 0.5, 0.5]])


@pytest.mark.parametrize(("criterion", "worst"), [(at_most(1e-12), 3e-33), (at_least(-1e-12), 1e-33)])
def test_the_worst_value_is_found_where_all_are_equal_to_rounding_seen_from_the_bound(criterion, worst):
    finding = over_networks("", "", np.array([1e-33, 2e-33, 3e-33]), criterion)
    assert finding.worst == worst
    one, other = (over_networks("", "", np.full(3, value), criterion) for value in (1e-33, 3e-33))
    assert headline([one, other]).worst == headline([other, one]).worst == worst


def test_the_order_between_two_nudges_is_the_exponent():
    nudges = [0.01, 0.1]
    errors = xr.DataArray(3 * np.array(nudges) ** 1.7, dims="nudge", coords={"nudge": nudges})
    assert float(power(errors, "nudge")) == pytest.approx(1.7)


def test_the_crossing_time_is_interpolated_in_the_logarithm_and_never_means_the_last_time():
    times = np.array([0.1, 1.0, 10.0])
    cosine = xr.DataArray([[1.0, 0.95, 0.85], [1.0, 1.0, 0.95]], dims=("network", "time"), coords={"time": times})
    np.testing.assert_allclose(_time_below(cosine, 0.9), [np.sqrt(10), 10.0])


def example_rows():
    claim = Claim("X1", "a statement", "[NC]", "relaxation", "fig4", lambda _: [finding(0.5), finding(2.0)])
    return table.rows([claim], {})


def test_only_what_does_not_apply_is_an_empty_cell_of_the_table():
    lines = list(csv.DictReader(io.StringIO(table.as_csv(example_rows()))))
    assert [name for name, text in lines[0].items() if not text] == ["outside", "reason"]  # of medians, and of no value
    assert lines[0]["verdict"] == PARTLY
    assert lines[0]["conditions_met"] == lines[0]["central_conditions_met"] == "1 of 2"


def test_the_json_table_carries_every_finding_and_the_csv_one_line_for_each():
    rows = example_rows()
    (entry,) = json.loads(table.as_json(rows))
    assert [found["met"] for found in entry["findings"]] == ["yes", "no"]
    assert len(list(csv.DictReader(io.StringIO(table.findings_as_csv(rows))))) == 2


def test_an_undecided_claim_is_counted_in_json_whatever_kind_of_number_its_criterion_is():
    """A3: its criterion is ε² of the results, a number of numpy, and its two undecided conditions once ended in a
    traceback."""
    found = [
        finding_from_estimate(name, "offset", 0.04, 0.02, around(np.float64(0), np.float64(0.05)), n="3")
        for name in "ab"
    ]
    claim = Claim("X1", "a statement", "[NC]", "relaxation", "fig4", lambda _: found)
    (entry,) = json.loads(table.as_json(table.rows([claim], {})))
    assert entry["central_undecided"] == 2


def test_a_value_that_is_not_a_number_is_rejected_by_the_json_table():
    with pytest.raises(ValueError, match="JSON"):
        table.as_json([{"observed": np.nan}])


def test_claims_have_distinct_ids_in_order():
    ids = [claim.id for claim in CLAIMS]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("n_values", [3, 20, 60])
def test_the_rank_correlation_is_that_of_scipy_also_with_equal_values(n_values):
    """Claim C4 stands on it. Expected: scipy.stats.spearmanr, for values without and with ties."""
    rng = np.random.default_rng(n_values)
    for one in (rng.normal(size=n_values), np.arange(n_values) // 2, np.arange(n_values) ** 3):
        other = one + rng.integers(0, 3, n_values)
        expected = spearmanr(one, other).statistic
        np.testing.assert_allclose(rank_correlation(one, other), expected, rtol=1e-13)
