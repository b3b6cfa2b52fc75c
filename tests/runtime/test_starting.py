"""Starting a run: its id is its own, for ever."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest


def test_a_run_without_an_id_gets_a_uuid(db: Any) -> None:
    run = db.value("select unwind.start_run('w')")
    assert str(UUID(run)) == run
    assert db("select id, status from unwind.workflow_runs") == [(run, "RUNNING")]


@pytest.mark.parametrize("ending", ["complete_run('r')", "fail_run('r', 'x')", "compensate_run('r')"])
def test_the_id_of_a_run_that_has_ended_is_not_used_again(db: Any, ending: str) -> None:
    db("select unwind.start_run('w', 'r')")
    db(f"select unwind.{ending}")
    error = db.refused("select unwind.start_run('w', 'r')")
    assert error.sqlstate == "UW013"
    assert "'r'" in str(error)


def test_arguments_can_be_named(db: Any) -> None:
    db("""
        select unwind.start_run(
            workflow => 'w', run_id => 'r', business_key => 'b', metadata => '{"a": 1}',
            worker => 'me', lease => '1 hour'
        )
    """)
    assert db("select workflow, business_key, metadata, claimed_by from unwind.workflow_runs") == [
        ("w", "b", {"a": 1}, "me")
    ]
    assert db.value("select lease_expires_at - claimed_at from unwind.workflow_runs").seconds == 3600
