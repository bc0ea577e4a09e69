"""Numbers on the site and in the article say what the results say."""

import pytest

from stdp_backprop.pipeline.numbers import format_number, powers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (5.862411, "5.86"),
        (-0.00295609, "−0.00296"),
        (1.2842872e-12, "1.3 × 10⁻¹²"),
        (1e-8, "10⁻⁸"),
        (-4e-5, "−4 × 10⁻⁵"),
        (12345.4, "12345"),
        (2.5e7, "2.5 × 10⁷"),
        (0.99998756, "0.999988"),
        (1.0012, "1.0012"),
        (0.9999999999999, "1"),
    ],
)
def test_a_number_keeps_the_digits_that_matter(value, text):
    """A cosine of 0.99998 judged by "≥ 0.99" must not read as 1, nor an error of 1e-12 as 0."""
    assert format_number(value) == text


def test_powers_of_ten_in_a_text_are_raised():
    assert powers("≤ 1e-08 over t in [1e-3, 2.5e+07]") == "≤ 10⁻⁸ over t in [10⁻³, 2.5 × 10⁷]"
    assert powers("the model1e-3 of layer 2 (d = 2)") == "the model1e-3 of layer 2 (d = 2)"
