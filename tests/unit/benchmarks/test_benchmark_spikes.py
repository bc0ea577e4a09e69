"""The benchmark of the spikes compares only what agrees, on trains that mean the same to everyone."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "spikes.py"
PEER = """
import sys
import numpy as np
np.savez(sys.argv[2], weight_change=np.array({weights}), seconds=3.0)
"""


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_of_spikes", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(benchmark, folder, monkeypatch, peer_code):
    """The row of a simulator that is this script, against weights 1 and 2 after 0.5 s."""
    monkeypatch.setattr(benchmark, "PEERS", folder)
    if peer_code is not None:
        python = folder / ".venv-toy" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (folder / "toy_nearest.py").write_text(peer_code)
    return benchmark.peer_row("toy", folder, folder / "none.npz", np.array([1.0, 2.0]), own_seconds=0.5, n_spikes=10)


def test_a_simulator_that_agrees_is_compared(benchmark, tmp_path, monkeypatch):
    assert row(benchmark, tmp_path, monkeypatch, PEER.format(weights="[1.0, 2.0]"))["ratio"] == pytest.approx(0.5 / 3.0)


@pytest.mark.parametrize(
    ("peer_code", "note"),
    [
        (None, "not installed: make benchmark-peers"),
        (PEER.format(weights="[1.0, 2.1]"), r"differ by up to 1.0e-01: no comparison"),
        (PEER.format(weights="[1.0, float('nan')]"), r"differ by up to nan: no comparison"),
        ("raise ValueError('no kernel')", "failed: ValueError: no kernel"),
    ],
)
def test_a_simulator_that_is_missing_or_wrong_is_not_compared(benchmark, tmp_path, monkeypatch, peer_code, note):
    """A fast wrong answer would look like a peer that is ahead."""
    found = row(benchmark, tmp_path, monkeypatch, peer_code)
    assert found["ratio"] is None
    assert note in found["note"]


def test_simulators_get_the_same_trains_on_their_grid_without_coincidences(benchmark, tmp_path):
    """Simulators disagree about coincident spikes, and a train off the grid would be another train."""
    path, (pre, post) = benchmark.trains_on_a_grid(tmp_path)
    with np.load(path, allow_pickle=False) as spikes:
        for name, trains in (("pre", pre), ("post", post)):
            np.testing.assert_array_equal(spikes[f"{name}_pair"], trains.trial)
            np.testing.assert_allclose(spikes[f"{name}_step"] * float(spikes["step_ms"]), trains.times_ms)
            assert trains.times_ms.size > 15_000
        both = np.concatenate([spikes[f"{name}_pair"] * 10**6 + spikes[f"{name}_step"] for name in ("pre", "post")])
    assert np.unique(both).size == both.size
