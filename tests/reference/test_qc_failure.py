"""QC fails: its result and issues are committed by then, and all of the run goes."""

from __future__ import annotations

from collections.abc import Callable

from pgunwind.demo.evidence import Snapshot
from pgunwind.examples.client_to_delivery import TABLES, ClientToDelivery

CHILD_TABLES = (
    "production_bundles",
    "production_bundle_assets",
    "qc_issues",
    "delivery_artifacts",
    "onboarding_intake",
)


def test_acceptance_1_no_row_of_the_run_remains_and_nothing_was_delivered(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    result = application.execute(force_qc_fail=True)

    assert not result.success
    assert result.status == "COMPENSATED"
    assert result.error is not None and "QC found 3 issues" in result.error
    assert "create_package" not in result.completed_steps
    assert look().counts == dict.fromkeys(TABLES, 0)


def test_acceptance_2_child_tables_are_empty_too(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    application.execute(force_qc_fail=True)

    counts = look().counts
    assert {table: counts[table] for table in CHILD_TABLES} == dict.fromkeys(CHILD_TABLES, 0)


def test_acceptance_3_failing_again_and_again_accumulates_nothing(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    for _ in range(5):
        assert application.execute("the-same-brief", force_qc_fail=True).status == "COMPENSATED"
        assert look().total == 0
