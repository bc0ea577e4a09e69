"""A Snakemake that runs while a test goes on, and ways to wait for a moment of it without guessing at times."""

import signal
import subprocess
import time
from pathlib import Path


class running:
    """A Snakemake in the background, in a process group of its own as a terminal would start it.

    What it says stands in the file `said` of the project's folder.
    """

    def __init__(self, project, *arguments, **variables):
        self._project, self._arguments, self._variables = project, arguments, variables

    def __enter__(self) -> subprocess.Popen:
        with (self._project.folder / "said").open("w") as said:
            self._process = subprocess.Popen(
                self._project.command(*self._arguments),
                cwd=self._project.folder,
                env=self._project.environment(**self._variables),
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # where the tests themselves run in the background, a shell may have told all of them to ignore Ctrl-C
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        return self._process

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def wait_for(project, pattern: str, process: subprocess.Popen, text: str = "") -> Path:
    """The first file of the project that matches `pattern` and holds `text`, once there is one."""

    def found():
        return next((path for path in project.folder.glob(pattern) if text in path.read_text(errors="replace")), None)

    def ended():
        return process.poll() is not None and found() is None

    wait_until(lambda: found() or ended())
    path = found()
    assert path, f"Snakemake ended before there was {pattern}: {(project.folder / 'said').read_text()}"
    return path


def wait_until(condition, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
