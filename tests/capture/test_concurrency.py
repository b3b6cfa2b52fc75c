"""Writers, undos and ALTER TABLEs at once: no update is lost, and no call of the engine deadlocks.

A journal, kept by triggers, has each version of each row, and who wrote it. Rows are locked while it is
written, so their versions are in order; no two are the same, so one that an undo brings back is known.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from at_once import Session, work_at_once

ROWS = 40
SETUP = """
create table a (id int primary key, v text, n int not null default 0);
create table b (id int primary key, a int references a on delete cascade, v text);
create index on b (a);
create table c (k int, id int, v text, primary key (k, id)) partition by list (k);
create table c_1 partition of c for values in (1, 2);
create table c_2 partition of c for values in (3, 4);
insert into a select n, 'first' from generate_series(1, 40) as n;
insert into b select n, n, 'first' from generate_series(1, 40) as n;
insert into c select 1 + n % 4, n, 'first' from generate_series(1, 40) as n;
create table journal (
    seq bigint generated always as identity, source text, id int, was text, becomes text, who text
);
create function note() returns trigger language plpgsql as $$
begin
    insert into journal (source, id, was, becomes, who)
    values (tg_argv[0], coalesce(new.id, old.id), old.v, new.v, current_setting('app.who'));
    return null;
end
$$;
create trigger note after insert or update or delete on a for each row execute function note('a');
create trigger note after insert or update or delete on b for each row execute function note('b');
create trigger note after insert or update or delete on c for each row execute function note('c');
select unwind.define_workflow('w'), unwind.capture_table('a', 'b', 'c');
"""
TABLES = ("a", "b", "c")
TOKENS = itertools.count()


class Writers(Session):
    """One of those at work."""

    def sign(self, who: str) -> None:
        """Say in the journal who writes in this transaction."""
        self.conn.execute("select set_config('app.who', %s, true)", [who])

    def write(self, who: str, *, in_run: bool) -> None:
        """A transaction that locks tables and rows in the engine's order."""
        number = self.dice.randrange(1, ROWS + 1)
        with self.conn.transaction():
            self.sign(who)
            if in_run:
                self.engine("select unwind.enter_run(%s)", who)
            for table in TABLES:
                for key in sorted({number, self.dice.randrange(1, ROWS + 1)}):
                    choice = self.dice.random()
                    value = f"{who} {next(TOKENS)}"
                    if table == "c" and choice < 0.2:
                        gone = self.conn.execute("delete from c where id = %s", [key])
                        if gone.rowcount:
                            self.conn.execute("insert into c values (%s, %s, %s)", [1 + key % 4, key, value])
                    elif choice < 0.6:
                        self.conn.execute(f"update {table} set v = %s where id = %s".encode(), [value, key])

    def run(self) -> None:
        """A run of one transaction, or of several."""
        run = f"{self.number}.{self.ended.total()}"
        self.engine("select unwind.start_run('w', %s)", run)
        for _ in range(self.dice.choice([1, 3])):
            self.write(run, in_run=True)

    def other(self) -> None:
        """Work that is no run's."""
        self.write("other", in_run=False)

    def undo(self) -> None:
        """Undo some run, or two, or see that it cannot be."""
        found = self.conn.execute(
            "select id from unwind.workflow_runs where status = 'RUNNING' order by random() limit %s",
            [self.dice.choice([1, 1, 2])],
        ).fetchall()
        self.undo_runs([run for (run,) in found], self.dice.choice(["refuse", "skip"]))

    def undo_runs(self, runs: list[str], on_conflict: str) -> None:
        """Undo them, and say in the journal that it was done, before others can write these rows."""
        with self.conn.transaction():
            self.sign(f"undo {' '.join(runs)}")
            if len(runs) == 1:
                self.engine("select unwind.compensate_run(%s, on_conflict => %s)", *runs, on_conflict)
            else:
                self.engine("select unwind.compensate_runs(%s, on_conflict => %s)", runs, on_conflict)
            self.conn.execute(
                "insert into journal (source, who) values (%s, %s)", [on_conflict, " ".join(runs)]
            )

    def alter(self) -> None:
        """Add a column, or drop one."""
        table, column = self.dice.choice(TABLES), self.dice.choice("xy")
        change = self.dice.choice(
            [f"add column if not exists {column} int default 7", f"drop column if exists {column}"]
        )
        self.conn.execute(f"alter table {table} {change}".encode())
        time.sleep(0.05)


@dataclass(frozen=True)
class Version:
    """A version of a row, and what it was before."""

    value: str | None
    who: str
    before: Version | None


class Journal:
    """The journal, read from its beginning."""

    def __init__(self) -> None:
        first = Version("first", "first", None)
        self.rows = {(table, key): first for table in TABLES for key in range(1, ROWS + 1)}
        self.undone = set[str]()

    def wrote(self, row: tuple[str, int], was: str | None, becomes: str | None, who: str) -> None:
        """Somebody has made a version of the one that is there."""
        assert self.rows[row].value == was
        self.rows[row] = Version(becomes, who, self.rows[row])

    def brought_back(
        self, row: tuple[str, int], was: str | None, becomes: str | None, runs: set[str]
    ) -> None:
        """An undo has brought back a version: all later ones are of runs that are undone."""
        version = self.rows[row]
        assert version.value == was
        while version.value != becomes:
            assert version.who in self.undone | runs, (row, version.who, runs)
            assert version.before is not None
            version = version.before
        self.rows[row] = version

    def finished(self, runs: set[str], on_conflict: str) -> None:
        """An undo is through: if it skipped nothing, these runs have written nothing that is left."""
        runs -= self.undone  # of which it only gave the receipts
        self.undone |= runs
        for version in self.rows.values():
            while version.before is not None and on_conflict == "refuse":
                assert version.who not in runs
                version = version.before


def read_journal(conn: psycopg.Connection[Any]) -> Journal:
    """Read it all, and judge each undo."""
    journal = Journal()
    lines = conn.execute("select source, id, was, becomes, who from journal order by seq").fetchall()
    for source, key, was, becomes, who in lines:
        if key is None:
            journal.finished(set(who.split()), source)
        elif who.startswith("undo "):
            journal.brought_back((source, key), was, becomes, set(who.split()[1:]))
        else:
            journal.wrote((source, key), was, becomes, who)
    return journal


def test_at_once(conn: psycopg.Connection[Any], connect: Any, in_background: Any) -> None:
    conn.execute(SETUP)
    kinds = ("run", "run", "run", "other", "undo", "undo", "undo", "alter")
    work_at_once(Writers, connect, in_background, *kinds)
    # What is left is undone together, but for what others have changed since.
    [(live,)] = conn.execute(
        "select coalesce(array_agg(id), '{}') from unwind.workflow_runs where status = 'RUNNING'"
    ).fetchall()
    Writers(conn, 0, len(kinds)).undo_runs(live, "skip")
    journal = read_journal(conn)
    for table in TABLES:
        rows = conn.execute(f"select id, v from {table}".encode()).fetchall()
        assert dict(rows) == {key: row.value for (name, key), row in journal.rows.items() if name == table}
