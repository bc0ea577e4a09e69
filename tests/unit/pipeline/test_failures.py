"""The words at the end of a run in which jobs failed: the job, its log's last lines, the command."""

import logging

from snakemake_interface_logger_plugins.common import LogEvent

from stdp_backprop.pipeline.failures import LAST_LINES, FailedJob, FailedJobs, summary


def test_a_failed_job_is_named_with_its_last_words_and_the_command_that_runs_it_again(tmp_path):
    log = tmp_path / "tanh.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(30)))
    job = FailedJob("run_relaxation tanh", str(log), ["results/relaxation/tanh.nc"])
    text = summary([job], ["--configfile", "my file.yaml"])
    assert text.startswith("1 job failed:\n\n  run_relaxation tanh\n")
    shown = [line for line in text.splitlines() if "| line" in line]
    assert [line.split()[-1] for line in shown] == [str(number) for number in range(30 - LAST_LINES, 30)]
    assert "snakemake --cores 1 results/relaxation/tanh.nc --configfile 'my file.yaml'" in text


def test_a_job_that_said_nothing_is_said_to_have_been_killed(tmp_path):
    (tmp_path / "empty.log").write_text("\n")
    for log in ("empty.log", "absent.log"):
        text = summary([FailedJob("check limits", str(tmp_path / log), ["results/checks/limits.txt"])], [])
        assert f"{log} is empty: it was killed (out of memory?)" in text


def test_many_failures_do_not_fill_the_screen(tmp_path):
    """Neither many jobs nor a line as long as a dataset."""
    log = tmp_path / "long.log"
    log.write_text("x" * 100_000)
    text = summary([FailedJob(f"job {number}", str(log), []) for number in range(50)], [])
    assert text.startswith("50 jobs failed:")
    assert "and 45 more" in text
    assert len(text) < 5000


def test_without_a_failed_job_the_run_was_interrupted():
    assert "interrupted" in summary([], [])


def test_a_job_that_fails_is_known_from_the_events_and_forgotten_when_a_later_attempt_succeeds():
    """The events have the fields that the interface for logger plugins gives them."""
    logger, failed = logging.Logger("events"), FailedJobs()
    logger.addHandler(failed)
    for number, activation in enumerate(("tanh", "logistic")):
        about = {"jobid": number, "rule_name": "run_relaxation"}
        logger.info("", extra={"event": LogEvent.JOB_INFO, "wildcards": {"activation": activation}, **about})
        files = {"log": [f"{activation}.log"], "output": [f"{activation}.nc"]}
        logger.error("", extra={"event": LogEvent.JOB_ERROR, **files, **about})
    logger.info("", extra={"event": LogEvent.JOB_FINISHED, "job_id": 1})
    logger.warning("another message")
    assert failed.jobs() == [FailedJob("run_relaxation tanh", "tanh.log", ["tanh.nc"])]
