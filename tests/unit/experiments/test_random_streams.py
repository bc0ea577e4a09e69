"""Streams of random numbers belong to names."""

import numpy as np

from stdp_backprop.experiments.random_streams import experiment_generator


def first_numbers(*arguments):
    return experiment_generator(*arguments).random(4)


def test_the_same_seed_and_names_give_the_same_stream():
    np.testing.assert_array_equal(first_numbers(7, "relaxation", "tanh"), first_numbers(7, "relaxation", "tanh"))


def test_other_seeds_conditions_and_splits_of_a_name_give_other_streams():
    """Two experiments on one stream would share their noise, and their agreement would mean nothing."""
    keys = [(7, "ab", "c"), (7, "a", "bc"), (7, "abc"), (7, "abc", ""), (7,), (8, "ab", "c")]
    streams = [tuple(first_numbers(*key)) for key in keys]
    assert len(set(streams)) == len(keys)


def test_children_of_a_stream_are_not_the_stream_of_another_name():
    children = [tuple(child.random(4)) for child in experiment_generator(7, "a").spawn(300)]
    named = [tuple(first_numbers(7, "a", chr(code))) for code in range(128)]
    assert not set(children) & set(named)
