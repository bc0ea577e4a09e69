"""Result files: written completely or not at all, with reproducible bytes; unreadable files give clear errors."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr


class UnreadableResult(ValueError):
    """A result file that is missing, truncated or of another format. The message names the file and the remedy."""


class NotWritten(OSError):
    """A file that the system could not write. The message names the file, the reason and the remedy."""


UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR}
"""System errors that concern the place to which a file is written, not its content."""


def _reason_not_written(error: OSError) -> str:
    """The system's reason for not writing; empty if `error` concerns something else."""
    return os.strerror(error.errno) if error.errno in UNWRITABLE else ""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it takes the place of `path` once the block has ended well.

    The name holds the process number: a job that outlived a killed Snakemake and its successor write to different
    files. What such a job left behind is removed first; should it still run, its own renaming fails, and the file
    of its successor, which has the same content, stays. Raises NotWritten if the system cannot write.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left_behind in path.parent.glob(f".{path.name}.*.partial"):
            left_behind.unlink(missing_ok=True)
        yield partial
        os.replace(partial, path)
    except OSError as error:
        if not (reason := _reason_not_written(error)):
            raise
        raise NotWritten(
            f"{path} could not be written: {reason}. No incomplete file is left. Free some space or make the "
            "folder writable, then run the same command again; it continues where it stopped."
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, completely or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


LARGE = 100_000
"""Bytes from which an array is worth compressing: below, the index of its chunks takes up what is saved."""


def save(dataset: "xr.Dataset", path: str | Path, attributes: Mapping[str, str | int]) -> None:
    """Write `dataset` as NetCDF to `path`, with `attributes` (see `provenance`) beside its own.

    Large arrays are compressed, at the lowest level: higher ones save hardly more and take longer. h5netcdf writes the
    same bytes each time, netCDF4 does not; to read, netCDF4 needs an eighth of the time for a file of many variables.
    The bytes are made in memory: where a disk is full, HDF5 cannot close the file that it writes and brings down the
    whole process, with nothing said.
    """
    labelled = dataset.assign_attrs({**dataset.attrs, **attributes})
    compressed = {"zlib": True, "shuffle": True, "complevel": 1}
    encoding = {name: compressed for name, array in dataset.data_vars.items() if array.nbytes > LARGE}
    # The view that xarray returns is released here whatever happens: should the collector find it in a reference cycle
    # (a traceback is enough), it frees the buffer under it, and Python raises BufferError or crashes. Path.write_bytes
    # would leave a second view in its own frame.
    with (
        labelled.to_netcdf(engine="h5netcdf", encoding=encoding) as content,
        replacing(path) as partial,
        partial.open("wb") as file,
    ):
        file.write(content)


def load(path: str | Path, part: "Callable[[xr.Dataset], xr.Dataset] | None" = None) -> "xr.Dataset":
    """The dataset in the NetCDF file at `path`, in memory. Raises UnreadableResult.

    part : takes what is wanted of the dataset; only that is read from the disk. None: all
    """
    import xarray as xr  # half a second, which jobs that only write text are spared

    path = Path(path)
    if not path.is_file():
        raise UnreadableResult(f"{path} does not exist; build it first: snakemake --cores all {path}")
    try:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            return (part(dataset) if part else dataset).load()
    except (OSError, ValueError, KeyError, RuntimeError) as error:  # what HDF5 makes of missing or foreign bytes
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableResult(
            f"{path} is truncated or not a NetCDF file ({reason}); delete it and build it again: "
            f"rm {path} && snakemake --cores all {path}"
        ) from error


def attributes_of(path: str | Path) -> dict[str, Any]:
    """What the NetCDF file at `path` records of its origin, without its arrays (see `provenance`)."""
    import netCDF4

    with netCDF4.Dataset(path) as dataset:
        return dict(dataset.__dict__)


def load_conditions(
    folder: str | Path, names: Iterable[str] | None = None, part: "Callable[[xr.Dataset], xr.Dataset] | None" = None
) -> "dict[str, xr.Dataset]":
    """Condition -> its result in `folder`, or the `part` of it, in the order of `names`; without names, all there.

    The workflow names what is configured, so that a file left by another configuration is not drawn. Without names,
    as in Jupyter, such files are noticed where their seed differs. Raises UnreadableResult.
    """
    if names is None and not (names := sorted(path.stem for path in Path(folder).glob("[!.]*.nc"))):
        raise UnreadableResult(f"{folder} contains no results; build everything first: snakemake --cores all")
    found = {name: load(Path(folder, f"{name}.nc"), part) for name in names}
    by_seed: dict[int, list[str]] = {}
    for name, dataset in found.items():
        by_seed.setdefault(int(dataset.attrs["seed"]), []).append(name)
    if len(by_seed) > 1:
        listed = "; ".join(f"{seed}: {', '.join(conditions)}" for seed, conditions in sorted(by_seed.items()))
        raise UnreadableResult(f"{folder} contains results of different seeds ({listed}); name the ones to be used")
    return found
