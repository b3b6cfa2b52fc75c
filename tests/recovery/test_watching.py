"""What waits is a number to watch, and what is stuck comes with the command to type."""

from __future__ import annotations

from typing import Any

STUCK = "select run_id, reason, tries, last_error, command from unwind.stuck_runs order by run_id"
BACKLOG = "select workflow, due, pausing, stuck, compensating, running from unwind.backlog order by 1"


def test_a_run_that_was_given_up_is_listed_with_its_error_and_the_command_which_undoes_it(fleet: Any) -> None:
    fleet.start([1])
    fleet.block(1)
    fleet.sweep(max_retries=1)
    [(run, reason, tries, error, command)] = fleet(STUCK)
    assert (run, reason, tries) == ("r1", "gave up", 1)
    assert "[UW007]" in error and "out of stock" in error
    fleet("delete from invoices returning 1")
    assert len(fleet(command)) == 3
    assert fleet(STUCK) == []


def test_an_unclaimed_run_that_nobody_has_touched_for_long_is_listed(fleet: Any) -> None:
    fleet.start([1], failed=False)
    assert fleet(STUCK) == []
    fleet.at("25 hours")
    [(run, reason, *_)] = fleet(STUCK)
    assert (run, reason) == ("r1", "silent")
    fleet("select set_config('unwind.stuck_after', '2 days', false)")
    assert fleet(STUCK) == []


def test_recording_a_step_is_a_sign_of_life(fleet: Any) -> None:
    fleet.start([1], failed=False)
    fleet("update unwind.workflow_runs set updated_at = now() - interval '1 week' returning 1")
    assert fleet(STUCK) == []
    fleet("update unwind_internal.ledger set recorded_at = now() - interval '1 week' returning 1")
    assert len(fleet(STUCK)) == 1


def test_a_claimed_run_is_the_sweepers_and_not_stuck(fleet: Any) -> None:
    fleet.start([1], worker="gone", failed=False)
    fleet.at("1 week")
    assert fleet(STUCK) == []
    assert fleet(BACKLOG) == [("w", 1, 0, 0, 0, 1)]


def test_a_run_whose_claim_lasts_is_at_work_however_silent(fleet: Any) -> None:
    fleet("select unwind.start_run('w', 'r', worker => 'busy', lease => '10 days')")
    fleet.at("3 days")
    assert fleet("select * from unwind.stuck_runs") == []


def test_the_backlog_counts_what_waits_for_what(fleet: Any) -> None:
    assert fleet(BACKLOG) == []
    fleet.start([1, 2])
    fleet.start([3], failed=False)
    fleet.start([4], worker="at work", failed=False)
    assert fleet(BACKLOG) == [("w", 2, 0, 0, 0, 2)]
    fleet.block(1)
    fleet.sweep()
    assert fleet(BACKLOG) == [("w", 0, 1, 0, 0, 2)]
    fleet.at("1 week")
    assert fleet(BACKLOG) == [("w", 2, 0, 1, 0, 2)]
    assert fleet.value("select longest_wait > '6 days' from unwind.backlog")
    fleet.sweep(max_retries=2)
    assert fleet(BACKLOG) == [("w", 0, 0, 2, 0, 1)]
