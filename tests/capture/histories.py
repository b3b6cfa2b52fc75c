"""Random runs among committed work of others, and their undos, judged; with foreign keys of all kinds."""

from __future__ import annotations

import itertools
from typing import Any

import psycopg
from hypothesis import note
from hypothesis import strategies as st

from capture.judge import Judge, Link, State, Table

Connection = psycopg.Connection[Any]
RUNS = ("r1", "r2", "r3")
NUMBERS = st.integers(1, 5)
NUMBERED = itertools.count()
FOREIGN_KEYS = """
select conrelid::regclass::text, quote_ident(conname) from pg_constraint
where contype = 'f' and conparentid = 0
"""

TABLES = (
    Table(
        "a", ("id", "v", "j", "u", "f", "g"), ("id",), ("id", "u"),
        "create table a (id int primary key, v text, j json, u int unique, f int, g int)",
    ),
    Table(
        "b", ("id", "v", "j", "u", "f", "g"), ("id",), ("id",),
        "create table b (id numeric primary key, v varchar(9) collate \"C\", j json, u numeric(6, 2), f int,"
        " g numeric)",
    ),
    Table(
        "p", ("k", "id", "v", "u", "f"), ("k", "id"), (),
        "create table p (k int, id int, v text, u int, f int, primary key (k, id)) partition by list (k);"
        "create table p_1 partition of p for values in (1, 2);"
        "create table p_3 (f int, u int, v text, id int not null, k int not null);"
        "alter table p attach partition p_3 for values in (3, 4, 5)",
    ),
    Table(
        "n", ("id", "v", "f", "w"), ("id",), ("id", "w"),
        "create table n (id int generated always as identity primary key, v text[], f int, w int,"
        " twice int generated always as (w * 2) stored, unique (w))",
    ),
    Table(
        "w", ("id", "d", "m", "l", "x", "y", "z", "r", "i"), ("id", "d"), (),
        "create type mood as enum ('low', 'high');"
        "create domain label as text check (value <> 'bad');"
        "create table w (id char(2), d float8, m mood, l label, x jsonb, y bytea, z timestamptz, r int4range,"
        " i interval, primary key (id, d))",
    ),
)  # fmt: skip
TRIGGERS = """
create table audit (at timestamptz default clock_timestamp(), row_before text, row_after text);
create function note() returns trigger language plpgsql as $$
begin
    insert into audit (row_before, row_after) values (old::text, new::text);
    return null;
end
$$;
create trigger note after insert or update or delete on a for each row execute function note();
create function count_up() returns trigger language plpgsql as $$
begin
    update n set v = array_append(v, tg_op) where id = coalesce(new.id, old.id);
    return null;
end
$$;
create trigger count_up after insert or update on p for each row
when (current_setting('unwind.undoing', true) is distinct from 'on') execute function count_up();
create function tidy() returns trigger language plpgsql as $$
begin
    new.l := upper(new.l);
    return new;
end
$$;
create trigger tidy before insert or update on w for each row
when (current_setting('unwind.undoing', true) is distinct from 'on') execute function tidy();
"""
"""One that writes elsewhere, one that changes another captured table, one that rewrites the row."""
ACTIONS = ("no action", "restrict", "cascade", "set null")
LINKS = st.builds(
    Link,
    child=st.sampled_from(["a", "b", "p", "n"]),
    column=st.just("f"),
    parent=st.sampled_from(["a", "b", "n"]),
    parent_column=st.just("id"),
    on_delete=st.sampled_from(ACTIONS),
    on_update=st.sampled_from(["no action", "cascade", "set null"]),
    deferred=st.booleans(),
)


def values(table: Table) -> st.SearchStrategy[dict[str, str]]:
    """Values for all columns but generated ones, as SQL."""
    texts = st.sampled_from(["'x'", "'y'", "null"])
    numbers = NUMBERS.map(str)
    columns: dict[str, st.SearchStrategy[str]] = {
        "id": {
            "b": st.sampled_from(["1", "2.0", "2", "3.00", "3"]),
            "w": st.sampled_from(["'a'", "'a '", "'b'"]),
        }.get(table.name, numbers),
        "d": st.sampled_from(["0", "'-0'", "1"]),
        "m": st.sampled_from(["'low'", "'high'", "null"]),
        "l": st.sampled_from(["'x'", "'Y'", "null"]),
        "x": st.sampled_from(["'{\"a\": 1}'", "'{\"a\": 1.0}'", "null"]),
        "y": st.sampled_from(["'\\x00'", "'\\x0001'", "null"]),
        "z": st.sampled_from(["'2024-01-01'", "'2024-01-01 00:00:00.000001'", "'infinity'"]),
        "r": st.sampled_from(["'[1,3)'", "'empty'", "null"]),
        "i": st.sampled_from(["'1 month'", "'30 days'", "'720 hours'"]),
        "k": numbers,
        "v": st.sampled_from(["'{x}'", "'{x,null}'", "null"]) if table.name == "n" else texts,
        "j": st.sampled_from(["'{\"a\": 1}'", "'{\"a\":1}'", "null"]),
        "u": st.sampled_from(["1", "2", "3", "null"]),
        "w": st.sampled_from(["1", "2", "3", "null"]),
        "f": st.sampled_from(["1", "2", "3", "null", "null", "null"]),
        "g": st.sampled_from(["1", "1.0", "null"]),
    }
    return st.fixed_dictionaries({column: columns[column] for column in table.columns})


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement on some table."""
    table = draw(st.sampled_from(TABLES))
    row = draw(values(table))
    rows = [row, draw(values(table))] if draw(st.booleans()) else [row]
    columns = ", ".join(table.columns)
    listed = ", ".join(f"({', '.join(each[column] for column in table.columns)})" for each in rows)
    conditions = ["true", "id = 1", "id in (1, 3)", "id > 1", "f is null"]
    if table.name == "w":
        conditions = ["true", "id = 'a'", "d = 0", "m is null"]
    some = draw(st.sampled_from(conditions))
    other = draw(st.sampled_from([column for column in table.columns if column not in table.key]))
    overriding = "overriding system value " if table.name == "n" else ""
    insert = f"insert into {table.name} ({columns}) {overriding}values {listed}"
    key = ", ".join(table.key)
    choices = [
        insert,
        insert,
        f"{insert} on conflict ({key}) do update set {other} = excluded.{other}",
        f"update {table.name} set {other} = {row[other]} where {some}",
        f"update {table.name} set {other} = {row[other]} where {some}",
        f"delete from {table.name} where {some}",
        f"delete from {table.name} where {some}; {insert}",
    ]
    if table.name in {"a", "n"}:
        unique = "u" if table.name == "a" else "w"
        choices.append(
            f"update {table.name} set {unique} = 100 + id; update {table.name} set {unique} = 4 - id"
        )
    if table.name == "w":
        choices += [f"update w set d = -d where {some}", f"update w set d = d + 1 where {some}"]
    elif table.name != "n":
        choices.append(f"update {table.name} set id = id + 1 where {some}")
    if table.name == "p":
        choices += [
            "update p set k = 6 - k",
            "insert into p_1 (k, id, v) values (1, 4, 'leaf')",
            "delete from p_3",
        ]
    return draw(st.sampled_from(choices))


TRANSACTIONS = st.tuples(
    st.sampled_from([*RUNS, *RUNS, None]), st.lists(statements(), min_size=1, max_size=3)
)
UNDOS = st.tuples(
    st.sampled_from([("r1",), ("r2",), ("r3",), ("r1", "r2"), ("r2", "r3"), RUNS]), st.booleans()
)
PLANS = st.tuples(
    st.lists(LINKS, max_size=4, unique_by=lambda link: (link.child, link.parent)),
    st.lists(
        st.one_of(TRANSACTIONS, TRANSACTIONS, UNDOS.map(lambda undo: ("undo", undo))), min_size=2, max_size=10
    ),
    st.lists(UNDOS, min_size=1, max_size=4),
)


class Example:
    """One history, played and judged."""

    def __init__(self, conn: Connection, links: list[Link]) -> None:
        self.conn = conn
        for link in conn.execute(FOREIGN_KEYS).fetchall():
            conn.execute(b"alter table %b drop constraint %b" % (link[0].encode(), link[1].encode()))
        conn.execute(f"truncate {', '.join(table.name for table in TABLES)}".encode())
        conn.execute("\n".join(f"{link.sql};" for link in links).encode())
        self.number = next(NUMBERED)
        for run in RUNS:
            conn.execute("select unwind.start_run('w', %s)", [self.id(run)])
        self.judge = Judge(conn, TABLES, tuple(links))

    def id(self, run: str) -> str:
        """The id of a run, which is never used again."""
        return f"{self.number} {run}"

    def play(self, run: str | None, texts: list[str]) -> None:
        """A transaction of a run's, or of somebody else's; statements that are refused leave nothing."""
        if run in self.judge.undone:
            run = None
        before = self.judge.look()
        try:
            with self.conn.transaction():
                if run is not None:
                    self.conn.execute("select unwind.enter_run(%s)", [self.id(run)])
                for text in texts:
                    try:
                        with self.conn.transaction():
                            self.conn.execute(text.encode())
                    except (psycopg.errors.IntegrityError, psycopg.errors.CardinalityViolation) as error:
                        note(f"-- refused: {error.diag.message_primary}")
                    note(f"{run}: {text}")
        except psycopg.errors.IntegrityError:
            note("-- the transaction is refused")
        if run is not None:
            self.judge.note(run, before, self.judge.look())

    def undo(self, runs: tuple[str, ...], skipping: bool) -> None:
        """Undo them together, and compare."""
        live = [run for run in runs if run not in self.judge.undone]
        if not live:
            return
        now = self.judge.look()
        expected, conflicts = self.judge.expect(live, now)
        note(f"undo {live}, skip: {skipping}; expected {expected}")
        try:
            done = self.conn.execute(
                "select sum(rows_deleted), sum(rows_reverted), sum(rows_reinserted), sum(rows_skipped)"
                " from unwind.compensate_runs(%s, true, %s)",
                [[self.id(run) for run in live], "skip" if skipping else "refuse"],
            ).fetchone()
        except psycopg.Error as error:
            note(f"-- {error.sqlstate} {error.diag.message_primary}")
            assert self.judge.look() == now
            if error.sqlstate == "UW011":
                assert expected.conflicts and not skipping
                return
            assert error.sqlstate in {"UW007", "UW014"}, error
            assert expected.broken or (expected.tolerated and error.sqlstate == "UW014"), error
            assert not expected.conflicts or skipping, error
            return
        assert not expected.conflicts or skipping
        assert not expected.broken
        after: State = self.judge.look()
        assert after == expected.state
        assert done == (expected.deleted, expected.reverted, expected.reinserted, expected.conflicts)
        self.judge.undone.update(live)
        if skipping:
            self.judge.hand_on(live, conflicts)


def make_database(conn: Connection) -> Connection:
    """Make the tables, capture them, and define a workflow."""
    for table in TABLES:
        conn.execute(table.sql.encode())
    conn.execute(TRIGGERS)
    listed = ", ".join(f"'{table.name}'" for table in TABLES)
    conn.execute(f"select unwind.capture_table({listed}), unwind.define_workflow('w')".encode())
    return conn


def play(database: Connection, plan: Any) -> None:
    """Play a plan, and judge each undo."""
    links, events, undos = plan
    example = Example(database, links)
    for event in events:
        if event[0] == "undo":
            example.undo(*event[1])
        else:
            example.play(*event)
    for undo in undos:
        example.undo(*undo)
