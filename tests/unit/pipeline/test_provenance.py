"""A result says where it comes from. Expected commits: what git itself says of a small repository."""

import json
import os
import shutil
import subprocess

import pytest

from stdp_backprop.pipeline.provenance import commit, origins, provenance, summary


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("1")
    git(tmp_path, "add", "file")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "first")
    return tmp_path


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_the_full_hash_and_tells_of_changes(repository):
    """With a hash alone a reader would look for the result's code in a commit that does not hold it."""
    full = git(repository, "rev-parse", "HEAD")
    assert commit(repository) == full
    (repository / "file").write_text("2")
    assert commit(repository) == f"{full}-dirty"


def test_a_copy_without_git_is_not_given_the_commit_of_a_repository_around_it(repository):
    (repository / "copy").mkdir()
    assert commit(repository / "copy") == "unknown"


def test_a_repository_named_in_the_environment_is_not_taken_for_the_projects(repository, tmp_path_factory, monkeypatch):
    """As in a hook of git, which sets GIT_DIR for all it starts."""
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "--quiet")
    expected = git(repository, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert commit(repository) == expected


def program(folder, name, text):
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_a_checkout_of_another_owner_is_read_all_the_same(repository, tmp_path, monkeypatch):
    """git refuses it; the switch by which git's own tests make it do so stands for the other owner."""
    expected = git(repository, "rev-parse", "HEAD")
    stranger = f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"'
    monkeypatch.setenv("PATH", program(tmp_path / "bin", "git", stranger))
    refused = subprocess.run(["git", "describe", "--always"], cwd=repository, capture_output=True, text=True)
    assert "dubious ownership" in refused.stderr
    assert commit(repository) == expected


def test_a_repository_that_git_does_not_read_is_recorded_with_the_reason(repository, tmp_path, monkeypatch):
    """A bare "unknown" would pass for a copy without git."""
    monkeypatch.setenv("PATH", program(tmp_path / "bin", "git", "echo fatal: not today >&2; exit 128"))
    assert commit(repository) == "unknown (fatal: not today)"
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert commit(repository).startswith("unknown (")
    assert "git" in commit(repository)


def test_a_result_carries_the_settings_of_the_results_it_was_made_from(tmp_path):
    first = provenance(3, {"relaxation": {"step": 0.5}}, tmp_path)
    second = provenance(3, {"early_inference": {"nudges": [0.1]}}, tmp_path, sources=[first])
    assert json.loads(second["configuration"]) == {"relaxation": {"step": 0.5}, "early_inference": {"nudges": [0.1]}}
    assert second["seed"] == 3


def test_the_summary_of_several_results_does_not_depend_on_their_order(tmp_path):
    """Figures carry it, and figures are compared byte by byte."""
    one = provenance(3, {"relaxation": {"gain": 0.5}}, tmp_path)
    two = provenance(3, {"relaxation": {"gain": 2.0}}, tmp_path)
    assert summary([one, two]) == summary([two, one])
    assert summary([one])["configuration_sha256"] != summary([two])["configuration_sha256"]


def test_results_of_several_origins_are_said_to_be_mixed():
    """The site names every seed and version that occurs, and warns where there are two."""
    recorded = {"seed": 3, "commit": "abc", "package_version": "1", "python_version": "3.11.7"}
    one, other = ({**recorded, "library_versions": json.dumps({"numpy": number})} for number in ("2.1", "2.2"))
    assert origins({"limits": [one, one]}) == {
        "seed": "3",
        "mixed": False,
        "origin": {"commit": "abc", "package version": "1", "Python": "3.11.7", "numpy": "2.1"},
        "commits": {"limits": ["abc"]},
    }
    both = origins({"limits": [other], "learning": [{**one, "seed": 2}]})
    assert both["seed"] == "2, 3"
    assert both["mixed"]
    assert both["origin"]["numpy"] == "2.1, 2.2"
    older = {**one, "library_versions": "{}"}
    assert origins({"limits": [one, older]})["origin"]["numpy"] == "2.1, absent"
