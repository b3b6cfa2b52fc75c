"""Evidence of runs that changed captured tables: what was restored is recorded, what is kept is beside it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgunwind import Unwind, evidence

Connection = psycopg.Connection[Any]
TABLE = "public.orders"
UNCOUNTED = "select unwind.describe_runs('{r2}', false) #> '{runs,0,captured}'"


@pytest.fixture
def stock(shop: Connection) -> Connection:
    """Orders under capture: run r2 inserted one, updated two and deleted one; one was updated since."""
    shop.execute(
        """
        alter table orders add amount int;
        insert into orders values ('a', 1), ('b', 1), ('c', 1);
        select unwind.compile_workflow('shop'), unwind.capture_table('orders');
        select unwind.start_run('shop', 'r2');
        begin;
        select unwind.enter_run('r2');
        update orders set amount = 2 where id in ('a', 'b');
        update orders set amount = 3 where id = 'a';
        delete from orders where id = 'c';
        insert into orders values ('d', 2), ('e', 2);
        delete from orders where id = 'e';
        commit;
        update orders set amount = 9 where id = 'b';
        """
    )
    return shop


def described(conn: Connection, run: str = "r2") -> Any:
    row = conn.execute("select unwind.describe_runs(array[%s])", [run]).fetchone()
    assert row is not None
    return row[0]["runs"][0]


def test_what_a_run_changed_is_counted_before_and_after_its_undo(stock: Connection) -> None:
    counts = [{"table_name": TABLE, "rows_inserted": 1, "rows_updated": 2, "rows_deleted": 1}]
    assert described(stock)["captured"] == counts
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    assert described(stock)["captured"] == counts
    assert described(stock, "r1")["captured"] == []


def test_receipts_say_what_was_restored_and_skipped(stock: Connection) -> None:
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    (receipt,) = described(stock)["record"]["receipts"]
    assert {name: value for name, value in receipt.items() if name.startswith("rows_")} == {
        "rows_deleted": 1,
        "rows_reverted": 1,
        "rows_reinserted": 1,
        "rows_skipped": 1,
    }


@pytest.mark.parametrize("column", ["reverted", "reinserted", "skipped"])
def test_whatever_is_changed_in_such_receipts_changes_the_digest(stock: Connection, column: str) -> None:
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    before = described(stock)["sha256"]
    stock.execute(f"update unwind_internal.receipts set {column}[1] = 7".encode())
    assert described(stock)["sha256"] != before


def test_forgetting_images_leaves_the_digest(stock: Connection) -> None:
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    before = described(stock)["sha256"]
    stock.execute("select unwind.forget_images('{r2}')")
    after = described(stock)
    assert (after["sha256"], after["captured"]) == (before, [])


def test_of_a_table_that_may_not_be_read_or_is_gone_there_are_no_counts(
    stock: Connection, connect: Any
) -> None:
    unknown = {"table_name": TABLE, "rows_inserted": None, "rows_updated": None, "rows_deleted": None}
    role = f"captured_viewer_{stock.info.dbname}"
    stock.execute(
        f"create role \"{role}\" login; select unwind_internal.grant_access('{role}', 'viewer')".encode()
    )
    try:
        with connect(user=role) as viewer:
            assert viewer.execute(UNCOUNTED).fetchone() == ([unknown],)
    finally:
        stock.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())
    stock.execute("drop table orders cascade")
    assert stock.execute(UNCOUNTED).fetchone() == ([unknown],)


def test_pages_and_text_tell_of_it(stock: Connection) -> None:
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    row = stock.execute("select unwind.describe_run('r2', 'text')").fetchone()
    assert row is not None
    assert f"  {TABLE}: 1 inserted, 2 updated, 1 deleted" in row[0].splitlines()
    assert f"  {TABLE}: 1 deleted, 2 restored, 1 skipped by postgres" in row[0]
    document = Unwind(stock).describe_runs(["r2"])
    page = evidence.write(document, "html")
    assert "undone: 1 row of 1 table deleted, 2 restored, 1 skipped" in page
    assert "Changed in captured tables" in page
    for what, rows in (("changed back", 1), ("put back", 1), ("skipped", 1)):
        assert f"<dt>Rows {what}</dt><dd>{rows}</dd>" in page
        assert f"| rows {what} | {rows} |" in evidence.write(document, "markdown")
        assert f'<th scope="col" class="n">{what.capitalize()}</th>' in page
    assert ">1 deleted, 2 restored</text>" in page, "on the node of the graph"
    receipt = f"| 1 | undo 1 | `-` | `{TABLE}` | 1 | 1 | 1 | 1 |"
    assert receipt in evidence.write(document, "markdown").splitlines()
    assert "1 inserted, 2 updated, 1 deleted" in evidence.write(document, "markdown")
    assert evidence.check(page, Unwind(stock)) == ()


def test_a_restored_undo_is_told_and_does_not_count_as_deleted(stock: Connection) -> None:
    stock.execute("select unwind.capture_table('orders', 'lines')")
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    stock.execute("select unwind.restore_run('r2')")
    described_now = described(stock)
    assert [
        (receipt["undo"], receipt["kind"], receipt["taken_back"], receipt["rows_deleted"])
        for receipt in described_now["record"]["receipts"]
    ] == [(1, "undo", True, 1), (1, "restore", False, 1)]
    row = stock.execute("select unwind.describe_run('r2', 'text')").fetchone()
    assert row is not None
    assert f"  {TABLE}: 1 deleted, 2 restored, 1 skipped by postgres, taken back since" in row[0]
    assert f"  undo taken back, {TABLE}: 1 deleted, 2 restored by postgres\n" in row[0]
    assert "restored by postgres, login postgres: an undo of 1" in row[0]
    document = Unwind(stock).describe_runs(["r2"])
    page = evidence.write(document, "html")
    assert "<dt>Rows deleted</dt><dd>0</dd>" in page
    assert "undone: 1 row of 1 table deleted, 2 restored, 1 skipped" in page
    assert "undo taken back: 1 row of 1 table deleted, 2 restored" in page
    assert "<dt>Status</dt><dd>FAILED, its undo taken back</dd>" in page and "Rows left" not in page
    assert "took an undo back" in page and "undo 1, taken back" in page and "restore 1" in page
    assert "Rows put back" not in page, "what was put back is gone again"
    assert "| rows deleted | 0 |" in evidence.write(document, "markdown")
    assert f"| 1 | undo 1, taken back | `-` | `{TABLE}` |" in evidence.write(document, "markdown")
    assert evidence.check(page, Unwind(stock)) == ()
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    page = evidence.write(Unwind(stock).describe_runs(["r2"]), "html")
    assert "<dt>Rows deleted</dt><dd>1</dd>" in page and "undo 2" in page


def test_a_receipt_of_captured_rows_that_was_changed_is_named(stock: Connection) -> None:
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    page = evidence.write(Unwind(stock).describe_runs(["r2"]))
    changed = page.replace("<dt>Rows skipped</dt><dd>1</dd>", "<dt>Rows skipped</dt><dd>0</dd>")
    (difference,) = evidence.check(changed, Unwind(stock))
    assert (difference.where, "<dd>0</dd>" in difference.message) == ("file", True)
    stock.execute("update unwind_internal.receipts set skipped[1] = 0 where run_id = 'r2'")
    assert [str(difference) for difference in evidence.check(page, Unwind(stock))] == [
        "database: run 'r2' is not what it was: receipts, line 1"
    ]


def test_a_page_of_before_the_undo_was_taken_back_says_that_it_was(stock: Connection) -> None:
    stock.execute("select unwind.compensate_run('r2', on_conflict => 'skip')")
    page = evidence.write(Unwind(stock).describe_runs(["r2"]), "html")
    stock.execute("select unwind.restore_run('r2')")
    differences = [str(difference) for difference in evidence.check(page, Unwind(stock))]
    assert len(differences) == 1
    assert "status was 'COMPENSATED', is 'FAILED'" in differences[0]


def test_what_single_steps_lost_before_is_not_taken_back(shop: Connection) -> None:
    for statements in (
        "create table notes (id int primary key)",
        "select unwind.define_step('shop', 'note', 'notes', 'id')",
        "select unwind.start_run('shop', 'r3'), unwind.record_step('r3', 'order', 'o')",
        "select unwind.record_step('r3', 'note', '1')",
        "insert into orders values ('o'); insert into notes values (1)",
        "select unwind.compensate_step('r3', 'note')",
        "select unwind.capture_table('orders', 'lines')",
        "select unwind.compensate_run('r3')",
        "select unwind.restore_run('r3')",
    ):
        shop.execute(statements.encode())
    assert [
        (receipt["table_name"], receipt["kind"], receipt["taken_back"])
        for receipt in described(shop, "r3")["record"]["receipts"]
    ] == [
        ("public.notes", "undo", False),
        ("public.orders", "undo", True),
        ("public.orders", "restore", False),
    ]
    assert "<dt>Rows deleted</dt><dd>1</dd>" in evidence.write(Unwind(shop).describe_runs(["r3"]))
