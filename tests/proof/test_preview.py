"""A preview is what the compensation will do, and nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

TABLES = ("orders", "lines", "payments", "notes", "alerts")


def contents(conn: Connection) -> dict[str, list[Any]]:
    return {table: conn.execute(f"select * from {table} order by id".encode()).fetchall() for table in TABLES}


def preview(conn: Connection, run: str = "r") -> list[Any]:
    return conn.execute("select * from unwind.preview_run(%s)", [run]).fetchall()


def per_step_and_table(rows: list[Any]) -> dict[tuple[str, str], int]:
    """Preview rows or receipts, added up as receipts are."""
    sums: dict[tuple[str, str], int] = {}
    for _, step, table, count, *_ in rows:
        sums[step, table] = sums.get((step, table), 0) + count
    return sums


def test_its_counts_are_the_receipts_even_of_rows_that_two_ways_lead_to(run: Connection) -> None:
    rows = [row for row in preview(run) if row[2] != "public.alerts"]
    receipts = run.execute("select * from unwind.compensate_run('r')").fetchall()
    assert per_step_and_table(receipts) == {
        ("payment", "public.payments"): 1,
        ("order", "public.notes"): 5,
        ("order", "public.lines"): 3,
        ("order", "public.orders"): 2,
    }
    assert per_step_and_table(rows) == per_step_and_table(receipts)
    assert contents(run) == {
        "orders": [(9, None)],
        "lines": [(9, 9, None)],
        "payments": [("p9", 9)],
        "notes": [(9, 9, 9), (10, None, None)],
        "alerts": [(1, None), (9, 9)],
    }


def test_it_counts_the_links_to_be_cleared(run: Connection) -> None:
    cleared = [(table, count) for _, _, table, count, statement, *_ in preview(run) if "update" in statement]
    assert cleared == [("public.alerts", 1)]


def test_it_comes_in_the_order_of_the_compensation(run: Connection) -> None:
    rows = preview(run)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0][1:3] == ("payment", "public.payments")
    assert rows[-1][1:3] == ("order", "public.orders")


def test_it_changes_nothing_and_may_run_in_a_read_only_transaction(run: Connection) -> None:
    before = contents(run)
    with run.transaction():
        run.execute("set transaction read only")
        assert preview(run)
    assert contents(run) == before
    assert run.execute("select status from unwind.workflow_runs").fetchall() == [("RUNNING",)]


def test_its_statements_can_be_run_as_they_stand(run: Connection) -> None:
    rows = preview(run)
    before = contents(run)
    for _, _, _, count, statement, *_ in rows:
        with run.transaction(force_rollback=True):
            # A row that two statements would find is counted by the first only.
            assert run.execute(statement.encode()).rowcount >= count
    assert contents(run) == before
    with run.transaction(force_rollback=True):
        # Captures are read from rows that are still there: parents, so children first is what makes it work.
        for _, _, _, count, statement, *_ in rows:
            assert run.execute(statement.encode()).rowcount == count
        assert run.execute("select * from unwind.verify_run('r')").fetchall() == []


def test_a_run_without_steps_or_rows_has_nothing_to_preview(shop: Connection) -> None:
    shop.execute("select unwind.start_run('w', 'r')")
    assert preview(shop) == []
    shop.execute("select unwind.record_step('r', 'order', '1')")
    assert preview(shop) == []


def test_a_compensated_run_has_nothing_left_to_preview(run: Connection) -> None:
    run.execute("select * from unwind.compensate_run('r')")
    assert preview(run) == []


def test_a_completed_run_can_be_previewed(run: Connection) -> None:
    rows = preview(run)
    run.execute("select unwind.complete_run('r')")
    assert preview(run) == rows


def test_a_custom_step_has_no_count_and_a_statement_that_calls_it(shop: Connection) -> None:
    shop.execute(
        """
        create function undo_mail(run_ids text[])
        returns table(run_id text, table_name text, rows_deleted bigint)
        language sql as $$ select r, 'mail', 1::bigint from unnest(run_ids) r $$
        """
    )
    shop.execute("select unwind.define_custom_step('w', 'mail', 'undo_mail(text[])')")
    shop.execute("select unwind.start_run('w', 'r')")
    assert preview(shop) == []
    shop.execute("select unwind.record_step('r', 'mail', 'm')")
    [(_, step, table, count, statement, _, action)] = preview(shop)
    assert (step, table, count, action) == ("mail", None, None, "call")
    assert shop.execute(statement.encode()).fetchall() == [("r", "mail", 1)]


def test_an_unknown_run_is_not_found(shop: Connection) -> None:
    with pytest.raises(psycopg.Error) as refused:
        preview(shop, "nobody")
    assert refused.value.sqlstate == "UW001"
