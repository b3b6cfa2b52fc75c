"""What should become of the rows, in plain Python: no SQL, no plan, no order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

import drawn_schemas as schemas
from drawn_schemas import Drawn

Node = tuple[int, int]  # table, row


class Model:
    """The rows there are, with what their links refer to, and the runs that are not undone."""

    def __init__(self, example: Drawn) -> None:
        self.example = example
        self.rows: dict[Node, list[int | None]] = {
            (t, n): list(links)
            for t, table in enumerate(example.tables)
            for n, links in enumerate(table.rows)
        }
        self.owners = dict(example.owners)
        self.live = set(range(len(schemas.RUNS)))

    def reached(self, runs: Set[int]) -> set[Node]:
        """All that these runs recorded, and what cascades from it."""
        found = {node for node, owner in self.owners.items() if owner in runs and node in self.rows}
        while True:
            more = {node for node in self.rows if node not in found and self.parents(node, "cascade") & found}
            if not more:
                return found
            found |= more

    def refused(self, runs: Set[int]) -> bool:
        """Whether a row of another run would go too, or a row that stays refers to one that would go."""
        gone = self.reached(runs)
        others = self.live - runs
        return any(self.owners.get(node) in others for node in gone) or any(
            self.parents(node, "restrict") & gone for node in self.rows if node not in gone
        )

    def undo(self, runs: Set[int]) -> Counter[str]:
        """Take the rows away, clear what referred to them; how many rows of which table went."""
        gone = self.reached(runs)
        for node in gone:
            del self.rows[node]
        for (table, _), links in self.rows.items():
            for n, link in enumerate(self.example.tables[table].links):
                if (link.parent, links[n]) in gone:
                    links[n] = None
        self.live -= runs
        return Counter(schemas.name(table) for table, _ in gone)

    def contents(self) -> list[tuple[object, ...]]:
        """Every row that is left, as the database would show it."""
        return sorted(
            (
                (
                    table,
                    *schemas.key(self.example.tables[table], row),
                    *(
                        value
                        for link, parent in enumerate(links)
                        for value in schemas.link_values(self.example, table, link, parent)
                    ),
                )
                for (table, row), links in self.rows.items()
            ),
            key=str,
        )

    def parents(self, node: Node, action: str) -> set[Node]:
        """The rows to which a row refers by links of this action."""
        links = self.example.tables[node[0]].links
        return {
            (link.parent, row)
            for link, row in zip(links, self.rows[node], strict=True)
            if row is not None and link.action == action
        }
