"""Two runs at once in one folder: the second stops with who is there and what to do; looking is allowed."""

import os
import signal

from background import running, wait_for

TARGET = "relaxation"


def test_a_second_run_names_the_first_and_says_what_to_do(fresh):
    """Snakemake's own words tell to remove the lock, after which both would write the same files."""
    with running(fresh, "--cores", "1", TARGET) as process:
        wait_for(fresh, "logs/relaxation/*.log", process)
        os.kill(process.pid, signal.SIGSTOP)  # so that it is there whatever the speed of this computer
        second = fresh.snakemake("--cores", "1", TARGET)
        looking = fresh.snakemake("--dry-run", TARGET)
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait() == 0
    assert second.returncode != 0
    assert f"Another Snakemake is building in this folder: process {process.pid} on" in second.stdout
    assert "--directory" in second.stdout
    for word in ("unlock", "Traceback"):
        assert word not in second.stdout
    assert looking.returncode == 0
    assert fresh.planned(TARGET) == {}
