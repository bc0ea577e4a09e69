"""What surrounds the work of a job: the log speaks plainly, what was written is on record, no job is an orphan."""

import json
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

JOB = """
import os, sys, types
from pathlib import Path
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.logs import JobFailed

snakemake = types.SimpleNamespace(log=["log.txt"], input=[*map(str, Path().glob("raw.txt"))], output=["made.txt"])
with job(snakemake) as log:
    {work}
"""
PROJECT = Path(__file__).resolve().parents[3]


def run(folder, work):
    code = JOB.format(work=work)
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)


def test_what_a_job_wrote_is_on_record(tmp_path):
    (tmp_path / "raw.txt").write_text("five!")
    assert run(tmp_path, "Path('made.txt').write_text('five!')").returncode == 0
    kept = json.loads((tmp_path / ".snakemake" / "written" / "made.txt.json").read_text())
    assert kept["size"] == 5
    assert kept["made_from"] == {"raw.txt": kept["sha256"]}
    # sha256sum of the five bytes
    assert kept["sha256"] == subprocess.run(
        ["sha256sum"], input=b"five!", capture_output=True, check=True
    ).stdout.decode().split()[0]  # fmt: skip


def test_a_job_that_fails_puts_nothing_on_record_and_takes_back_what_was(tmp_path):
    run(tmp_path, "Path('made.txt').write_text('whole')")
    assert run(tmp_path, "Path('made.txt').write_text('half'); raise JobFailed('The reason.')").returncode == 1
    assert not list((tmp_path / ".snakemake" / "written").rglob("*.json"))
    assert (tmp_path / "log.txt").read_text() == "The reason.\n"


def test_a_log_that_cannot_be_written_is_said_where_the_job_was_started(tmp_path):
    """On a full disk the reason could stand nowhere else."""
    (tmp_path / "log.txt").mkdir()
    ended = run(tmp_path, "pass")
    assert ended.returncode == 1
    assert ended.stderr == "The log log.txt could not be written: Is a directory.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_the_reason_reaches_the_terminal_where_the_log_takes_no_more(tmp_path):
    (tmp_path / "log.txt").symlink_to("/dev/full")
    assert "The reason." in run(tmp_path, "raise JobFailed('The reason.')").stderr


def test_a_job_ends_with_the_process_that_started_it(tmp_path):
    """The process here stands for Snakemake, and starts the job through a shell as Snakemake does."""
    work = "Path('began').write_text(str(os.getpid())); sys.stdout.flush(); __import__('time').sleep(600)"
    (tmp_path / "job.py").write_text(JOB.format(work=work))
    starter = (
        "import os, subprocess, sys; os.environ['STDP_BACKPROP_RUN'] = str(os.getpid());"
        f"subprocess.run(['bash', '-c', 'true; {sys.executable} job.py; true'])"
    )
    with subprocess.Popen([sys.executable, "-c", starter], cwd=tmp_path) as process:
        job = None
        while job is None:
            assert process.poll() is None
            began = tmp_path / "began"
            text = began.read_text() if began.exists() else ""
            job = psutil.Process(int(text)) if text else None
        assert job.is_running()
        process.kill()
    job.wait(timeout=60)
    assert "has ended, so the job ends too" in (tmp_path / "log.txt").read_text()


def test_every_script_of_the_workflow_runs_as_such_a_job():
    """The files of one that does not would be taken for files from elsewhere, and built again each time."""
    scripts = sorted((PROJECT / "workflow" / "scripts").glob("*.py"))
    assert scripts
    runs_as_job = re.compile(r"^    (with job|experiment_job)\(snakemake\b", re.MULTILINE)
    assert [script.name for script in scripts if not runs_as_job.search(script.read_text())] == []
