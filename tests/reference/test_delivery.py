"""A run that goes well delivers a package and keeps its rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pgunwind.demo.evidence import Snapshot
from pgunwind.examples.client_to_delivery import SAGA_NAMES, ClientToDelivery


def test_a_run_that_succeeds_writes_the_rows_of_all_five_steps(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    result = application.execute(issues=2)

    assert result.success
    assert result.status == "COMPLETED"
    assert result.completed_steps == tuple(SAGA_NAMES.values())
    assert result.compensated_steps == ()
    assert result.receipts == ()
    assert result.error is None
    assert look().counts == {
        "delivery_artifacts": 3,
        "delivery_packages": 1,
        "qc_issues": 2,
        "qc_results": 1,
        "production_bundle_assets": 4,
        "production_bundles": 2,
        "production_drafts": 1,
        "strategy_document": 1,
        "onboarding_intake": 1,
        "onboarding_brief": 1,
    }


@pytest.mark.parametrize("issues", [0, 1, 2, 3])
def test_the_quality_check_finds_as_many_issues_as_asked(
    application: ClientToDelivery, look: Callable[[], Snapshot], issues: int
) -> None:
    application.execute(issues=issues)
    assert look().counts["qc_issues"] == issues
