"""Starting a run: its id is its own, for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
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


@pytest.mark.parametrize("first_commits", [True, False])
def test_of_two_that_start_one_id_at_once_one_gets_it(
    db: Any, connect: Any, first_commits: bool, wait_until_blocked: Callable[..., None]
) -> None:
    one, two = connect(autocommit=False), connect(options="-c statement_timeout=20s")
    one.execute("select unwind.start_run('w', 'r', business_key => 'one')")
    with ThreadPoolExecutor() as pool:
        race = pool.submit(two.execute, "select unwind.start_run('w', 'r', business_key => 'two')")
        wait_until_blocked(two)
        if first_commits:
            one.commit()
            with pytest.raises(psycopg.Error) as refused:
                race.result()
            assert refused.value.sqlstate == "UW013"
        else:
            one.rollback()
            race.result()
    winner = "one" if first_commits else "two"
    assert db("select business_key from unwind.workflow_runs") == [(winner,)]


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
