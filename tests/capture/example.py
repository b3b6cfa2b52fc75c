"""A history as it is played: transactions of runs and of others, and undos, which are judged."""

from __future__ import annotations

import itertools
from collections import Counter
from random import Random

import psycopg

from capture.judge import Expected, Judge, State
from capture.tables import TABLES, Database

NUMBERED = itertools.count()
FORESEEN = """
select replace(table_name, 'public.', ''), action, count(*)
from unwind.find_changes(%s, of_undo => %s) group by table_name, action
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
        self.closed: set[str] = set()
        """Those that were undone once: restored or not, they are not entered again."""
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
        """So many runs that are at work."""
        self.start(count - len([run for run in self.runs if run not in self.closed]))
        return dice.sample([run for run in self.runs if run not in self.closed], count)

    def play(self, run: str | None, *texts: str) -> None:
        """A transaction of a run's, or of somebody else's; statements that are refused leave nothing."""
        if run in self.closed:
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
        """A run that is undone, or was, is not entered."""
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
        expected = self.judge.expect(live, now, on_conflict)
        self.lines.append(f"undo {live}, {on_conflict}; expected {expected}")
        alone = "unwind.compensate_run((%s::text[])[1], true, %s)"
        call = alone if len(live) == 1 else "unwind.compensate_runs(%s, true, %s)"
        if not self.is_done(call, live, on_conflict, [expected], now):
            return
        self.judge.note_undo(live, now, expected.state)
        self.closed.update(live)
        self.outcomes["undone"] += 1
        if on_conflict == "skip":
            self.outcomes["rows handed on"] += self.judge.hand_on(live, expected.conflicts)

    def restore(self, undos: list[str], on_conflict: str) -> None:
        """Take undos back, the last one first, and compare; before that, what the first of them would do."""
        self.foresee_restore(undos[0])
        now = state = self.judge.look()
        judge = self.judge.copy()
        steps: list[Expected] = []
        for undo in sorted(undos, key=list(self.judge.undos).index, reverse=True):
            if judge.is_lost(undo):
                steps.append(Expected(state, refusals={"UW018"}))
                break
            judge.take_back(undo)
            steps.append(judge.expect([undo], state, on_conflict))
            judge.settle(undo, steps[-1].conflicts)
            state = steps[-1].state
        runs = [run for undo in undos for run in self.judge.undos[undo]]
        self.lines.append(f"restore {runs}, {on_conflict}; expected {steps}")
        if self.is_done("unwind.restore_runs(%s, %s)", runs, on_conflict, steps, now):
            self.judge = judge
            self.outcomes["restored"] += 1

    def is_done(
        self, call: str, runs: list[str], on_conflict: str, steps: list[Expected], now: State
    ) -> bool:
        """Call this, and compare: it is done, or refused by the first of the steps that has to be."""
        allowed = set[str]()
        is_refused = False
        for step in steps:
            is_refused = bool(step.refusals or (step.conflicts and on_conflict != "skip"))
            if is_refused:
                is_conflict = step.conflicts and on_conflict != "skip"
                allowed |= {"UW011"} if is_conflict else step.refusals
            if step.may_be_refused:
                allowed.add("UW014")
            if is_refused:
                break
        try:
            done = self.conn.execute(
                "select coalesce(sum(rows_deleted), 0), coalesce(sum(rows_reverted), 0),"
                " coalesce(sum(rows_reinserted), 0), coalesce(sum(rows_skipped), 0)"
                f" from {call}".encode(),
                [[self.id(run) for run in runs], on_conflict],
            ).fetchone()
        except psycopg.Error as error:
            self.lines.append(f"-- {error.sqlstate} {error.diag.message_primary}")
            assert self.judge.look() == now
            state = str(error.sqlstate)
            if not state.startswith("UW"):
                raise
            assert state in allowed, error
            self.outcomes[state] += 1
            return False
        assert not is_refused
        assert self.judge.look() == steps[-1].state
        assert done == tuple(
            sum(step.total(action) for step in steps) for action in ("delete", "update", "insert", "conflict")
        )
        for step in steps:
            self.outcomes.update({f"{table} {action}": n for (table, action), n in step.actions.items()})
        return True

    def foresee(self, run: str) -> None:
        """Ask what its undo would do, and compare."""
        if run in self.judge.undone:
            return
        expected = self.judge.expect([run], self.judge.look())
        self.lines.append(f"foresee {run}; expected {expected}")
        self.compare(run, False, expected)

    def foresee_restore(self, undo: str) -> None:
        """Ask what taking an undo back would do, and compare."""
        judge = self.judge.copy()
        if judge.is_lost(undo):
            return
        run = judge.undos[undo][0]
        judge.take_back(undo)
        expected = judge.expect([undo], judge.look())
        self.lines.append(f"foresee that {undo} is restored; expected {expected}")
        self.compare(run, True, expected)

    def compare(self, run: str, of_undo: bool, expected: Expected) -> None:
        """What find_changes shows has to be what is expected."""
        found = self.conn.execute(FORESEEN, [self.id(run), of_undo]).fetchall()
        assert {(table, action): n for table, action, n in found} == expected.actions
