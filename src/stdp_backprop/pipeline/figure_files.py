"""Files of figures: PNG, PDF and SVG, the same bytes each time."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from .io import replacing

FORMATS = ("png", "pdf", "svg")


def save(figure: Figure, name: str, folder: str | Path, provenance: Mapping[str, Any]) -> list[Path]:
    """Write `figure` to `folder` as name.png, .pdf and .svg, the same bytes each time; the paths written.

    provenance : what the figure was made from (see `pipeline.provenance.summary`), kept as metadata in each file
    """
    origin = json.dumps(dict(provenance), sort_keys=True)
    metadata = {
        "png": {"Title": name, "Description": origin},
        "pdf": {"Title": name, "Subject": origin, "CreationDate": None},
        "svg": {"Title": name, "Description": origin, "Date": None},
    }
    written = []
    on_screen, in_file = figure.dpi, mpl.rcParams["savefig.dpi"]
    figure.dpi = on_screen if in_file == "figure" else in_file  # texts are measured once for the layout and the PNG
    _drop_minor_ticks(figure)
    _make_layout(figure)
    with mpl.rc_context({"svg.hashsalt": name, **NO_LAYOUT}):  # the names of clip paths would be random without a salt
        figure.set_layout_engine(None)
        for extension in FORMATS:
            path = Path(folder) / f"{name}.{extension}"
            with replacing(path) as partial:
                figure.savefig(partial, format=extension, metadata=metadata[extension])
            written.append(path)
    figure.dpi = on_screen
    return written


NO_LAYOUT = {"figure.constrained_layout.use": False, "figure.autolayout": False}
"""Where this holds, the engine `None` is none. A placeholder for one would have every format drawn twice."""


def _drop_minor_ticks(figure: Figure) -> None:
    """Leave the decades alone on long logarithmic axes: the ticks between them take a third of the time to draw."""
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) if axis.get_scale() == "log"):
        low, high = sorted(axis.get_view_interval())
        if high >= 1000 * low:
            axis.set_minor_locator(NullLocator())


def _make_layout(figure: Figure) -> None:
    """Place the axes, to six digits: the last bits that the solver of a layout finds vary between runs."""
    if figure.get_layout_engine() is not None:
        figure.get_layout_engine().execute(figure)
    for ax in figure.axes:
        ax.set_position(np.round(ax.get_position(original=True).bounds, 6))
