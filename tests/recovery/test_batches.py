"""A run too big for one transaction is undone in batches: each committed, resumable, exactly receipted."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest

SETUP = """
create table events (id int primary key, order_id text references orders) partition by range (id);
create table events_1 partition of events for values from (0) to (1000);
create table events_2 partition of events for values from (1000) to (2000);
create index on events (order_id);
create table nodes (id int primary key, parent int references nodes, order_id text);
create index on nodes (parent);
create index on nodes (order_id);
create table clicks (id int primary key, order_id text references orders on delete cascade);
create index on clicks (order_id);
select unwind.declare_foreign_key('events', '{order_id}', 'orders', '{id}');
select unwind.declare_foreign_key('nodes', '{order_id}', 'orders', '{id}');
select unwind.declare_foreign_key('nodes', '{parent}', 'nodes', '{id}');
"""
ROWS = """
insert into lines (order_id) select 'o1' from generate_series(1, 48);
insert into events select n, 'o1' from generate_series(980, 1020) as n;
insert into nodes select n, nullif(n / 3, 0), case when n = 1 then 'o1' end from generate_series(1, 40) as n;
insert into clicks select n, 'o1' from generate_series(1, 15) as n;
"""
RECEIPTS = "select ordinal, step, table_name, rows_deleted from unwind.compensations order by ordinal"
CALL = "call unwind.compensate_run_in_batches('r1', 10)"
UNDO = "select ordinal, step, table_name, rows_deleted from unwind.compensate_run('r1')"


@pytest.fixture
def big(fleet: Any) -> Any:
    """Run r1 with rows in partitions, a tree, and under a real cascade; run r2 of four rows beside it."""
    fleet.conn.execute(SETUP)
    fleet.start([1, 2], failed=False)
    fleet.conn.execute(ROWS)
    return fleet


def left(big: Any) -> int:
    """Rows in all tables."""
    extra = "select (select count(*) from events) + (select count(*) from nodes) + count(*) from clicks"
    return int(big.rows() + big.value(extra))


def blocked_in_mid_run(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> tuple[Any, Any, Any]:
    """A batched undo that waits for a row which another session has locked; that one; the undo's future."""
    other, undoer = connect(autocommit=False), connect()
    other.execute("select from lines where id = (select max(id) from lines) for update")
    undo = in_background(undoer.execute, CALL)
    wait_until_blocked(undoer)
    return undoer, other, undo


def test_what_goes_and_the_receipts_are_those_of_compensate_run(big: Any) -> None:
    with big.conn.transaction(force_rollback=True):
        expected = big(UNDO)
        rows = left(big)
    big.conn.execute(CALL)
    assert big(RECEIPTS) == expected
    assert left(big) == rows == 4 + 13
    assert big("select status, claimed_by from unwind.workflow_runs order by id") == [
        ("COMPENSATED", None),
        ("RUNNING", None),
    ]
    assert big("select * from unwind.verify_run('r1')") == []
    assert big("select * from unwind.find_orphans('w')") == []


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_size_of_a_batch_changes_nothing(big: Any, size: int) -> None:
    big.conn.execute(f"call unwind.compensate_run_in_batches('r1', {size})")
    assert sum(rows for *_, rows in big(RECEIPTS)) == 1 + 1 + 2 + 48 + 41 + 27 + 15
    assert left(big) == 17


def test_others_see_how_far_it_is_while_it_works(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    _, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    assert big.value("select status from unwind.workflow_runs where id = 'r1'") == "COMPENSATING"
    progress = dict(
        (table, (done, expected))
        for table, done, expected in big("select table_name, rows_done, rows_expected from unwind.progress")
    )
    done, expected = progress["public.lines"]
    assert (done % 10, 0 < done < 50, expected) == (0, True, 50)
    assert (progress["public.letters"], progress["public.orders"]) == ((1, 1), (0, 1))
    assert big.value("select count(*) from lines where order_id = 'o1'") == 50 - done
    assert (
        big.value("select rows_deleted from unwind.compensations where table_name = 'public.lines'") == done
    )
    ended = big("select step from unwind.run_steps where run_id = 'r1' and compensated_at is not null")
    assert ended == [("letter",)]
    other.rollback()
    undo.result()
    assert big("select * from unwind.progress") == []


def test_every_batch_tells_how_far_it_is(big: Any) -> None:
    notices: list[str] = []
    big.conn.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    big.conn.execute(CALL)
    for table, told in {
        "lines": [f"{done} of 50" for done in (10, 20, 30, 40, 50)],
        "nodes": [f"{done} of 27" for done in (10, 18, 24, 26)],  # the leaves, pass by pass
    }.items():
        said = [notice for notice in notices if f"public.{table} " in notice]
        assert said == [f"run 'r1': {done} rows of public.{table} deleted" for done in told]
    assert notices[0] == "run 'r1': 1 of 1 rows of public.letters deleted"
    assert notices[-1] == "run 'r1': 28 of 28 rows of 2 tables deleted", "the last node, and the order"


SMALL = """
do $$ begin
    for i in 1..12 loop
        execute format('create table small_%s (id int primary key, line_id int)', i);
        execute format('create index on small_%s (line_id)', i);
        perform unwind.declare_foreign_key(format('small_%s', i)::regclass, '{line_id}', 'lines', '{id}');
    end loop;
end $$;
do $$ begin
    for i in 1..12 loop
        execute format('insert into small_%s select n, l.id from generate_series(1, 3) as n, (
            select min(id) as id from lines where order_id = ''o1'') as l', i);
    end loop;
end $$;
"""
SMALL_ROWS = " + ".join(f"(select count(*) from small_{n})" for n in range(1, 13))


def test_small_tables_share_transactions_of_a_batch_each(big: Any) -> None:
    big.conn.execute(SMALL)
    with big.conn.transaction(force_rollback=True):
        expected = big(UNDO)
    notices: list[str] = []
    big.conn.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    big.conn.execute(CALL)
    assert notices[12:17] == [
        "run 'r1': 36 of 36 rows of 4 tables deleted",  # nine, and the last of 27 nodes
        "run 'r1': 9 of 9 rows of 3 tables deleted",
        "run 'r1': 9 of 9 rows of 3 tables deleted",
        "run 'r1': 9 of 9 rows of 3 tables deleted",
        "run 'r1': 10 of 50 rows of public.lines deleted",
    ]
    assert big(RECEIPTS) == expected
    assert big.value(f"select {SMALL_ROWS}") == 0


def test_a_run_of_one_batch_is_undone_in_one_transaction(big: Any) -> None:
    big.conn.execute(SMALL)
    with big.conn.transaction(force_rollback=True):
        expected = big(UNDO)
    notices: list[str] = []
    big.conn.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    big.conn.execute("call unwind.compensate_run_in_batches('r1')")
    assert notices == ["run 'r1': 171 of 171 rows of 18 tables deleted"]
    assert big(RECEIPTS) == expected
    assert left(big) == 17


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_interrupted_between_small_tables_what_was_committed_is_receipted_and_the_rest_goes_on(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any, end: str
) -> None:
    big.conn.execute(SMALL)
    with big.conn.transaction(force_rollback=True):
        expected = big(UNDO)
    small = [table for _, _, table, _ in expected if "small" in table]
    other, undoer = connect(autocommit=False), connect()
    other.execute(f"select from {small[4]} where id = 2 for update".encode())
    undo = in_background(undoer.execute, CALL)
    wait_until_blocked(undoer)
    progress = dict(big("select table_name, rows_done from unwind.progress"))
    assert [progress[table] for table in small[:6]] == [3, 3, 3, 0, 0, 0], "the fourth is not committed"
    big(f"select {end}(%s)", undoer.info.backend_pid)
    with pytest.raises(psycopg.Error):
        undo.result()
    other.rollback()
    assert big.value(f"select {SMALL_ROWS}") == 36 - big.value(
        "select sum(rows_deleted) from unwind.compensations where table_name like '%small%'"
    )
    big.conn.execute("call unwind.compensate_run_in_batches('r1', 10, force => true)")
    assert big(RECEIPTS) == expected


def test_rows_that_came_after_they_were_counted_go_too(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    _, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    big.conn.execute("insert into nodes select n, 1, null from generate_series(1001, 1030) as n")
    other.rollback()
    undo.result()
    assert left(big) == 17
    assert big.value("select sum(rows_deleted) from unwind.compensations") == 135 + 30


def test_a_cycle_in_another_step_keeps_no_rows_from_going_in_batches(fleet: Any) -> None:
    fleet.conn.execute("""
        create table hens (id text primary key, egg_id text);
        create table eggs (id text primary key, hen_id text);
        select unwind.declare_foreign_key('hens', '{egg_id}', 'eggs', '{id}');
        select unwind.declare_foreign_key('eggs', '{hen_id}', 'hens', '{id}');
        select unwind.define_step('w', 'hen', 'hens', 'id');
    """)
    fleet.start([1], failed=False)
    fleet.conn.execute("select unwind.record_step('r1', 'hen', 'h')")
    fleet.conn.execute("insert into hens values ('h', 'e'); insert into eggs values ('e', 'h')")
    fleet.conn.execute("insert into lines (order_id) select 'o1' from generate_series(1, 18)")
    notices: list[str] = []
    fleet.conn.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    fleet.conn.execute(CALL)
    assert "run 'r1': 10 of 20 rows of public.lines deleted" in notices
    assert fleet.rows() + fleet.count("hens", "eggs") == 0


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_interrupted_it_goes_on_and_the_receipts_add_up(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any, end: str
) -> None:
    with big.conn.transaction(force_rollback=True):
        expected = big(UNDO)
    undoer, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    big(f"select {end}(%s)", undoer.info.backend_pid)
    with pytest.raises(psycopg.Error):
        undo.result()
    other.rollback()
    assert 17 < left(big) < 17 + 135
    gone = big.value("select sum(rows_deleted) from unwind.compensations")
    assert gone == 135 + 17 - left(big)
    if end == "pg_cancel_backend":
        undoer.execute(CALL)
    else:
        assert big.refused(CALL).sqlstate == "UW006"
        big.conn.execute("call unwind.compensate_run_in_batches('r1', 10, force => true)")
    assert big(RECEIPTS) == expected
    assert left(big) == 17


def test_a_sweeper_goes_on_in_batches_once_the_lease_has_expired(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    undoer, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    big("select pg_terminate_backend(%s)", undoer.info.backend_pid)
    with pytest.raises(psycopg.Error):
        undo.result()
    other.rollback()
    assert big.sweep() == (0, 0)
    big.at("6 minutes")
    notices: list[str] = []
    big.conn.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    assert big.sweep() == (1, 0)
    assert notices[-1].endswith(" tables deleted")
    assert left(big) == 17
    assert big.value("select sum(rows_deleted) from unwind.compensations") == 135


@pytest.mark.parametrize("taken_over", ["undone", "claimed"])
def test_a_sweeper_whose_run_was_taken_over_leaves_it_as_it_is(
    fleet: Any, connect: Any, wait_until_blocked: Any, in_background: Any, taken_over: str
) -> None:
    """Its first batch waits for a row, the search for its second for a table; then the run is another's."""
    fleet.start([1])
    fleet.conn.execute("insert into lines (order_id) select 'o1' from generate_series(1, 10001)")
    fleet("select unwind_internal.begin_batches('r1', false, 'gone')")
    sweeper, first, second = connect(), connect(autocommit=False), connect(autocommit=False)
    sweeper.execute("select set_config('unwind.now', (clock_timestamp() + '10 minutes')::text, false)")
    first.execute("select from letters for update")
    sweep = in_background(lambda: sweeper.execute("call unwind.recover_runs()").fetchone())
    wait_until_blocked(sweeper)
    second.execute("lock table lines in access exclusive mode")
    first.rollback()
    wait_for_table(fleet, sweeper)
    if taken_over == "undone":
        second.execute("select * from unwind.compensate_run('r1', force => true)")
    else:
        second.execute(
            "update unwind.workflow_runs set claimed_by = 'b', lease_expires_at = now() + interval '1 hour'"
        )
    second.commit()
    assert sweep.result() == (0, 0)
    expected = ("COMPENSATED", None, 0) if taken_over == "undone" else ("COMPENSATING", "b", 0)
    assert fleet("select status, claimed_by, retry_count from unwind.workflow_runs") == [expected]


def wait_for_table(fleet: Any, session: Any) -> None:
    """Waits until the session waits for a lock of a whole table."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if fleet(
            "select from pg_locks where pid = %s and locktype = 'relation' and not granted",
            session.info.backend_pid,
        ):
            return
    raise AssertionError("the session never came to wait for a table")


def test_a_sweep_that_cannot_go_on_keeps_the_error_and_does_not_hold_up_others(big: Any) -> None:
    big.conn.execute("""
        create function no_deletes() returns trigger language plpgsql as
        $$ begin raise 'clicks are kept' using errcode = 'ZZ001'; end $$;
        create trigger no_deletes before delete on clicks for each row execute function no_deletes();
        select unwind.compile_workflow('w');
    """)
    assert big.refused(CALL).sqlstate == "ZZ001"
    big("select unwind.fail_run('r2', 'x')")
    big.conn.execute("update unwind.workflow_runs set status = 'FAILED' where id = 'r1'")
    assert big.sweep() == (1, 1)
    [(status, error, tries)] = big(
        "select status, last_error, retry_count from unwind.workflow_runs where id = 'r1'"
    )
    assert (status, tries) == ("FAILED", 1)
    assert error.startswith("compensation failed: [ZZ001] clicks are kept")


def test_an_error_ends_it_is_kept_with_the_run_and_a_person_goes_on(big: Any) -> None:
    big.conn.execute("""
        create function no_deletes() returns trigger language plpgsql as
        $$ begin raise 'clicks are kept' using errcode = 'ZZ001', hint = 'Wait.'; end $$;
        create trigger no_deletes before delete on clicks for each row execute function no_deletes();
        select unwind.compile_workflow('w');
    """)
    error = big.refused(CALL)
    assert (error.sqlstate, error.diag.message_primary) == ("ZZ001", "clicks are kept")
    assert error.diag.message_hint == "Wait."
    [(reason, text, command)] = big("select reason, last_error, command from unwind.stuck_runs")
    assert reason == "half undone" and "[ZZ001] clicks are kept" in text
    big.conn.execute("drop trigger no_deletes on clicks")
    big.conn.execute(command)
    assert left(big) == 17
    assert big.value("select sum(rows_deleted) from unwind.compensations") == 135


@pytest.mark.parametrize("finish", ["compensate_run('r1')", "compensate_runs(array['r1'])"])
def test_what_is_half_undone_can_be_finished_in_one_call(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any, finish: str
) -> None:
    undoer, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    big("select pg_terminate_backend(%s)", undoer.info.backend_pid)
    with pytest.raises(psycopg.Error):
        undo.result()
    other.rollback()
    big.at("6 minutes")
    big(f"select * from unwind.{finish}")
    assert left(big) == 17
    assert big.value("select sum(rows_deleted) from unwind.compensations") == 135


def test_dependents_refuse_it_before_anything_is_deleted(big: Any) -> None:
    big.block(1)
    before = left(big)
    assert big.refused(CALL).sqlstate == "UW007"
    assert left(big) == before
    assert big.value("select status from unwind.workflow_runs where id = 'r1'") == "RUNNING"


def test_rows_that_go_before_their_check_comes_are_no_dependents(big: Any) -> None:
    big.conn.execute("alter table letters add order_id text")
    big("select unwind.declare_foreign_key('letters', '{order_id}', 'orders', '{id}', 'restrict')")
    big.conn.execute("update letters set order_id = 'o1' where id = 'l1'")
    big.conn.execute(CALL)
    assert left(big) == 17


def test_rows_that_another_run_owns_refuse_it_before_anything_is_deleted(big: Any) -> None:
    big("select unwind.define_workflow('other'), unwind.define_step('other', 'line', 'lines', 'id')")
    big("select unwind.start_run('other', 'theirs')")
    big("select unwind.adopt_entity('theirs', 'line', max(id)::text) from lines where order_id = 'o1'")
    before = left(big)
    error = big.refused(CALL)
    assert error.sqlstate == "UW007" and "'theirs'" in str(error)
    assert left(big) == before


def test_while_it_works_nobody_records_and_nobody_else_undoes(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    _, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    step, second = connect(), connect()
    late = in_background(step.execute, "select unwind.record_step('r1', 'letter', 'late')")
    wait_until_blocked(step, unless=late)
    again = in_background(second.execute, CALL)
    wait_until_blocked(second, unless=again)
    other.rollback()
    undo.result()
    with pytest.raises(psycopg.Error) as refused:
        late.result()
    assert refused.value.sqlstate == "UW002"
    try:
        again.result()  # COMPENSATED by then: nothing to do
    except psycopg.Error as error:
        assert error.sqlstate == "UW006"
    assert big.value("select sum(rows_deleted) from unwind.compensations") == 135


def test_whoever_comes_while_a_stage_ends_waits_before_it_holds_anything(
    fleet: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    """A step that held the run's row after the claim was renewed deadlocked with the end of the stage."""
    fleet.start([1], failed=False)
    fleet.conn.execute("""
        create function hold() returns trigger language plpgsql as $$
        begin
            perform pg_advisory_xact_lock_shared(1);
            return null;
        end $$;
        create constraint trigger hold after update on unwind.workflow_runs deferrable initially deferred
        for each row when (old.lease_expires_at < new.lease_expires_at) execute function hold();
    """)
    other, undoer, late = connect(autocommit=False), connect(), connect()
    other.execute("select pg_advisory_xact_lock(1)")
    undo = in_background(undoer.execute, CALL)
    wait_until_blocked(undoer)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        late.execute("select from unwind.workflow_runs where id = 'r1' for key share nowait")
    other.rollback()
    undo.result()


def test_a_step_with_a_function_of_its_own_is_undone_in_its_turn(big: Any) -> None:
    big.conn.execute("""
        create table uploads (run_id text);
        create function remove_uploads(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint) language sql as $$
            with gone as (delete from uploads as u where u.run_id = any(run_ids) returning u.run_id)
            select g.run_id, 'uploads', count(*) from gone as g group by g.run_id
        $$;
        select unwind.define_custom_step('w', 'upload', 'remove_uploads(text[])');
        select unwind.record_step('r1', 'upload', 'u');
        insert into uploads values ('r1'), ('r1'), ('r2');
    """)
    big.conn.execute(CALL)
    assert big("select run_id from uploads") == [("r2",)]
    assert big("select rows_deleted from unwind.compensations where step = 'upload'") == [(2,)]


def test_links_that_are_set_null_are_cleared_in_batches(big: Any) -> None:
    big.conn.execute("create table notes (id int, order_id text); create index on notes (order_id)")
    big("select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'set null')")
    big.conn.execute("insert into notes select n, 'o1' from generate_series(1, 25) as n")
    big.conn.execute(CALL)
    assert big("select count(*), count(order_id) from notes") == [(25, 0)]


def test_a_completed_run_needs_force_and_one_that_is_undone_nothing(big: Any) -> None:
    big("select unwind.complete_run('r1')")
    assert big.refused(CALL).sqlstate == "UW005"
    big.conn.execute("call unwind.compensate_run_in_batches('r1', force => true)")
    receipts = big(RECEIPTS)
    big.conn.execute(CALL)
    assert big(RECEIPTS) == receipts


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("call unwind.compensate_run_in_batches('nothing')", "UW001"),
        ("call unwind.compensate_run_in_batches('r1', 0)", "UW009"),
        ("begin; call unwind.compensate_run_in_batches('r1'); commit", "2D000"),
    ],
)
def test_what_makes_no_sense_is_refused(big: Any, call: str, sqlstate: str) -> None:
    before = left(big)
    assert big.refused(call).sqlstate == sqlstate
    big.conn.rollback()
    assert left(big) == before


def test_a_claim_lost_before_the_very_end_is_a_failure_not_an_error(fleet: Any) -> None:
    fleet.start([1], worker="somebody")
    failure = fleet.value(
        "select failure from unwind_internal.undo_part('r1', 'me', 'w', null, null, null, null)"
    )
    assert failure["sqlstate"] == "UW003"
    assert fleet.statuses() == {"FAILED": 1}


def test_a_batch_is_looked_up_row_by_row_even_where_postgresql_cascades_below(fleet: Any) -> None:
    fleet.conn.execute(SETUP)
    fleet("insert into orders select 'o' || n from generate_series(1, 5000) as n returning 1")
    fleet.conn.execute("insert into clicks select n, 'o' || n from generate_series(1, 5000) as n")
    fleet.conn.execute(
        "analyze; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off"
    )
    query = fleet.value(
        """
        select unwind_internal.render_delete_query(
            p.target, b.sources, b.condition || unwind_internal.render_childless(p.target, true, true)
        )
        from unwind.plan_statements as p cross join unwind_internal.render_batch(p, 5000) as b
        where p.target = 'orders'::regclass and p.action = 'delete'
        """
    )
    fleet.conn.execute(f"prepare batch (text[]) as {query}")
    keys = "array[array_agg(id)::text, array_agg(id)::text]"
    explain = fleet.value(f"select format('explain execute batch (%L)', {keys}) from orders")
    text = "\n".join(row[0] for row in fleet(explain))
    assert "Tid Scan on orders" in text, text
    assert "Index Cond: (id = k_1.r1)" in text, text


def half_undone(big: Any, connect: Any, wait_until_blocked: Any, in_background: Any) -> None:
    """Run r1: its letter and some lines are gone, and whoever undid it is too."""
    undoer, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    big("select pg_terminate_backend(%s)", undoer.info.backend_pid)
    with pytest.raises(psycopg.Error):
        undo.result()
    other.rollback()


def test_a_key_of_a_run_that_is_half_undone_is_still_its_own(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    big.conn.execute("alter table letters add code text unique; update letters set code = id")
    big("select unwind.define_workflow('other'), unwind.define_step('other', 'code', 'letters', 'code')")
    half_undone(big, connect, wait_until_blocked, in_background)
    assert big("select id from letters") == [("l2",)], "the row is gone"
    for step, key in (("letter", "l1"), ("order", "o1")):
        for call in ("record_step", "record_if_new"):
            assert big.refused(f"select unwind.{call}('r2', %s, %s)", step, key).sqlstate == "UW004"
    big.at("6 minutes")
    big.conn.execute("call unwind.compensate_run_in_batches('r1', 10)")
    big("select unwind.record_step('r2', 'letter', 'l1'), unwind.record_step('r2', 'order', 'o1')")


def test_what_is_half_undone_does_not_fail_and_whoever_goes_on_claims_it_after_its_lease(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    half_undone(big, connect, wait_until_blocked, in_background)
    [worker] = big("select claimed_by from unwind.workflow_runs where id = 'r1'")[0]
    with big.conn.transaction(force_rollback=True):
        big("select unwind.act_as(%s)", worker)
        assert big.refused("select unwind.fail_run('r1', 'x')").sqlstate == "UW002"
    assert big.status("r1") == "COMPENSATING"
    assert not big.value("select unwind.claim_run('r1', 'next')")
    big.at("6 minutes")
    assert big.value("select unwind.claim_run('r1', 'next')")
    with big.conn.transaction():
        big("select unwind.act_as('next')")
        big(UNDO)
    assert left(big) == 17


def test_every_batch_renews_the_claim(
    big: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    """Four minutes go by with the first lines, and four more would be too many."""
    big.conn.execute("""
        create function later() returns trigger language plpgsql as $$
        begin
            perform set_config('unwind.now', (clock_timestamp() + interval '4 minutes')::text, false);
            return null;
        end $$;
        create trigger later after delete on lines execute function later();
        select unwind.compile_workflow('w');
    """)
    _, other, undo = blocked_in_mid_run(big, connect, wait_until_blocked, in_background)
    leases = (
        "select lease_expires_at > now() + interval '8 minutes' from unwind.workflow_runs where id = 'r1'"
    )
    assert big(leases) == [(True,)]
    big.at("8 minutes")
    assert big.sweep() == (0, 0)
    other.rollback()
    undo.result()


def test_a_call_whose_run_was_taken_over_leaves_it_as_it_is(
    fleet: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    fleet.start([1])
    fleet.conn.execute("insert into lines (order_id) select 'o1' from generate_series(1, 20)")
    undoer, first, second = connect(), connect(autocommit=False), connect(autocommit=False)
    first.execute("select from letters for update")
    undo = in_background(undoer.execute, CALL)
    wait_until_blocked(undoer)
    second.execute("lock table lines in access exclusive mode")
    first.rollback()
    wait_for_table(fleet, undoer)
    second.execute(
        "update unwind.workflow_runs set claimed_by = 'b', lease_expires_at = now() + interval '1 hour'"
    )
    second.commit()
    with pytest.raises(psycopg.Error) as refused:
        undo.result()
    assert refused.value.sqlstate == "UW003"
    assert fleet("select status, claimed_by, last_error from unwind.workflow_runs") == [
        ("COMPENSATING", "b", "out of stock")
    ]
