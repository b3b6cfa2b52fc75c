"""release_entity takes an entity out of a run's undo: its row stays, and is a stranger's from then on."""

from __future__ import annotations

from typing import Any

import pytest

WAYS = {
    "run": "select * from unwind.compensate_run('r', force => true)",
    "runs": "select * from unwind.compensate_runs('{r}', force => true)",
    "batches": "call unwind.compensate_run_in_batches('r', 1, force => true)",
    "sweep": "call unwind.recover_runs()",
}


@pytest.fixture
def shared(db: Any) -> Any:
    """A run of two orders and a parcel of the second."""
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'order', 'a'), unwind.record_step('r', 'order', 'b')")
    db("select unwind.record_step('r', 'parcel', '1', '1')")
    db.conn.execute(
        "insert into orders values ('a'), ('b'); insert into parcels values (1, 1, 'b');"
        "insert into lines (order_id) values ('a'), ('b')"
    )
    return db


def release(db: Any, key: str = "a") -> None:
    db("select unwind.release_entity('r', 'order', %s)", key)


@pytest.mark.parametrize("way", WAYS)
def test_a_released_row_stays_with_all_that_hangs_below_it_however_the_run_is_undone(
    shared: Any, way: str
) -> None:
    shared("select unwind.fail_run('r', 'x')")
    release(shared)
    preview = shared("select table_name, row_count from unwind.preview_run('r')")
    assert preview == [("public.parcels", 1), ("public.lines", 1), ("public.orders", 1)]
    shared.conn.execute(WAYS[way])
    assert shared(
        "select id, (select count(*) from lines as l where l.order_id = o.id) from orders as o"
    ) == [("a", 1)]
    assert shared("select status from unwind.workflow_runs") == [("COMPENSATED",)]
    assert shared("select * from unwind.verify_run('r')") == []


@pytest.mark.parametrize(
    "undo",
    ["select * from unwind.rewind_run('r', 'none')", "select * from unwind.compensate_step('r', 'order')"],
)
def test_a_released_row_stays_when_its_step_is_undone_alone(shared: Any, undo: str) -> None:
    shared.conn.execute("insert into unwind.workflow_steps values ('w', 'none', 0)")
    release(shared)
    shared("select * from unwind.compensate_step('r', 'parcel')")
    shared(undo)
    assert shared("select id from orders") == [("a",)]
    assert shared(
        "select entity_key, compensated_at is null, released_at is null from unwind.run_steps "
        "where step = 'order' order by 1"
    ) == [(["a"], True, False), (["b"], False, True)]


def test_the_ledger_and_the_audit_log_say_when_and_who(shared: Any) -> None:
    release(shared)
    user = shared.conn.info.user
    assert shared(
        "select released_by::text, released_at > recorded_at from unwind.run_steps where entity_key = '{a}'"
    ) == [(user, True)]
    assert shared("select action, role::text, run_id, step, entity_key from unwind.audit_log") == [
        ("released", user, "r", "order", ["a"])
    ]
    shared("select * from unwind.compensate_run('r')")
    assert shared("select compensated_at from unwind.run_steps where entity_key = '{a}'") == [(None,)]


def test_a_release_is_a_receipt_that_outlives_the_run(shared: Any) -> None:
    release(shared)
    deleted = [("parcel", "public.parcels", 1), ("order", "public.lines", 1), ("order", "public.orders", 1)]
    undone = shared("select * from unwind.compensate_run('r')")
    assert [row[:4] for row in undone] == [(n, *row) for n, row in enumerate(deleted, 2)]
    assert shared("select * from unwind.compensate_run('r')") == undone
    kept = [("release", 1, "order", "public.orders", 0), *(("undo", 1, *row) for row in deleted)]
    for _ in range(2):
        assert kept == shared(
            "select kind, undo, step, table_name, rows_deleted from unwind.compensations order by ordinal"
        )
        shared("select unwind.purge_runs('0')")


def test_a_released_row_is_nobodys(shared: Any) -> None:
    release(shared)
    assert shared("select run_id from unwind.entity_owners where entity_key = '{a}'") == []
    shared("select unwind.start_run('w', 'other')")
    assert shared.refused("select unwind.record_step('other', 'order', 'a')").sqlstate == "UW017"
    assert shared.refused("select unwind.record_step('r', 'order', 'a')").sqlstate == "UW017"
    shared("select unwind.adopt_entity('other', 'order', 'a')")


def test_a_key_that_was_released_can_be_recorded_again_once_its_row_is_gone(shared: Any) -> None:
    release(shared)
    shared.conn.execute("delete from orders where id = 'a'")
    shared("select unwind.record_step('r', 'order', 'a')")
    assert shared("select released_at, released_by from unwind.run_steps where entity_key = '{a}'") == [
        (None, None)
    ]


def test_a_released_row_that_refers_to_the_runs_refuses_the_undo_and_is_named(shared: Any) -> None:
    shared("select unwind.release_entity('r', 'parcel', '1', '1')")
    for way in ("run", "runs", "batches"):
        error = shared.refused(WAYS[way])
        assert error.sqlstate == "UW007"
        assert "public.parcels" in str(error)
    assert "release_entity" in (error.diag.message_hint or "")
    release(shared, "b")
    shared(WAYS["run"])
    assert shared("select id from orders") == [("b",)]


@pytest.mark.parametrize(
    "ending", ["select 1", "select unwind.fail_run('r', 'x')", "select unwind.complete_run('r')"]
)
def test_runs_that_are_at_work_failed_or_completed_release(shared: Any, ending: str) -> None:
    shared(ending)
    release(shared)
    shared(WAYS["run"])
    assert shared("select id from orders") == [("a",)]


@pytest.mark.parametrize(
    ("before", "sqlstate"),
    [
        ("select * from unwind.compensate_run('r')", "UW002"),
        ("update unwind.workflow_runs set status = 'COMPENSATING'", "UW002"),
        ("select unwind.claim_run('r', 'somebody')", "UW006"),
    ],
)
def test_a_run_that_is_being_undone_or_is_somebody_elses_does_not(
    shared: Any, before: str, sqlstate: str
) -> None:
    shared.conn.execute(before)
    error = shared.refused("select unwind.release_entity('r', 'order', 'a')")
    assert error.sqlstate == sqlstate


def test_the_worker_that_has_the_claim_may_and_so_may_anybody_once_it_has_lapsed(shared: Any) -> None:
    shared("select unwind.claim_run('r', 'me')")
    with shared.conn.transaction():
        shared("select unwind.act_as('me')")
        release(shared)
    shared.conn.execute("set unwind.now = 'tomorrow'")
    release(shared, "b")


@pytest.mark.parametrize("key", ["x", "a"])
def test_only_a_live_key_can_be_released(shared: Any, key: str) -> None:
    release(shared)
    error = shared.refused("select unwind.release_entity('r', 'order', %s)", key)
    assert error.sqlstate == "P0002"
    assert f"({key})" in str(error)
    assert "unwind.run_steps" in (error.diag.message_hint or "")


def test_a_run_that_sweeps_had_given_up_is_tried_again(shared: Any) -> None:
    shared("select unwind.fail_run('r', 'x')")
    shared.conn.execute("insert into parcels values (9, 9, 'a')")
    shared.conn.execute("call unwind.recover_runs(max_retries => 1)")
    assert shared("select retry_at::text from unwind.workflow_runs") == [("infinity",)]
    release(shared)
    shared.conn.execute("call unwind.recover_runs(max_retries => 1)")
    assert shared("select status from unwind.workflow_runs") == [("COMPENSATED",)]
    assert shared("select id from orders") == [("a",)]


# Where another key of the run leads to the row ----------------------------------------------------


def test_a_row_below_another_of_the_runs_entities_cannot_be_released_before_that(shared: Any) -> None:
    shared("select unwind.declare_foreign_key('parcels', '{order_id}', 'orders', '{id}', 'cascade')")
    error = shared.refused("select unwind.release_entity('r', 'parcel', '1', '1')")
    assert error.sqlstate == "UW007"
    assert "public.orders (id)=(b)" in str(error)
    hint = error.diag.message_hint or ""
    assert "unwind.release_entity('r', 'order', variadic '{b}')" in hint
    assert shared("select count(*) from unwind.run_steps where released_at is not null") == [(0,)]
    assert shared("select count(*) from unwind.audit_log") == [(0,)]
    shared(hint.partition(": ")[2])
    shared("select unwind.release_entity('r', 'parcel', '1', '1')")
    shared(WAYS["run"])
    assert shared("select order_id from parcels") == [("b",)]


def test_a_row_further_below_is_found_too(shared: Any) -> None:
    shared.conn.execute(
        "create table scans (id int primary key, line_id int); create index on scans (line_id)"
    )
    shared("select unwind.declare_foreign_key('scans', '{line_id}', 'lines', '{id}')")
    shared("select unwind.define_step('w', 'scan', 'scans', 'id')")
    shared("select unwind.record_step('r', 'scan', '1')")
    shared.conn.execute("insert into scans select 1, id from lines where order_id = 'a'")
    error = shared.refused("select unwind.release_entity('r', 'scan', '1')")
    assert (error.sqlstate, error.diag.table_name) == ("UW007", "public.scans")
    assert "(id)=(a)" in str(error)


def test_a_row_below_another_row_of_its_table_is_found_too(db: Any) -> None:
    db.conn.execute("create table nodes (id int primary key, up int); create index on nodes (up)")
    db("select unwind.define_step('w', 'node', 'nodes', 'id')")
    db("select unwind.declare_foreign_key('nodes', '{up}', 'nodes', '{id}')")
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'node', '1'), unwind.record_step('r', 'node', '2')")
    db.conn.execute("insert into nodes values (1, null), (2, 1)")
    error = db.refused("select unwind.release_entity('r', 'node', '2')")
    assert (error.sqlstate, error.diag.table_name) == ("UW007", "public.nodes")
    db("select unwind.release_entity('r', 'node', '1')")
    db("select unwind.release_entity('r', 'node', '2')")
    db.conn.execute(WAYS["run"])
    assert db("select count(*) from nodes") == [(2,)]


def test_what_two_steps_recorded_is_released_by_both(shared: Any) -> None:
    shared("select unwind.define_step('w', 'again', 'orders', 'id')")
    shared("select unwind.record_step('r', 'again', 'a')")
    assert shared.refused("select unwind.release_entity('r', 'order', 'a')").sqlstate == "UW007"
    shared.conn.execute("delete from orders where id = 'a'")
    release(shared)
    assert shared("select run_id from unwind.entity_owners where entity_key = '{a}'") == [("r",)]
    shared("select unwind.release_entity('r', 'again', 'a')")
    assert shared("select run_id from unwind.entity_owners where entity_key = '{a}'") == []


def test_releasing_waits_for_a_step_in_flight(
    shared: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    worker, other = connect(autocommit=False), connect()
    worker.execute("select unwind.record_step('r', 'order', 'c')")
    released = in_background(other.execute, "select unwind.release_entity('r', 'order', 'a')")
    wait_until_blocked(other)
    worker.commit()
    released.result()
