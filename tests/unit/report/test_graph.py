"""The drawing of the workflow shows every step once and no step before what it needs."""

import re

from stdp_backprop.report.graph import drawing

NEEDS = {
    "config.yaml": [],
    "relaxation": ["config.yaml"],
    "early": ["relaxation"],
    "comparison": ["relaxation", "early"],
    "fig4": ["relaxation"],
    "fig6": ["relaxation", "early", "comparison"],
}


def boxes(svg: str) -> dict[str, tuple[float, float, float]]:
    """Name -> left, right, top of its box."""
    found = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)"[^>]*/><text[^>]*>([^<]+)<', svg)
    return {name: (float(x), float(x) + float(width), float(y)) for x, y, width, name in found}


def test_each_step_stands_to_the_right_of_what_it_needs():
    places = boxes(drawing(NEEDS, {}))
    assert set(places) == set(NEEDS)
    for step, needs in NEEDS.items():
        assert all(places[need][1] < places[step][0] for need in needs)


def test_boxes_do_not_overlap():
    places = list(boxes(drawing(NEEDS, {})).values())
    for at, (left, right, top) in enumerate(places):
        for other_left, other_right, other_top in places[at + 1 :]:
            assert right < other_left or other_right < left or abs(top - other_top) >= 30


def test_what_follows_from_other_needs_is_not_drawn():
    """config → relaxation → early → comparison → fig6 and relaxation → fig4: five lines, not eight."""
    assert drawing(NEEDS, {}).count("<path") == 5


def test_a_step_leads_to_its_place_in_the_page_and_its_name_is_escaped():
    svg = drawing({"a<b": []}, {"a<b": "#a&b"})
    assert '<a href="#a&amp;b">' in svg
    assert "a&lt;b" in svg


def test_the_drawing_is_the_same_each_time():
    assert drawing(NEEDS, {}) == drawing(dict(NEEDS), {})
