"""Whatever is killed, and whenever: the next run goes on, finishes, and every file has the bytes of a quiet build."""

import json
import os
import signal

import psutil
import pytest
from background import running, wait_for, wait_until
from notebook_stub import FIGURE, write_notebook

TARGET = "gradient_correlation"
EXPERIMENTS = ("relaxation", "early_inference", "gradient_correlation")
FILES = "src/stdp_backprop/pipeline/io.py"
JOBS = "src/stdp_backprop/pipeline/jobs.py"
REPLACE = "        os.replace(partial, path)\n"
RECORD = "        records.record(snakemake.output)\n"
HOLD = "import pathlib as p, threading as t; p.Path('held').write_text(f'{os.getpid()}\\n'); t.Event().wait()"


def assert_finishes_as_if_nothing_had_happened(project, built):
    run = project.succeeds("--cores", "2", TARGET)
    assert "when its job had written it" not in run.stdout  # an interrupted job is no damage
    products, expected = project.products(), built.products()
    names = {name for name in expected if name.split("/")[-2 if "/" in name else 0] in EXPERIMENTS}
    names |= {f"checks/{experiment}.txt" for experiment in EXPERIMENTS}
    assert set(products) == names
    assert not [name for name in names if products[name] != expected[name]]
    assert project.planned(TARGET) == {}


def hold(project, file, line):
    """Have jobs in the copy stop for ever before `line` of `file`, with their number in the file `held`."""
    indent = line[: len(line) - len(line.lstrip())]
    project.edit(file, line, f"{indent}{HOLD}\n{line}")


@pytest.mark.slow
def test_a_build_that_is_killed_again_and_again_loses_nothing(built, fresh):
    """While a job computes, when a result has just appeared, while a check runs: each time with `kill -9`."""
    moments = ["logs/relaxation/*.log", "results/relaxation/*.nc", "results/early_inference/*.nc", "logs/check/*.log"]
    for moment in moments:
        with running(fresh, "--cores", "2", TARGET) as process:
            wait_for(fresh, moment, process)
            process.kill()
            process.wait()
        for file in fresh.folder.glob(moment):
            file.unlink()
    assert_finishes_as_if_nothing_had_happened(fresh, built)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line"), [(FILES, REPLACE), (JOBS, RECORD)], ids=["before the file is there", "before it is on record"]
)
def test_a_build_killed_in_the_middle_of_writing_leaves_nothing_that_passes_for_a_result(built, fresh, file, line):
    original = (fresh.folder / file).read_text()
    hold(fresh, file, line)
    with running(fresh, "--cores", "1", TARGET) as process:
        job = int(wait_for(fresh, "held", process, text="\n").read_text())
        process.kill()
        process.wait()
    wait_until(lambda: not psutil.pid_exists(job))
    (fresh.folder / file).write_text(original)
    assert fresh.planned(TARGET)["run_relaxation"] == 3
    assert not list((fresh.folder / "results").rglob(".*"))
    (fresh.folder / "held").unlink()
    assert_finishes_as_if_nothing_had_happened(fresh, built)


def test_no_job_outlives_a_snakemake_that_was_killed(fresh):
    """It could write a result of the old configuration when the next run has begun with a new one."""
    hold(fresh, FILES, REPLACE)
    with running(fresh, "--cores", "1", "results/relaxation/tanh.nc") as process:
        job = int(wait_for(fresh, "held", process, text="\n").read_text())
        assert psutil.Process(job).is_running()
        process.kill()
        process.wait()
    wait_until(lambda: not psutil.pid_exists(job), seconds=30)
    assert "has ended, so the job ends too" in (fresh.folder / "logs" / "relaxation" / "tanh.log").read_text()
    assert not list((fresh.folder / "results").rglob("*.nc"))


def test_a_job_that_is_killed_is_named_and_runs_again(built, fresh):
    """As the system does when memory runs out: without a word in the log."""
    hold(fresh, FILES, REPLACE)
    target = "results/relaxation/tanh.nc"
    with running(fresh, "--cores", "1", target) as process:
        os.kill(int(wait_for(fresh, "held", process, text="\n").read_text()), signal.SIGKILL)
        wait_until(lambda: process.poll() is not None)
    said = (fresh.folder / "said").read_text()
    assert "1 job failed:" in said
    assert "run_relaxation tanh" in said
    assert "logs/relaxation/tanh.log" in said
    assert "Traceback" not in said
    assert not (fresh.folder / target).exists()
    fresh.edit(FILES, HOLD, "pass")
    fresh.succeeds("--cores", "1", target)
    assert (fresh.folder / target).read_bytes() == (built.folder / target).read_bytes()


@pytest.mark.parametrize("group", [True, False], ids=["Ctrl-C in a terminal", "SIGINT to Snakemake alone"])
def test_an_interrupted_build_says_how_to_go_on_and_does(built, fresh, group):
    target = "results/early_inference/tanh.nc"
    with running(fresh, "--cores", "1", target) as process:
        wait_for(fresh, "logs/relaxation/tanh.log", process, text="begins")
        (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
        wait_until(lambda: process.poll() is not None)
    assert process.returncode != 0
    said = (fresh.folder / "said").read_text()
    assert "same command" in said
    assert "Traceback" not in said
    assert "unlock" not in said
    fresh.succeeds("--cores", "1", target)
    assert (fresh.folder / target).read_bytes() == (built.folder / target).read_bytes()


def test_a_notebook_whose_kernel_is_killed_fails_in_words_and_runs_again(copy_of_built):
    write_notebook(copy_of_built, FIGURE, draw="import os, signal\n\nos.kill(os.getpid(), signal.SIGKILL)")
    run = copy_of_built.fails("--cores", "1", FIGURE)
    assert "its kernel ended" in run.stdout
    assert "memory" in run.stdout
    assert "Traceback" not in run.stdout
    assert json.loads((copy_of_built.folder / "results" / "notebooks" / f"{FIGURE}.ipynb").read_text())["cells"]
    write_notebook(copy_of_built, FIGURE)
    copy_of_built.succeeds("--cores", "1", FIGURE)
