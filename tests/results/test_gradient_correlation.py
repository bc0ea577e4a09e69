"""What `results/gradient_correlation/*.nc` must satisfy before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks


def test_cosines_and_correlations_lie_between_minus_one_and_one(dataset, fail_on, build_again):
    rounding = 1e-12
    problems = [
        problem
        for name in ("cosine", "pearson")
        for problem in result_checks.above(abs(dataset[[name]]).fillna(0.0), name, 1 + rounding)
    ]
    fail_on(problems, build_again)
