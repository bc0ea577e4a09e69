"""Figures are the same bytes in another process at another time, and do not depend on personal settings."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

mpl.use("agg")

from stdp_backprop.figures import style as figures
from stdp_backprop.pipeline.io import UnreadableResult, load_conditions, save

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"

DRAW = """
import sys
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from stdp_backprop.figures import style as figures
from stdp_backprop.pipeline.figure_files import save

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
save(figure, "drawn", sys.argv[1], {"commit": "abc", "seed": "1"})
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


@pytest.mark.parametrize(
    ("values", "scale", "visible"),
    [
        ([], "linear", False),
        ([np.nan, np.nan], "linear", False),
        ([np.nan, 0.0], "linear", True),
        ([-1.0, 0.0], "log", False),
        ([np.nan, 1e-9], "log", True),
    ],
)
def test_a_panel_without_a_point_that_can_be_seen_says_why_instead(values, scale, visible):
    """An empty pair of axes looks like an error of drawing, and a logarithmic one cannot be drawn."""
    panel = Figure().subplots()
    panel.set_yscale(scale)
    panel.plot(range(len(values)), values)
    assert figures.nothing_drawn(panel, "it is zero") is not visible
    assert [text.get_text() for text in panel.texts] == ([] if visible else ["Nothing to draw: it is zero"])


def test_the_reason_of_an_empty_panel_is_that_of_the_first_condition_with_a_gap():
    """The other ensembles of a figure may have none."""
    values = xr.DataArray([0.0])
    conditions = {"whole": xr.Dataset({"loss": values})}
    assert figures.gap_reason(conditions, "loss") == "loss is zero"
    conditions["gaps"] = xr.Dataset({"loss": values.assign_attrs(gap_reason="undefined here")})
    assert figures.gap_reason(conditions, "loss") == "loss is undefined here"


def test_a_number_that_is_not_defined_is_a_word_in_a_caption():
    """By hand."""
    assert [figures.number_or("never", value, ".1f") for value in (2.04, np.nan, np.inf)] == ["2.0", "never", "never"]


def test_layers_are_called_as_in_the_text():
    assert [figures.layer_label(layer, 4) for layer in range(5)] == ["input", "layer 1", "layer 2", "layer 3", "output"]


def test_colours_of_layers_grow_lighter_towards_the_output():
    """Order is read from lightness by every kind of colour vision. Weights: ITU-R BT.709."""
    lightness = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue, _ in figures.layer_colours(5)]
    assert lightness == sorted(lightness)


def test_a_table_of_criteria_says_in_a_sign_and_in_a_shade_what_is_met():
    """The reader sees at a glance what holds, also in grey. Expected: written down by hand."""
    ax = mpl.figure.Figure().add_subplot()
    figures.criteria_table(ax, ["one", "two"], ["left"], [["1"], ["0"]], [[True], [False]])
    assert [text.get_text() for text in ax.texts] == ["1 ✓", "0 ✗", "left"]
    shades = [mpl.colors.to_hex(cell.get_facecolor()[0]).upper() for cell in ax.collections]
    assert shades == [figures.MET, figures.FAILED]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["one", "two"]


def test_windows_and_pairings_are_called_as_in_the_text():
    assert [figures.window_label(name) for name in ("bi_poo", "antisymmetric", "my_own")] == [
        "Bi & Poo",
        "antisymmetric",
        "my own",
    ]
    assert [figures.pairing_label(name) for name in figures.PAIRING_STYLES] == [
        "all to all",
        "nearest, pre-centred",
        "nearest, symmetric",
        "nearest, restricted",
    ]


@pytest.fixture
def two_results(tmp_path):
    """Results of two conditions, whose only number is the seed."""

    def write(**seeds):
        for name, seed in seeds.items():
            save(xr.Dataset({"number": seed}), tmp_path / f"{name}.nc", {"seed": seed})
        return tmp_path

    return write


def test_the_conditions_that_are_named_are_loaded_in_that_order_whatever_else_lies_there(two_results):
    """A figure with a file of an earlier configuration in it would show somebody else's data."""
    found = load_conditions(two_results(old=1, tanh=2, logistic=2), ["tanh", "logistic"])
    assert {name: int(data["number"]) for name, data in found.items()} == {"tanh": 2, "logistic": 2}
    assert list(found) == ["tanh", "logistic"]


def test_without_names_all_conditions_are_loaded_and_those_of_two_seeds_are_not_drawn_together(two_results):
    assert list(load_conditions(two_results(one=5, two=5))) == ["one", "two"]
    with pytest.raises(UnreadableResult, match=r"different seeds \(4: two; 5: one\)"):
        load_conditions(two_results(two=4))


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(UnreadableResult, match=f"{tmp_path} contains no results"):
        load_conditions(tmp_path)


def test_an_example_is_the_preferred_condition_or_else_the_first():
    assert figures.example({"one": 1, "tanh": 2}, preferred="tanh") == "tanh"
    assert figures.example({"one": 1, "two": 2}, preferred="tanh") == "one"


def test_every_activation_has_a_style_of_its_own_and_known_ones_keep_theirs():
    """Two lines that look alike could not be told apart, nor could figures with different subsets be compared."""
    styles = figures.activation_styles(["mine", "tanh", "tanh_strong"])
    assert styles["tanh"] == figures.ACTIVATION_STYLES["tanh"]
    several = figures.activation_styles([*figures.ACTIVATION_STYLES, "mine", "tanh_strong", "third", "fourth"])
    for part in ("color", "marker"):
        assert len({style[part] for style in several.values()}) == 7


def test_a_distance_in_standard_errors_leaves_out_what_has_none_and_says_so():
    """By hand: |1 - 0| / 0.5 = 2 and |3 - 0| / 1 = 3; with an error of 0, or nothing counted, there is no distance."""
    expected = [0.0] * 4
    assert figures.largest_distance([1, 3], expected[:2], [0.5, 1], of="bins") == "3.0 standard errors in 2 bins"
    words = figures.largest_distance([1, 3, 2, np.nan], expected, [0.5, 1, 0, np.nan], of="bins")
    assert words == "3.0 standard errors in 4 bins (without 2 that have no standard error)"
    words = figures.largest_distance([2, np.nan], expected[:2], [0, np.nan], of="bins")
    assert words == "unknown: none of the 2 bins has a standard error"


def test_a_median_over_networks_is_that_of_those_with_a_value_and_a_gap_where_there_is_none():
    """A gradient that is exactly 0 has no direction. By hand: the medians of 1, 3 and of 2, 4, 9, and no value."""
    samples = [[1, 2, np.nan], [3, 4, np.nan], [np.nan, 9, np.nan]]
    line = figures.median_and_range(mpl.figure.Figure().add_subplot(), [0, 1, 2], samples)
    np.testing.assert_array_equal(line.get_ydata(), [2, 4, np.nan])


def test_powers_of_ten_are_set_as_such_whatever_the_digits():
    """A temperature of 3e-6 labelled 1e-6 would be a wrong axis."""
    numbers = (1e-8, 1e-6, 3e-6, 20.0, 0.2)
    set_as = ["$10^{-8}$", "$10^{-6}$", "$3 \\cdot 10^{-6}$", "$20$", "$0.2$"]
    assert [figures.scientific(number) for number in numbers] == set_as
