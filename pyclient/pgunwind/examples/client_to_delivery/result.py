"""What a run of client_to_delivery came to, in the words its application uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pgunwind import Receipt

SAGA_NAMES = {
    "brief": "normalize_brief",
    "strategy": "generate_strategy",
    "draft": "generate_draft",
    "qc": "qc_evaluate",
    "package": "create_package",
}
"""The steps in forward order: the workflow's name for each, and the application's."""


@dataclass(frozen=True, slots=True)
class Result:
    """A run that ended: delivered, or failed and undone."""

    success: bool
    run_id: str
    status: str
    completed_steps: tuple[str, ...]
    """Those that did all they had to, first to last. A step that stored rows and then failed is not here."""
    compensated_steps: tuple[str, ...]
    """Those that had rows to undo, in the order in which they were undone."""
    receipts: tuple[Receipt, ...]
    error: str | None


def compensated_steps(receipts: Iterable[Receipt]) -> tuple[str, ...]:
    """The steps that receipts speak of, in the order of the deletions."""
    undone = [
        receipt for receipt in sorted(receipts, key=lambda receipt: receipt.ordinal) if receipt.rows_deleted
    ]
    steps = (receipt.step for receipt in undone if receipt.step is not None)
    return tuple(dict.fromkeys(SAGA_NAMES[step] for step in steps))
