"""An accepted configuration builds everything, without a NaN; any other is rejected with a message."""

import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from configurations import SCHEMA, configurations, keys, small
from conftest import Project, fresh_copy
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pipeline import Unexplained, build, figures

from stdp_backprop.config import InvalidConfiguration, validate

EXAMPLES = "STDP_BACKPROP_EXAMPLES"
"""Environment variable: how many accepted configurations the slow test builds."""
THROUGH_SNAKEMAKE = 20
"""One in this many is built by Snakemake as well, in about twenty jobs."""
FIGURES = sorted(figures(validate(small())))
NOT_AT_REST = ("max|R(s) - s| is", "free_sweeps, or lower")
"""Messages of a job, or of the check of its result, where a network does not come to rest, which no schema can know."""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, Path]:
    """The files of all builds so far, by what they depend on; to begin with, those of the small configuration."""
    files: dict[str, Path] = {}
    assert not build(validate(small()), tmp_path_factory.mktemp("small"), files)
    return files


def is_built_or_rejected(raw, built, tmp_path_factory) -> bool:
    """Whether the configuration was accepted; then all of it was built."""
    try:
        configuration = validate(raw)
    except InvalidConfiguration as rejection:
        known = {".".join(map(str, place)) for place, _, _ in keys(raw, SCHEMA)}
        for line in rejection.errors:
            assert any(line.startswith(key) for key in known), line
        return False
    try:
        reason = build(configuration, tmp_path_factory.mktemp("generated"), built)
    except Unexplained as error:
        reason = str(error)
    assert not reason or is_not_at_rest(reason), reason
    return True


def is_not_at_rest(text: str) -> bool:
    return any(words in text for words in NOT_AT_REST)


def run_examples(number: int, built, tmp_path_factory, *, wanted: float = np.inf, phases=tuple(Phase)) -> int:
    """How many of `number` configurations were accepted and built; no more are drawn once `wanted` were."""
    accepted = 0

    @settings(
        max_examples=number,
        phases=phases,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(configurations())
    def any_configuration(raw):
        nonlocal accepted
        if accepted < wanted:
            accepted += is_built_or_rejected(raw, built, tmp_path_factory)

    any_configuration()
    return accepted


def test_a_few_random_configurations_are_built_or_rejected(built, tmp_path_factory):
    """A number in a table, or a traceback in a job, would depend on which keys a reader happens to change."""
    assert run_examples(10, built, tmp_path_factory) >= 1


@pytest.mark.slow
@pytest.mark.skipif(EXAMPLES not in os.environ, reason=f"an hour or more: {EXAMPLES}=200 make test-slow")
def test_many_random_configurations_are_built_or_rejected(built, tmp_path_factory):
    """The same, for as many as time allows, and without shrinking, which would take as long again."""
    wanted = int(os.environ[EXAMPLES])
    accepted = run_examples(4 * wanted, built, tmp_path_factory, wanted=wanted, phases=[Phase.generate])
    assert accepted == wanted


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return fresh_copy(tmp_path_factory.mktemp("project") / "project")


@pytest.mark.slow
def test_one_in_twenty_random_configurations_is_built_by_snakemake_as_well(project, tmp_path_factory):
    """The rules name files, parameters and checks once more; no build in one process sees an error in them."""
    wanted = int(os.environ.get(EXAMPLES, THROUGH_SNAKEMAKE))
    accepted = 0

    # without shrinking, which would run Snakemake again and again
    @settings(
        max_examples=4 * wanted,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(configurations(), st.sampled_from(FIGURES))
    def any_configuration(raw, figure):
        nonlocal accepted
        if accepted == wanted:
            return
        try:
            validate(raw)
        except InvalidConfiguration:
            return
        accepted += 1
        if accepted % THROUGH_SNAKEMAKE == 0:
            is_built_by_snakemake(raw, figure, project, tmp_path_factory.mktemp("generated"))

    any_configuration()
    assert accepted == wanted


def is_built_by_snakemake(raw, figure: str, project: Project, folder: Path) -> None:
    """The claims and one figure. Entries can be left out of config.yaml alone: another file is laid over it."""
    (project.folder / "config.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False))
    run = project.snakemake("claims", figure, "--cores", "1", "--directory", str(folder), quick=False)
    if not is_not_at_rest(run.stdout):
        assert run.returncode == 0, f"{raw}\n{run.stdout}"
        assert (folder / "results" / "claims.json").is_file()
        assert (folder / "results" / "figures" / f"{figure}.png").is_file()
