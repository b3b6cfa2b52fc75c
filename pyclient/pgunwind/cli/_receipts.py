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
    """A line a receipt; what concerns captured rows only where there are some."""
    if any(receipt.rows_restored or receipt.rows_skipped for receipt in receipts):
        table(
            ("step", "table", "deleted", "restored", "skipped"),
            [
                (row.step, row.table_name, row.rows_deleted, row.rows_restored, row.rows_skipped)
                for row in receipts
            ],
        )
    else:
        table(("step", "table", "rows"), [(row.step, row.table_name, row.rows_deleted) for row in receipts])
