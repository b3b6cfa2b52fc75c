"""How receipts are told: as a phrase, and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from ._screen import count, table
from ._views import Kept


def told(receipts: Sequence[Kept], deleted: str = "") -> str:
    """How many rows went, and how many captured ones were restored or left as they are."""
    restored = sum(receipt.rows_restored for receipt in receipts)
    skipped = sum(receipt.rows_skipped for receipt in receipts)
    return (
        count(sum(receipt.rows_deleted for receipt in receipts), "row")
        + (deleted or (" deleted" if restored or skipped else ""))
        + (f", {restored:,} restored" if restored else "")
        + (f", {skipped:,} skipped" if skipped else "")
    )


def receipts_table(receipts: Sequence[Kept]) -> None:
    """A line a receipt; what concerns captured rows, or undos taken back, only where there are some."""
    columns: dict[str, list[object]] = {}
    if any(receipt.kind == "restore" for receipt in receipts) and len({r.kind for r in receipts}) > 1:
        columns["what"] = [f"{receipt.kind} {receipt.undo}" for receipt in receipts]
    columns["step"] = [receipt.step for receipt in receipts]
    columns["table"] = [receipt.table_name for receipt in receipts]
    if any(receipt.rows_restored or receipt.rows_skipped for receipt in receipts):
        columns["deleted"] = [receipt.rows_deleted for receipt in receipts]
        columns["restored"] = [receipt.rows_restored for receipt in receipts]
        columns["skipped"] = [receipt.rows_skipped for receipt in receipts]
    else:
        columns["rows"] = [receipt.rows_deleted for receipt in receipts]
    table(tuple(columns), zip(*columns.values(), strict=True))
