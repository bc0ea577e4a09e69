"""What `results/relaxation/*.nc` must hold before anything is concluded from it."""

import json

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "relaxation"


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A gap would silently leave a network out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_every_network_has_reached_its_stationary_point(dataset, settings, refuse):
    """Claim A4; what follows takes derivatives at these points, which mean nothing elsewhere."""
    advice = (
        "What to do: raise relaxation.max_steps in config.yaml, lower relaxation.step if the residual grows, or lower "
        "the gain of this activation: beyond a certain gain the dynamics have no single resting point."
    )
    refuse(result_checks.above(dataset, "residual", settings["tolerance"]), advice)


def test_the_dimensions_are_those_that_later_experiments_expect(dataset, settings, refuse, build_again):
    cases = ("network", "pattern")
    last = len(settings["layer_sizes"]) - 1
    expected = {
        "target": (*cases, f"unit_{last}"),
        "residual": cases,
        "energy": (*cases, "step"),
        "residual_trace": ("solver", *cases, "step"),
        "n_steps": ("solver", *cases),
        "hessian_eigenvalue_min": cases,
    }
    for layer in range(last + 1):
        expected[f"state_{layer}"] = (*cases, f"unit_{layer}")
    for layer in range(1, last + 1):
        expected[f"weight_{layer}"] = ("network", f"unit_{layer - 1}", f"unit_{layer}")
        expected[f"bias_{layer}"] = ("network", f"unit_{layer}")
    refuse(result_checks.other_dimensions(dataset, expected), build_again)


def test_no_network_and_no_pattern_is_missing(dataset, settings, refuse, build_again):
    [ensemble] = json.loads(dataset.attrs["configuration"])[EXPERIMENT]["activations"].values()
    n_patterns = settings["n_patterns"] if ensemble["candidates"] == 1 else 1
    sizes = {"network": settings["n_networks"], "pattern": n_patterns}
    sizes |= {f"unit_{layer}": size for layer, size in enumerate(settings["layer_sizes"])}
    found = {name: dataset.sizes.get(name, 0) for name in sizes}
    problems = [
        f"{found[name]} along {name}; the configuration says {sizes[name]}"
        for name in sizes
        if found[name] != sizes[name]
    ]
    refuse(problems, build_again)
