"""Delivery fails: four steps are complete and committed, and all four are undone."""

from __future__ import annotations

from collections.abc import Callable

from pgunwind.demo.evidence import Snapshot
from pgunwind.examples.client_to_delivery import TABLES, ClientToDelivery


def test_acceptance_5_qc_was_completed_and_every_table_is_empty(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    result = application.execute(force_delivery_fail=True)

    assert not result.success
    assert result.status == "COMPENSATED"
    assert "qc_evaluate" in result.completed_steps
    assert "create_package" not in result.completed_steps
    assert look().counts == dict.fromkeys(TABLES, 0)


def test_acceptance_6_qc_is_compensated_and_its_rows_are_gone(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    result = application.execute(issues=3, force_delivery_fail=True)

    assert "qc_evaluate" in result.compensated_steps
    counts = look().counts
    assert (counts["qc_results"], counts["qc_issues"]) == (0, 0)


def test_acceptance_7_the_compensated_steps_are_the_completed_ones_reversed(
    application: ClientToDelivery,
) -> None:
    result = application.execute(force_delivery_fail=True)

    assert result.compensated_steps == (
        "qc_evaluate",
        "generate_draft",
        "generate_strategy",
        "normalize_brief",
    )
    assert result.compensated_steps == tuple(reversed(result.completed_steps))


def test_acceptance_8_three_failing_runs_leave_nothing(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    for _ in range(3):
        assert application.execute(force_delivery_fail=True).status == "COMPENSATED"

    assert look().total == 0
