"""describe_run says what became of a run, who did it, what is left of it, and what was not touched."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from .conftest import RUN, UNDO

Connection = psycopg.Connection[Any]


def described(conn: Connection, run: str = "r1") -> Any:
    row = conn.execute("select unwind.describe_run(%s)::jsonb", [run]).fetchone()
    assert row is not None
    return row[0]


def digest(conn: Connection, run: str = "r1") -> str:
    return str(described(conn, run)["runs"][0]["sha256"])


def table(document: Any, name: str) -> tuple[int, int]:
    (found,) = [t for t in document["workflows"][0]["proof"]["tables"] if t["table_name"] == f"public.{name}"]
    return found["rows_left"], found["rows_outside"]


def test_the_record_holds_the_run_its_keys_and_its_receipts(shop: Connection) -> None:
    record = described(shop)["runs"][0]["record"]
    assert {
        key: record["run"][key] for key in ("id", "workflow", "business_key", "status", "last_error")
    } == {
        "id": "r1",
        "workflow": "shop",
        "business_key": "customer 7",
        "status": "COMPENSATED",
        "last_error": "out of stock",
    }
    assert json.loads(record["run"]["metadata"]) == {"by": "night"}
    ((step, key, undone),) = [(e["step"], e["entity_key"], e["compensated_at"]) for e in record["ledger"]]
    assert (step, key) == ("order", ["r1's"]) and undone is not None
    assert [(r["ordinal"], r["table_name"], r["rows_deleted"]) for r in record["receipts"]] == [
        (1, "public.lines", 2),
        (2, "public.orders", 1),
    ]
    assert {(r["compensated_by"], r["login"]) for r in record["receipts"]} == {("postgres", "postgres")}


def test_rows_left_and_rows_of_others_are_counted_now(shop: Connection) -> None:
    document = described(shop)
    assert (table(document, "orders"), table(document, "lines")) == ((0, 1), (0, 3))
    shop.execute("insert into orders values ('r1''s'); insert into lines (order_id) values ('theirs')")
    document = described(shop)
    assert (table(document, "orders"), table(document, "lines")) == ((1, 1), (0, 4))


def test_orphans_are_named(shop: Connection) -> None:
    shop.execute("alter table lines drop constraint lines_order_id_fkey; delete from orders")
    shop.execute("select unwind.compile_workflow('shop')")
    (orphan,) = described(shop)["workflows"][0]["proof"]["orphans"]
    assert (orphan["child_table"], orphan["orphans"]) == ("public.lines", 3)


@pytest.mark.parametrize(
    "setting",
    [
        "timezone to 'Asia/Tokyo'",
        "datestyle to 'SQL, DMY'",
        "intervalstyle to 'sql_standard'",
        "extra_float_digits to 0",
        "search_path to nowhere",
        "bytea_output to 'escape'",
        "enable_indexscan to off",
    ],
)
def test_no_setting_changes_the_digest(shop: Connection, setting: str) -> None:
    before = digest(shop)
    shop.execute(f"set {setting}".encode())
    assert digest(shop) == before


def test_the_digest_is_that_of_the_record_however_it_is_written(shop: Connection) -> None:
    run = described(shop)["runs"][0]
    for text in (json.dumps(run["record"]), json.dumps(run["record"], sort_keys=True, indent=4)):
        row = shop.execute("select unwind.evidence_digest(%s::jsonb)", [text]).fetchone()
        assert row == (run["sha256"],)


@pytest.mark.parametrize(
    "change",
    [
        "update unwind_internal.receipts set counts[1] = 1",
        "update unwind_internal.receipts set compensated_by = 'somebody'",
        "update unwind_internal.receipts set login = 'somebody'",
        "update unwind_internal.receipts set compensated_at = compensated_at + interval '1 us'",
        "delete from unwind_internal.receipts",
        "update unwind_internal.ledger set entity_key = '{other}'",
        "delete from unwind_internal.ledger",
        "update unwind.workflow_runs set status = 'COMPLETED'",
        "update unwind.workflow_runs set last_error = 'another'",
        "update unwind.workflow_runs set metadata = '{}'",
        "update unwind.workflow_runs set started_by = 'somebody'",
    ],
)
def test_whatever_is_changed_in_the_books_changes_the_digest(shop: Connection, change: str) -> None:
    before = digest(shop)
    shop.execute(change.encode())
    assert digest(shop) != before


def test_what_does_not_concern_the_run_leaves_the_digest(shop: Connection) -> None:
    before = digest(shop)
    shop.execute(RUN.format(run="r2").encode())
    shop.execute("insert into orders values ('more'); alter table lines add note text")
    shop.execute("select unwind.compile_workflow('shop')")
    assert digest(shop) == before


def test_several_runs_are_one_document_whose_tables_are_counted_once(shop: Connection) -> None:
    for run in ("r2", "r3"):
        shop.execute(RUN.format(run=run).encode())
    shop.execute(UNDO.format(run="r3").encode())
    row = shop.execute("select unwind.describe_runs('{r3,r1,r2,r1}')").fetchone()
    assert row is not None
    assert [run["record"]["run"]["id"] for run in row[0]["runs"]] == ["r3", "r1", "r2"]
    assert (table(row[0], "orders"), table(row[0], "lines")) == ((1, 1), (2, 3))
    assert digest(shop, "r2") == row[0]["runs"][2]["sha256"]


def test_without_counting_there_is_no_proof_and_it_says_so(shop: Connection) -> None:
    row = shop.execute("select unwind.describe_runs('{r1}', false) #> '{workflows,0}'").fetchone()
    assert row is not None
    assert (row[0]["proof"], row[0]["unproved"]) == (None, ["nothing was counted"])


def test_a_workflow_that_was_dropped_leaves_the_record_without_a_proof(shop: Connection) -> None:
    before = digest(shop)
    shop.execute("select unwind.drop_workflow('shop')")
    document = described(shop)
    assert document["runs"][0]["sha256"] == before
    assert document["workflows"][0]["proof"] is None
    assert document["workflows"][0]["unproved"] == ["workflow 'shop' was dropped"]


def test_tables_that_are_not_what_was_planned_leave_the_record_without_a_proof(shop: Connection) -> None:
    shop.execute("alter table orders rename to purchases")
    workflow = described(shop)["workflows"][0]
    assert workflow["proof"] is None
    assert "table public.orders is called public.purchases now" in workflow["unproved"]


def test_rights_used_stand_beside_the_record(shop: Connection) -> None:
    shop.execute("insert into orders values ('found')")
    shop.execute("select unwind.start_run('shop', 'r2'), unwind.adopt_entity('r2', 'order', 'found')")
    (act,) = described(shop, "r2")["runs"][0]["audit"]
    assert (act["action"], act["role"], act["login"]) == ("adopted", "postgres", "postgres")


def test_an_application_is_told_of_its_own_runs_and_nothing_of_the_audit_log(
    shop: Connection, connect: Any
) -> None:
    shop.execute("drop role if exists evidence_app; create role evidence_app login")
    try:
        shop.execute("select unwind_internal.grant_access('evidence_app', 'application')")
        shop.execute("grant select, delete on orders, lines to evidence_app")
        before = digest(shop)
        with connect(user="evidence_app") as own:
            with pytest.raises(psycopg.Error) as refused:
                own.execute("select unwind.describe_run('r1')")
            assert refused.value.sqlstate == "UW001"
            own.execute("select unwind.start_run('shop', 'mine')")
            assert described(own, "mine")["runs"][0]["audit"] is None
            row = own.execute("select unwind.describe_run('mine', 'text')").fetchone()
            assert row is not None and row[0].startswith("run 'mine' of workflow 'shop': RUNNING")
        shop.execute("select unwind_internal.grant_access('evidence_app', 'viewer')")
        with connect(user="evidence_app") as viewer:
            assert digest(viewer) == before
    finally:
        shop.execute("drop owned by evidence_app; drop role evidence_app")


def test_as_text_it_is_lines_to_read(shop: Connection) -> None:
    row = shop.execute("select unwind.describe_run('r1', 'text')").fetchone()
    assert row is not None
    lines = row[0].splitlines()
    assert lines[0] == "run 'r1' of workflow 'shop': COMPENSATED"
    assert lines[1].endswith("by postgres, for 'customer 7'")
    assert lines[2] == "  error: out of stock"
    assert "  public.orders: 0 left, 1 of others" in lines
    assert any(line.endswith("order, public.lines: 2 deleted by postgres") for line in lines)
    assert lines[-1] == f"sha256 of the record: {digest(shop)}"


def test_text_stays_in_its_line(shop: Connection) -> None:
    shop.execute("update unwind.workflow_runs set last_error = E'one\\ntwo\\u2028three'")
    row = shop.execute("select unwind.describe_run('r1', 'text')").fetchone()
    assert row is not None and "  error: one two three" in row[0].splitlines()


@pytest.mark.parametrize(
    ("call", "sqlstate", "says"),
    [
        ("unwind.describe_run('r0')", "UW001", "r0"),
        ("unwind.describe_run(null)", "UW001", ""),
        ("unwind.describe_run('r1', 'jsno')", "UW009", "did you mean json?"),
        ("unwind.describe_run('r1', null)", "UW009", "null"),
        ("unwind.describe_runs('{}')", "UW009", "no run"),
        ("unwind.describe_runs(null)", "UW009", "no run"),
        ("unwind.describe_runs('{r1,r0}')", "UW001", "r0"),
    ],
)
def test_what_cannot_be_described_is_named(shop: Connection, call: str, sqlstate: str, says: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        shop.execute(f"select {call}".encode())
    assert refused.value.sqlstate == sqlstate
    assert says in f"{refused.value.diag.message_primary} {refused.value.diag.message_hint}".lower()
