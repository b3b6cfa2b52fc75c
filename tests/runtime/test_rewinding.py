"""rewind_run undoes the steps after one of them; the run goes on from there."""

from __future__ import annotations

from typing import Any

import pytest

RECEIPTS = "select ordinal, step, table_name, rows_deleted from unwind.compensations order by 1"


@pytest.fixture
def three(db: Any) -> Any:
    """A run with three steps done."""
    db.conn.execute("create table letters (id text primary key)")
    db("select unwind.define_step('w', 'letter', 'letters', 'id')")
    db.run("r")
    db("select unwind.record_step('r', 'letter', 'l')")
    db.conn.execute("insert into letters values ('l')")
    return db


def test_every_later_step_is_undone_last_first_and_the_run_stays_running(three: Any) -> None:
    undone = three("select ordinal, step, table_name, rows_deleted from unwind.rewind_run('r', 'order')")
    assert undone == [(1, "letter", "public.letters", 1), (2, "parcel", "public.parcels", 1)]
    assert undone == three(RECEIPTS)
    assert three("select status, retry_count from unwind.workflow_runs") == [("RUNNING", 0)]
    assert three.rows_left() == 3


def test_to_the_last_step_undoes_nothing(three: Any) -> None:
    assert three("select * from unwind.rewind_run('r', 'letter')") == []
    assert three.rows_left() == 4


def test_a_rewound_run_goes_on_and_completes(three: Any) -> None:
    three("select * from unwind.rewind_run('r', 'order')")
    three("select unwind.record_step('r', 'parcel', '5', '5'), unwind.record_step('r', 'letter', 'l')")
    three.conn.execute("insert into parcels values (5, 5, 'o-r'); insert into letters values ('l')")
    three("select unwind.complete_run('r')")
    assert three.value("select status from unwind.workflow_runs") == "COMPLETED"
    assert three.rows_left() == 4


def test_a_rewound_run_that_goes_on_and_fails_is_undone_whole_and_receipts_count_on(three: Any) -> None:
    three("select * from unwind.rewind_run('r', 'parcel')")
    three("select unwind.record_step('r', 'letter', 'm')")
    three.conn.execute("insert into letters values ('m')")
    three("select unwind.fail_run('r', 'again')")
    receipts = three("select ordinal, table_name, rows_deleted from unwind.compensate_run('r')")
    assert receipts == [
        (1, "public.letters", 1),
        (2, "public.letters", 1),
        (3, "public.parcels", 1),
        (4, "public.lines", 2),
        (5, "public.orders", 1),
    ]
    assert three.rows_left() == 0


@pytest.mark.parametrize("ending", ["complete_run('r')", "fail_run('r', 'x')"])
def test_only_a_running_run_is_rewound(three: Any, ending: str) -> None:
    three(f"select unwind.{ending}")
    assert three.refused("select * from unwind.rewind_run('r', 'order')").sqlstate == "UW002"
    assert three.rows_left() == 4


def test_a_claimed_run_is_rewound_by_its_worker_only(db: Any) -> None:
    db("select unwind.start_run('w', 'r', worker => 'me')")
    assert db.refused("select * from unwind.rewind_run('r', 'order')").sqlstate == "UW003"
    with db.conn.transaction():
        db("select unwind.act_as('me')")
        assert db("select * from unwind.rewind_run('r', 'order')") == []
