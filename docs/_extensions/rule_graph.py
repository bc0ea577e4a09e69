"""Snakemake's graph of rules: read from `rules.dot`, which `snakemake --rulegraph` printed, laid out by igraph."""

import re

import igraph
import matplotlib as mpl
from matplotlib.figure import Figure

ON_EVERY_WAY = "check"


def needs_of(dot):
    """Rule -> the rules that it needs. Left out is what follows from others, and the rule that lies on every way."""
    names = dict(re.findall(r'(\d+)\[label = "(\w+)', dot))
    ways = [(names[need], names[rule]) for need, rule in re.findall(r"(\d+) -> (\d+)", dot)]
    ways = sorted(way for way in ways if ON_EVERY_WAY not in way)
    rules = [name for name in names.values() if name != ON_EVERY_WAY]
    needs = {rule: {need for need, needing in ways if needing == rule} for rule in rules}
    above = {rule: _all_above(rule, needs) for rule in needs}
    return {rule: sorted(direct - set().union(*(above[need] for need in direct))) for rule, direct in needs.items()}


def _all_above(rule, needs):
    return needs[rule].union(*(_all_above(need, needs) for need in needs[rule]))


def draw(needs, path):
    """Draw the graph as SVG, what is needed to the left of what needs it."""
    ways = [(need, rule) for rule, direct in needs.items() for need in direct]
    graph = igraph.Graph.TupleList(ways, directed=True)
    place = dict(zip(graph.vs["name"], ((y, x) for x, y in graph.layout_sugiyama()), strict=False))
    with mpl.rc_context({"svg.hashsalt": "rules", "svg.fonttype": "path", "font.size": 9}):
        figure = Figure(figsize=(12, 6))
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
        axes.set_axis_off()
        axes.set_xlim(-0.5, max(x for x, _ in place.values()) + 0.5)
        axes.set_ylim(max(y for _, y in place.values()) + 0.5, min(y for _, y in place.values()) - 0.5)
        box = {"boxstyle": "round", "facecolor": "#f2f4f7", "edgecolor": "#8a9099"}
        for rule, where in place.items():
            axes.text(*where, rule, ha="center", va="center", bbox=box)
        for need, rule in ways:
            axes.plot(*zip(place[need], place[rule], strict=True), color="#8a9099", linewidth=1, zorder=0)
        figure.savefig(path, metadata={"Date": None})


def setup(app):
    def prepare(app):
        needs = needs_of((app.srcdir / "rules.dot").read_text(encoding="utf-8"))
        draw(needs, app.srcdir / "images" / "workflow.svg")
        app.config.pages_of_build["rules"] = needs

    app.connect("builder-inited", prepare, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
