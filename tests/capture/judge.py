"""A judge that knows only snapshots: what undoing runs in captured tables comes to, and when it is refused.

It keeps, for each run and key, the rows that each transaction of the run found and left, as others see them
before and after it, and sums them. It knows nothing of triggers, images or statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import psycopg

Row = tuple[str | None, ...]
Key = tuple[Any, ...]
State = dict[str, dict[Key, Row]]


@cache
def comparable(text: str) -> Any:
    """A value that is equal where PostgreSQL's = is."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


@dataclass(frozen=True)
class Link:
    """A foreign key, to the primary key of the parent or to a unique column."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str
    on_update: str
    deferred: bool

    @property
    def sql(self) -> str:
        """What declares it."""
        columns, parent_columns = ", ".join(self.columns), ", ".join(self.parent_columns)
        timing = " deferrable initially deferred" if self.deferred else ""
        return (
            f"alter table {self.child} add foreign key ({columns})"
            f" references {self.parent} ({parent_columns})"
            f" on delete {self.on_delete} on update {self.on_update}{timing}"
        )


@dataclass(frozen=True)
class Table:
    """A table: its columns, those of its key, and which are unique by themselves."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    unique: tuple[str, ...]
    sql: str

    def texts(self, row: Row, columns: tuple[str, ...]) -> Row:
        """The values of columns, as they are written."""
        return tuple(row[self.columns.index(column)] for column in columns)

    def values(self, row: Row, columns: tuple[str, ...]) -> Key | None:
        """The values of columns, equal where PostgreSQL's = is; none where one is null."""
        texts = self.texts(row, columns)
        return None if None in texts else tuple(comparable(text) for text in texts if text is not None)

    def key_of(self, row: Row) -> Key:
        """The key."""
        key = self.values(row, self.key)
        assert key is not None
        return key


@dataclass
class Expected:
    """What an undo has to come to."""

    state: State
    conflicts: list[tuple[str, Key]] = field(default_factory=list)
    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many rows of a table are deleted, updated and inserted, and how many are conflicts."""
    refusals: set[str] = field(default_factory=set)
    """By what it is refused, by one of these, though there were no conflicts, or they were skipped."""
    may_be_refused: bool = False
    """By UW014: unique values change places where rows cannot go and come back."""

    def total(self, action: str) -> int:
        """How many rows that is of all tables."""
        return sum(count for (_, each), count in self.actions.items() if each == action)


@dataclass
class Judge:
    """The tables, and what each run found and left of each row."""

    conn: psycopg.Connection[Any]
    tables: tuple[Table, ...]
    links: list[Link]
    history: dict[str, dict[tuple[str, Key], Counter[Row]]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    undos: dict[str, list[str]] = field(default_factory=dict)
    """The runs that were undone together, by the name under which their undo is kept; the last one last."""
    given: dict[str, list[tuple[str, str, tuple[str, Key], Counter[Row]]]] = field(default_factory=dict)
    """What an undo handed on: from whom, to whom, of which row."""

    def copy(self) -> Judge:
        """Another one that knows the same."""
        return replace(
            self,
            history=deepcopy(self.history),
            undone=set(self.undone),
            undos=dict(self.undos),
            given=deepcopy(self.given),
        )

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

    def merged(self, found: Row, left: Row, present: Row) -> Row | None:
        """What the run changed goes back, and all else stays; none where both have changed a column."""
        columns = list(zip(found, left, present, strict=True))
        if any(a != b and c not in (a, b) for a, b, c in columns):
            return None
        return tuple(a if a != b else c for a, b, c in columns)

    def expect(self, runs: list[str], now: State, on_conflict: str = "refuse") -> Expected:
        """What undoing these runs together has to come to, or taking an undo back, by its name."""
        expected = Expected({name: dict(rows) for name, rows in now.items()})
        for (name, key), counter in self.sums(runs).items():
            found = [row for row, sign in counter.items() if sign > 0]
            left = [row for row, sign in counter.items() if sign < 0]
            present = now[name].get(key)
            if not found and not left:
                continue
            if len(found) < 2 and present == (found[0] if found else None):
                continue
            if len(found) > 1 or len(left) > 1 or present != (left[0] if left else None):
                if on_conflict == "merge" and present is not None and len(found) == len(left) == 1:
                    merged = self.merged(found[0], left[0], present)
                    if merged == present:
                        continue
                    if merged is not None:
                        expected.state[name][key] = merged
                        expected.actions[name, "update"] += 1
                        continue
                action = "conflict"
                expected.conflicts.append((name, key))
            elif found:
                action = "insert" if present is None else "update"
                expected.state[name][key] = found[0]
            else:
                action = "delete"
                del expected.state[name][key]
            expected.actions[name, action] += 1
        expected.refusals = self.refusals(now, expected.state)
        expected.may_be_refused = self.has_moved_values(now, expected.state)
        return expected

    def refusals(self, now: State, then: State) -> set[str]:
        """What PostgreSQL would not have, or would do more than is asked for."""
        refusals = set().union(*(self.refusals_by(link, now, then) for link in self.links))
        for table, column in self.unique_columns():
            values = [table.values(row, column) for row in then[table.name].values()]
            present = [value for value in values if value is not None]
            if len(present) != len(set(present)):
                refusals.add("UW014")
        return refusals

    def refusals_by(self, link: Link, now: State, then: State) -> set[str]:
        """A row would refer to what is not there, or to a row that goes, by a foreign key that then acts."""
        refusals = set()
        child, parent = self.table(link.child), self.table(link.parent)
        was = {parent.values(row, link.parent_columns) for row in now[parent.name].values()}
        there = {parent.values(row, link.parent_columns) for row in then[parent.name].values()}
        there -= {
            parent.values(row, link.parent_columns)
            for key, row in now[parent.name].items()
            if self.acts(link, parent, row, then[parent.name].get(key))
        }
        for key, row in then[child.name].items():
            value = child.values(row, link.columns)
            if value is None or value in there:
                continue
            if now[child.name].get(key) == row:
                refusals.add("UW007")
            else:
                refusals |= {"UW007", "UW014"} if value in was else {"UW014"}
        return refusals

    def acts(self, link: Link, parent: Table, now: Row, then: Row | None) -> bool:
        """Whether the foreign key looks, or does something, as soon as its parent becomes this."""
        if then is None:
            return link.on_delete != "no action"
        is_changed = parent.texts(now, link.parent_columns) != parent.texts(then, link.parent_columns)
        return is_changed and link.on_update != "no action"

    def unique_columns(self) -> Iterator[tuple[Table, tuple[str]]]:
        """All of them."""
        for table in self.tables:
            for column in table.unique:
                yield table, (column,)

    def has_moved_values(self, now: State, then: State) -> bool:
        """Whether a unique value changes rows in a table where rows cannot go and come back."""
        for table, column in self.unique_columns():
            if all(link.parent != table.name or link.on_delete == "no action" for link in self.links):
                continue
            stay = now[table.name].keys() & then[table.name].keys()
            had = {table.values(now[table.name][key], column): key for key in stay}
            for key in stay:
                value = table.values(then[table.name][key], column)
                if value is not None and had.get(value, key) != key:
                    return True
        return False

    def hand_on(self, runs: list[str], conflicts: list[tuple[str, Key]]) -> int:
        """Rows that were skipped: what these runs did to them is from now on what the next run did."""
        heirs = {place: self.heir(runs, place) for place in conflicts}
        for place, heir in heirs.items():
            if heir is not None:
                for run in runs:
                    given = self.history.get(run, {}).pop(place, Counter())
                    self.history[heir][place].update(given)
                    self.given.setdefault(self.undo_of(run), []).append((run, heir, place, given))
        return sum(heir is not None for heir in heirs.values())

    def undo_of(self, run: str) -> str:
        """The name of the undo of a run."""
        return next(undo for undo, runs in self.undos.items() if run in runs)

    def note_undo(self, runs: list[str], before: State, after: State) -> None:
        """These were undone together, which made this of that."""
        undo = f"undo of {min(runs)}"
        self.undone.update(runs)
        self.undos[undo] = runs
        self.note(undo, before, after)

    def settle(self, undo: str, skipped: list[tuple[str, Key]]) -> None:
        """It is taken back, but for rows that were skipped."""
        history = self.history.get(undo, {})
        self.history[undo] = {place: history[place] for place in skipped}

    def is_lost(self, undo: str) -> bool:
        """Whether what it handed on is so that it cannot be taken back: the heir has been undone."""
        return any(heir in self.undone for _, heir, _, given in self.given.get(undo, []) if given)

    def take_back(self, undo: str) -> None:
        """What it handed on is as before."""
        for run, heir, place, given in self.given.pop(undo, []):
            self.history[heir][place].subtract(given)
            self.history.setdefault(run, {}).setdefault(place, Counter()).update(given)
        self.undone.difference_update(self.undos.pop(undo))

    def heir(self, runs: list[str], place: tuple[str, Key]) -> str | None:
        """The first run, not undone, that found what these have left of a row."""
        total = self.sums(runs)[place]
        found = [row for row, sign in total.items() if sign > 0]
        left = [row for row, sign in total.items() if sign < 0]
        if len(found) > 1 or len(left) != 1:
            return None
        return next(
            (
                run
                for run in sorted(self.history)
                if not run.startswith("undo of ")
                and run not in self.undone
                and run not in runs
                and self.history[run].get(place, Counter())[left[0]] > 0
            ),
            None,
        )
