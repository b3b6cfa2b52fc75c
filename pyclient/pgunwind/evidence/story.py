"""What a document of evidence tells, in the order in which a page tells it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Final, NamedTuple

from .._visible import visible
from .graph import Graph, drawn

IN_DETAIL: Final = 200
"""Of up to so many runs a page says everything; of more it keeps that in its data alone."""
_LONG: Final = 500
_NOTHING: Final = "-"


def shown(value: object) -> str:
    """Return a value as text that hides nothing: no invisible character, none that turns text around."""
    if value is None:
        return _NOTHING
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = "⏎ ".join(visible(line) for line in str(value).split("\n"))
    return text if len(text) <= _LONG else f"{text[:_LONG]}… ({len(text):,} characters)"


def moment(at: str) -> str:
    """Return a time of the document, which is UTC, without its fraction."""
    return at[:19].replace("T", " ")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, and when (UTC, as the document says it)."""

    at: str
    what: str
    who: str | None = None

    @property
    def second(self) -> str:
        """The moment to read."""
        return moment(self.at)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the document."""

    described: Mapping[str, Any]

    @property
    def facts(self) -> Mapping[str, Any]:
        """The run's row."""
        facts: Mapping[str, Any] = self.described["record"]["run"]
        return facts

    @property
    def ledger(self) -> list[Mapping[str, Any]]:
        """Its recorded keys."""
        ledger: list[Mapping[str, Any]] = self.described["record"]["ledger"]
        return ledger

    @property
    def receipts(self) -> list[Mapping[str, Any]]:
        """Its receipts, but those of released entities, which the ledger tells with their keys."""
        receipts: list[Mapping[str, Any]] = self.described["record"]["receipts"]
        return [receipt for receipt in receipts if receipt["kind"] != "release"]

    @property
    def digest(self) -> str:
        """The sha256 of its record."""
        return str(self.described["sha256"])

    @property
    def holding(self) -> list[Mapping[str, Any]]:
        """Those of undos that were not taken back."""
        return [
            receipt for receipt in self.receipts if receipt["kind"] == "undo" and not receipt["taken_back"]
        ]

    @property
    def rows_deleted(self) -> int:
        """How many rows its undos deleted for good."""
        return sum(receipt["rows_deleted"] for receipt in self.holding)

    @property
    def keys_released(self) -> int:
        """How many of its keys were taken out of its undo."""
        return sum(entry["released_at"] is not None for entry in self.ledger)

    @property
    def has_restores(self) -> bool:
        """Whether an undo was taken back."""
        return any(receipt["kind"] == "restore" for receipt in self.receipts)

    @property
    def is_restored(self) -> bool:
        """Whether its undo was taken back, and it is not undone again."""
        return self.has_restores and not self.holding

    @property
    def has_captured(self) -> bool:
        """Whether an undo restored, or skipped, rows of captured tables."""
        return any(restored(receipt) or receipt["rows_skipped"] for receipt in self.receipts)

    @property
    def captured(self) -> list[Mapping[str, Any]]:
        """What it changed in captured tables, as far as there are images of it."""
        captured: list[Mapping[str, Any]] = self.described["captured"]
        return captured

    @property
    def acts(self) -> list[Mapping[str, Any]]:
        """Rights used on it; none too where the log was not to be read."""
        return self.described["audit"] or []

    @property
    def timeline(self) -> list[Event]:
        """What happened, oldest first."""
        return sorted(self._events(), key=lambda event: event.at)

    def _events(self) -> Iterator[Event]:
        yield Event(self.facts["created_at"], "started", self.facts["started_by"])
        for entry in self.ledger:
            key = ", ".join(entry["entity_key"])
            yield Event(entry["recorded_at"], f"step {entry['step']} recorded {key}")
            if entry["released_at"]:
                yield Event(
                    entry["released_at"], f"step {entry['step']} released {key}", entry["released_by"]
                )
        if self.facts["completed_at"]:
            yield Event(self.facts["completed_at"], "completed")
        for act in self.acts:
            what = act["action"] + (f": {act['detail']}" if act["detail"] else "")
            yield Event(act["at"], what, _person(act["role"], act["login"]))
        for (at, kind), group in groupby(
            self.receipts, key=lambda receipt: (receipt["compensated_at"], receipt["kind"])
        ):
            receipts = list(group)
            who = _person(receipts[0]["compensated_by"], receipts[0]["login"])
            yield Event(at, f"{'undone' if kind == 'undo' else 'undo taken back'}: {_undone(receipts)}", who)
        if self.facts["status"] == "COMPENSATED" and not self.holding:
            yield Event(self.facts["updated_at"], "undone: there was nothing to delete")


class Restored(NamedTuple):
    """How many captured rows were changed back, put back, and left as they are."""

    reverted: int = 0
    reinserted: int = 0
    skipped: int = 0

    def plus(self, receipt: Mapping[str, Any]) -> Restored:
        """Return it with those of a receipt."""
        return Restored(
            self.reverted + receipt["rows_reverted"],
            self.reinserted + receipt["rows_reinserted"],
            self.skipped + receipt["rows_skipped"],
        )


@dataclass(frozen=True)
class Workflow:
    """One workflow of the document, and what is told of its runs together."""

    described: Mapping[str, Any]
    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The workflow's name."""
        return str(self.described["workflow"])

    @property
    def proof(self) -> Mapping[str, Any] | None:
        """What was counted; None where nothing could be."""
        proof: Mapping[str, Any] | None = self.described["proof"]
        return proof

    @property
    def deleted(self) -> Counter[str]:
        """Rows deleted for good, by table."""
        counts: Counter[str] = Counter()
        for run in self.runs:
            for receipt in run.holding:
                counts[receipt["table_name"]] += receipt["rows_deleted"]
        return counts

    @cached_property
    def restored(self) -> dict[str, Restored]:
        """What became of captured rows, by table; of tables where anything did."""
        counts: dict[str, Restored] = {}
        for run in self.runs:
            for receipt in run.holding:
                name = receipt["table_name"]
                counts[name] = counts.get(name, Restored()).plus(receipt)
        return {name: restored for name, restored in counts.items() if any(restored)}

    @property
    def tables(self) -> list[tuple[str, str, int, int | None, int | None]]:
        """Step, table, rows deleted, rows left and rows of others, in forward order; then what is no more."""
        deleted = self.deleted
        counted = {table["table_name"]: table for table in self.proof["tables"]} if self.proof else {}
        steps: dict[str, list[str]] = {}
        for table in self.described["tables"]:
            steps.setdefault(table["table_name"], []).append(table["step"])
        for gone in sorted(deleted.keys() - steps.keys()):
            steps[gone] = [_NOTHING]
        return [
            (
                ", ".join(dict.fromkeys(of)),
                name,
                deleted[name],
                counted[name]["rows_left"] if name in counted else None,
                counted[name]["rows_outside"] if name in counted else None,
            )
            for name, of in steps.items()
        ]

    @property
    def orphans(self) -> list[Mapping[str, Any]]:
        """Child rows whose parents are gone."""
        return self.proof["orphans"] if self.proof else []

    @property
    def graph(self) -> Graph:
        """Its tables and links, with what was counted."""
        return drawn(
            [(name, deleted, left, outside) for _, name, deleted, left, outside in self.tables],
            [(link["child"], link["parent"]) for link in self.described["links"]],
            {name: restored.reverted + restored.reinserted for name, restored in self.restored.items()},
        )

    @property
    def schema(self) -> str:
        """The schema of all its tables with its dot, not to be said of each; nothing where they differ."""
        schemas = {name.partition(".")[0] for _, name, *_ in self.tables}
        return f"{schemas.pop()}." if len(schemas) == 1 else ""


class Story:
    """A document as its page tells it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.runs = tuple(Run(described) for described in document["runs"])

    @property
    def title(self) -> str:
        """What the page is of."""
        return (
            f"run {shown(self.runs[0].facts['id'])}" if len(self.runs) == 1 else _many(len(self.runs), "run")
        )

    @property
    def is_in_detail(self) -> bool:
        """Whether each run's own story is told."""
        return len(self.runs) <= IN_DETAIL

    @cached_property
    def workflows(self) -> tuple[Workflow, ...]:
        """The workflows of the runs."""
        return tuple(
            Workflow(
                described,
                tuple(run for run in self.runs if run.facts["workflow"] == described["workflow"]),
            )
            for described in self.document["workflows"]
        )

    @property
    def statuses(self) -> list[tuple[str, int]]:
        """How many runs have which status."""
        return sorted(Counter(str(run.facts["status"]) for run in self.runs).items())

    @property
    def rows_deleted(self) -> int:
        """Rows deleted of all runs together."""
        return sum(run.rows_deleted for run in self.runs)

    @property
    def totals(self) -> list[tuple[str, int]]:
        """What else was done of all runs together, in words; what was not is left out."""
        restored = [done for workflow in self.workflows for done in workflow.restored.values()]
        counts = [
            ("Rows changed back", sum(done.reverted for done in restored)),
            ("Rows put back", sum(done.reinserted for done in restored)),
            ("Rows skipped", sum(done.skipped for done in restored)),
            ("Keys released", sum(run.keys_released for run in self.runs)),
        ]
        return [(what, number) for what, number in counts if number]

    @property
    def keeps_rows(self) -> bool:
        """Whether some run is good, at work or restored, so that rows of it are where they should be."""
        return any(run.facts["status"] in ("COMPLETED", "RUNNING") or run.is_restored for run in self.runs)

    @property
    def rows_left(self) -> int | None:
        """Rows of the runs that are still there; None where that could not be counted of all."""
        return self._counted("rows_left")

    @property
    def rows_outside(self) -> int | None:
        """Rows of the same tables that are not of the runs."""
        return self._counted("rows_outside")

    def _counted(self, what: str) -> int | None:
        proofs = [workflow.proof for workflow in self.workflows]
        if None in proofs:
            return None
        return sum(int(table[what]) for proof in proofs if proof for table in proof["tables"])

    @property
    def orphans(self) -> int | None:
        """Child rows whose parents are gone; None where that could not be counted of all."""
        if any(workflow.proof is None for workflow in self.workflows):
            return None
        return sum(int(orphan["orphans"]) for workflow in self.workflows for orphan in workflow.orphans)

    @property
    def people(self) -> list[tuple[str, str]]:
        """Who started, undid, or used a right, and what."""
        return sorted(set(self._people()))

    def _people(self) -> Iterable[tuple[str, str]]:
        for run in self.runs:
            yield str(run.facts["started_by"]), "started"
            for receipt in run.receipts:
                what = "undid" if receipt["kind"] == "undo" else "took an undo back"
                yield _person(receipt["compensated_by"], receipt["login"]), what
            for act in run.acts:
                yield _person(act["role"], act["login"]), str(act["action"])


def _person(role: str, login: str | None) -> str:
    return role if login in (None, role) else f"{role} (login {login})"


def restored(receipt: Mapping[str, Any]) -> int:
    """Return how many captured rows were updated back or put back."""
    return int(receipt["rows_reverted"]) + int(receipt["rows_reinserted"])


def _undone(receipts: Sequence[Mapping[str, Any]]) -> str:
    """Say how many rows one undo deleted, and restored where it did, and skipped."""
    tables = len({receipt["table_name"] for receipt in receipts})
    deleted = sum(receipt["rows_deleted"] for receipt in receipts)
    others = (
        (sum(map(restored, receipts)), "restored"),
        (sum(receipt["rows_skipped"] for receipt in receipts), "skipped"),
    )
    more = "".join(f", {rows:,} {what}" for rows, what in others if rows)
    return f"{_many(deleted, 'row')} of {_many(tables, 'table')} deleted{more}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
