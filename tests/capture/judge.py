"""A judge that knows only snapshots: what undoing runs in captured tables comes to, and when it is refused.

It keeps, for each run and key, the rows that each transaction of the run found and left, as others see them
before and after it, and sums them. It knows nothing of triggers, images or statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import psycopg

Row = tuple[str | None, ...]
Key = tuple[Any, ...]
State = dict[str, dict[Key, Row]]


@dataclass(frozen=True)
class Link:
    """A foreign key of one column, to the primary key of the parent or to a unique column."""

    child: str
    column: str
    parent: str
    parent_column: str
    on_delete: str
    on_update: str
    deferred: bool

    @property
    def sql(self) -> str:
        """What declares it."""
        timing = " deferrable initially deferred" if self.deferred else ""
        return (
            f"alter table {self.child} add foreign key ({self.column}) references {self.parent}"
            f" ({self.parent_column}) on delete {self.on_delete} on update {self.on_update}{timing}"
        )


@dataclass(frozen=True)
class Table:
    """A table: its columns, those of its key, and which are unique by themselves."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    unique: tuple[str, ...]
    sql: str

    def key_of(self, row: Row) -> Key:
        """The key, equal where PostgreSQL's = is."""
        return tuple(self.value(row, column) for column in self.key)

    def value(self, row: Row, column: str) -> Any:
        """The value of a column, equal where PostgreSQL's = is."""
        value = row[self.columns.index(column)]
        try:
            return None if value is None else Decimal(value)
        except InvalidOperation:
            return value


@dataclass
class Expected:
    """What an undo has to come to."""

    conflicts: int
    state: State
    deleted: int = 0
    reverted: int = 0
    reinserted: int = 0
    broken: bool = False
    """Rows would refer to what is not there, or share what is unique: refused by UW007 or UW014."""
    tolerated: bool = False
    """Unique values change places where rows cannot go and come back."""


@dataclass
class Judge:
    """The tables, and what each run found and left of each row."""

    conn: psycopg.Connection[Any]
    tables: tuple[Table, ...]
    links: tuple[Link, ...]
    history: dict[str, dict[tuple[str, Key], Counter[Row]]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)

    def table(self, name: str) -> Table:
        """The table of this name."""
        return next(table for table in self.tables if table.name == name)

    def look(self) -> State:
        """All rows, as text."""
        state: State = {}
        for table in self.tables:
            columns = ", ".join(f"{column}::text" for column in table.columns)
            rows = self.conn.execute(f"select {columns} from {table.name}".encode()).fetchall()
            state[table.name] = {table.key_of(row): row for row in rows}
        return state

    def note(self, run: str, before: State, after: State) -> None:
        """A transaction of the run has made this of that."""
        history = self.history.setdefault(run, {})
        for table in self.tables:
            old, new = before[table.name], after[table.name]
            for key in old.keys() | new.keys():
                if old.get(key) != new.get(key):
                    counter = history.setdefault((table.name, key), Counter())
                    if key in old:
                        counter[old[key]] += 1
                    if key in new:
                        counter[new[key]] -= 1

    def sums(self, runs: Iterable[str]) -> dict[tuple[str, Key], Counter[Row]]:
        """What these runs found (+) and left (-), summed over all of them."""
        total: dict[tuple[str, Key], Counter[Row]] = {}
        for run in runs:
            for place, counter in self.history.get(run, {}).items():
                total.setdefault(place, Counter()).update(counter)
        return total

    def expect(self, runs: list[str], now: State) -> tuple[Expected, list[tuple[str, Key]]]:
        """What undoing these runs together has to come to, and which rows are conflicts."""
        state = {name: dict(rows) for name, rows in now.items()}
        expected = Expected(0, state)
        conflicts = []
        for (name, key), counter in self.sums(runs).items():
            found = [row for row, sign in counter.items() if sign > 0]
            left = [row for row, sign in counter.items() if sign < 0]
            present = now[name].get(key)
            if not found and not left:
                continue
            if len(found) < 2 and present == (found[0] if found else None):
                continue
            if len(found) > 1 or len(left) > 1 or present != (left[0] if left else None):
                conflicts.append((name, key))
            elif not found:
                del state[name][key]
                expected.deleted += 1
            elif present is None:
                state[name][key] = found[0]
                expected.reinserted += 1
            else:
                state[name][key] = found[0]
                expected.reverted += 1
        expected.conflicts = len(conflicts)
        expected.broken = self.is_broken(state)
        expected.tolerated = self.has_moved_values(now, state)
        return expected, conflicts

    def is_broken(self, state: State) -> bool:
        """Whether rows refer to what is not there, or share what is unique."""
        for table in self.tables:
            for column in table.unique:
                values = [table.value(row, column) for row in state[table.name].values()]
                present = [value for value in values if value is not None]
                if len(present) != len(set(present)):
                    return True
        for link in self.links:
            child, parent = self.table(link.child), self.table(link.parent)
            there = {parent.value(row, link.parent_column) for row in state[parent.name].values()}
            for row in state[child.name].values():
                value = child.value(row, link.column)
                if value is not None and value not in there:
                    return True
        return False

    def has_moved_values(self, now: State, then: State) -> bool:
        """Whether a unique value goes from one row to another where rows cannot go and come back."""
        for table in self.tables:
            if all(link.parent != table.name or link.on_delete == "no action" for link in self.links):
                continue
            for column in table.unique:
                before = {table.value(row, column): key for key, row in now[table.name].items()}
                after = {table.value(row, column): key for key, row in then[table.name].items()}
                if any(before.get(value, key) != key for value, key in after.items() if value is not None):
                    return True
        return False

    def hand_on(self, runs: list[str], conflicts: list[tuple[str, Key]]) -> None:
        """Rows that were skipped: what these runs did to them is from now on what the next run did."""
        total = self.sums(runs)
        heirs = {}
        for place in conflicts:
            found = [row for row, sign in total[place].items() if sign > 0]
            left = [row for row, sign in total[place].items() if sign < 0]
            if len(found) > 1 or len(left) != 1:
                continue
            heirs[place] = next(
                (
                    run
                    for run in sorted(self.history)
                    if run not in self.undone
                    and run not in runs
                    and self.history[run].get(place, Counter())[left[0]] > 0
                ),
                None,
            )
        for place, heir in heirs.items():
            if heir is not None:
                for run in runs:
                    self.history[heir][place].update(self.history.get(run, {}).pop(place, Counter()))
