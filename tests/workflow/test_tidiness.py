"""Formatters, linters and the import contract have nothing to say."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

COMMANDS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "snakefmt": ["snakefmt", "--check", "Snakefile", "workflow"],
    "snakemake --lint": ["snakemake", "--lint"],
    "lint-imports": ["lint-imports"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_it_is_clean(name):
    program, *arguments = COMMANDS[name]
    run = subprocess.run([BIN / program, *arguments], cwd=ROOT, text=True, capture_output=True)
    assert run.returncode == 0, run.stdout + run.stderr
