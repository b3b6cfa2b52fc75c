"""A sweep undoes failed runs that depend on each other, and one that cannot be undone costs only itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
import pytest

SETUP = """
create table trips (id int primary key);
create table payments (id int primary key, trip_id int references trips);
create table bills (id int primary key, payment_id int references payments);
create index on payments (trip_id);
create index on bills (payment_id);
create table outside (trip_id int references trips, payment_id int references payments);
create index on outside (trip_id);
create index on outside (payment_id);
select unwind.define_workflow('travel'), unwind.define_workflow('money');
select unwind.define_step('travel', 'trip', 'trips', 'id');
select unwind.define_step('travel', 'bill', 'bills', 'id');
select unwind.define_step('money', 'payment', 'payments', 'id');
"""
PAIRS = """
select unwind.start_run('travel', 't' || n), unwind.start_run('money', 'm' || n)
from unnest(%(ids)s::int[]) as n;
select unwind.record_step('t' || n, 'trip', n::text) from unnest(%(ids)s::int[]) as n;
insert into trips select unnest(%(ids)s::int[]);
select unwind.record_step('m' || n, 'payment', n::text) from unnest(%(ids)s::int[]) as n;
insert into payments select n, n from unnest(%(ids)s::int[]) as n;
select unwind.record_step('t' || n, 'bill', n::text) from unnest(%(ids)s::int[]) as n;
insert into bills select n, n from unnest(%(ids)s::int[]) as n;
select unwind.fail_run('t' || n, 'no seat'), unwind.fail_run('m' || n, 'no money')
from unnest(%(ids)s::int[]) as n;
"""


@pytest.fixture
def travel(fleet: Any) -> Any:
    """Two more workflows beside that of the fleet; their steps interleave."""
    fleet.conn.execute(SETUP)
    return fleet


def pairs(travel: Any, ids: Iterable[int]) -> None:
    """Failed runs t<id> and m<id>: trip, payment of the other, bill."""
    with psycopg.ClientCursor(travel.conn) as cursor:
        cursor.execute(PAIRS.encode(), {"ids": list(ids)})


def rows(travel: Any) -> int:
    return int(
        travel.value(
            "select (select count(*) from trips) + (select count(*) from payments) + count(*) from bills"
        )
    )


def failed_runs(travel: Any) -> list[tuple[str, int]]:
    query = "select id, retry_count from unwind.workflow_runs where status = 'FAILED' order by id"
    return travel(query)  # type: ignore[no-any-return]


def test_both_are_undone(travel: Any) -> None:
    pairs(travel, [1])
    assert travel.sweep() == (2, 0)
    assert rows(travel) == 0
    assert travel("select id, retry_count from unwind.workflow_runs order by 1") == [("m1", 0), ("t1", 0)]
    assert travel("select run_id, table_name, rows_deleted from unwind.compensations order by 1, 2") == [
        ("m1", "public.payments", 1),
        ("t1", "public.bills", 1),
        ("t1", "public.trips", 1),
    ]


@pytest.mark.parametrize("column", ["trip_id", "payment_id"])
def test_one_that_cannot_be_undone_costs_only_what_needs_it_gone(travel: Any, column: str) -> None:
    pairs(travel, [1, 2, 3])
    travel.conn.execute(f"insert into outside ({column}) values (2)".encode())
    # Nothing of a run goes by half: where its trip has to stay, so does its bill, and with that the payment.
    assert travel.sweep() == (4, 2)
    assert failed_runs(travel) == [("m2", 1), ("t2", 1)]
    assert rows(travel) == 3
    errors = dict(travel("select id, last_error from unwind.workflow_runs where status = 'FAILED'"))
    assert "[UW007] rows of public.outside" in errors["t2" if column == "trip_id" else "m2"]
    assert all("the run had failed: no" in error for error in errors.values())


def test_a_poison_run_beside_them_costs_only_itself(travel: Any) -> None:
    pairs(travel, [1, 2])
    travel.start(range(1, 8))
    travel.block(4)
    pairs(travel, [3, 4])
    assert travel.sweep() == (14, 1)
    assert failed_runs(travel) == [("r4", 1)]
    assert rows(travel) == 0


def test_a_poison_run_whose_error_is_another_once_the_rest_is_gone(travel: Any) -> None:
    pairs(travel, [1, 2])
    travel.conn.execute(
        """
        create function refuse() returns trigger language plpgsql as
        $$ begin if old.id = 2 then raise 'not this trip'; end if; return old; end $$;
        create trigger refuse before delete on trips for each row execute function refuse();
        select unwind.compile_workflow('travel');
        """
    )
    assert travel.sweep() == (2, 2)
    assert [run for run, _ in failed_runs(travel)] == ["m2", "t2"]
    error = travel.value("select last_error from unwind.workflow_runs where id = 't2'")
    assert "[P0001] not this trip" in error
    assert rows(travel) == 3


def test_what_was_deferred_to_the_commit_is_held_against_them(travel: Any) -> None:
    pairs(travel, [1])
    travel.conn.execute(
        """
        create function refuse() returns trigger language plpgsql as
        $$ begin raise 'not now'; end $$;
        create constraint trigger refuse after delete on trips deferrable initially deferred
        for each row execute function refuse();
        select unwind.compile_workflow('travel');
        """
    )
    assert travel.sweep() == (0, 2)
    assert failed_runs(travel) == [("m1", 1), ("t1", 1)]
    assert rows(travel) == 3


def test_a_run_that_waits_for_a_younger_one_is_undone_in_the_same_sweep(travel: Any) -> None:
    pairs(travel, [1])
    travel.conn.execute("delete from bills")
    travel.start([1])
    travel.block(1)
    assert travel.sweep() == (2, 1)
    assert failed_runs(travel) == [("r1", 1)]


def test_more_of_them_than_a_chunk_holds(travel: Any) -> None:
    pairs(travel, range(300))
    travel.conn.execute("insert into outside (trip_id) values (7)")
    travel.conn.execute(f'alter database "{travel.conn.info.dbname}" set statement_timeout = 0')
    travel.conn.execute("set statement_timeout = 0")
    assert travel.sweep() == (598, 2)
    assert [run for run, _ in failed_runs(travel)] == ["m7", "t7"]
    assert rows(travel) == 3


def test_two_sweepers_at_once_undo_each_once(travel: Any, connect: Any, in_background: Any) -> None:
    pairs(travel, range(20))
    sweeps = [in_background(connect().execute, "call unwind.recover_runs()") for _ in range(2)]
    outcomes = [task.result(timeout=20).fetchone() for task in sweeps]
    # Whoever finds one of a pair locked leaves it; the next sweep has it.
    travel("select set_config('unwind.now', (now() + '1 day')::text, false)")
    recovered, failed = travel.sweep()
    assert failed == 0
    assert recovered + sum(outcome[0] for outcome in outcomes) == 40
    assert rows(travel) == 0
