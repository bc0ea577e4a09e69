"""Names that a user chooses become names of files: none leads out of results/ or is too long for a disk."""

import copy
from pathlib import Path

import pytest

from stdp_backprop.config import InvalidConfiguration, validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.pipeline.sweep_design import batch_points, points_of, read_sweep

PROJECT = Path(__file__).resolve().parents[3]
SHIPPED = read_strictly(PROJECT / "config.yaml")
SECTIONS = {
    "windows": ("windows",),
    "learning.networks": ("learning", "networks"),
    "relaxation.activations": ("relaxation", "activations"),
}
NAMES = {
    "up": "../../x",
    "absolute": "/etc/x",
    "slash": "a/b",
    "backslash": "a\\b",
    "dots": "..",
    "dot": ".",
    "hidden": ".hidden",
    "space": "a b",
    "newline": "a\nb",
    "newline at the end": "a\n",
    "nothing": "",
    "null character": "a\x00",
    "capital": "Window",
    "accent": "é",
    "quote": "a'b",
    "dollar": "$(touch x)",
    "semicolon": "a;b",
    "wildcard": "{window}",
    "option": "--delete",
    "long": "x" * 300,
    "number": 5,
    "null": None,
    "true": True,
}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_plain_word_is_rejected_with_its_section_in_one_line(section, name):
    raw = copy.deepcopy(SHIPPED)
    place = raw
    for part in SECTIONS[section]:
        place = place[part]
    place[NAMES[name]] = copy.deepcopy(next(iter(place.values())))
    with pytest.raises(InvalidConfiguration, match="The configuration has") as caught:
        validate(raw)
    lines = [line for line in caught.value.errors if line.startswith(section)]
    assert lines
    for line in lines:
        assert "\n" not in line
        assert len(line) < 400
        assert " to 40 lower-case letters" in line or "known here: logistic" in line


def test_a_name_of_40_characters_is_accepted():
    """With what is added to it, and in base64 as in the records of Snakemake, a path is then below 255 bytes."""
    raw = copy.deepcopy(SHIPPED)
    raw["windows"]["w" * 40] = copy.deepcopy(raw["windows"]["antisymmetric"])
    raw["learning"]["networks"]["n" * 40] = copy.deepcopy(next(iter(raw["learning"]["networks"].values())))
    validate(raw)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_sweep_reaches_a_file_name(name):
    """Of a design it is rejected; jobs and points are called after a digest of what they are made of."""
    raw = copy.deepcopy(read_strictly(PROJECT / "config" / "sweep.yaml"))
    raw["grids"] = {NAMES[name]: raw["grids"]["activations"]}
    with pytest.raises(InvalidConfiguration, match="grids"):
        read_sweep(raw)
    raw["grids"] = {"a" * 40: raw["grids"][NAMES[name]]}
    points = points_of(read_sweep(raw), validate(SHIPPED))
    for file in [*(point.name for point in points), *batch_points(points, 3)]:
        assert len(file) == 12
        assert set(file) <= set("0123456789abcdef")
