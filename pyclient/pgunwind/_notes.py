"""What is said of a run that has ended."""

from __future__ import annotations

from collections.abc import Mapping

from .results import Holder, Receipt


def nothing_recorded_note(run_id: str, captures: bool) -> str:
    """The warning's text."""
    if captures:
        return (
            f"run {run_id!r} is COMPLETED and no transaction has entered it: had it failed, nothing would "
            "have been undone; capture the engine, or use a CaptureConnection"
        )
    return (
        f"run {run_id!r} is COMPLETED and has recorded nothing: had it failed, nothing would have been "
        "undone; give run.step() the key, or call run.record()"
    )


def undone_note(run_id: str, receipts: tuple[Receipt, ...], recorded: Mapping[str, int]) -> str:
    """The note on the exception that goes on: pgunwind: run 'x' undone: 22 rows in 10 tables (…)."""
    per_table: dict[str, int] = {}
    for receipt in receipts:
        if rows := rows_undone(receipt):
            per_table[receipt.table_name] = per_table.get(receipt.table_name, 0) + rows
    said = []
    if per_table:
        tables = ", ".join(f"{table} {rows}" for table, rows in per_table.items())
        total = _count(sum(per_table.values()), "row")
        said.append(f"{total} in {_count(len(per_table), 'table')} ({tables})")
    elif not recorded:
        said.append("nothing was recorded")
    if unmatched := unmatched_keys(receipts, recorded):
        said.append(f"{_count(unmatched, 'recorded key')} matched no row")
    return f"pgunwind: run {run_id!r} undone: {'; '.join(said)}"


def rows_undone(receipt: Receipt) -> int:
    """How many rows it says were deleted, changed back or put back."""
    return receipt.rows_deleted + receipt.rows_reverted + receipt.rows_reinserted


def unmatched_keys(receipts: tuple[Receipt, ...], recorded: Mapping[str, int]) -> int:
    """How many keys matched no row for certain: those of the steps for which none was deleted.

    None, where captured rows were undone: theirs may be among them.
    """
    if any(receipt.step is None for receipt in receipts):
        return 0
    matched = {receipt.step for receipt in receipts if receipt.rows_deleted}
    return sum(keys for step, keys in recorded.items() if step not in matched)


def describe_holder(holder: Holder) -> str:
    """Who holds a run's row, and how to end it: session 123 (app, idle in transaction since …)."""
    if holder.gid is not None:
        gid = holder.gid.replace("'", "''")
        return f"prepared transaction {holder.gid!r} (to end it: rollback prepared '{gid}';)"
    told = [holder.login, holder.application, holder.state]
    if holder.since is not None:
        told.append(f"since {holder.since:%Y-%m-%d %H:%M:%S%z}")
    told.append(f"to end it: select pg_terminate_backend({holder.pid});")
    return f"session {holder.pid} ({', '.join(word for word in told if word)})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
