"""What all figures share: style, panel letters, colours and names of layers. Nothing of the science."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..experiments.labels import GAP_REASON

STYLE = Path("journal.mplstyle")
"""The style file, beside the notebooks: they run in their own folder, in Jupyter as in the workflow."""


def use_style(style: str | Path = STYLE) -> None:
    """Draw with `style` on top of matplotlib's own defaults, so that no personal matplotlibrc changes a figure."""
    mpl.rcdefaults()
    mpl.style.use(style)
    # a figure that grows over several cells is shown once, by `plt.show()`, and not empty by the first of them; the
    # backend comes first because loading it, in a notebook, turns this on again
    plt.switch_backend(mpl.get_backend())
    plt.ioff()


def panel_label(ax: Axes, letter: str) -> None:
    """The panel's letter, bold, at the upper left, where the layout keeps room for it."""
    ax.set_title(letter, loc="left", fontweight="bold")


def layer_colours(n_layers: int) -> list[tuple[float, float, float, float]]:
    """One colour per layer, dark for the first and light for the output: ordered for every kind of colour vision."""
    return [tuple(colour) for colour in mpl.colormaps["viridis"](np.linspace(0.0, 0.85, n_layers))]


def layer_label(layer: int, n_layers: int) -> str:
    """What layer 0, 1, … of a network with `n_layers` layers above its input is called."""
    return {0: "input", n_layers: "output"}.get(layer, f"layer {layer}")


def median_and_range(ax: Axes, x: Sequence[float], samples: np.ndarray, **line: Any) -> Line2D:
    """Draw the median of `samples` (n_samples, n_x) over `x` and, as a band, the central 95 % of the samples.

    A sample that is NaN at some x has no value there, as the direction of a gradient that is exactly 0 has none: the
    others count. Where none has a value, there is a gap.
    """
    samples = np.asarray(samples)
    known = ~np.isnan(samples).all(axis=0)
    low, middle, high = ranges = np.full((3, samples.shape[1]), np.nan)
    ranges[:, known] = np.nanquantile(samples[:, known], [0.025, 0.5, 0.975], axis=0)
    (drawn,) = ax.plot(x, middle, **line)
    ax.fill_between(x, low, high, color=drawn.get_color(), alpha=0.2, linewidth=0)
    return drawn


def nothing_drawn(panel: Axes, reason: str) -> bool:
    """Whether none of the lines on `panel` has a point that its axes can show; then `reason` stands there instead.

    To be asked between the data and the guides to the eye. A logarithmic axis without a point cannot be drawn at all.
    """
    logarithmic = panel.get_yscale() == "log"
    values = [np.asarray(line.get_ydata(), dtype=float) for line in panel.lines]
    if any(np.any(np.isfinite(y) & ((y > 0) | (not logarithmic))) for y in values):
        return False
    width = panel.get_window_extent().width / panel.figure.dpi
    words = fill(f"Nothing to draw: {reason}", max(20, round(18 * width)))
    panel.text(0.5, 0.5, words, transform=panel.transAxes, ha="center", va="center", fontsize=6, color="0.35")
    panel.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    return True


def gap_reason(conditions: Mapping[str, xr.Dataset], name: str) -> str:
    """Why the variable `name` has gaps, by the first of the conditions in which it has any."""
    reasons = (data[name].attrs.get(GAP_REASON) for data in conditions.values())
    return f"{name} is {next(filter(None, reasons), 'zero')}"


def number_or(missing: str, value: float, form: str) -> str:
    """`value` in this format, or the word for one that is not defined."""
    return f"{value:{form}}" if np.isfinite(value) else missing


def example(conditions: Mapping[str, Any], preferred: str) -> str:
    """The condition that a panel with room for one shows: `preferred` if it is there, otherwise the first."""
    return preferred if preferred in conditions else next(iter(conditions))


def largest_distance(found: Any, expected: Any, error: Any, of: str) -> str:
    """In words: the largest distance from what was expected, in standard errors, and how many values have none.

    error : standard errors; one is missing where nothing was counted and 0 where all that was counted is alike
    of : what one value is called, in the plural
    """
    found, expected, error = (np.asarray(values, dtype=float) for values in (found, expected, error))
    known = np.isfinite(found) & (error > 0)
    if not known.any():
        return f"unknown: none of the {known.size} {of} has a standard error"
    largest = np.max(np.abs(found - expected)[known] / error[known])
    without = f" (without {np.sum(~known)} that have no standard error)" if not known.all() else ""
    return f"{largest:.1f} standard errors in {known.size} {of}{without}"


def scientific(value: float) -> str:
    """`value` to two digits as mathematics that matplotlib sets: $10^{-6}$, $3 \\cdot 10^{-6}$, $20$."""
    digits, exponent = f"{value:.1e}".split("e")
    digits, power = f"{float(digits):g}", int(exponent)
    if -3 < power < 3:
        return f"${value:.2g}$"
    return f"$10^{{{power}}}$" if digits == "1" else f"${digits} \\cdot 10^{{{power}}}$"


def format_signed(number: float, form: str = ".3g") -> str:
    """`number` in this format, with a minus sign instead of a hyphen."""
    return f"{number:{form}}".replace("-", "−")


def zero_lines(ax: Axes) -> None:
    """Thin grey lines through the origin."""
    for line in (ax.axhline, ax.axvline):
        line(0, color="0.6", linewidth=0.6, zorder=0)


DOUBLE_COLUMN = 174 / 25.4
"""Width of a figure in inches: 174 mm."""

ACTIVATION_STYLES = {
    "logistic": {"color": "#000000", "marker": "o"},
    "tanh": {"color": "#0072B2", "marker": "s"},
    "hard_sigmoid": {"color": "#E69F00", "marker": "^"},
}
"""Colour and marker of each activation, in the order in which they are drawn; apart in grey as well."""


SPARE_STYLES = (
    {"color": "#CC79A7", "marker": "D"},
    {"color": "#009E73", "marker": "v"},
    {"color": "#D55E00", "marker": "P"},
    {"color": "#56B4E9", "marker": "X"},
)
"""Those of further conditions, taken in turn."""


def activation_styles(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Condition -> its colour and marker."""
    spare = cycle(SPARE_STYLES)
    return {name: ACTIVATION_STYLES.get(name) or next(spare) for name in names}


def activation_label(name: str) -> str:
    return name.replace("_", " ")


def slope_guide(ax: Axes, x: tuple[float, float], y: float, order: float, text: str) -> None:
    """On logarithmic axes a grey line of slope `order` that starts at (x[0], y), with `text` beside its middle."""
    ax.plot(x, [y, y * (x[1] / x[0]) ** order], color="0.5", linewidth=0.8, linestyle=(0, (4, 2)))
    middle = (x[0] * x[1]) ** 0.5
    label_point(ax, middle, y * (middle / x[0]) ** order, text, shift=(4, -2), color="0.35", va="top")


def label_point(ax: Axes, x: float, y: float, text: str, *, shift: tuple[float, float] = (3, 0), **style: Any) -> None:
    """`text` beside the point (x, y) of the data, `shift` points away."""
    ax.annotate(text, (x, y), shift, textcoords="offset points", **{"fontsize": 7, "va": "center", **style})


def geometric_edges(centres: Sequence[float]) -> np.ndarray:
    """Edges of the cells of a heat map over a logarithmic axis: halfway, as the eye sees it, between the centres."""
    logarithms = np.log(np.asarray(centres))
    halfway = 0.5 * (logarithms[1:] + logarithms[:-1])
    return np.exp([2 * logarithms[0] - halfway[0], *halfway, 2 * logarithms[-1] - halfway[-1]])


PAIRING_STYLES = {
    "all_to_all": {"color": "#000000", "marker": "o"},
    "nearest_pre_centred": {"color": "#0072B2", "marker": "s"},
    "nearest_symmetric": {"color": "#D55E00", "marker": "^"},
    "nearest_restricted": {"color": "#009E73", "marker": "D"},
}
"""Colour and marker of each scheme that pairs spikes, in the order in which they are drawn."""

PUBLISHED_WINDOWS = {"bi_poo": "Bi & Poo", "abarbanel": "Abarbanel", "song_abbott": "Song & Abbott"}
"""What the windows are called that are named after people."""


def pairing_label(name: str) -> str:
    return name.replace("nearest_", "nearest, ").replace("pre_centred", "pre-centred").replace("_", " ")


def window_label(name: str) -> str:
    return PUBLISHED_WINDOWS.get(name, name.replace("_", " "))


MET, FAILED = "#D3E5F2", "#F8DCC8"
"""Shades behind what meets its criterion and what does not; the sign beside them says the same."""


def criteria_table(
    ax: Axes, rows: Sequence[str], columns: Sequence[str], texts: Sequence[Sequence[str]], met: Sequence[Sequence[bool]]
) -> None:
    """A table of `texts` (n_rows, n_columns), each with a tick or a cross and a shade for whether it is `met`."""
    for row, (words, answers) in enumerate(zip(texts, met, strict=True)):
        for column, (text, answer) in enumerate(zip(words, answers, strict=True)):
            ax.fill_between(
                [column + 0.03, column + 0.97], row + 0.05, row + 0.95, color=MET if answer else FAILED, linewidth=0
            )
            sign = "\N{CHECK MARK}" if answer else "\N{BALLOT X}"
            ax.text(column + 0.5, row + 0.5, f"{text} {sign}", fontsize=7, ha="center", va="center")
    for column, heading in enumerate(columns):
        ax.text(column + 0.5, -0.05, heading, fontsize=7, ha="center", va="bottom")
    ax.set(xlim=(0, len(columns)), ylim=(len(rows), -0.2 * len(rows)), xticks=())
    ax.set_yticks([row + 0.5 for row in range(len(rows))], rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
