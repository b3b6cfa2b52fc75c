"""Runs of one call that depend on each other go step by step, in the reverse order of the ledger.

Only rows outside the runs of the call are dependents that refuse it.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

SETUP = """
create table trips (id text primary key);
create table payments (id text primary key, trip_id text references trips);
create table invoices (id text primary key, payment_id text references payments);
create index on payments (trip_id);
create index on invoices (payment_id);
select unwind.define_workflow('travel'), unwind.define_workflow('money');
select unwind.define_step('travel', 'trip', 'trips', 'id');
select unwind.define_step('travel', 'invoice', 'invoices', 'id');
select unwind.define_step('money', 'payment', 'payments', 'id');
"""
RECEIPTS = "select run_id, step, table_name, rows_deleted from unwind.compensations order by 1, 2, 3"
STATUSES = "select distinct status from unwind.workflow_runs"
ROWS = "select (select count(*) from trips) + (select count(*) from payments) + count(*) from invoices"


travel_template = holding(SETUP)


@pytest.fixture
def travel(travel_template: Any, conn: Connection) -> Connection:
    """Two workflows whose steps can interleave."""
    return conn


def pair(conn: Connection, number: int = 1) -> list[str]:
    """Two runs: a trip, the other's payment for it, and the invoice for the payment, of the first again."""
    trip, money = f"trip-{number}", f"money-{number}"
    conn.execute("select unwind.start_run('travel', %s), unwind.start_run('money', %s)", [trip, money])
    for run, step, statement in [
        (trip, "trip", "insert into trips values (%s)"),
        (money, "payment", "insert into payments values (%s, %s)"),
        (trip, "invoice", "insert into invoices values (%s, %s)"),
    ]:
        conn.execute("select unwind.record_step(%s, %s, %s)", [run, step, str(number)])
        conn.execute(statement.encode(), [str(number)] * statement.count("%s"))
    return [trip, money]


def value(conn: Connection, query: str) -> Any:
    row = conn.execute(query.encode()).fetchone()
    return row and row[0]


def refused(conn: Connection, runs: list[str]) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as error:
        conn.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs])
    return error.value


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("started_first", ["travel", "money"])
def test_both_go_in_either_order(travel: Connection, order: int, started_first: str) -> None:
    runs = pair(travel)
    if started_first == "money":
        travel.execute("update unwind.workflow_runs set created_at = '2020-01-01' where id = 'money-1'")
    totals = travel.execute(
        "select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs[::order]]
    ).fetchall()
    assert totals == [("money-1", 1), ("trip-1", 2)]
    assert value(travel, ROWS) == 0
    assert travel.execute(STATUSES).fetchall() == [("COMPENSATED",)]
    assert travel.execute("select * from unwind.verify_run('trip-1')").fetchall() == []
    assert value(travel, "select count(*) from unwind.run_steps where compensated_at is null") == 0


def test_the_result_is_that_of_going_step_by_step_by_hand(travel: Connection) -> None:
    runs = pair(travel)
    with travel.transaction(force_rollback=True):
        for run, step in [("trip-1", "invoice"), ("money-1", "payment"), ("trip-1", "trip")]:
            travel.execute("select * from unwind.compensate_step(%s, %s)", [run, step])
        for run in runs:
            travel.execute("select * from unwind.compensate_run(%s)", [run])
        by_hand = travel.execute(RECEIPTS).fetchall()
    travel.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs])
    assert travel.execute(RECEIPTS).fetchall() == by_hand
    # And again: nothing is left to do.
    again = travel.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs]).fetchall()
    assert again == [("money-1", 1), ("trip-1", 2)]
    assert travel.execute(RECEIPTS).fetchall() == by_hand


def test_twenty_pairs_in_one_call(travel: Connection) -> None:
    runs = [run for number in range(20) for run in pair(travel, number)]
    totals = dict(
        travel.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs]).fetchall()
    )
    assert totals == {run: 2 if run.startswith("trip") else 1 for run in runs}
    assert value(travel, ROWS) == 0


def test_pairs_whose_steps_were_recorded_side_by_side_go_together(travel: Connection) -> None:
    runs = [f"{kind}-{n}" for n in range(5) for kind in ("trip", "money")]
    for n in range(5):
        travel.execute(
            f"select unwind.start_run('travel', 'trip-{n}'), unwind.start_run('money', 'money-{n}')"
        )
    for step, run, table in [
        ("trip", "trip", "trips"),
        ("payment", "money", "payments"),
        ("invoice", "trip", "invoices"),
    ]:
        for n in range(5):
            travel.execute(f"select unwind.record_step('{run}-{n}', '{step}', '{n}')".encode())
            more = "" if step == "trip" else f", '{n}'"
            travel.execute(f"insert into {table} values ('{n}'{more})".encode())
    order = "select step, cardinality(runs) from unwind_internal.undo_order(%s, %s)"
    assert travel.execute(order.encode(), [runs, False]).fetchall() == [
        ("invoice", 5),
        ("payment", 5),
        ("trip", 5),
    ]
    assert len(travel.execute(order.encode(), [runs, True]).fetchall()) == 15
    travel.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs])
    assert value(travel, ROWS) == 0
    assert value(travel, "select count(*) from unwind.compensations") == 15


def test_three_workflows_in_a_ring_of_steps(conn: Connection) -> None:
    runs = ["r0", "r1", "r2"]
    for n in range(3):
        conn.execute(f"create table t{n} (id int primary key, up int); create index on t{n} (up)".encode())
        conn.execute(f"create table u{n} (id int primary key, up int); create index on u{n} (up)".encode())
    for n, run in enumerate(runs):
        conn.execute(f"alter table u{n} add foreign key (up) references t{(n + 1) % 3}".encode())
        conn.execute(f"alter table t{n} add foreign key (up) references u{(n + 1) % 3}".encode())
        conn.execute(f"select unwind.define_workflow('w{n}'), unwind.define_step('w{n}', 's', 't{n}', 'id')")
        conn.execute(f"select unwind.define_step('w{n}', 'u', 'u{n}', 'id')".encode())
        conn.execute(f"select unwind.start_run('w{n}', '{run}')".encode())
    conn.execute("select unwind.compile_workflow(workflow) from unwind.workflows")
    # u1 -> t2 -> u0 -> t1 -> u2 -> t0: each run's two rows have rows of both others between them.
    up: int | None = None
    for run, step, table in [
        ("r0", "s", "t0"), ("r2", "u", "u2"), ("r1", "s", "t1"), ("r0", "u", "u0"), ("r2", "s", "t2"),
        ("r1", "u", "u1"),
    ]:  # fmt: skip
        conn.execute("select unwind.record_step(%s, %s, '1')", [run, step])
        conn.execute(f"insert into {table} values (1, %s)".encode(), [up])
        up = 1
    for order in (runs, runs[::-1]):
        with conn.transaction(force_rollback=True):
            conn.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [order])
            for n in range(3):
                assert value(conn, f"select (select count(*) from t{n}) + count(*) from u{n}") == 0
            assert conn.execute(STATUSES).fetchall() == [("COMPENSATED",)]


def test_keys_recorded_ahead_of_the_rows_do_not_decide(travel: Connection) -> None:
    """The ledger's order is not that of the rows here: what is refused first goes once the rest has gone."""
    travel.execute("select unwind.start_run('travel', 't'), unwind.start_run('money', 'm')")
    travel.execute("select unwind.record_step('t', 'invoice', '1')")
    travel.execute(
        "select unwind.record_step('t', 'trip', '1'); select unwind.record_step('m', 'payment', '1')"
    )
    travel.execute("insert into trips values ('1'); insert into payments values ('1', '1')")
    travel.execute("insert into invoices values ('1', '1')")
    travel.execute("select run_id, rows_deleted from unwind.compensate_runs(array['t', 'm'])")
    assert value(travel, ROWS) == 0
    assert travel.execute(STATUSES).fetchall() == [("COMPENSATED",)]


def test_a_step_recorded_again_counts_as_recorded_then(travel: Connection) -> None:
    pair(travel)
    before = value(travel, "select max(recorded_at) from unwind.run_steps")
    travel.execute("select * from unwind.compensate_step('trip-1', 'invoice')")
    with travel.transaction():
        travel.execute("select unwind.record_step('trip-1', 'invoice', '1')")
        again = "select recorded_at from unwind.run_steps where step = 'invoice'"
        assert value(travel, f"select ({again}) > '{before}' and ({again}) > now()")


def test_rows_that_another_ones_cascade_would_take_go_first(travel: Connection) -> None:
    """The payment cascades from the trip, and is the other run's own: guarded, until that one has gone."""
    travel.execute("select unwind.declare_foreign_key('payments', '{trip_id}', 'trips', '{id}', 'cascade')")
    runs = pair(travel)
    assert travel.execute(
        "select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs]
    ).fetchall() == [
        ("money-1", 1),
        ("trip-1", 2),
    ]


def test_a_custom_step_takes_its_turn(travel: Connection) -> None:
    travel.execute(
        """
        create table mails (id text primary key, invoice_id text references invoices);
        create function undo_mails(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint) language sql as
        $$ with gone as (delete from mails where id = any(run_ids) returning id)
            select id, 'mails', 1::bigint from gone $$;
        select unwind.define_custom_step('money', 'mail', 'undo_mails(text[])');
        """
    )
    runs = pair(travel)
    travel.execute("select unwind.record_step('money-1', 'mail', 'm')")
    travel.execute("insert into mails values ('money-1', '1')")
    totals = travel.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs]).fetchall()
    assert totals == [("money-1", 2), ("trip-1", 2)]


@pytest.mark.parametrize("table", ["trips", "payments", "invoices"])
def test_a_row_outside_the_runs_refuses_all_and_nothing_is_half_done(travel: Connection, table: str) -> None:
    runs = pair(travel)
    travel.execute(
        f"create table outside (id text references {table}); insert into outside values ('1')".encode()
    )
    error = refused(travel, runs)
    assert error.sqlstate == "UW007"
    assert "outside" in str(error)
    assert value(travel, ROWS) == 3
    assert travel.execute(STATUSES).fetchall() == [("RUNNING",)]
    assert travel.execute(RECEIPTS).fetchall() == []
    assert value(travel, "select count(*) from unwind.run_steps where compensated_at is null") == 3


def test_a_run_left_out_of_the_call_is_outside(travel: Connection) -> None:
    runs = [*pair(travel), *pair(travel, 2)]
    error = refused(travel, ["trip-1", "money-1", "trip-2"])
    assert error.sqlstate == "UW007"
    assert "compensate_runs" in str(error.diag.message_hint)
    assert value(travel, ROWS) == 6
    travel.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs])
    assert value(travel, ROWS) == 0


def test_another_error_is_passed_on_at_once(travel: Connection) -> None:
    runs = pair(travel)
    travel.execute(
        """
        create function refuse() returns trigger language plpgsql as
        $$ begin raise 'not this one' using errcode = 'P4242'; end $$;
        create trigger refuse before delete on payments for each row execute function refuse();
        select unwind.compile_workflow('money');
        """
    )
    error = refused(travel, runs)
    assert error.sqlstate == "P4242"
    assert value(travel, ROWS) == 3


@pytest.mark.parametrize(
    "call",
    ["select * from unwind.compensate_run('trip-1')", "call unwind.compensate_run_in_batches('trip-1')"],
)
def test_one_of_them_alone_is_refused_and_the_hint_undoes_both(travel: Connection, call: str) -> None:
    pair(travel)
    with pytest.raises(psycopg.Error) as error:
        travel.execute(call.encode())
    assert error.value.sqlstate == "UW007"
    [both] = re.findall(r"select \* from unwind\.compensate_runs\(.*?\);", str(error.value.diag.message_hint))
    travel.execute(both.encode())
    assert value(travel, ROWS) == 0
