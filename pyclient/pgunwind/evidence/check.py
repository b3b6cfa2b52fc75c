"""Whether a page of evidence is as it was written, and the database as the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ..client import Unwind
from ..errors import RunNotFound
from .page import MARK, Document, unpacked, write, written_by

_DATA = re.compile(rf'<script type="application/gzip" id="{MARK}">([A-Za-z0-9+/=\s]*)</script>')


class NotEvidence(ValueError):
    """What was to be checked is no page of evidence, or its data is damaged."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was."""

    where: str
    """file or database."""
    run_id: str | None
    """The run that it concerns, if one."""
    message: str

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.where}: {self.message}"


def check(text: str, unwind: Unwind) -> tuple[Difference, ...]:
    """Compare a page (HTML or JSON, as `write` made it) with what it was, and with the database.

    None: the page was not changed, and the database still says the same of every run on it.

    Raises: NotEvidence, and what Unwind.describe_runs raises except RunNotFound.
    """
    author, document = _read(text)
    return tuple([*_changed_page(text, author, document), *_changed_runs(document, unwind)])


def _read(text: str) -> tuple[str, Document]:
    document: Document
    try:
        if text.lstrip().startswith("{"):
            data = json.loads(text)
            author, document = str(data["written_by"]), dict(data["evidence"])
        else:
            (block,) = _DATA.findall(text)
            author, document = unpacked(block)
        for described in document["runs"]:
            _ = described["record"]["run"]["id"], described["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotEvidence(
            "this is no page of evidence, or its data is damaged: HTML and JSON as pgunwind writes them"
            " can be checked"
        ) from error
    return author, document


def _changed_page(text: str, author: str, document: Document) -> Iterator[Difference]:
    """Compare the page with the one that its data gives, where this pgunwind makes the same."""
    if author != written_by():
        return
    form = "json" if text.lstrip().startswith("{") else "html"
    lines = zip_longest(text.splitlines(), write(document, form).splitlines())
    for number, (is_line, was_line) in enumerate(lines, start=1):
        if is_line != was_line:
            yield Difference("file", None, f"line {number} was changed: {_short(is_line or '(missing)')}")


def _changed_runs(document: Document, unwind: Unwind) -> Iterator[Difference]:
    now = _as_they_are([str(run["record"]["run"]["id"]) for run in document["runs"]], unwind)
    for described in document["runs"]:
        record, run_id = described["record"], str(described["record"]["run"]["id"])
        known = now.get(run_id)
        if known is not None and _written(known) == _written(described):
            continue  # so the record gives its sha256, too
        if unwind.evidence_digest(record) != described["sha256"]:
            yield Difference("file", run_id, f"the record of run {run_id!r} does not give its sha256")
        if known is None:
            yield Difference(
                "database", run_id, f"run {run_id!r} is not there any more: purged, or not yours"
            )
        elif known["sha256"] != described["sha256"]:
            parts = ", ".join(_parts(record, known["record"])) or "its sha256"
            yield Difference("database", run_id, f"run {run_id!r} is not what it was: {parts}")


def _as_they_are(run_ids: Sequence[str], unwind: Unwind) -> dict[str, Mapping[str, Any]]:
    """Return the runs as the database has them now, but those that it has not; in one call if it has all."""
    if not run_ids:
        return {}
    try:
        return {run["record"]["run"]["id"]: run for run in unwind.describe_runs(run_ids, False)["runs"]}
    except RunNotFound:
        if len(run_ids) == 1:
            return {}
    half = len(run_ids) // 2
    return _as_they_are(run_ids[:half], unwind) | _as_they_are(run_ids[half:], unwind)


def _written(described: Mapping[str, Any]) -> str:
    """Return a run's record and digest as text, in which 1, 1.0 and true are not the same."""
    return json.dumps([described["record"], described["sha256"]], sort_keys=True)


def _parts(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Say in what two records differ."""
    for field, value in now["run"].items():
        if was["run"].get(field) != value:
            yield f"{field} was {_short(was['run'].get(field))}, is {_short(value)}"
    for part in ("ledger", "receipts"):
        lines = enumerate(zip_longest(was[part], now[part]), start=1)
        yield from (f"{part}, line {number}" for number, (old, new) in lines if old != new)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
