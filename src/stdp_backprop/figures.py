"""What all figures share: style, saving, panel letters, colours and names of layers. Nothing of the science."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .files import replacing

STYLE = Path("journal.mplstyle")
"""The style file, beside the notebooks: they run in their own folder, in Jupyter as in the workflow."""

FORMATS = ("png", "pdf", "svg")


def use_style(style: str | Path = STYLE) -> None:
    """Draw with `style` on top of matplotlib's own defaults, so that no personal matplotlibrc changes a figure."""
    mpl.rcdefaults()
    mpl.style.use(style)


def save(figure: Figure, name: str, folder: str | Path, provenance: Mapping[str, Any]) -> list[Path]:
    """Write `figure` to `folder` as name.png, .pdf and .svg, the same bytes each time; the paths written.

    provenance : what the figure was made from (see `stdp_backprop.provenance.summary`), kept as metadata in each file
    """
    origin = json.dumps(dict(provenance), sort_keys=True)
    metadata = {
        "png": {"Title": name, "Description": origin},
        "pdf": {"Title": name, "Subject": origin, "CreationDate": None},
        "svg": {"Title": name, "Description": origin, "Date": None},
    }
    written = []
    with mpl.rc_context({"svg.hashsalt": name}):  # names of clip paths; random without it
        for extension in FORMATS:
            path = Path(folder) / f"{name}.{extension}"
            with replacing(path) as partial:
                figure.savefig(partial, format=extension, metadata=metadata[extension])
            written.append(path)
    return written


def panel_label(ax: Axes, letter: str) -> None:
    """The panel's letter, bold, at the upper left, where the layout keeps room for it."""
    ax.set_title(letter, loc="left", fontweight="bold")


def layer_colours(n_layers: int) -> list[tuple[float, float, float, float]]:
    """One colour per layer, dark for the first and light for the output: ordered for every kind of colour vision."""
    return [tuple(colour) for colour in mpl.colormaps["viridis"](np.linspace(0.0, 0.85, n_layers))]


def layer_label(layer: int, n_layers: int) -> str:
    """What layer 0, 1, … of a network with `n_layers` layers above its input is called."""
    return {0: "input", n_layers: "output"}.get(layer, f"layer {layer}")


def median_and_range(ax: Axes, x: Sequence[float], samples: np.ndarray, *, level: float = 0.95, **line: Any) -> Line2D:
    """Draw the median of `samples` (n_samples, n_x) over `x` and, as a band, the central `level` of the samples."""
    outside = (1 - level) / 2
    low, middle, high = np.quantile(samples, [outside, 0.5, 1 - outside], axis=0)
    (drawn,) = ax.plot(x, middle, **line)
    ax.fill_between(x, low, high, color=drawn.get_color(), alpha=0.2, linewidth=0)
    return drawn
