"""A change reruns what depends on it and nothing else. Expected jobs: read off the equations, by hand."""

import os

import pytest

EXPERIMENTS = {"run_relaxation", "run_early_inference", "run_gradient_correlation"}
ENSEMBLES = 5  # in the configuration: logistic, tanh, hard sigmoid, and two of strong coupling


def test_nothing_reruns_in_a_project_that_was_moved(copy_of_built):
    """Inputs are recorded relative to the project."""
    assert copy_of_built.planned() == {}


def test_new_dates_alone_rerun_nothing(copy_of_built):
    """As after a checkout: content counts."""
    for folder in ("src", "workflow", "notebooks", "tests"):
        for path in (copy_of_built.folder / folder).rglob("*"):
            if path.is_file():
                os.utime(path)
    assert copy_of_built.planned() == {}


MODULES = {
    "plasticity/alignment.py": EXPERIMENTS,  # relaxation compares the two gradients where coupling is strong
    "plasticity/rate_rules.py": {"run_gradient_correlation"},
    "experiments/early_inference.py": {"run_early_inference"},
    "relaxation/euler.py": {"run_relaxation"},
    "energy/network.py": EXPERIMENTS,
    "claims/table.py": set(),
}


@pytest.mark.parametrize("module", MODULES)
def test_an_edited_module_reruns_the_experiments_that_run_it_and_those_that_read_their_results(copy_of_built, module):
    """A result that an edit could have changed must not survive it; hours must not be spent on one it could not."""
    copy_of_built.append(f"src/stdp_backprop/{module}", "\n# edited\n")
    order = ["run_relaxation", "run_early_inference", "run_gradient_correlation"]
    first = min((order.index(rule) for rule in MODULES[module]), default=len(order))
    planned = copy_of_built.planned()
    expected = dict.fromkeys(order[:first], 0) | dict.fromkeys(order[first:], ENSEMBLES)
    assert {rule: planned.get(rule, 0) for rule in order} == expected
    assert planned["judge_claims"] == 1


def test_an_edit_that_changes_no_value_gives_the_same_files(copy_of_built, built):
    copy_of_built.append("src/stdp_backprop/plasticity/alignment.py", "\n# edited\n")
    copy_of_built.succeeds("--cores", "2", "gradient_correlation", "claims")
    assert copy_of_built.products() == built.products()


def test_a_model_of_the_configuration_may_be_reworded_without_a_rerun(copy_of_built):
    """Models accept or reject; the accepted values are parameters of the jobs, compared one by one."""
    copy_of_built.append("src/stdp_backprop/config/inference.py", "\n# edited\n")
    copy_of_built.append("src/stdp_backprop/config/fields.py", "\n# edited\n")
    assert copy_of_built.planned() == {}


KEYS = {
    "one activation": (
        "relaxation: {activations: {tanh: {gain: 0.125}}}",
        {"run_relaxation": 1, "run_early_inference": 1, "run_gradient_correlation": 1},
    ),
    "early inference": (
        "early_inference: {euler_step: 0.2}",
        {"run_early_inference": ENSEMBLES, "run_gradient_correlation": ENSEMBLES},
    ),
    "seed": ("seed: 5", dict.fromkeys(EXPERIMENTS, ENSEMBLES)),
    "the same value": ("relaxation: {n_networks: 4}", {}),
}


@pytest.mark.parametrize("change", KEYS)
def test_a_changed_key_reruns_exactly_what_depends_on_it(copy_of_built, change):
    text, expected = KEYS[change]
    (copy_of_built.folder / "changed.yaml").write_text(text)
    planned = copy_of_built.planned("--configfile", "config/quick.yaml", "changed.yaml", quick=False)
    assert {rule: count for rule, count in planned.items() if rule in EXPERIMENTS} == expected
    assert ("judge_claims" in planned) == bool(expected)


def test_an_activation_does_not_depend_on_which_others_there_are(copy_of_built):
    """Result files and streams of random numbers belong to names, not to places in a list."""
    text = (copy_of_built.folder / "config.yaml").read_text()
    logistic = text[text.index("    logistic:\n") : text.index("    tanh:\n")]
    copy_of_built.edit("config.yaml", logistic, "")
    copy_of_built.edit("config.yaml", "activations: [logistic, hard_sigmoid]", "activations: [hard_sigmoid]")
    planned = copy_of_built.planned()
    assert planned["judge_claims"] == 1
    assert not {*EXPERIMENTS, "run_limits", "run_spiking_inference"} & set(planned)
