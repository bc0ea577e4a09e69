"""What is used of Snakemake beyond its documentation: which versions are admitted, and what we change in it."""

import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

from stdp_backprop.pipeline.snakemake_internals import use_python_without_quotes

ROOT = Path(__file__).resolve().parents[3]


def test_the_next_major_version_is_not_admitted_before_somebody_has_looked():
    """An attribute that is not documented may go with it."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    (requirement,) = [line.strip().strip('",') for line in lines if '"snakemake>=' in line]
    admitted = Requirement(requirement).specifier
    assert version("snakemake") in admitted
    assert "10.0" not in admitted


def test_a_python_whose_path_the_shell_would_take_apart_is_called_through_a_link(tmp_path, monkeypatch):
    python = tmp_path / "people's own" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    state = tmp_path / "state"
    state.mkdir()
    for _ in range(2):  # a second run finds the link there
        monkeypatch.setattr(sys, "executable", str(python))
        use_python_without_quotes(state)
        path = sys.executable
        monkeypatch.undo()
        assert shlex.quote(path) == path
        assert Path(path).parent.samefile(python.parent)
