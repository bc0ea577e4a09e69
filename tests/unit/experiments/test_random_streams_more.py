"""Random streams: each experiment and condition has its own, whatever else there is."""

import numpy as np

from stdp_backprop.experiments.random_streams import experiment_generator


def first_number(seed, *names):
    return experiment_generator(seed, *names).integers(2**63)


def test_seed_and_names_alone_decide_the_stream():
    """All claims: another run of the same configuration would be another experiment."""
    assert first_number(3, "relaxation", "tanh") == first_number(3, "relaxation", "tanh")
    streams = {
        (seed, *names): first_number(seed, *names)
        for seed in (3, 4)
        for names in (("a",), ("b",), ("a", "b"), ("b", "a"), ("ab",), ("ab", "c"), ("a", "bc"), ("abc",), ("a", ""))
    }
    assert len(set(streams.values())) == len(streams)


def test_streams_of_two_conditions_are_uncorrelated():
    """All claims: intervals over activations and experiments would count the same draws twice. Five standard errors."""
    one, other = (experiment_generator(3, "relaxation", name).normal(size=10_000) for name in ("tanh", "logistic"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(10_000)
