"""Tables and their links as a drawing: parents on the left, what hangs below them on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 210
_HEIGHT: Final = 72
_ACROSS: Final = 70
_BETWEEN: Final = 18
_MARGIN: Final = 8
_LETTERS: Final = 25
"""So many letters of a name fit into a node."""


@dataclass(frozen=True, slots=True)
class Node:
    """A table in its place, in pixels."""

    name: str
    deleted: int
    left: int | None
    outside: int | None
    restored: int
    x: int
    y: int

    width = _WIDTH
    height = _HEIGHT

    def short(self, without: str = "") -> str:
        """As much of the name as fits, without what all names begin with."""
        name = self.name.removeprefix(without)
        return name if len(name) <= _LETTERS else "…" + name[1 - _LETTERS :]

    @property
    def kind(self) -> str:
        """What became of the runs' rows in it."""
        return "left" if self.left else "deleted" if self.deleted or self.restored else "untouched"

    def lines(self, left: str) -> Iterator[str]:
        """What it holds: the runs' rows, and those of others; left is the word for what is there."""
        restored = f", {self.restored:,} restored" if self.restored else ""
        there = f", {self.left:,} {left}" if self.left else ""
        yield f"{self.deleted:,} deleted{restored}{there}"
        if self.outside is not None:
            yield f"{self.outside:,} untouched"


@dataclass(frozen=True, slots=True)
class Line:
    """A link, from a parent to a child."""

    parent: Node
    child: Node

    @property
    def path(self) -> str:
        """The curve, as SVG writes it."""
        x1, y1 = self.parent.x + _WIDTH, self.parent.y + _HEIGHT // 2
        x2, y2 = self.child.x, self.child.y + _HEIGHT // 2
        if self.child.x > self.parent.x:
            bend = (x2 - x1) // 2
            return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
        # To a table of the same column or one before: around, on the right.
        x2 = self.child.x + _WIDTH
        return f"M{x1} {y1} C{x1 + 40} {y1} {x2 + 40} {y2} {x2} {y2}"


@dataclass(frozen=True, slots=True)
class Graph:
    """A drawing."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


def drawn(
    tables: Sequence[tuple[str, int, int | None, int | None]],
    links: Iterable[tuple[str, str]],
    restored: Mapping[str, int] | None = None,
) -> Graph:
    """Place tables (name, rows deleted, left, outside) by how far below a root they hang."""
    known = {name for name, *_ in tables}
    pairs = sorted({(child, parent) for child, parent in links if child in known and parent in known})
    depths = _depths([name for name, *_ in tables], pairs)
    heights: dict[int, int] = {}
    nodes: dict[str, Node] = {}
    for name, deleted, left, outside in tables:
        depth = depths[name]
        row = heights.get(depth, 0)
        heights[depth] = row + 1
        nodes[name] = Node(
            name,
            deleted,
            left,
            outside,
            (restored or {}).get(name, 0),
            _MARGIN + depth * (_WIDTH + _ACROSS),
            _MARGIN + row * (_HEIGHT + _BETWEEN),
        )
    return Graph(
        tuple(nodes.values()),
        tuple(Line(nodes[parent], nodes[child]) for child, parent in pairs),
        2 * _MARGIN + _WIDTH + max(heights, default=0) * (_WIDTH + _ACROSS) + 44,
        2 * _MARGIN + max(heights.values(), default=0) * (_HEIGHT + _BETWEEN),
    )


def _depths(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return how many links lie above a table at most; a cycle is entered once."""
    parents: dict[str, list[str]] = {name: [] for name in names}
    for child, parent in pairs:
        if child != parent:
            parents[child].append(parent)
    depths: dict[str, int] = {}
    for start in names:
        path = [start]
        while path:
            name = path[-1]
            waiting = [p for p in parents[name] if p not in depths and p not in path]
            if waiting:
                path.append(waiting[0])
                continue
            depths[name] = max((depths[p] + 1 for p in parents[name] if p in depths), default=0)
            path.pop()
    return depths
