"""recover_runs undoes what nobody undid: each run once, and none fails for another's sake."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest


def test_failed_runs_and_those_with_an_expired_lease_are_undone_and_no_others(fleet: Any) -> None:
    fleet.start([1, 2])
    fleet.start([3], worker="gone", failed=False)
    fleet.start([4], failed=False)
    fleet("select unwind.start_run('w', 'r5', worker => 'busy', lease => '1 hour')")
    fleet.start([6], failed=False)
    fleet("select unwind.complete_run('r6')")
    fleet.at("6 minutes")
    assert fleet.sweep() == (3, 0)
    assert dict(fleet("select id, status from unwind.workflow_runs")) == {
        "r1": "COMPENSATED",
        "r2": "COMPENSATED",
        "r3": "COMPENSATED",
        "r4": "RUNNING",
        "r5": "RUNNING",
        "r6": "COMPLETED",
    }
    assert fleet("select id from orders order by 1") == [("o4",), ("o6",)]
    assert fleet.sweep() == (0, 0)


def test_a_failed_run_is_left_to_its_worker_while_the_lease_lasts(fleet: Any) -> None:
    fleet.start([1], worker="undoing it myself")
    assert fleet.sweep() == (0, 0)
    fleet.at("6 minutes")
    assert fleet.sweep() == (1, 0)


def test_receipts_are_those_of_runs_undone_one_by_one(fleet: Any) -> None:
    fleet.start([1, 2, 3])
    fleet("select * from unwind.compensate_run('r1')")
    fleet.sweep()
    receipts = [
        fleet(
            "select ordinal, step, table_name, rows_deleted from unwind.compensations where run_id = %s", run
        )
        for run in ("r1", "r2", "r3")
    ]
    assert receipts[0] == receipts[1] == receipts[2]
    assert len(receipts[0]) == 3


def test_only_the_given_workflow_and_no_more_runs_than_asked_the_oldest_first(fleet: Any) -> None:
    fleet("select unwind.define_workflow('other')")
    fleet("select unwind.start_run('other', 'x')")
    fleet("select unwind.fail_run('x', 'no')")
    fleet.start([1, 2, 3])
    fleet.conn.execute("update unwind.workflow_runs set created_at = '2020-01-01' where id = 'r2'")
    assert fleet.sweep(workflow="w", max_runs=1) == (1, 0)
    assert fleet("select id from unwind.workflow_runs where status = 'COMPENSATED'") == [("r2",)]
    assert fleet.sweep(workflow="w") == (2, 0)
    assert fleet.sweep() == (1, 0)


def test_a_run_that_cannot_be_undone_costs_only_itself(fleet: Any) -> None:
    fleet.start(range(1, 51))
    fleet.block(17)
    assert fleet.sweep() == (49, 1)
    assert fleet.statuses() == {"COMPENSATED": 49, "FAILED": 1}
    [(error, tries, waits)] = fleet(
        "select last_error, retry_count, retry_at > clock_timestamp() "
        "from unwind.workflow_runs where id = 'r17'"
    )
    assert re.match(r"compensation failed: \[UW007\] rows of public\.invoices .*\n.*o17", error)
    assert error.endswith("\nthe run had failed: out of stock")
    assert (tries, waits) == (1, True)
    assert fleet.rows() == 4


def test_of_a_thousand_runs_with_ten_blocked_one_call_undoes_the_rest_and_names_the_ten(fleet: Any) -> None:
    fleet.start(range(1000))
    blocked = range(50, 1000, 100)
    for number in blocked:
        fleet.block(number)
    notices: list[str] = []
    fleet.conn.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    assert fleet.sweep() == (990, 10)
    assert fleet.statuses() == {"COMPENSATED": 990, "FAILED": 10}
    assert fleet.rows() == 40
    named = {f"r{number}" for number in blocked}
    failed = fleet(
        "select id from unwind.workflow_runs where last_error like 'compensation failed: [UW007]%'"
    )
    assert {run for (run,) in failed} == named
    assert {text.split("'")[1] for text in notices} == named


def test_pauses_grow_and_vary_and_end_in_giving_up(fleet: Any) -> None:
    fleet.start([1, 2])
    fleet.block(1)
    fleet.block(2)
    pauses: list[list[float]] = [[], []]
    for _ in range(4):
        assert fleet.sweep() == (0, 2)
        assert fleet.sweep() == (0, 0)
        for run in (0, 1):
            pauses[run].append(
                float(
                    fleet.value(
                        "select extract(epoch from retry_at - unwind_internal.clock()) "
                        "from unwind.workflow_runs where id = %s",
                        f"r{run + 1}",
                    )
                )
            )
        fleet("select set_config('unwind.now', max(retry_at)::text, false) from unwind.workflow_runs")
    assert fleet.sweep() == (0, 2)
    given_up = (
        "select id, retry_count, status from unwind.workflow_runs where retry_at = 'infinity' order by 1"
    )
    assert fleet(given_up) == [("r1", 5, "FAILED"), ("r2", 5, "FAILED")]
    for run in pauses:
        assert run == sorted(run)
        assert 7 < run[0] < 13 and 55 < run[3] < 101
    assert pauses[0] != pauses[1]
    fleet.at("10 years")
    assert fleet.sweep() == (0, 0)


def test_what_was_given_up_is_tried_again_where_more_tries_are_allowed(fleet: Any) -> None:
    fleet.start([1])
    fleet.block(1)
    assert fleet.sweep(max_retries=1) == (0, 1)
    assert fleet.sweep(max_retries=1) == (0, 0)
    fleet("delete from invoices returning 1")
    assert fleet.sweep(max_retries=2) == (1, 0)
    assert fleet("select status, retry_at from unwind.workflow_runs") == [("COMPENSATED", None)]


def test_fewer_tries_than_it_had_are_one_more_so_that_none_waits_for_nobody(fleet: Any) -> None:
    fleet.start([1])
    fleet.block(1)
    for minutes in range(3):
        fleet.at(f"{10 * minutes} minutes")
        assert fleet.sweep() == (0, 1)
    fleet.at("1 hour")
    assert fleet("select due, stuck from unwind.backlog") == [(1, 0)]
    assert fleet.sweep(max_retries=2) == (0, 1)
    assert fleet("select due, stuck from unwind.backlog") == [(0, 1)]


def test_a_person_can_undo_it_during_the_pause(fleet: Any) -> None:
    fleet.start([1])
    fleet.block(1)
    fleet.sweep()
    fleet("delete from invoices returning 1")
    assert len(fleet("select * from unwind.compensate_run('r1')")) == 3


@pytest.mark.parametrize("lock", ["record_step('r1', 'letter', 'x')", "fail_run('r1', 'x')"])
def test_a_run_that_somebody_has_locked_is_skipped_not_waited_for(
    fleet: Any, connect: Any, lock: str
) -> None:
    fleet.start([1], worker="slow", failed=False)
    fleet.start([2])
    slow = connect(autocommit=False)
    slow.execute(f"select unwind.act_as('slow'), unwind.{lock}")
    fleet.at("6 minutes")
    fleet.conn.execute("set lock_timeout = '1ms'")
    assert fleet.sweep() == (1, 0)
    slow.commit()
    assert fleet.sweep() == (1, 0)
    assert fleet.rows() == 0


def test_sweepers_at_once_undo_each_run_once(fleet: Any, connect: Any, barrier: Any) -> None:
    fleet.start(range(300))
    for number in (7, 77, 177):
        fleet.block(number)
    together = barrier(4)

    def sweep(session: psycopg.Connection[Any]) -> Any:
        together.wait()
        return session.execute("call unwind.recover_runs()").fetchone()

    with ThreadPoolExecutor() as pool:
        counts = list(pool.map(sweep, [connect() for _ in range(4)]))
    fleet.at("1 minute")
    counts.append(fleet.sweep())
    assert sum(recovered for recovered, _ in counts) == 297
    assert fleet.statuses() == {"COMPENSATED": 297, "FAILED": 3}
    assert fleet.value("select sum(rows_deleted) from unwind.compensations") == 297 * 4
    assert (
        fleet.value(
            "select max(n) from (select count(*) as n from unwind.compensations group by run_id) as c"
        )
        == 3
    )


def test_every_chunk_is_a_transaction_of_its_own(fleet: Any, connect: Any) -> None:
    """The last chunk waits for a row that somebody else has locked; the others are committed by then."""
    fleet.start(range(600))
    fleet(
        "update unwind.workflow_runs set created_at = now() + interval '1 day' where id = 'r599' returning 1"
    )
    other = connect(autocommit=False)
    other.execute("select from letters where id = 'l599' for update")
    fleet.conn.execute("set lock_timeout = '100ms'")
    assert fleet.sweep() == (599, 1)
    assert fleet("select retry_count, status from unwind.workflow_runs where id = 'r599'") == [(0, "FAILED")]
    other.rollback()
    assert fleet.sweep() == (1, 0)


FAILING = """
create function fail() returns trigger language plpgsql as
$$ begin if old.id = 'l1' then raise 'not now' using errcode = '{}'; end if; return old; end $$;
create trigger fail before delete on letters for each row execute function fail();
select unwind.compile_workflow('w')
"""
SWEPT = pytest.mark.parametrize("swept", ["alone", "with others", "in batches"])


def fail_with(fleet: Any, sqlstate: str, swept: str) -> None:
    """Runs of which the first fails so, to be tried by the sweep in one way or another."""
    fleet.conn.execute(FAILING.format(sqlstate).encode())
    fleet.start([1] if swept == "alone" else [1, 2])
    if swept == "in batches":
        fleet("select unwind_internal.begin_batches('r1', false, 'gone')")
        fleet.at("10 minutes")


@SWEPT
@pytest.mark.parametrize("sqlstate", ["53100", "53200", "57014", "57P03", "58030", "25006"])
def test_what_ails_the_server_ends_the_sweep_and_is_not_held_against_the_run(
    fleet: Any, sqlstate: str, swept: str
) -> None:
    fail_with(fleet, sqlstate, swept)
    assert fleet.refused("call unwind.recover_runs()").sqlstate == sqlstate
    assert fleet("select retry_count, retry_at, last_error from unwind.workflow_runs where id = 'r1'") == [
        (0, None, "out of stock")
    ]
    fleet.conn.execute("drop trigger fail on letters")
    fleet("select unwind.compile_workflow('w')")
    fleet.at("20 minutes")
    fleet.sweep()
    assert fleet("select distinct status from unwind.workflow_runs") == [("COMPENSATED",)]


@SWEPT
@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03", "08001", "08006"])
def test_what_others_do_is_not_held_against_the_run_and_the_sweep_goes_on(
    fleet: Any, sqlstate: str, swept: str
) -> None:
    fail_with(fleet, sqlstate, swept)
    assert fleet.sweep() == (int(swept != "alone"), 1)
    assert fleet("select retry_count, retry_at, last_error from unwind.workflow_runs where id = 'r1'") == [
        (0, None, "out of stock")
    ]


@pytest.mark.parametrize(
    ("error", "sqlstate"),
    [
        ("disk_full", "53100"),
        ("too_many_connections", "53300"),
        ("query_canceled", "57014"),
        ("cannot_connect_now", "57P03"),
        ("io_error", "58030"),
    ],
)
def test_what_ails_the_server_is_not_held_against_the_run(fleet: Any, error: str, sqlstate: str) -> None:
    fleet.start([1])
    fleet.conn.execute(f"""
        create function no_way() returns trigger language plpgsql as
        $$ begin raise 'no way' using errcode = '{error}'; end $$;
        create trigger no_way before delete on letters for each row execute function no_way();
        select unwind.compile_workflow('w')
    """)
    for sweep in ("call unwind.recover_runs()", "select unwind_internal.recover_together('{r1}', 5)"):
        assert fleet.refused(sweep).sqlstate == sqlstate
        assert fleet("select status, retry_count from unwind.workflow_runs") == [("FAILED", 0)]


ENDS_OUTSIDE_OTHERS = {
    "a failed assert": (
        "P0004",
        """
        create function keep() returns trigger language plpgsql as
        $$ begin assert old.id <> 'o2', 'o2 is kept'; return old; end $$;
        create trigger keep before delete on orders for each row execute function keep();
        """,
    ),
    "a check deferred to the commit": (
        "P0001",
        """
        create function keep() returns trigger language plpgsql as
        $$ begin if old.id = 'o2' then raise 'o2 is kept'; end if; return null; end $$;
        create constraint trigger keep after delete on orders deferrable initially deferred
        for each row execute function keep();
        """,
    ),
}


@pytest.mark.parametrize("kind", ENDS_OUTSIDE_OTHERS)
def test_whatever_refuses_a_run_is_held_against_that_run_alone(fleet: Any, kind: str) -> None:
    sqlstate, trigger = ENDS_OUTSIDE_OTHERS[kind]
    fleet.start([1, 2, 3])
    fleet.conn.execute(trigger)
    fleet("select unwind.compile_workflow('w')")
    assert fleet.sweep() == (2, 1)
    [(run, error, tries)] = fleet(
        "select id, last_error, retry_count from unwind.workflow_runs where status = 'FAILED'"
    )
    assert (run, tries) == ("r2", 1)
    assert error.startswith(f"compensation failed: [{sqlstate}] o2 is kept")


@pytest.mark.parametrize("kind", ENDS_OUTSIDE_OTHERS)
def test_so_it_is_in_batches(fleet: Any, kind: str) -> None:
    sqlstate, trigger = ENDS_OUTSIDE_OTHERS[kind]
    fleet.start([2])
    fleet.conn.execute(trigger)
    fleet("select unwind.compile_workflow('w')")
    call = "call unwind.compensate_run_in_batches('r2', 1)"
    assert fleet.refused(call).sqlstate == sqlstate
    assert fleet("select status, claimed_by from unwind.workflow_runs") == [("COMPENSATING", None)]
    fleet("select unwind_internal.begin_batches('r2', false, 'gone')")
    fleet.start([1, 3])
    fleet.at("10 minutes")
    assert fleet.sweep() == (2, 1)
    [(status, error)] = fleet("select status, last_error from unwind.workflow_runs where id = 'r2'")
    assert status == "FAILED" and f"[{sqlstate}] o2 is kept" in error


def test_inside_a_transaction_it_is_refused_before_anything_is_done(fleet: Any) -> None:
    fleet.start([1])
    with fleet.conn.transaction(force_rollback=True):
        assert fleet.refused("call unwind.recover_runs()").sqlstate == "2D000"
    assert fleet.statuses() == {"FAILED": 1}


@pytest.mark.parametrize("arguments", ["max_runs => 0", "max_retries => 0", "max_runs => null"])
def test_arguments_that_make_no_sense_are_refused(fleet: Any, arguments: str) -> None:
    assert fleet.refused(f"call unwind.recover_runs({arguments})").sqlstate == "UW009"


def test_a_sweep_finds_the_due_runs_by_an_index(fleet: Any) -> None:
    fleet.conn.execute(
        "insert into unwind.workflow_runs (id, workflow, status) "
        "select 'old' || n, 'w', 'COMPLETED' from generate_series(1, 20000) as n; "
        "analyze unwind.workflow_runs"
    )
    fleet.start([1])
    plan = fleet(
        "explain select id from unwind_internal.due_runs where workflow = 'w' order by created_at limit 10"
    )
    assert "workflow_runs_claims" in str(plan)
    assert "Seq Scan on workflow_runs" not in str(plan)


IN_THE_WAY = ["serialization_failure", "deadlock_detected", "lock_not_available"]
IN_THE_WAY_OF_R2 = """
create function in_the_way() returns trigger language plpgsql as
$$ begin if old.id = 'l2' then raise 'in the way' using errcode = '{}'; end if; return old; end $$;
create trigger in_the_way before delete on letters for each row execute function in_the_way();
select unwind.compile_workflow('w')
"""
TRIES = "select status, retry_count, retry_at, last_error from unwind.workflow_runs where id = %s"


@pytest.mark.parametrize("error", IN_THE_WAY)
def test_what_was_merely_in_the_way_is_not_held_against_the_run(fleet: Any, error: str) -> None:
    fleet.conn.execute(IN_THE_WAY_OF_R2.format(error))
    fleet.start([1, 2, 3])
    before = fleet(TRIES, "r2")
    assert fleet.sweep() == (2, 1)
    assert fleet(TRIES, "r2") == before
    fleet.conn.execute("drop trigger in_the_way on letters")
    assert fleet.sweep() == (1, 0), "at once"


@pytest.mark.parametrize("error", IN_THE_WAY)
def test_so_it_is_in_batches_that_were_abandoned(fleet: Any, error: str) -> None:
    fleet.conn.execute(IN_THE_WAY_OF_R2.format(error))
    fleet.start([2])
    fleet("select unwind_internal.begin_batches('r2', false, 'gone')")
    fleet.at("10 minutes")
    before = fleet(TRIES, "r2")
    assert fleet.sweep() == (0, 1)
    assert fleet(TRIES, "r2") == before


@pytest.mark.parametrize("error", IN_THE_WAY)
def test_so_it_is_where_runs_are_tried_together(fleet: Any, error: str) -> None:
    fleet.conn.execute(IN_THE_WAY_OF_R2.format(error))
    fleet.start([2])
    before = fleet(TRIES, "r2")
    assert fleet("select recovered, failed from unwind_internal.recover_together('{r2}', 5)") == [(0, 1)]
    assert fleet(TRIES, "r2") == before


def test_whether_a_run_is_due_is_asked_again_under_its_lock(
    fleet: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    """The first chunk waits for a row; those of the second are claimed, undone and tried meanwhile."""
    fleet.start(range(505))
    fleet.conn.execute(
        "update unwind.workflow_runs set created_at = now() + interval '1 day' "
        "where id in ('r1', 'r2', 'r3', 'r4')"
    )
    other, sweeper = connect(autocommit=False), connect()
    other.execute("select from letters where id = 'l9' for update")
    sweep = in_background(lambda: sweeper.execute("call unwind.recover_runs()").fetchone())
    wait_until_blocked(sweeper, unless=sweep)
    assert fleet.value("select unwind.claim_run('r1', 'somebody')")
    fleet("select * from unwind.compensate_run('r2')")
    fleet("select unwind_internal.record_failure('r3', 'x', 5, null)")
    other.rollback()
    assert sweep.result(timeout=20) == (502, 0)
    assert dict(
        fleet("select id, status from unwind.workflow_runs where id in ('r1', 'r2', 'r3', 'r4')")
    ) == {"r1": "FAILED", "r2": "COMPENSATED", "r3": "FAILED", "r4": "COMPENSATED"}
    assert fleet.value("select count(*) from unwind.compensations where run_id = 'r2'") == 3


def test_runs_that_block_each_other_go_together_whoever_else_is_blocked(fleet: Any) -> None:
    """The peers of r1 and r3 refer to each other; so do those of r2 and r4, and one of nobody to r4's."""
    fleet.conn.execute("""
        create table peers (id int primary key, friend int references peers);
        create index on peers (friend);
        select unwind.define_workflow('p'), unwind.define_step('p', 'peer', 'peers', 'id');
        select unwind.start_run('p', 'r' || i), unwind.record_step('r' || i, 'peer', i::text)
        from generate_series(1, 4) as i;
        insert into peers values (1, 3), (3, 1), (2, 4), (4, 2), (5, 4);
        select unwind.fail_run('r' || i, 'x') from generate_series(1, 4) as i;
    """)
    assert fleet.sweep() == (2, 2)
    assert fleet.statuses() == {"COMPENSATED": 2, "FAILED": 2}
    assert fleet("select id from peers order by id") == [(2,), (4,), (5,)]
    fleet.conn.execute("delete from peers where id = 5; update unwind.workflow_runs set retry_at = null")
    assert fleet.sweep() == (2, 0)
