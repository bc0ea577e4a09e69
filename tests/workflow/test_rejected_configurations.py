"""A wrong configuration stops the run before the first job, in words. Expected words: the error that was made."""

import pytest

BAD = {
    "unknown key": ("relaxation: {n_netwroks: 4}", ["relaxation.n_netwroks", "unknown", "n_networks"]),
    "unknown activation": (
        "relaxation: {activations: {tanh: {activation: tahn}}}",
        ["activations.tanh.activation", "'tahn'", "'tanh'"],
    ),
    "text for a number": ("relaxation: {tolerance: 1e-6}", ["relaxation.tolerance", "1e-6", "1.0e-6"]),
    "negative": ("relaxation: {langevin: {temperature: -0.2}}", ["relaxation.langevin.temperature", "-0.2", "above 0"]),
    "nothing nudged": ("early_inference: {nudges: [0.0, 0.1, -0.1]}", ["early_inference.nudges[0]", "0.0", "but 0"]),
    "too few layers": ("relaxation: {layer_sizes: [4, 4]}", ["relaxation.layer_sizes", "at least 3"]),
    "a list for a section": ("relaxation: [1, 2]", ["relaxation", "[1, 2]", "section"]),
    "several errors": ("{seed: -1, early_inference: {max_step: yes}}", ["2 errors", "seed", "max_step", "True"]),
    "octal": ("seed: 020170311", ["mine.yaml", "line 1", "seed", "020170311", "4255945", "plain decimal"]),
    "keys that do not fit together": (
        "relaxation: {n_patterns: 3}",
        ["limits.n_patterns", "found 4", "n_patterns = 3"],
    ),
    "a window that is not what it is called": (
        "windows: {antisymmetric: {a_minus: 1.05}}",
        ["windows.antisymmetric.a_minus", "1.05", "claim C1"],
    ),
    "given twice": ("seed: 1\nseed: 2\n", ["mine.yaml", "line 2", "'seed'", "line 1"]),
}


@pytest.mark.parametrize("error", BAD)
def test_an_error_is_named_with_what_was_found_and_what_is_allowed(fresh, error):
    """Otherwise figures would be drawn for other parameters than those the reader wrote."""
    text, words = BAD[error]
    (fresh.folder / "mine.yaml").write_text(text)
    run = fresh.snakemake("--configfile", "mine.yaml", quick=False)
    assert_rejected(run, words)
    assert not (fresh.folder / "results").exists()


POINTS = {
    "no such file": (None, ["points.csv cannot be read", "No such file"]),
    "columns swapped": ("change_percent,delta_ms\n10,5\n", ["points.csv, line 1", "delta_ms,change_percent"]),
    "no number": ("delta_ms,change_percent\n5,10\n8,much\n", ["points.csv, line 3", "8,much", "two finite numbers"]),
    "no points": ("delta_ms,change_percent\n", ["points.csv holds no points", "null"]),
}


@pytest.mark.parametrize("error", POINTS)
def test_a_bad_file_of_measured_points_is_rejected_before_the_first_job(fresh, error):
    """The error would otherwise show after all experiments had run, or as points in the wrong place."""
    content, words = POINTS[error]
    if content is not None:
        (fresh.folder / "points.csv").write_text(content)
    (fresh.folder / "mine.yaml").write_text("fig1_stdp_curve: {measured_points: points.csv}")
    run = fresh.snakemake("--configfile", "mine.yaml", quick=False)
    assert_rejected(run, ["fig1_stdp_curve.measured_points", *words])
    assert not (fresh.folder / "results").exists()


def test_a_dry_run_rejects_them_too(fresh):
    fresh.edit("config.yaml", "n_networks: 20", "n_networks: 0")
    assert_rejected(fresh.snakemake("--dry-run", quick=False), ["relaxation.n_networks", "found 0", "at least 2"])


def test_a_key_given_twice_in_config_yaml_is_rejected_although_yaml_takes_the_last(fresh):
    fresh.append("config.yaml", "\nseed: 4\n")
    assert_rejected(fresh.snakemake("--dry-run", quick=False), ["config.yaml", "'seed'", "line"])


def test_broken_yaml_is_rejected_with_its_line(fresh):
    fresh.edit("config.yaml", "relaxation:\n", "relaxation: {\n")
    assert_rejected(fresh.snakemake("--dry-run", quick=False), ["config.yaml", "line", "not valid YAML"])


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_config_yaml_in_another_encoding_is_rejected_in_words(fresh, encoding):
    """An editor that does not write UTF-8 would otherwise leave a reader with a traceback."""
    path = fresh.folder / "config.yaml"
    path.write_bytes("seed: 1  # größer\n".encode(encoding))
    assert_rejected(
        fresh.snakemake("--dry-run", quick=False), ["config.yaml", "not a text file in UTF-8", "save it as UTF-8"]
    )


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_of_ones_own_in_another_encoding_starts_no_job_and_can_be_checked(fresh, encoding):
    """Snakemake reads it before the workflow, so the traceback is Snakemake's; the README names this command."""
    (fresh.folder / "mine.yaml").write_bytes("seed: 1  # größer\n".encode(encoding))
    fresh.fails("--configfile", "mine.yaml", quick=False)
    assert not (fresh.folder / "results").exists()
    checked = fresh.module("stdp_backprop.pipeline.documents", "mine.yaml")
    assert checked.returncode != 0
    assert "mine.yaml" in checked.stdout
    assert "save it as UTF-8" in checked.stdout
    assert "Traceback" not in checked.stdout


def test_values_on_the_command_line_are_rejected_where_they_arrive_as_text(fresh):
    run = fresh.snakemake("--dry-run", "--config", "early_inference={max_step: 5.0}", quick=False)
    assert_rejected(run, ["early_inference.max_step", "'5.0'", "--configfile"])


def assert_rejected(run, words):
    assert run.returncode != 0
    for word in words:
        assert word in run.stdout
    assert "Traceback" not in run.stdout
    assert "Error" not in run.stdout
    assert "Job" not in run.stdout
