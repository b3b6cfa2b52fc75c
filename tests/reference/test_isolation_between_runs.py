"""A compensation deletes the rows of its own run, and no others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pgunwind import Unwind
from pgunwind.demo.evidence import Snapshot
from pgunwind.examples.client_to_delivery import WORKFLOW, ClientToDelivery, Result


def test_acceptance_4_a_completed_workflow_is_unchanged_when_qc_of_another_fails(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    application.execute(issues=3)
    before = look()

    assert application.execute(force_qc_fail=True).status == "COMPENSATED"

    assert look() == before


def test_acceptance_9_a_completed_workflow_keeps_every_row_when_delivery_of_another_fails(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    application.execute(issues=3)
    before = look()

    assert application.execute(force_delivery_fail=True).status == "COMPENSATED"

    assert look() == before


def test_runs_at_once_each_delete_only_their_own_rows(unwind: Unwind, look: Callable[[], Snapshot]) -> None:
    all_in_the_draft_step = Barrier(3, timeout=30)

    def meet(run_id: str, step: str) -> None:
        if step == "draft":
            all_in_the_draft_step.wait()

    def execute(force_qc_fail: bool, force_delivery_fail: bool) -> Result:
        return ClientToDelivery(unwind, on_step=meet).execute(
            issues=3, force_qc_fail=force_qc_fail, force_delivery_fail=force_delivery_fail
        )

    with ThreadPoolExecutor(3) as pool:
        completed, qc_failed, delivery_failed = pool.map(execute, (False, True, False), (False, False, True))

    assert completed.status == "COMPLETED"
    for failed in (qc_failed, delivery_failed):
        assert failed.status == "COMPENSATED"
        assert sum(receipt.rows_deleted for receipt in failed.receipts) == 14
    assert look().total == 18, "the completed run keeps its rows, and they are all there is"


def test_compensating_a_run_again_succeeds_and_deletes_nothing(
    application: ClientToDelivery, unwind: Unwind, look: Callable[[], Snapshot]
) -> None:
    application.execute()
    failed = application.execute(force_qc_fail=True)
    before = look()

    assert tuple(unwind.compensate_run(failed.run_id)) == failed.receipts
    assert look() == before


def test_there_are_no_orphans_after_any_failure(application: ClientToDelivery, unwind: Unwind) -> None:
    application.execute()
    application.execute(force_qc_fail=True)
    application.execute(force_delivery_fail=True)

    assert list(unwind.find_orphans(WORKFLOW)) == []


def test_verify_run_finds_no_row_of_a_failed_run(application: ClientToDelivery, unwind: Unwind) -> None:
    failed = application.execute(force_qc_fail=True)

    assert list(unwind.verify_run(failed.run_id)) == []
