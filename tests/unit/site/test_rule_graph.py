"""The graph of rules says what Snakemake said, without what follows from it."""

import re

from rule_graph import draw, needs_of

DOT = """
digraph snakemake_dag {
    0[label = "all", color = "0.1 0.6 0.85", style="rounded"];
    1[label = "check", color = "0.1 0.6 0.85", style="rounded"];
    2[label = "rest", color = "0.1 0.6 0.85", style="rounded"];
    3[label = "nudge", color = "0.1 0.6 0.85", style="rounded"];
    4[label = "fig", color = "0.1 0.6 0.85", style="rounded"];
    2 -> 3
    2 -> 1
    1 -> 3
    3 -> 1
    1 -> 1
    3 -> 4
    2 -> 4
    4 -> 0
    2 -> 0
}
"""
NEEDS = {"all": ["fig"], "rest": [], "nudge": ["rest"], "fig": ["nudge"]}


def test_a_need_that_follows_from_others_is_left_out_and_so_is_the_check():
    """rest → nudge → fig → all: three ways remain of six."""
    assert needs_of(DOT) == NEEDS


def test_the_drawing_shows_every_rule_and_every_way_and_is_the_same_each_time(tmp_path):
    draw(NEEDS, tmp_path / "one.svg")
    draw(NEEDS, tmp_path / "other.svg")
    text = (tmp_path / "one.svg").read_text()
    assert set(re.findall(r"<!-- (\w+) -->", text)) == set(NEEDS)
    assert len(re.findall(r'id="line2d_\d+"', text)) == 3
    assert (tmp_path / "other.svg").read_text() == text
