"""Undoing runs deletes exactly what PostgreSQL's own ON DELETE CASCADE would, whatever the forest of tables.

An example is a forest with its rows. It is built twice: once as users have it, with links real or declared,
and once as a twin in which every link is a real cascade and the roots are deleted by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from hypothesis import event, given
from hypothesis import strategies as st
from psycopg import sql

Connection = psycopg.Connection[Any]
Counts = dict[str, int]
Value = TypeVar("Value")
Other = TypeVar("Other")

RUNS = ("run 0", "run 1", "run 2")
NAMES = ("trunk", "Twig", "order", "a table", "leaf", 'say "x"', "table")
WIDER = {
    "text": "varchar(40)",
    "varchar(40)": "text",
    "int": "bigint",
    "bigint": "bigint",
    "uuid": "uuid",
}
PREFIXES = ("k", "it's ", '"', "{", "NULL,", "\\", "é ", "%s")


# What is drawn -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """How a table refers to another, or to itself."""

    kind: str  # declared; cascade: real; overridden: real NO ACTION, declared a cascade
    by_code: bool  # refers to the other's unique code and not to its primary key
    wider: bool  # its columns have other types than those they refer to


@dataclass(frozen=True)
class Table:
    """A table of the forest; the first is always the root of a tree."""

    types: tuple[str, ...]
    parent: int | None
    up: Link
    mate: Link | None


@dataclass(frozen=True)
class Row:
    """A row; what it refers to is a position in that table's rows."""

    parent: int | None
    mate: int | None
    owner: int | None
    half: bool  # a composite link is null in one of its columns, so it refers to nothing


@dataclass(frozen=True)
class Forest:
    """Tables, their rows, and what is to be undone."""

    tables: tuple[Table, ...]
    rows: tuple[tuple[Row, ...], ...]
    undone: tuple[int, ...]
    together: bool
    links_first: bool  # declared before the steps are defined


def mostly(values: st.SearchStrategy[Value], other: Other) -> st.SearchStrategy[Value | Other]:
    """Return what draws the other value now and then."""
    return st.one_of(values, values, values, st.just(other))


LINKS = st.builds(
    Link,
    kind=st.sampled_from(["declared", "cascade", "overridden"]),
    by_code=st.booleans(),
    wider=st.booleans(),
)
ROWS = st.tuples(
    mostly(st.integers(0, 24), None),
    st.none() | st.integers(0, 24),
    st.sampled_from([0, 1, 2, None]),
    mostly(st.just(False), True),
)


def rows_of(size: int) -> st.SearchStrategy[list[tuple[int | None, int | None, int | None, bool]]]:
    """Return what draws this many rows; left to itself, hypothesis draws few."""
    return st.lists(ROWS, min_size=size, max_size=size)


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    """Draw a forest."""
    tables: list[Table] = []
    rows: list[tuple[Row, ...]] = []
    for number in range(draw(st.integers(1, len(NAMES)), label="number of tables")):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        types = draw(st.lists(st.sampled_from(sorted(WIDER)), min_size=1, max_size=2))
        tables.append(Table(tuple(types), parent, draw(LINKS), draw(st.none() | LINKS)))
        drawn = draw(st.integers(0, 25).flatmap(rows_of))
        rows.append(tuple(_settled(drawn, len(rows[parent]) if parent is not None else None)))
    undone = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True))
    return Forest(tuple(tables), tuple(rows), tuple(undone), draw(st.booleans()), draw(st.booleans()))


def _settled(
    drawn: list[tuple[int | None, int | None, int | None, bool]], parents: int | None
) -> Iterable[Row]:
    """Make the positions fit. No recorded row hangs on another run's, whose undo would be refused."""
    owners = [owner if parents is None else None for _, _, owner, _ in drawn]
    for (parent, mate, _, half), owner in zip(drawn, owners, strict=True):
        mates = [n for n, other in enumerate(owners) if owner in (None, other)]
        yield Row(
            parent % parents if parents and parent is not None else None,
            mates[mate % len(mates)] if mate is not None else None,
            owner,
            half,
        )


# How it is built ---------------------------------------------------------------------------------


def _key(types: tuple[str, ...], n: int) -> list[str]:
    """Return the primary key of the n-th row; rows share parts of a composite one."""
    parts = [n] if len(types) == 1 else [n // 3, n % 3]
    return [_value(part, type_) for part, type_ in zip(parts, types, strict=True)]


def _value(n: int, type_: str) -> str:
    if type_ == "uuid":
        return str(UUID(int=n))
    if type_ in ("int", "bigint"):
        return str(n)
    return f"{PREFIXES[n % len(PREFIXES)]}{n}"


def _referenced(table: Table, link: Link) -> tuple[list[str], list[str]]:
    """Return names and types of the columns that a link refers to."""
    if link.by_code:
        return ["code"], ["text"]
    return ["k1", "k2"][: len(table.types)], list(table.types)


def _reference(table: Table, link: Link, n: int | None, half: bool) -> list[str | None]:
    """Return the values by which a link refers to the n-th row."""
    width = len(_referenced(table, link)[0])
    if n is None:
        return [None] * width
    values: list[str | None] = [_value(n, "text")] if link.by_code else [*_key(table.types, n)]
    return [*values[:-1], None] if half and width > 1 else values


def _links(forest: Forest, number: int) -> list[tuple[str, Link, int]]:
    """Return the links of a table: first letter of its columns, the link, the table it refers to."""
    table = forest.tables[number]
    up = [("p", table.up, table.parent)] if table.parent is not None else []
    mate = [("m", table.mate, number)] if table.mate else []
    return up + mate


def _child_columns(letter: str, width: int) -> list[str]:
    """Name the columns so that their alphabetical order is not that of the columns they refer to."""
    return [f"{letter}{width - n}" for n in range(width)]


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _table_name(schema: str, number: int) -> sql.Identifier:
    return sql.Identifier(schema, NAMES[number])


def _create(conn: Connection, schema: str, forest: Forest) -> None:
    """Create the tables, in the twin with all links as real cascades."""
    conn.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    for number, table in enumerate(forest.tables):
        key = ["k1", "k2"][: len(table.types)]
        parts: list[sql.Composable] = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(type_))
            for name, type_ in zip(key, table.types, strict=True)
        ]
        parts += [sql.SQL("code text unique"), sql.SQL("primary key ({})").format(_names(key))]
        for letter, link, other in _links(forest, number):
            columns, types = _referenced(forest.tables[other], link)
            own = _child_columns(letter, len(columns))
            parts += [
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(WIDER[type_] if link.wider else type_))
                for name, type_ in zip(own, types, strict=True)
            ]
            if schema == "twin" or link.kind != "declared":
                parts.append(
                    sql.SQL("foreign key ({}) references {} ({}) {}").format(
                        _names(own),
                        _table_name(schema, other),
                        _names(columns),
                        sql.SQL("on delete cascade" if schema == "twin" or link.kind == "cascade" else ""),
                    )
                )
        conn.execute(
            sql.SQL("create table {} ({})").format(_table_name(schema, number), sql.SQL(", ").join(parts))
        )


def _fill(conn: Connection, forest: Forest) -> None:
    """Insert the rows, each table's in one statement, so that they may refer to each other in any order."""
    for number, (table, rows) in enumerate(zip(forest.tables, forest.rows, strict=True)):
        links = _links(forest, number)
        lines: list[list[str | None]] = []
        for n, row in enumerate(rows):
            line: list[str | None] = [*_key(table.types, n), _value(n, "text")]
            for letter, link, other in links:
                position = row.parent if letter == "p" else row.mate
                line += _reference(forest.tables[other], link, position, row.half)
            lines.append(line)
        columns = [*["k1", "k2"][: len(table.types)], "code"]
        for letter, link, other in links:
            columns += _child_columns(letter, len(_referenced(forest.tables[other], link)[0]))
        if lines:
            line_of_marks = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
            conn.execute(
                sql.SQL("insert into {} ({}) values {}").format(
                    _table_name("forest", number),
                    _names(columns),
                    sql.SQL(", ").join([line_of_marks] * len(lines)),
                ),
                [value for line in lines for value in line],
            )
            conn.execute(
                sql.SQL("insert into {} select * from {}").format(
                    _table_name("twin", number), _table_name("forest", number)
                )
            )


def _define(conn: Connection, forest: Forest) -> None:
    """Define the workflow, links and steps in either order."""
    conn.execute("select unwind.define_workflow('forest')")
    for define in [_define_links, _define_steps] if forest.links_first else [_define_steps, _define_links]:
        define(conn, forest)


def _define_steps(conn: Connection, forest: Forest) -> None:
    """Define a step for each tree."""
    for number, table in enumerate(forest.tables):
        if table.parent is None:
            conn.execute(
                "select unwind.define_step('forest', %s, %s::regclass, variadic %s)",
                [NAMES[number], _quoted(conn, number), ["k1", "k2"][: len(table.types)]],
            )


def _define_links(conn: Connection, forest: Forest) -> None:
    """Declare the links that are not real cascades."""
    for number in range(len(forest.tables)):
        for letter, link, other in _links(forest, number):
            if link.kind != "cascade":
                columns, _ = _referenced(forest.tables[other], link)
                own = _child_columns(letter, len(columns))
                conn.execute(
                    "select unwind.declare_foreign_key(%s::regclass, %s, %s::regclass, %s)",
                    [_quoted(conn, number), own, _quoted(conn, other), columns],
                )


def _quoted(conn: Connection, number: int) -> str:
    """Return the name as the engine writes it: as SQL would."""
    row = conn.execute("select format('forest.%%I', %s::text)", [NAMES[number]]).fetchone()
    assert row is not None
    return str(row[0])


def _record(conn: Connection, forest: Forest) -> None:
    """Start the runs and record whose the roots are."""
    for run in RUNS:
        conn.execute("select unwind.start_run('forest', %s)", [run])
    for number, (table, rows) in enumerate(zip(forest.tables, forest.rows, strict=True)):
        for n, row in enumerate(rows):
            if row.owner is not None:
                conn.execute(
                    "select unwind.record_step(%s, %s, variadic %s)",
                    [RUNS[row.owner], NAMES[number], _key(table.types, n)],
                )


# What is asked of it -----------------------------------------------------------------------------


def _contents(conn: Connection, schema: str, forest: Forest) -> dict[int, list[Any]]:
    return {
        number: conn.execute(
            sql.SQL("select * from {} order by code").format(_table_name(schema, number))
        ).fetchall()
        for number in range(len(forest.tables))
    }


def _receipts(conn: Connection, runs: Iterable[str]) -> Counts:
    """Return the rows deleted per table, according to the receipts."""
    return _summed(
        conn.execute(
            "select table_name, rows_deleted from unwind.compensations where run_id = any(%s)", [list(runs)]
        )
    )


def _summed(rows: Iterable[tuple[str, int]]) -> Counts:
    counter: Counter[str] = Counter()
    for name, count in rows:
        counter[name] += count
    return dict(counter)


def _undo_one(conn: Connection, run: str) -> None:
    """Undo a run, which does what its preview says; again changes nothing."""
    preview = _summed(conn.execute("select table_name, row_count from unwind.preview_run(%s)", [run]))
    undo = "select table_name, rows_deleted from unwind.compensate_run(%s)"
    assert _summed(conn.execute(undo, [run]).fetchall()) == preview
    assert _receipts(conn, [run]) == preview


def _undo_together(conn: Connection, runs: list[str]) -> None:
    """Undo the runs by one call, which says for each what its receipts say."""
    said = dict(conn.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs]))
    assert said == {run: sum(_receipts(conn, [run]).values()) for run in runs}


def _cascade(conn: Connection, forest: Forest) -> None:
    """Delete the roots of the undone runs in the twin."""
    for number, rows in enumerate(forest.rows):
        codes = [_value(n, "text") for n, row in enumerate(rows) if row.owner in forest.undone]
        conn.execute(
            sql.SQL("delete from {} where code = any(%s)").format(_table_name("twin", number)), [codes]
        )


@given(forest=forests())
def test_undoing_runs_equals_a_cascade_from_their_roots(conn: Connection, forest: Forest) -> None:
    with conn.transaction(force_rollback=True):
        _create(conn, "forest", forest)
        _create(conn, "twin", forest)
        _fill(conn, forest)
        _define(conn, forest)
        _record(conn, forest)
        before = _contents(conn, "forest", forest)
        assert before == _contents(conn, "twin", forest)
        undone = [RUNS[n] for n in forest.undone]

        if forest.together:
            _undo_together(conn, undone)
        else:
            for run in undone:
                _undo_one(conn, run)

        _cascade(conn, forest)
        after = _contents(conn, "forest", forest)
        assert after == _contents(conn, "twin", forest)
        gone = {_quoted(conn, n): len(before[n]) - len(after[n]) for n in before}
        assert _receipts(conn, undone) == {name: count for name, count in gone.items() if count}
        event(f"rows gone: {min(sum(gone.values()), 20) // 5 * 5} or more")
        for run in undone:
            assert conn.execute("select * from unwind.verify_run(%s)", [run]).fetchall() == []
            written = _receipts(conn, [run])
            again = conn.execute("select table_name, rows_deleted from unwind.compensate_run(%s)", [run])
            assert _summed(again) == written
        assert _contents(conn, "forest", forest) == after
