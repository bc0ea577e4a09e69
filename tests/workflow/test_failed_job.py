"""One job that fails does not hold up the others; the end of the run tells which it was, why, and how to go on."""

import pytest

REASON = "the reason stands here"


@pytest.fixture
def failing(fresh):
    """The job of one activation raises an error; the others are sound."""
    line = '    rng = experiment_generator(seed, "relaxation", activation)\n'
    fresh.edit(
        "workflow/scripts/relaxation.py",
        line,
        f'    if activation == "tanh":\n        raise ValueError("{REASON}")\n{line}',
    )
    return fresh


def test_the_others_finish_and_the_last_words_name_job_log_and_command(failing):
    run = failing.fails("--cores", "2", "early_inference")
    built = sorted(path.stem for path in (failing.folder / "results" / "early_inference").iterdir())
    assert built == ["hard_sigmoid", "logistic", "logistic_strong", "tanh_strong"]
    end = run.stdout[run.stdout.index("1 job failed:") :]
    command = "snakemake --cores 1 results/relaxation/tanh.nc --configfile config/quick.yaml"
    for words in ("run_relaxation tanh", "the end of its log logs/relaxation/tanh.log", REASON, command, "kept"):
        assert words in end
    assert len(end.splitlines()) < 25

    failing.edit("workflow/scripts/relaxation.py", 'if activation == "tanh":', "if False:")
    failing.succeeds(*command.split()[1:], quick=False)


def test_nothing_is_said_of_failures_where_there_was_none(fresh):
    run = fresh.succeeds("--cores", "1", "results/relaxation/tanh.nc")
    assert "failed" not in run.stdout
