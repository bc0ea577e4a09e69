"""Other code paths of this processor, which round as another processor does: other bytes, the same findings."""

import json
from pathlib import Path

import pytest

from stdp_backprop.pipeline.readme import read, with_results
from stdp_backprop.pipeline.verify import REFERENCE, differences, summary

PATHS = {
    "numpy without vector instructions": {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"},
    "linear algebra of an old processor": {"OPENBLAS_CORETYPE": "Nehalem"},
    "two threads": {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
}


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_verdicts_and_summaries_are_the_same(fresh, built, path):
    fresh.succeeds("--cores", "2", "claims", **PATHS[path])
    assert list(differences(summary(fresh.folder / "results"), summary(built.folder / "results"))) == []


@pytest.mark.slow
def test_linear_algebra_of_an_old_processor_gives_other_bytes(fresh, built):
    """Else the test above would compare a code path with itself."""
    file = "results/early_inference/logistic.nc"
    fresh.succeeds("--cores", "2", file, **PATHS["linear algebra of an old processor"])
    assert (fresh.folder / file).read_bytes() != (built.folder / file).read_bytes()


@pytest.mark.slow
def test_the_shipped_configuration_gives_what_is_on_record_and_what_the_documents_say(fresh):
    """All experiments of config.yaml, as `make readme` and `make verify` need them."""
    fresh.succeeds("--cores", "2", "claims", quick=False)
    results = fresh.folder / "results"
    assert list(differences(summary(results), json.loads(REFERENCE.read_text(encoding="utf-8")))) == []
    documents = read(Path(__file__).resolve().parents[2])
    assert with_results(documents, results) == documents, "run `make readme` after a build"
