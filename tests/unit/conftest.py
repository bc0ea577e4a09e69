"""Small results of the three experiments, made once for all tests that read them."""

from functools import cache
from pathlib import Path

import pytest

from stdp_backprop.config import Configuration, validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.experiments import early_inference, gradient_correlation, relaxation
from stdp_backprop.experiments.random_streams import experiment_generator

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def small() -> Configuration:
    """The shipped ensembles, but three networks of two hidden layers, and our own numbers where a test knows them."""
    raw = read_strictly(PROJECT / "config.yaml")
    raw["relaxation"] |= {"layer_sizes": [4, 5, 4, 3], "n_networks": 3, "n_patterns": 2, "tolerance": 1e-12}
    raw["relaxation"]["langevin"] |= {"steps": [0.4, 0.2, 0.1], "n_chains": 60, "n_samples": 3, "n_bins": 8}
    raw["limits"]["n_patterns"] = 2
    raw["early_inference"] |= {"nudges": [-0.1, -0.03, -0.01, 0.01, 0.03, 0.1], "max_step": 0.1, "euler_step": 0.1}
    raw["early_inference"]["times"] |= {"first": 1e-3, "last": 40.0, "per_decade": 6}
    return validate(raw)


@pytest.fixture(scope="session")
def relaxed(small):
    """activation -> result of `relaxation`."""
    return cache(
        lambda name: relaxation.run(
            small.relaxation, inputs={"condition": name}, rng=experiment_generator(small.seed, "relaxation", name)
        )
    )


@pytest.fixture(scope="session")
def nudged(small, relaxed):
    """activation -> result of `early_inference`."""
    return cache(lambda name: early_inference.run(small.early_inference, inputs={"relaxation": relaxed(name)}))


@pytest.fixture(scope="session")
def correlated(small, relaxed, nudged):
    """activation -> result of `gradient_correlation`."""
    return cache(
        lambda name: gradient_correlation.run(
            small.gradient_correlation, inputs={"relaxation": relaxed(name), "early_inference": nudged(name)}
        )
    )
