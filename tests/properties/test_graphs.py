"""Undoing runs deletes what a few lines of Python say it should, whatever the graph of declared links.

Tables have several parents or several links to one, so a row is reached by several ways and from several
runs. Any table may be a step's root, so a run's cascade can arrive at another run's row, which must not go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from psycopg import errors

Connection = psycopg.Connection[Any]
Node = tuple[int, int]  # table, id

RUNS = ("run 0", "run 1", "run 2")
SQLSTATE_OF_DEPENDENTS = "UW007"


@dataclass(frozen=True)
class Row:
    """A row: what each link of its table refers to, and the run that recorded it."""

    links: tuple[int | None, ...]
    owner: int | None


@dataclass(frozen=True)
class Graph:
    """Tables with their rows, the workflow, and what is to be undone."""

    links: tuple[tuple[int, ...], ...]  # of each table, to earlier ones
    steps: tuple[int, ...]  # root tables, in the order of the steps
    rows: tuple[tuple[Row, ...], ...]
    undone: tuple[int, ...]
    together: bool


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph; every table without parents is a step's root, others may be."""
    links: list[tuple[int, ...]] = []
    rows: list[tuple[Row, ...]] = []
    roots: list[int] = []
    positions = st.none() | st.integers(0, 11)
    for number in range(draw(st.integers(2, 6), label="number of tables")):
        parents = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        links.append(tuple(sorted(parents)))
        is_root = not parents or draw(st.sampled_from([False, False, False, True]))
        if is_root:
            roots.append(number)
        size = draw(st.integers(0, 12))  # hypothesis, left to itself, draws few rows
        drawn = draw(
            st.lists(
                st.tuples(st.tuples(*[positions] * len(parents)), st.sampled_from([0, 1, 2, None])),
                min_size=size,
                max_size=size,
            )
        )
        rows.append(
            tuple(
                Row(
                    tuple(
                        at % len(rows[parent]) if at is not None and rows[parent] else None
                        for at, parent in zip(ats, links[number], strict=True)
                    ),
                    owner if is_root else None,
                )
                for ats, owner in drawn
            )
        )
    undone = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True))
    steps = draw(st.permutations(roots), label="steps")
    return Graph(tuple(links), tuple(steps), tuple(rows), tuple(undone), draw(st.booleans()))


# The model ---------------------------------------------------------------------------------------


@dataclass
class Model:
    """The rows there are, as a set."""

    graph: Graph

    def __post_init__(self) -> None:
        self.rows = {(t, n): row for t, rows in enumerate(self.graph.rows) for n, row in enumerate(rows)}
        self.live = set(range(len(RUNS)))

    def reached(self, runs: Set[int]) -> set[Node]:
        """Return all that hangs on what these runs recorded."""
        found = {node for node, row in self.rows.items() if row.owner in runs}
        while True:
            more = {node for node in self.rows if node not in found and self._parents(node) & found}
            if not more:
                return found
            found |= more

    def in_the_way(self, runs: Set[int]) -> bool:
        """Say whether a row of another live run would go too."""
        others = self.live - runs
        return any(self.rows[node].owner in others for node in self.reached(runs))

    def undo(self, runs: Set[int]) -> Counter[str]:
        """Delete, and return how many rows of which table."""
        gone = self.reached(runs)
        for node in gone:
            del self.rows[node]
        self.live -= runs
        return Counter(_table(number) for number, _ in gone)

    def contents(self) -> dict[int, list[int]]:
        """Return the ids that are left in each table."""
        return {t: sorted(n for s, n in self.rows if s == t) for t in range(len(self.graph.links))}

    def _parents(self, node: Node) -> set[Node]:
        parents = zip(self.graph.links[node[0]], self.rows[node].links, strict=True)
        return {(table, n) for table, n in parents if n is not None}


# The database ------------------------------------------------------------------------------------


def _table(number: int) -> str:
    return f"graph.t{number}"


def _build(conn: Connection, graph: Graph) -> None:
    """Create the tables and the workflow, insert the rows and record them."""
    script = ["create schema graph", "select unwind.define_workflow('graph')"]
    for number, parents in enumerate(graph.links):
        columns = [f"l{n} int" for n in range(len(parents))]
        script.append(f"create table {_table(number)} ({', '.join(['id int primary key', *columns])})")
        script += [
            f"select unwind.declare_foreign_key('{_table(number)}', '{{l{n}}}', '{_table(parent)}', '{{id}}')"
            for n, parent in enumerate(parents)
        ]
        script += [
            f"insert into {_table(number)} values ({', '.join(map(_literal, [n, *row.links]))})"
            for n, row in enumerate(graph.rows[number])
        ]
    script += [
        f"select unwind.define_step('graph', 'step {number}', '{_table(number)}', 'id')"
        for number in graph.steps
    ]
    script += [f"select unwind.start_run('graph', '{run}')" for run in RUNS]
    script += [
        f"select unwind.record_step('{RUNS[row.owner]}', 'step {number}', '{n}')"
        for number, rows in enumerate(graph.rows)
        for n, row in enumerate(rows)
        if row.owner is not None
    ]
    conn.execute(";\n".join(script).encode())


def _literal(value: int | None) -> str:
    return "null" if value is None else str(value)


def _contents(conn: Connection, graph: Graph) -> dict[int, list[int]]:
    return {
        number: [n for (n,) in conn.execute(f"select id from {_table(number)} order by id".encode())]
        for number in range(len(graph.links))
    }


def _summed(rows: Iterable[tuple[str, int]]) -> Counter[str]:
    counter: Counter[str] = Counter()
    for name, count in rows:
        counter[name] += count
    return counter


def _receipts(conn: Connection, runs: list[str]) -> Counter[str]:
    return _summed(
        conn.execute(
            "select table_name, rows_deleted from unwind.compensations where run_id = any(%s)", [runs]
        )
    )


def _undo(conn: Connection, runs: list[str], together: bool) -> None:
    if together:
        conn.execute("select unwind.compensate_runs(%s)", [runs])
        return
    for run in runs:
        preview = _summed(conn.execute("select table_name, row_count from unwind.preview_run(%s)", [run]))
        conn.execute("select unwind.compensate_run(%s)", [run])
        assert _receipts(conn, [run]) == preview


@given(graph=graphs())
def test_undoing_runs_deletes_what_hangs_on_their_keys(conn: Connection, graph: Graph) -> None:
    model = Model(graph)
    with conn.transaction(force_rollback=True):
        _build(conn, graph)
        batches = [list(graph.undone)] if graph.together else [[n] for n in graph.undone]
        for batch in batches:
            runs = [RUNS[n] for n in batch]
            if model.in_the_way(set(batch)):
                event("refused")
                with pytest.raises(errors.Error) as caught, conn.transaction():
                    _undo(conn, runs, graph.together)
                assert caught.value.sqlstate == SQLSTATE_OF_DEPENDENTS
            else:
                _undo(conn, runs, graph.together)
                expected = model.undo(set(batch))
                event(f"undone, rows gone: {min(expected.total(), 20) // 5 * 5} or more")
                assert _receipts(conn, runs) == expected
                for run in runs:
                    assert conn.execute("select * from unwind.verify_run(%s)", [run]).fetchall() == []
            assert _contents(conn, graph) == model.contents()
