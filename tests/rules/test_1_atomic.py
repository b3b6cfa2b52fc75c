"""Rule 1: compensate_run deletes all of a run and writes its receipts, or changes nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import errors

from pgunwind import CompensationPending, Unwind

FAILING = """
create function refuse() returns trigger language plpgsql as $$
begin
    raise 'not this one' using errcode = 'P0042';
end
$$;
create trigger refuse before delete on orders for each row execute function refuse();
"""


@pytest.mark.parametrize(
    "call",
    [
        "select * from unwind.compensate_run('r')",
        "select * from unwind.compensate_runs(array['r', 'other'])",
    ],
)
def test_a_delete_that_fails_late_leaves_everything_as_it_was(shop: Any, call: str) -> None:
    shop.whole_run("r")
    shop.whole_run("other")
    shop.conn.execute("select unwind.fail_run('r', 'boom')")
    shop.conn.execute(FAILING)
    before = shop.contents()
    with pytest.raises(psycopg.Error, match="not this one") as failure:
        shop.conn.execute(call)
    assert failure.value.sqlstate == "P0042", "the error is the trigger's own"
    assert shop.contents() == before


def test_the_client_records_the_error_that_kept_a_run_from_being_undone(shop: Any, dsn: str) -> None:
    shop.conn.execute(FAILING)
    unwind = Unwind(dsn)
    with pytest.raises(CompensationPending) as pending, unwind.run("checkout", run_id="r") as run:
        with run.step("order", "o") as conn:
            conn.execute("insert into orders values ('o', 'Ada')")
        raise ValueError("the step after failed")
    assert isinstance(pending.value.__cause__, ValueError)
    status, error = shop.rows("select status, last_error from unwind.workflow_runs where id = 'r'")[0]
    assert status == "FAILED"
    assert "not this one" in error and "the step after failed" in error
    assert shop.left() == 1
    assert shop.rows("select * from unwind.compensations") == []


def test_a_caller_that_rolls_back_takes_the_undo_back(shop: Any) -> None:
    shop.whole_run("r")
    before = shop.contents()
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute("select * from unwind.compensate_run('r')")
        assert shop.left() == 0
    assert shop.contents() == before


def test_a_session_killed_in_the_middle_of_an_undo_leaves_nothing_half_done(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.whole_run("r")
    before = shop.contents()
    victim, holder = connect(), connect(autocommit=False)
    holder.execute("select from orders for update")  # the undo has deleted payments and lines by then
    undo = in_background(victim.execute, "select * from unwind.compensate_run('r')")
    wait_until_blocked(victim)
    shop.conn.execute("select pg_terminate_backend(%s)", [victim.info.backend_pid])
    with pytest.raises(errors.AdminShutdown):
        undo.result()
    holder.rollback()
    assert shop.contents() == before
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop.left() == 0
    assert shop.status("r") == "COMPENSATED"
