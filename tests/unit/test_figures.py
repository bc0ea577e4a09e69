"""Figures are the same bytes in another process at another time, and do not depend on personal settings."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

mpl.use("agg")

from stdp_backprop import figures

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

DRAW = """
import sys
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from stdp_backprop import figures

figures.use_style()
figure, (left, right) = plt.subplots(1, 2)
x = np.linspace(0, 1, 20)
figures.median_and_range(left, x, np.sin(x + np.arange(5)[:, None]), label=figures.layer_label(3, 4))
left.legend()
left.set_xlabel("time / $\\\\tau$")
right.imshow(np.outer(x, x))
right.axvspan(2, 5, clip_on=True)
for letter, ax in zip("ab", (left, right)):
    figures.panel_label(ax, letter)
figures.save(figure, "drawn", sys.argv[1], {"commit": "abc", "seed": "1"})
"""


def draw(folder, **environment):
    command = [sys.executable, "-W", "error", "-c", DRAW, str(folder)]
    subprocess.run(command, cwd=NOTEBOOKS, env={**os.environ, **environment}, check=True)
    return {path.suffix: path.read_bytes() for path in Path(folder).iterdir()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("one"))


def test_the_same_figure_is_the_same_bytes_on_another_day_and_under_a_personal_matplotlibrc(drawn, tmp_path):
    """Figures of two builds are compared byte by byte; a difference must come from the data."""
    (tmp_path / "matplotlibrc").write_text("font.size: 20\naxes.grid: True\nsavefig.bbox: tight\n")
    folder = tmp_path / "two"
    other = draw(folder, MATPLOTLIBRC=str(tmp_path), PYTHONHASHSEED="7", TZ="Asia/Tokyo", SOURCE_DATE_EPOCH="86400")
    assert sorted(other) == [".pdf", ".png", ".svg"]
    for extension, content in drawn.items():
        assert other[extension] == content, extension


def test_every_format_carries_its_origin_and_no_date(drawn):
    for extension, content in drawn.items():
        assert b"abc" in content, extension
    assert b"CreationDate" not in drawn[".pdf"]
    assert b"<dc:date>" not in drawn[".svg"]


def test_layers_are_called_as_in_the_text():
    assert [figures.layer_label(layer, 4) for layer in range(5)] == ["input", "layer 1", "layer 2", "layer 3", "output"]


def test_colours_of_layers_grow_lighter_towards_the_output():
    """Order is read from lightness by every kind of colour vision. Weights: ITU-R BT.709."""
    lightness = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue, _ in figures.layer_colours(5)]
    assert lightness == sorted(lightness)
