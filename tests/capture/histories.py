"""Random runs among committed work of others, and their undos, judged; with foreign keys of all kinds."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg

from capture.judge import Judge, Link, State, Table

Connection = psycopg.Connection[Any]
RUNS = ("r1", "r2", "r3")
NUMBERED = itertools.count()
FOREIGN_KEYS = """
select conrelid::regclass::text, quote_ident(conname) from pg_constraint
where contype = 'f' and conparentid = 0
"""

FORGET = """
select unwind.complete_run(id) from unwind.workflow_runs where status = 'RUNNING';
select unwind.forget_images(array_agg(id)) from unwind.workflow_runs where images_dropped_at is null
"""
"""Runs of before are no heirs of what is skipped."""

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
ACTIONS = ("no action", "restrict", "cascade", "cascade", "set null", "set null")


def links(dice: Random) -> list[Link]:
    """Some foreign keys, one at most from a table to another."""
    pairs = [(child, parent) for child in "abpn" for parent in "abn"]
    return [
        Link(
            child=child,
            column="f",
            parent=parent,
            parent_column="id",
            on_delete=dice.choice(ACTIONS),
            on_update=dice.choice(["no action", "cascade", "set null"]),
            deferred=dice.random() < 0.5,
        )
        for child, parent in dice.sample(pairs, dice.randrange(4))
    ]


@dataclass(frozen=True)
class Scope:
    """What a history is about. The fewer rows, the more often several write the same one."""

    tables: tuple[Table, ...]
    is_narrow: bool
    """Of each table only the rows whose keys are 1 and 2."""


def scope(dice: Random, links: list[Link]) -> Scope:
    """All tables, or those of one foreign key, or one table."""
    tables = TABLES
    match dice.randrange(4):
        case 0 | 1 if links:
            link = dice.choice(links)
            tables = tuple(table for table in TABLES if table.name in {link.child, link.parent})
        case 0 | 1 | 2:
            tables = (dice.choice(TABLES),)
    return Scope(tables, dice.random() < 0.7)


def values(table: Table, dice: Random, *, is_narrow: bool) -> dict[str, str]:
    """Values for all columns but generated ones, as SQL."""
    numbers = ["1", "2"] if is_narrow else ["1", "2", "3", "4"]
    decimals = ["1", "1.0", "2"] if is_narrow else ["1", "2.0", "2", "3.00", "3"]
    columns = {
        "id": {"b": decimals, "w": ["'a'", "'a '", "'b'"]}.get(table.name, numbers),
        "k": numbers,
        "v": ["'{x}'", "'{x,null}'", "null"] if table.name == "n" else ["'x'", "'y'", "null"],
        "j": ["'{\"a\": 1}'", "'{\"a\":1}'", "null"],
        "u": ["1", "2", "3", "null"],
        "w": ["1", "2", "3", "null"],
        "f": ["1", "2", "null"] if is_narrow else ["1", "2", "3", "null", "null", "null"],
        "g": ["1", "1.0", "null"],
        "d": ["0", "'-0'", "1"],
        "m": ["'low'", "'high'", "null"],
        "l": ["'x'", "'Y'", "null"],
        "x": ["'{\"a\": 1}'", "'{\"a\": 1.0}'", "null"],
        "y": ["'\\x00'", "'\\x0001'", "null"],
        "z": ["'2024-01-01'", "'2024-01-01 00:00:00.000001'", "'infinity'"],
        "r": ["'[1,3)'", "'empty'", "null"],
        "i": ["'1 month'", "'30 days'", "'720 hours'"],
    }
    return {column: dice.choice(columns[column]) for column in table.columns}


def statement(dice: Random, scope: Scope) -> str:
    """A statement on some table."""
    table = dice.choice(scope.tables)
    row = values(table, dice, is_narrow=scope.is_narrow)
    rows = [row, values(table, dice, is_narrow=scope.is_narrow)][: dice.randrange(1, 3)]
    columns = ", ".join(table.columns)
    listed = ", ".join(f"({', '.join(each[column] for column in table.columns)})" for each in rows)
    conditions = ["true", "id = 1", "id in (1, 3)", "id > 1", "f is null"]
    if table.name == "w":
        conditions = ["true", "id = 'a'", "d = 0", "m is null"]
    some = dice.choice(conditions)
    other = dice.choice([column for column in table.columns if column not in table.key])
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
        choices += 2 * [
            f"update {table.name} set {unique} = {unique} + 100;"
            f" update {table.name} set {unique} = 103 - {unique}"
        ]  # what is unique changes places
    if table.name == "w":
        choices += [f"update w set d = -d where {some}", f"update w set d = d + 1 where {some}"]
    elif table.name == "b":
        choices += [
            f"update b set id = trim_scale(id) where {some}",
            f"update b set id = id * 1.0 where {some}",
        ]
    elif table.name != "n":
        choices.append(f"update {table.name} set id = id + 1 where {some}")
    if table.name == "p":
        choices += [
            "update p set k = 6 - k",
            "insert into p_1 (k, id, v) values (1, 4, 'leaf')",
            "delete from p_3",
        ]
    return dice.choice(choices)


def change_of_one_row(dice: Random) -> str:
    """A statement that changes one row, which all runs change."""
    return dice.choice(
        [
            *(f"update a set v = '{value}' where id = 1" for value in "xxyyz"),
            "delete from a where id = 1",
            "insert into a (id, v) values (1, 'x') on conflict do nothing",
        ]
    )


def undo_of(dice: Random) -> tuple[tuple[str, ...], bool]:
    """Which runs are undone together, and whether conflicts are skipped."""
    return dice.choice([("r1",), ("r2",), ("r3",), ("r1", "r2"), ("r2", "r3"), RUNS]), dice.random() < 0.5


class Example:
    """One history, played and judged."""

    def __init__(self, conn: Connection, links: list[Link]) -> None:
        self.conn = conn
        for link in conn.execute(FOREIGN_KEYS).fetchall():
            conn.execute(b"alter table %b drop constraint %b" % (link[0].encode(), link[1].encode()))
        conn.execute(FORGET)
        conn.execute(f"truncate {', '.join(table.name for table in TABLES)}".encode())
        conn.execute("\n".join(f"{link.sql};" for link in links).encode())
        self.number = next(NUMBERED)
        self.lines = [link.sql for link in links]
        """What has happened."""
        for run in RUNS:
            conn.execute("select unwind.start_run('w', %s)", [self.id(run)])
        self.judge = Judge(conn, TABLES, tuple(links))

    def id(self, run: str) -> str:
        """The id of a run, which is never used again."""
        return f"{self.number} {run}"

    def play(self, run: str | None, texts: list[str]) -> None:
        """A transaction of a run's, or of somebody else's; statements that are refused leave nothing."""
        if run in self.judge.undone:
            self.refuse_entry(run)
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
                        self.lines.append(f"-- refused: {error.diag.message_primary}")
                    self.lines.append(f"{run}: {text}")
        except psycopg.errors.IntegrityError:
            self.lines.append("-- the transaction is refused")
        if run is not None:
            self.judge.note(run, before, self.judge.look())

    def refuse_entry(self, run: str) -> None:
        """A run that is undone is not entered."""
        try:
            self.conn.execute("select unwind.enter_run(%s)", [self.id(run)])
        except psycopg.Error as error:
            assert error.sqlstate == "UW002", error
        else:
            raise AssertionError("a run that is undone was entered")

    def undo(self, runs: tuple[str, ...], skipping: bool) -> None:
        """Undo them together, and compare."""
        live = [run for run in runs if run not in self.judge.undone]
        if not live:
            return
        now = self.judge.look()
        expected, conflicts = self.judge.expect(live, now)
        self.lines.append(f"undo {live}, skip: {skipping}; expected {expected}")
        try:
            done = self.conn.execute(
                "select sum(rows_deleted), sum(rows_reverted), sum(rows_reinserted), sum(rows_skipped)"
                " from unwind.compensate_runs(%s, true, %s)",
                [[self.id(run) for run in live], "skip" if skipping else "refuse"],
            ).fetchone()
        except psycopg.Error as error:
            self.lines.append(f"-- {error.sqlstate} {error.diag.message_primary}")
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


def play_with_one_row(example: Example, dice: Random) -> None:
    """All change one row, one after the other, and what is skipped is handed on."""
    example.play(None, ["insert into a (id, v) values (1, 'x')"])
    for _ in range(dice.randrange(4, 10)):
        example.play(dice.choice([*RUNS, *RUNS, None]), [change_of_one_row(dice)])
        if dice.random() < 0.25:
            example.undo((dice.choice(RUNS),), dice.random() < 0.8)
    for run in dice.sample(RUNS, 3):
        example.undo((run,), dice.random() < 0.8)


def play(database: Connection, seed: int) -> None:
    """Play the history of a seed, and judge each undo; a failure names it."""
    dice = Random(seed)
    chosen = links(dice)
    about = scope(dice, chosen)
    example = Example(database, chosen)
    try:
        if dice.random() < 0.3:
            play_with_one_row(example, dice)
            return
        for _ in range(dice.randrange(3, 12)):
            if dice.random() < 0.2:
                example.undo(*undo_of(dice))
            else:
                run = dice.choice([*RUNS, *RUNS, None, None])
                example.play(run, [statement(dice, about) for _ in range(dice.randrange(1, 4))])
        for _ in range(4):
            example.undo(*undo_of(dice))
    except (AssertionError, psycopg.Error) as error:
        error.add_note("\n".join([f"the history of seed {seed}:", *example.lines]))
        raise
