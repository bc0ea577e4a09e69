"""Configuration files and result files are data: nothing in them is executed, whatever they ask for."""

import ast
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from stdp_backprop.pipeline.io import UnreadableResult, load

ROOT = Path(__file__).resolve().parents[2]
YAML = {
    "a call": "seed: !!python/object/apply:os.system ['touch executed']\n",
    "a name": "seed: !!python/name:os.system\n",
}


@pytest.mark.parametrize("name", YAML)
@pytest.mark.parametrize("place", ["config.yaml", "mine.yaml", "config/sweep.yaml"])
def test_code_in_a_configuration_is_rejected_and_not_run(fresh, name, place):
    (fresh.folder / place).write_text(YAML[name])
    given = ("--configfile", place) if place == "mine.yaml" else ()
    target = ("sweep",) if "sweep" in place else ()
    run = fresh.fails("--dry-run", *target, *given, quick=False)
    assert "YAML" in run.stdout
    assert not (fresh.folder / "executed").exists()


def test_templates_with_python_in_config_yaml_are_rejected_and_not_run(fresh):
    """Snakemake would run them where a file says `__use_yte__: true`; ours are read by us first."""
    fresh.append("config.yaml", '\n__use_yte__: true\n\'?__import__("os").system("touch executed")\': 1\n')
    run = fresh.fails("--dry-run", quick=False)
    assert "__use_yte__" in run.stdout
    assert not (fresh.folder / "executed").exists()


class Touch:
    """Pickled, this makes a file as soon as it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickled_object_in_a_netcdf_file_stays_bytes(tmp_path):
    """As an attribute, and as a variable of variable-length bytes, which is how HDF5 keeps objects."""
    code = np.frombuffer(pickle.dumps(Touch(tmp_path / "executed")), dtype="uint8")
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file.attrs["configuration"] = np.void(code.tobytes())
        variable = file.create_dataset("state", (1,), dtype=h5py.vlen_dtype(np.dtype("uint8")))
        variable[0] = code
        unit = file.create_dataset("unit", data=[0.0])
        unit.make_scale("unit")
        variable.dims[0].attach_scale(unit)
    try:
        dataset = load(tmp_path / "a.nc")
    except UnreadableResult:
        dataset = None
    assert not (tmp_path / "executed").exists()
    assert dataset is None or "state" not in dataset or dataset["state"].values[0].tobytes() == code.tobytes()


def test_an_array_file_of_pickled_objects_is_no_result(tmp_path):
    np.save(tmp_path / "a.npy", np.array([Touch(tmp_path / "executed")], dtype=object), allow_pickle=True)
    (tmp_path / "a.npy").rename(tmp_path / "a.nc")
    with pytest.raises(UnreadableResult, match="truncated or not a NetCDF file"):
        load(tmp_path / "a.nc")
    assert not (tmp_path / "executed").exists()


READERS_OF_CODE = {"eval", "exec", "compile", "pickle", "dill", "marshal", "shelve", "allow_pickle"}


def words_of(tree):
    """What the code calls by its plain name, imports, and passes by keyword."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def test_no_source_file_evaluates_text_or_unpickles():
    folders = (ROOT / "src", ROOT / "workflow", ROOT / "tests" / "results")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    assert files
    assert [path for path in files if READERS_OF_CODE & set(words_of(ast.parse(path.read_text())))] == []
