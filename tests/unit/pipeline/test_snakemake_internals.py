"""What is used of Snakemake beyond its documentation is there, in the versions that pyproject.toml admits."""

import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from snakemake.api import Workflow  # snakemake.workflow cannot be imported first
from snakemake.modules import WorkflowModifier
from snakemake.settings.types import ConfigSettings
from snakemake.sourcecache import HostingProviderFile, SourceFile

from stdp_backprop.pipeline.snakemake_internals import use_python_without_quotes

ROOT = Path(__file__).resolve().parents[3]


def test_the_next_major_version_is_not_admitted_before_somebody_has_looked():
    """An attribute that is not documented may go with it."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    (requirement,) = [line.strip().strip('",') for line in lines if '"snakemake>=' in line]
    admitted = Requirement(requirement).specifier
    assert version("snakemake") in admitted
    assert "10.0" not in admitted


def test_the_attributes_are_those_of_this_snakemake():
    assert isinstance(Workflow.is_main_process, property)
    assert isinstance(Workflow.current_basedir, property)
    assert {"config", "configfiles"} <= set(ConfigSettings.__dataclass_fields__)
    assert "overwrite_workdir" in Workflow.__dataclass_fields__
    assert isinstance(SourceFile.is_local, property)
    assert isinstance(HostingProviderFile.hosted_repo, property)
    assert "skip_configfile" in WorkflowModifier.__init__.__code__.co_names


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
