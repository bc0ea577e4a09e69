"""Measures of likeness against closed forms and numpy's own correlation."""

import numpy as np
import pytest

from stdp_backprop.plasticity.alignment import cosine, norm_ratio, pearson, sign_agreement, time_below

MEASURES = (cosine, pearson, norm_ratio, sign_agreement)


def pair(seed=0, shape=(3, 4)):
    rng = np.random.default_rng(seed)
    return rng.normal(0.3, 1, shape), rng.normal(-0.2, 1, shape)


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 2, 2.0, np.pi])
def test_the_cosine_is_that_of_the_angle_between_two_weight_changes(angle):
    """B4: alignment with the gradient would be overstated or understated."""
    reference = np.array([[3.0, 0.0], [0.0, 0.0]])
    change = 7 * np.array([[np.cos(angle), 0.0], [np.sin(angle), 0.0]])
    assert cosine(change, reference) == pytest.approx(np.cos(angle), abs=1e-15)


def test_the_pearson_correlation_is_that_of_numpy_over_all_entries():
    """B4: a common offset of all weights would pass for alignment."""
    change, reference = pair()
    expected = np.corrcoef(change.ravel(), reference.ravel())[0, 1]
    assert pearson(change, reference) == pytest.approx(expected, rel=1e-13)
    assert pearson(change + 100, reference) == pytest.approx(expected, rel=1e-11)
    assert abs(cosine(change, reference) - expected) > 0.01


def test_the_norm_ratio_is_the_ratio_of_root_sums_of_squares():
    """B1: the ratio that tends to ε would be inverted or squared."""
    assert norm_ratio(np.array([[3.0, 4.0]]), np.array([[0.0, 2.0]])) == pytest.approx(2.5)
    assert norm_ratio(np.zeros((1, 2)), np.array([[0.0, 2.0]])) == 0


def test_sign_agreement_counts_the_entries_whose_gradient_is_not_zero():
    """B4: zeros of the gradient would count as agreement, or no motion as the right motion."""
    change = np.array([[1.0, -2.0, 3.0], [0.0, 5.0, -1e-30]])
    reference = np.array([[2.0, 1.0, 0.0], [1.0, 1e-30, -9.0]])
    assert sign_agreement(change, reference) == pytest.approx(3 / 5)
    assert sign_agreement(-reference, reference) == 0
    assert sign_agreement(reference, reference) == 1


@pytest.mark.parametrize("measure", [cosine, pearson, sign_agreement])
@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_alignment_does_not_depend_on_the_size_of_the_change(measure, scale):
    """B2: tiny early changes would seem less aligned than large late ones."""
    change, reference = pair()
    assert measure(scale * change, reference) == pytest.approx(measure(change, reference), rel=1e-13)
    assert measure(change, scale * reference) == pytest.approx(measure(change, reference), rel=1e-13)


@pytest.mark.parametrize("measure", [cosine, pearson])
def test_alignment_turns_with_the_sign_and_is_one_with_itself(measure):
    """B4: learning in the wrong direction would look like learning."""
    change, reference = pair()
    assert measure(-change, reference) == pytest.approx(-measure(change, reference), rel=1e-14)
    assert measure(change, change) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_against_nothing_is_undefined_and_not_a_number(measure):
    """B4: a layer without any gradient would count as perfectly, or not at all, aligned."""
    assert np.isnan(measure(np.ones((2, 2)), np.zeros((2, 2))))


@pytest.mark.parametrize("measure", [cosine, pearson])
def test_a_change_of_nothing_has_no_direction(measure):
    """B3: a layer at rest would count as aligned."""
    assert np.isnan(measure(np.zeros((2, 2)), np.array([[1.0, 2.0], [3.0, 5.0]])))


@pytest.mark.parametrize("measure", MEASURES)
def test_leading_axes_broadcast_and_each_pair_is_measured_alone(measure):
    """B4: intervals over networks would come from mixed networks."""
    changes, references = pair(1, (2, 3, 5, 4))
    found = measure(changes, references[:, :1])
    assert found.shape == (2, 3)
    for k, p in np.ndindex(2, 3):
        assert found[k, p] == pytest.approx(measure(changes[k, p], references[k, 0]), rel=1e-13)


@pytest.mark.parametrize("measure", [cosine, norm_ratio])
def test_changes_whose_squares_underflow_are_measured_as_exactly_as_others(measure):
    """B2: the tiny changes of far layers would count as none at all."""
    change, reference = pair()
    assert measure(2.0**-900 * change, 2.0**-900 * reference) == measure(change, reference)


@pytest.mark.parametrize("measure", [cosine, pearson, norm_ratio])
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_rejected_and_makes_no_gap(measure, broken):
    """B4: a failed computation would pass for a layer without a gradient."""
    change, reference = pair()
    change[1, 1] = broken
    with pytest.raises(ValueError, match="not finite"), np.errstate(invalid="ignore"):
        measure(change, reference)


def test_the_time_below_a_threshold_is_that_of_a_line_in_the_logarithm_of_time():
    """B3: how long early inference is early. Exact for 1 − 0.2 log t; never below: the last time; undefined: NaN."""
    times = np.exp([0.0, 1.0, 2.0, 4.0])
    line = 1 - 0.2 * np.log(times)
    paths = np.array([line, 0.8 + 0.2 * line, 1 - line, np.zeros(4), np.full(4, np.nan)])
    expected = [np.exp(2.5), times[-1], times[0], times[0], np.nan]
    np.testing.assert_allclose(time_below(paths, times, 0.5), expected, rtol=1e-14)
