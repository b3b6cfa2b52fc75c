"""A history as it is played: transactions of runs and of others, and undos, which are judged."""

from __future__ import annotations

import itertools
from collections import Counter
from random import Random

import psycopg

from capture.judge import Judge
from capture.tables import TABLES, Database

NUMBERED = itertools.count()
FORESEEN = """
select replace(table_name, 'public.', ''), action, count(*)
from unwind.find_changes(%s) group by table_name, action
"""


class Example:
    """One history, played and judged."""

    def __init__(self, database: Database) -> None:
        self.conn = database.conn
        self.number = next(NUMBERED)
        self.lines = [link.sql for link in database.links]
        """What has happened."""
        self.outcomes = Counter[str]()
        """How the undos have ended."""
        self.runs: list[str] = []
        self.judge = Judge(self.conn, TABLES, database.links)
        self.start(3)

    def id(self, run: str) -> str:
        """The id of a run, which is never used again."""
        return f"{self.number} {run}"

    def start(self, count: int) -> None:
        """Start some more runs."""
        for _ in range(count):
            self.runs.append(f"r{len(self.runs) + 1:02}")
            self.conn.execute("select unwind.start_run('w', %s)", [self.id(self.runs[-1])])

    def live(self, dice: Random, count: int) -> list[str]:
        """So many runs that are not undone."""
        live = [run for run in self.runs if run not in self.judge.undone]
        self.start(count - len(live))
        return dice.sample([run for run in self.runs if run not in self.judge.undone], count)

    def play(self, run: str | None, *texts: str) -> None:
        """A transaction of a run's, or of somebody else's; statements that are refused leave nothing."""
        if run is not None and run in self.judge.undone:
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

    def undo(self, runs: list[str], on_conflict: str) -> None:
        """Undo them together, and compare."""
        live = [run for run in runs if run not in self.judge.undone]
        if not live:
            return
        now = self.judge.look()
        expected = self.judge.expect(live, now)
        is_conflict = bool(expected.conflicts) and on_conflict == "refuse"
        self.lines.append(f"undo {live}, {on_conflict}; expected {expected}")
        try:
            done = self.conn.execute(
                "select sum(rows_deleted), sum(rows_reverted), sum(rows_reinserted), sum(rows_skipped)"
                " from unwind.compensate_runs(%s, true, %s)",
                [[self.id(run) for run in live], on_conflict],
            ).fetchone()
        except psycopg.Error as error:
            self.lines.append(f"-- {error.sqlstate} {error.diag.message_primary}")
            assert self.judge.look() == now
            state = str(error.sqlstate)
            if not state.startswith("UW"):
                raise
            allowed = expected.refusals | ({"UW014"} if expected.may_be_refused else set())
            assert state in ({"UW011"} if is_conflict else allowed), error
            self.outcomes[state] += 1
            return
        assert not is_conflict
        assert not expected.refusals
        assert self.judge.look() == expected.state
        assert done == tuple(expected.total(action) for action in ("delete", "update", "insert", "conflict"))
        self.judge.undone.update(live)
        self.outcomes["undone"] += 1
        self.outcomes["rows handed on"] += self.judge.hand_on(live, expected.conflicts)
        self.outcomes.update({f"{table} {action}": n for (table, action), n in expected.actions.items()})

    def foresee(self, run: str) -> None:
        """Ask what its undo would do, and compare."""
        if run in self.judge.undone:
            return
        expected = self.judge.expect([run], self.judge.look())
        self.lines.append(f"foresee {run}; expected {expected}")
        found = self.conn.execute(FORESEEN, [self.id(run)]).fetchall()
        assert {(table, action): n for table, action, n in found} == expected.actions
