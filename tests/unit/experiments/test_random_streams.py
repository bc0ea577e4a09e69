"""Streams of random numbers belong to names: each experiment and condition has its own, whatever else there is."""

import numpy as np

from stdp_backprop.experiments.random_streams import experiment_generator


def first_number(seed, *names):
    return experiment_generator(seed, *names).integers(2**63)


def test_seed_and_names_alone_decide_the_stream():
    """All claims: another run of the same configuration would be another experiment, or two share their noise."""
    assert first_number(3, "relaxation", "tanh") == first_number(3, "relaxation", "tanh")
    none_or_one = ((), ("a",), ("b",), ("ab",), ("abc",))
    two = (("a", "b"), ("b", "a"), ("ab", "c"), ("a", "bc"), ("a", ""), ("abc", ""))
    keys = [(seed, *names) for seed in (3, 4) for names in (*none_or_one, *two)]
    assert len({first_number(*key) for key in keys}) == len(keys)


def test_children_of_a_stream_are_not_the_stream_of_another_name():
    children = [child.integers(2**63) for child in experiment_generator(7, "a").spawn(300)]
    named = [first_number(7, "a", chr(code)) for code in range(128)]
    assert not set(children) & set(named)


def test_streams_of_two_conditions_are_uncorrelated():
    """All claims: intervals over activations and experiments would count the same draws twice. Five standard errors."""
    one, other = (experiment_generator(3, "relaxation", name).normal(size=10_000) for name in ("tanh", "logistic"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(10_000)
