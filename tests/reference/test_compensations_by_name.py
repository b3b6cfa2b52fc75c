"""The application's compensations under their own names: a step each, last first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgunwind.demo.evidence import Snapshot
from pgunwind.examples.client_to_delivery import TABLES, ClientToDelivery

Connection = psycopg.Connection[Any]

NAMES = ["package", "qc", "draft", "strategy", "brief"]


@pytest.fixture
def run(application: ClientToDelivery, reference_conn: Connection) -> str:
    """A run with all its steps, that has not ended."""
    run_id = application.execute().run_id
    reference_conn.execute(
        "update unwind.workflow_runs set status = 'RUNNING', completed_at = null where id = %s", [run_id]
    )
    return run_id


def test_a_run_is_undone_step_by_step_as_the_application_did(
    run: str, reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    receipts = []
    for name in NAMES:
        receipts += reference_conn.execute(
            f"select step, table_name, rows_deleted from client_to_delivery.compensate_{name}(%s)".encode(),
            [run],
        ).fetchall()
    assert list(dict.fromkeys(step for step, _, _ in receipts)) == NAMES
    assert look().counts == dict.fromkeys(TABLES, 0)
    assert (
        reference_conn.execute(
            "select step, table_name, rows_deleted from unwind.compensations where run_id = %s"
            " order by ordinal",
            [run],
        ).fetchall()
        == receipts
    )


def test_a_step_out_of_its_turn_is_refused(
    run: str, reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    before = look()
    for name in NAMES[1:]:
        with pytest.raises(psycopg.Error) as refused:
            reference_conn.execute(f"select client_to_delivery.compensate_{name}(%s)".encode(), [run])
        assert refused.value.sqlstate == "UW012"
    assert look() == before
