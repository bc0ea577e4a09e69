"""Random streams, one per experiment and condition."""

import numpy as np

_END_OF_NAME = 256  # no byte has this value, so that ("ab", "c") and ("a", "bc") are different keys


def experiment_generator(seed: int, *names: str) -> np.random.Generator:
    """The generator of the experiment and condition called `names`, such as "relaxation", "tanh".

    The stream depends on `seed` and the names alone, never on a position in a list: another activation, or another
    experiment, changes none of the existing streams. Numbers for single networks come from its children (`spawn`).
    """
    key = tuple(part for name in names for part in (*name.encode(), _END_OF_NAME))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
