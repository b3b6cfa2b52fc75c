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
select unwind.compile_workflow('checkout');
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
    status, error = shop("select status, last_error from unwind.workflow_runs where id = 'r'")[0]
    assert status == "FAILED"
    assert "not this one" in error and "the step after failed" in error
    assert shop.left() == 1
    assert shop("select * from unwind.compensations") == []


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


SIX_TABLES = """
create table t1 (id int primary key);
create table t2 (id int primary key, up int references t1);
create table t3 (id int primary key, up int);
create table t4 (id int primary key, up int references t3 on delete cascade);
create table t5 (id int primary key, up int);
create table t6 (id int primary key, up int references t5 on delete restrict);
select unwind.define_workflow('six');
select unwind.define_step('six', 'first', 't1', 'id');
select unwind.define_step('six', 'second', 't4', 'id');
select unwind.declare_foreign_key('t2', '{up}', 't1', '{id}');
select unwind.declare_foreign_key('t3', '{up}', 't2', '{id}');
select unwind.declare_foreign_key('t5', '{up}', 't4', '{id}');
select unwind.declare_foreign_key('t6', '{up}', 't5', '{id}');
create function refuse_the_fifth() returns trigger language plpgsql as $$
begin
    if (select count(*) from t6) + (select count(*) from t5) + (select count(*) from t4) > 0 then
        raise 'too early';
    end if;
    raise 'the fifth table fails' using errcode = 'P0042';
end
$$;
create trigger refuse after delete on t2 for each statement execute function refuse_the_fifth();
select unwind.compile_workflow('six');
insert into t1 values (1);
insert into t2 values (1, 1);
insert into t3 values (1, 1);
insert into t4 values (1, 1);
insert into t5 values (1, 1);
insert into t6 values (1, 1), (2, 1);
select unwind.start_run('six', 'r');
select unwind.record_step('r', 'first', '1'), unwind.record_step('r', 'second', '1');
"""


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['r'])"])
@pytest.mark.parametrize("status", ["RUNNING", "FAILED"])
def test_a_failure_at_the_fifth_of_six_tables_brings_back_the_four_before_it(
    conn: psycopg.Connection[Any], call: str, status: str
) -> None:
    conn.execute(SIX_TABLES)
    if status == "FAILED":
        conn.execute("select unwind.fail_run('r', 'first error')")
    with pytest.raises(psycopg.Error, match="the fifth table fails"):
        conn.execute(f"select * from unwind.{call}".encode())
    counts = [conn.execute(f"select count(*) from t{n}".encode()).fetchone() for n in range(1, 7)]
    assert counts == [(1,), (1,), (1,), (1,), (1,), (2,)]
    run = conn.execute("select status, last_error from unwind.workflow_runs").fetchone()
    assert run == (status, "first error" if status == "FAILED" else None)
    assert conn.execute("select from unwind.run_steps where compensated_at is not null").fetchall() == []
    assert conn.execute("select from unwind.compensations").fetchall() == []
    conn.execute("drop trigger refuse on t2")
    conn.execute(f"select * from unwind.{call}".encode())
    assert [conn.execute(f"select from t{n}".encode()).fetchall() for n in range(1, 7)] == [[]] * 6
