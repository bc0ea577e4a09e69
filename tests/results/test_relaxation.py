"""What `results/relaxation/*.nc` must satisfy before anything is concluded from it."""

import json

from stdp_backprop.pipeline import result_checks


def test_every_network_has_reached_its_stationary_point(dataset, settings, fail_on):
    """Claim A4; later experiments take derivatives at these points, which mean nothing elsewhere."""
    advice = (
        "What to do: raise relaxation.max_steps in config.yaml, lower relaxation.step if the residual grows, or lower "
        "the gain of this activation: beyond a certain gain the dynamics have no single resting point."
    )
    fail_on(result_checks.above(dataset, "residual", settings["tolerance"]), advice)


def test_no_network_and_no_pattern_is_missing(dataset, settings, fail_on, build_again):
    [ensemble] = json.loads(dataset.attrs["configuration"])["relaxation"]["activations"].values()
    n_patterns = settings["n_patterns"] if ensemble["candidates"] == 1 else 1
    sizes = {"network": settings["n_networks"], "pattern": n_patterns}
    sizes |= {f"unit_{layer}": size for layer, size in enumerate(settings["layer_sizes"])}
    problems = [
        f"{dataset.sizes.get(name, 0)} along {name}; the configuration says {size}"
        for name, size in sizes.items()
        if dataset.sizes.get(name, 0) != size
    ]
    fail_on(problems, build_again)
