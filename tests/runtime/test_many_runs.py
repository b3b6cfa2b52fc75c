"""Undoing many runs is the same code, set-based, with receipts for each."""

from __future__ import annotations

from typing import Any

RECEIPTS = "select run_id, ordinal, step, table_name, rows_deleted from unwind.compensations order by 1, 2"


def test_receipts_of_many_are_those_of_one_by_one(db: Any) -> None:
    runs = [f"r{n}" for n in range(20)]
    for run in runs:
        db.run(run)
    db.conn.execute("insert into lines (order_id) select 'o-r3' from generate_series(1, 5)")
    with db.conn.transaction(force_rollback=True):
        for run in runs:
            db("select * from unwind.compensate_run(%s)", run)
        one_by_one = db(RECEIPTS)
    totals = db("select run_id, rows_deleted from unwind.compensate_runs(%s)", runs)
    assert db(RECEIPTS) == one_by_one
    assert dict(totals) == {run: 9 if run == "r3" else 4 for run in runs}
    assert db.rows_left() == 0


def test_runs_of_several_workflows_go_in_one_call(db: Any) -> None:
    db.conn.execute("create table letters (id int primary key)")
    db("select unwind.define_workflow('mail'), unwind.define_step('mail', 'send', 'letters', 'id')")
    db("select unwind.start_run('mail', 'm')")
    db("select unwind.record_step('m', 'send', '1')")
    db.conn.execute("insert into letters values (1)")
    db.run("r")
    assert db("select run_id, rows_deleted from unwind.compensate_runs(array['r', 'm'])") == [
        ("m", 1),
        ("r", 4),
    ]


def test_one_that_cannot_be_undone_keeps_all(db: Any) -> None:
    db.run("good")
    db.run("blocked")
    db.conn.execute("insert into parcels values (9, 9, 'o-blocked')")
    assert (
        db.refused(
            "select run_id, rows_deleted from unwind.compensate_runs(array['good', 'blocked'])"
        ).sqlstate
        == "UW007"
    )
    assert db("select distinct status from unwind.workflow_runs") == [("RUNNING",)]
    assert db.rows_left() == 9


def test_no_runs_is_nothing_to_do(db: Any) -> None:
    assert db("select run_id, rows_deleted from unwind.compensate_runs('{}')") == []


def test_a_run_named_twice_is_undone_once(db: Any) -> None:
    db.run("r")
    assert db("select run_id, rows_deleted from unwind.compensate_runs(array['r', 'r'])") == [("r", 4)]


def test_runs_undone_before_are_passed_over(db: Any) -> None:
    db.run("a")
    db.run("b")
    db("select * from unwind.compensate_run('a')")
    assert db("select run_id, rows_deleted from unwind.compensate_runs(array['a', 'b'])") == [
        ("a", 4),
        ("b", 4),
    ]
    assert db.value("select sum(rows_deleted) from unwind.compensations") == 8
