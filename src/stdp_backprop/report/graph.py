"""The way of the data drawn as SVG: what each step needs stands to its left."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

CHARACTER, BOX, ROW, GAP, MARGIN = 7.4, 24, 36, 44, 4
"""Width of a character, height of a box, distance between rows and between columns, margin; in pixels."""

Step = tuple[str, ...]
"""A node of the drawing: (name,), or (from, to, layer) where a line passes through a layer."""


def drawing(needs: Mapping[str, Sequence[str]], links: Mapping[str, str]) -> str:
    """An SVG of the graph.

    needs : step -> the steps it needs; what follows from others (a needs b, b needs c, so a needs c) is not drawn
    links : step -> the address that its box leads to
    """
    direct = {name: _direct(name, needs) for name in needs}
    layers = _ordered(*_with_passages(direct))
    columns = [max((CHARACTER * len(step[0]) + 16 for step in layer if len(step) == 1), default=0) for layer in layers]
    left = [MARGIN + sum(columns[:at]) + GAP * at for at in range(len(columns))]
    tallest = max(map(len, layers))
    place = {
        step: (left[at], MARGIN + ROW * (row + (tallest - len(layer)) / 2), columns[at])
        for at, layer in enumerate(layers)
        for row, step in enumerate(layer)
    }
    width, height = left[-1] + columns[-1] + MARGIN, ROW * tallest + MARGIN
    lines = [_line(path, place) for path in _paths(direct, place)]
    boxes = [_box(step[0], *place[step], links.get(step[0])) for step in place if len(step) == 1]
    return (
        f'<svg class="graph" role="img" aria-label="Which step needs which" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _all_needs(name: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    return {deeper for need in needs[name] for deeper in (need, *_all_needs(need, needs))}


def _direct(name: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The needs of a step that do not follow from its others."""
    implied = {deeper for need in needs[name] for deeper in _all_needs(need, needs)}
    return [need for need in dict.fromkeys(needs[name]) if need not in implied]


def _layer(name: str, needs: Mapping[str, Sequence[str]]) -> int:
    return max((1 + _layer(need, needs) for need in needs[name]), default=0)


def _passage(start: str, end: str, start_layer: int, end_layer: int) -> list[Step]:
    """The way from one step to another, layer by layer."""
    return [(start,), *((start, end, str(layer)) for layer in range(start_layer + 1, end_layer)), (end,)]


def _with_passages(needs: Mapping[str, Sequence[str]]) -> tuple[list[list[Step]], list[list[Step]]]:
    """The layers, with a place for each line that passes through, and all ways."""
    depth = {name: _layer(name, needs) for name in needs}
    layers: list[list[Step]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, layer in depth.items():
        layers[layer].append((name,))
    ways = [_passage(need, name, depth[need], depth[name]) for name in needs for need in needs[name]]
    for way in ways:
        for offset, step in enumerate(way[1:-1], start=depth[way[0][0]] + 1):
            layers[offset].append(step)
    return layers, ways


def _ordered(layers: list[list[Step]], ways: list[list[Step]]) -> list[list[Step]]:
    """The layers sorted, to and fro, by the mean place of what each step is connected with: fewer crossings."""
    pairs = [pair for way in ways for pair in pairwise(way)]
    backwards = [pair[::-1] for pair in pairs]
    for _ in range(6):
        for sweep, edges in ((range(1, len(layers)), backwards), (range(len(layers) - 2, -1, -1), pairs)):
            for at in sweep:
                beside = layers[at - 1] if edges is backwards else layers[at + 1]
                layers[at] = _sorted_by_neighbours(layers[at], beside, edges)
    return layers


def _sorted_by_neighbours(layer: list[Step], beside: list[Step], edges: list[tuple[Step, Step]]) -> list[Step]:
    """`layer` by the mean relative place of its neighbours in `beside`; what has none keeps its own."""

    def key(step: Step) -> float:
        places = [(beside.index(other) + 0.5) / len(beside) for one, other in edges if one == step and other in beside]
        return sum(places) / len(places) if places else (layer.index(step) + 0.5) / len(layer)

    return sorted(layer, key=key)


def _paths(direct: Mapping[str, Sequence[str]], place: Mapping[Step, tuple]) -> list[list[Step]]:
    return [way for way in _with_passages(direct)[1] if all(step in place for step in way)]


def _line(way: list[Step], place: Mapping[Step, tuple[float, float, float]]) -> str:
    """A smooth line from the right of the first box to the left of the last one."""
    x, y, width = place[way[0]]
    path, x, y = [f"M{x + CHARACTER * len(way[0][0]) + 16:.0f} {y + BOX / 2:.0f}"], x + width, y + BOX / 2
    path.append(f"H{x:.0f}")
    for step in way[1:]:
        left, top, width = place[step]
        middle = top + BOX / 2
        path.append(f"C{x + GAP / 2:.0f} {y:.0f} {left - GAP / 2:.0f} {middle:.0f} {left:.0f} {middle:.0f}")
        if step is not way[-1]:
            path.append(f"H{left + width:.0f}")
        x, y = left + width, middle
    return f'<path d="{"".join(path)}"/>'


def _box(name: str, x: float, y: float, _: float, link: str | None) -> str:
    width = CHARACTER * len(name) + 16
    box = (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{BOX}" rx="5"/>'
        f'<text x="{x + 8:.0f}" y="{y + 16:.0f}">{escape(name)}</text>'
    )
    return f'<a href="{escape(link)}">{box}</a>' if link else box
