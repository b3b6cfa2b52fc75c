"""History goes when asked, a live run never, and receipts only where that is said."""

from __future__ import annotations

from typing import Any

import pytest

LEDGER = ("workflow_runs", "run_steps", "entity_owners")


def left(fleet: Any) -> list[int]:
    """Rows of the ledger's tables, then receipts."""
    return [fleet.value(f"select count(*) from unwind.{table}") for table in (*LEDGER, "compensations")]


def test_ended_runs_older_than_asked_are_forgotten_and_their_receipts_stay(fleet: Any) -> None:
    fleet.start([1, 2])
    fleet.start([3], failed=False)
    fleet("select unwind.complete_run('r3')")
    fleet("select * from unwind.compensate_run('r1')")
    assert fleet.value("select unwind.purge_runs('1 hour')") == 0
    fleet.at("2 hours")
    assert fleet.value("select unwind.purge_runs('1 hour')") == 2
    assert left(fleet) == [1, 2, 2, 3]
    assert fleet("select id from unwind.workflow_runs") == [("r2",)]


def test_receipts_go_where_asked(fleet: Any) -> None:
    fleet.start([1])
    fleet("select * from unwind.compensate_run('r1')")
    fleet.at("2 hours")
    assert fleet.value("select unwind.purge_runs('1 hour', receipts => true)") == 1
    assert left(fleet) == [0, 0, 0, 0]


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "COMPENSATING"])
def test_a_live_run_is_never_forgotten(fleet: Any, status: str) -> None:
    fleet.start([1], failed=False)
    fleet("update unwind.workflow_runs set status = %s returning 1", status)
    fleet.at("10 years")
    assert fleet.value("select unwind.purge_runs('0')") == 0
    assert left(fleet) == [1, 2, 2, 0]


def test_a_call_is_bounded_and_the_next_goes_on(fleet: Any) -> None:
    fleet.start(range(25))
    fleet.sweep()
    fleet.at("2 hours")
    assert [fleet.value("select unwind.purge_runs('1 hour', max_runs => 10)") for _ in range(4)] == [
        10,
        10,
        5,
        0,
    ]


def test_one_run_a_call_is_enough(fleet: Any) -> None:
    fleet.start([1, 2])
    fleet.sweep()
    fleet.at("2 hours")
    assert fleet.value("select unwind.purge_runs('1 hour', max_runs => 1)") == 1
    assert fleet.refused("select unwind.purge_runs('1 hour', max_runs => 0)").sqlstate == "UW009"


def test_only_the_given_workflow_even_one_that_was_dropped(fleet: Any) -> None:
    fleet("select unwind.define_workflow('old')")
    fleet("select unwind.start_run('old', 'x')")
    fleet("select unwind.complete_run('x'), unwind.drop_workflow('old')")
    fleet.start([1])
    fleet.sweep()
    fleet.at("2 hours")
    assert fleet.value("select unwind.purge_runs('1 hour', 'old')") == 1
    assert fleet("select id from unwind.workflow_runs") == [("r1",)]


def test_one_that_somebody_has_locked_is_left_for_the_next_call(fleet: Any, connect: Any) -> None:
    fleet.start([1, 2])
    fleet.sweep()
    fleet.at("2 hours")
    reader = connect(autocommit=False)
    reader.execute("select from unwind.workflow_runs where id = 'r1' for key share")
    assert fleet.value("select unwind.purge_runs('1 hour')") == 1
    reader.rollback()
    assert fleet.value("select unwind.purge_runs('1 hour')") == 1


def test_what_earlier_calls_left_of_receipts_goes_where_asked_bounded_too(fleet: Any) -> None:
    fleet.start(range(5))
    fleet.sweep()
    fleet.at("2 hours")
    assert fleet.value("select unwind.purge_runs('1 hour')") == 5
    fleet("update unwind_internal.receipts set compensated_at = now() - interval '1 day' returning 1")
    fleet.start([6])
    fleet("select * from unwind.compensate_step('r6', 'letter')")
    purge = "select unwind.purge_runs('1 hour', max_runs => 3, receipts => true)"
    assert [fleet.value(purge) for _ in range(3)] == [3, 2, 0]
    assert fleet("select distinct run_id from unwind.compensations") == [("r6",)]


@pytest.mark.parametrize("ending", ["complete_run", "compensate_run"])
def test_the_id_of_a_forgotten_run_is_not_used_again_unless_its_receipts_go(fleet: Any, ending: str) -> None:
    fleet.start([1], failed=False)
    fleet(f"select unwind.{ending}('r1')")
    fleet.at("2 hours")
    fleet("select unwind.purge_runs('1 hour')")
    assert fleet.refused("select unwind.start_run('w', 'r1')").sqlstate == "UW013"
    assert fleet("select id from unwind.workflow_runs") == []
    fleet("update unwind_internal.receipts set compensated_at = now() - interval '1 day' returning 1")
    assert fleet.value("select unwind.purge_runs('1 hour', receipts => true)") == 1
    assert fleet.value("select unwind.start_run('w', 'r1')") == "r1"


def test_young_receipts_of_a_forgotten_run_stay_even_where_receipts_go(fleet: Any) -> None:
    fleet.start([1, 2])
    fleet.sweep()
    fleet.at("2 hours")
    assert fleet.value("select unwind.purge_runs('1 hour')") == 2
    fleet(
        "update unwind_internal.receipts set compensated_at = now() - interval '2 hours' "
        "where run_id = 'r1' returning 1"
    )
    fleet.at("0")
    assert fleet.value("select unwind.purge_runs('1 hour', receipts => true)") == 1
    assert fleet("select distinct run_id from unwind.compensations") == [("r2",)]
