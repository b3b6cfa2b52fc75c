"""Recording steps, and undoing them one by one."""

from __future__ import annotations

from typing import Any

import pytest

UNDO = [
    "select * from unwind.compensate_run('r')",
    "select * from unwind.compensate_run('r', max_rows => 9)",
    "select * from unwind.compensate_runs(array['r'])",
    "call unwind.compensate_run_in_batches('r', 1)",
]


def test_recording_again_what_is_recorded_changes_nothing(db: Any) -> None:
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'order', 'o')")
    ledger = db("select * from unwind.run_steps")
    db("select unwind.record_step('r', 'order', 'o')")
    assert db("select * from unwind.run_steps") == ledger


def test_a_step_may_record_several_entities(db: Any) -> None:
    db("select unwind.start_run('w', 'r')")
    for key in ("a", "b", "c"):
        db("select unwind.record_step('r', 'order', %s)", key)
        db.conn.execute("insert into orders values (%s)", [key])
    assert db("select table_name, rows_deleted from unwind.compensate_run('r')") == [("public.orders", 3)]


def test_keys_of_several_columns_find_just_their_rows(db: Any) -> None:
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'parcel', '1', '2'), unwind.record_step('r', 'parcel', '3', '4')")
    db.conn.execute("insert into parcels values (1, 2), (3, 4), (1, 4), (3, 2)")
    db("select * from unwind.compensate_run('r')")
    assert db("select depot, number from parcels order by 1") == [(1, 4), (3, 2)]


def test_keys_are_kept_as_the_columns_type_writes_them(db: Any) -> None:
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'parcel', ' 1', '002')")
    assert db("select entity_key from unwind.run_steps") == [(["1", "2"],)]


def test_a_step_with_two_roots_finds_the_rows_of_both(db: Any) -> None:
    db.conn.execute("create table notes (order_id varchar(20), body text)")
    db("select unwind.define_step('w', 'order', 'notes', 'order_id')")
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'order', 'o')")
    db.conn.execute(
        "insert into orders values ('o'); insert into notes values ('o', 'x'), ('o', 'y'), ('p', 'z')"
    )
    assert sorted(db("select table_name, rows_deleted from unwind.compensate_run('r')")) == [
        ("public.notes", 2),
        ("public.orders", 1),
    ]


def test_a_root_added_later_owns_what_is_recorded_and_neither_undone_nor_released(db: Any) -> None:
    db.conn.execute("create table copies (id text primary key)")
    db("select unwind.start_run('w', run) from unnest('{live,undone,released}'::text[]) as run")
    db(
        "select unwind.record_step(run, 'order', 'o-' || run)"
        " from unnest('{live,undone,released}'::text[]) as run"
    )
    db("select * from unwind.compensate_step('undone', 'order')")
    db("select unwind.release_entity('released', 'order', 'o-released')")
    db("select unwind.define_step('w', 'order', 'copies', 'id')")
    owned = db("select entity_key, run_id from unwind.entity_owners where root_table = 'copies'::regclass")
    assert owned == [(["o-live"], "live")]


def test_steps_are_undone_one_by_one_last_first_and_receipts_count_on(db: Any) -> None:
    db.run("r")
    assert db("select ordinal, table_name from unwind.compensate_step('r', 'parcel')") == [
        (1, "public.parcels")
    ]
    assert db.value("select status from unwind.workflow_runs") == "RUNNING"
    assert db("select * from unwind.compensate_step('r', 'parcel')") == []
    assert db("select ordinal, table_name from unwind.compensate_step('r', 'order')") == [
        (2, "public.lines"),
        (3, "public.orders"),
    ]
    assert [row[0] for row in db("select ordinal from unwind.compensate_run('r')")] == [1, 2, 3]


def test_of_several_later_steps_the_last_is_named_as_the_one_to_undo_first(db: Any) -> None:
    db.conn.execute(
        "create table letters (id text primary key);select unwind.define_step('w', 'letter', 'letters', 'id')"
    )
    db.run("r")
    db("select unwind.record_step('r', 'letter', 'l')")
    refused = db.refused("select * from unwind.compensate_step('r', 'order')")
    assert refused.sqlstate == "UW012"
    assert refused.diag.message_hint == "select * from unwind.compensate_step('r', 'letter');"


def test_a_step_that_was_undone_can_be_done_again(db: Any) -> None:
    db.run("r")
    key = db.value("select entity_key from unwind.run_steps where step = 'parcel'")
    db("select * from unwind.compensate_step('r', 'parcel')")
    db("select unwind.record_step('r', 'parcel', variadic %s)", key)
    db.conn.execute("insert into parcels values (%s::int, %s::int, 'o-r')", key)
    receipts = db("select ordinal, table_name, rows_deleted from unwind.compensate_run('r')")
    assert receipts == [
        (1, "public.parcels", 1),
        (2, "public.parcels", 1),
        (3, "public.lines", 2),
        (4, "public.orders", 1),
    ]
    assert db.rows_left() == 0


def test_receipts_name_only_the_tables_that_lost_rows(db: Any) -> None:
    db("select unwind.start_run('w', 'r'), unwind.record_step('r', 'order', 'o-r')")
    db.conn.execute("insert into orders values ('o-r')")
    receipts = [("order", "public.orders", 1)]
    assert db("select step, table_name, rows_deleted from unwind.compensate_run('r')") == receipts
    assert db("select step, table_name, rows_deleted from unwind.compensations") == receipts


def test_run_ids_are_made_where_none_is_given_and_never_collide(db: Any) -> None:
    ids = {db.value("select unwind.start_run('w')") for _ in range(50)}
    assert len(ids) == 50


def test_the_run_keeps_its_business_key_and_metadata(db: Any) -> None:
    db("""select unwind.start_run('w', 'r', business_key => 'order-7', metadata => '{"by": "api"}')""")
    assert db("select business_key, metadata, status, retry_count from unwind.workflow_runs") == [
        ("order-7", {"by": "api"}, "RUNNING", 0)
    ]


def test_a_newer_error_replaces_that_of_a_failed_run(db: Any) -> None:
    db.run("r")
    db("select unwind.fail_run('r', 'first')")
    db("select unwind.fail_run('r', 'second')")
    assert db("select status, last_error from unwind.workflow_runs") == [("FAILED", "second")]


def test_a_step_of_a_failed_run_is_undone_alone_and_the_run_stays_failed(db: Any) -> None:
    db.run("r")
    db("select unwind.fail_run('r', 'x')")
    assert len(db("select * from unwind.compensate_step('r', 'parcel')")) == 1
    assert db("select status, last_error from unwind.workflow_runs") == [("FAILED", "x")]
    assert db.refused("select unwind.record_step('r', 'parcel', '1', '1')").sqlstate == "UW002"


def test_undoing_one_step_takes_all_its_entities_and_no_other_runs(db: Any) -> None:
    db.run("r")
    db.run("other")
    db("select unwind.record_step('r', 'parcel', '2', '2')")
    db.conn.execute("insert into parcels values (2, 2, 'o-r')")
    assert db("select rows_deleted from unwind.compensate_step('r', 'parcel')") == [(2,)]
    assert db(
        "select step, compensated_at is null from unwind.run_steps where run_id = 'r' order by 1, 2"
    ) == [
        ("order", True),
        ("parcel", False),
        ("parcel", False),
    ]
    assert db.rows_left() == 7


def test_a_step_undone_alone_keeps_its_time_and_the_others_have_that_of_their_run(db: Any) -> None:
    db.run("r")
    db("select unwind.compensate_step('r', 'parcel')")
    alone = db.value("select compensated_at from unwind.run_steps where step = 'parcel'")
    db("select unwind.compensate_run('r')")
    with_the_run = db.value("select updated_at from unwind.workflow_runs")
    assert alone < with_the_run
    assert db("select step, compensated_at from unwind.run_steps order by 1") == [
        ("order", with_the_run),
        ("parcel", alone),
    ]


def test_undoing_a_run_writes_its_status_and_not_its_ledger(db: Any) -> None:
    db.run("r")
    before = db("select ctid, xmin, xmax, * from unwind_internal.ledger order by step")
    db("select unwind.compensate_run('r')")
    assert db("select ctid, xmin, xmax, * from unwind_internal.ledger order by step") == before


def test_a_step_that_was_never_recorded_has_nothing_to_undo(db: Any) -> None:
    db("select unwind.start_run('w', 'r')")
    assert db("select * from unwind.compensate_step('r', 'parcel')") == []
    assert db.value("select status from unwind.workflow_runs") == "RUNNING"


@pytest.mark.parametrize("ending", ["complete_run", "compensate_run"])
def test_a_step_of_a_run_that_has_ended_is_not_undone_alone(db: Any, ending: str) -> None:
    db.run("r")
    db(f"select unwind.{ending}('r')")
    rows = db.rows_left()
    for step in ("parcel", "order"):
        assert db.refused("select * from unwind.compensate_step('r', %s)", step).sqlstate == "UW002"
    assert db.rows_left() == rows


@pytest.mark.parametrize("undo", UNDO)
def test_what_came_under_the_key_of_a_step_that_was_undone_stays(db: Any, undo: str) -> None:
    db.run("r")
    [(depot, number)] = db("select depot, number from parcels")
    db("select * from unwind.compensate_step('r', 'parcel')")
    db.conn.execute("insert into parcels values (%s, %s)", [depot, number])
    db.conn.execute(undo)
    assert db("select depot, number from parcels") == [(depot, number)]
    assert db.rows_left() == 1
    assert db.value("select sum(rows_deleted) from unwind.compensations") == 4
