"""An accepted configuration builds everything, with a number in every place; any other is rejected in words."""

import os
from pathlib import Path

import pytest
from configurations import SCHEMA, configurations, keys, small
from hypothesis import HealthCheck, given, settings
from pipeline import build

from stdp_backprop.config import InvalidConfiguration, validated

EXAMPLES = "STDP_BACKPROP_EXAMPLES"
"""Environment variable: how many accepted configurations the slow test builds."""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, Path]:
    """The files of all builds so far, by what they depend on; to begin with, those of the small configuration."""
    files: dict[str, Path] = {}
    assert not build(validated(small()), tmp_path_factory.mktemp("small"), files)
    return files


def is_built_or_rejected(raw, built, tmp_path_factory) -> bool:
    """Whether the configuration was accepted; then all of it was built."""
    try:
        configuration = validated(raw)
    except InvalidConfiguration as rejection:
        known = {".".join(map(str, place)) for place, _, _ in keys(raw, SCHEMA)}
        for line in rejection.errors:
            assert any(line.startswith(key) for key in known), line
        return False
    reason = build(configuration, tmp_path_factory.mktemp("generated"), built)
    assert not reason or "max|R(s) - s| is" in reason, reason
    return True


def run_examples(number: int, built, tmp_path_factory) -> int:
    accepted = 0

    @settings(
        max_examples=number, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(configurations())
    def any_configuration(raw):
        nonlocal accepted
        accepted += is_built_or_rejected(raw, built, tmp_path_factory)

    any_configuration()
    return accepted


def test_a_few_random_configurations_are_built_or_rejected(built, tmp_path_factory):
    """A number in a table, or a traceback in a job, would depend on which keys a reader happens to change."""
    assert run_examples(10, built, tmp_path_factory) >= 1


@pytest.mark.slow
@pytest.mark.skipif(EXAMPLES not in os.environ, reason=f"an hour or more: {EXAMPLES}=200 make test-slow")
def test_many_random_configurations_are_built_or_rejected(built, tmp_path_factory):
    """The same, for as many as time allows."""
    wanted = int(os.environ[EXAMPLES])
    assert run_examples(4 * wanted, built, tmp_path_factory) >= wanted
