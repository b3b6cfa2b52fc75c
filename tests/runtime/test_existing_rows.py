"""A run takes on only what is new: a row that its transaction did not write is refused."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

RECORD = "select unwind.record_step('r', 'order', 'o')"


@pytest.fixture
def started(db: Any) -> Any:
    """A run that has recorded nothing."""
    db("select unwind.start_run('w', 'r')")
    return db


def insert(conn: Any, key: str = "o") -> None:
    conn.execute("insert into orders values (%s)", [key])


def assert_refused(db: Any, query: str = RECORD) -> psycopg.Error:
    """The key is taken: UW017, and the run has nothing."""
    error: psycopg.Error = db.refused(query)
    assert error.sqlstate == "UW017", error
    assert db("select * from unwind.run_steps") == []
    assert db("select * from unwind.entity_owners") == []
    return error


def assert_undone(db: Any) -> None:
    db("select * from unwind.compensate_run('r')")
    assert db("select id from orders where id = 'o'") == []


def test_a_row_that_was_there_is_refused_with_what_to_type_instead(started: Any) -> None:
    insert(started.conn)
    error = assert_refused(started)
    assert "public.orders (id)=(o)" in str(error)
    assert error.diag.table_name == "public.orders"
    for name in ("record_if_new", "adopt_entity"):
        call = f"unwind.{name}('r', 'order', variadic '{{o}}')"
        assert call in (error.diag.message_hint or "")
        with started.conn.transaction(force_rollback=True):
            started(f"select {call}")


@pytest.mark.parametrize(
    "upsert",
    [
        "insert into orders values ('o') on conflict (id) do update set id = excluded.id",
        "insert into orders values ('o') on conflict do nothing",
        "update orders set id = id where id = 'o'",
    ],
)
def test_the_row_that_an_upsert_finds_is_not_the_runs(started: Any, upsert: str) -> None:
    insert(started.conn)
    with pytest.raises(psycopg.Error) as refused, started.conn.transaction():
        started(RECORD)
        started.conn.execute(upsert)
    assert refused.value.sqlstate == "UW017"
    assert started("select id from orders") == [("o",)]


@pytest.mark.parametrize(
    "row",
    [
        ("text", "a", "a"),
        ("int", "7", "007"),
        ("numeric(8, 2)", "1.50", "1.5"),
        ("char(8)", "a", "a"),
        ("timestamptz", "2024-02-01 12:00:00+02", "2024-02-01 10:00:00+00"),
        ("uuid", "0e984725-c51c-4bf4-9960-e1c80e27aba0", "{0E984725C51C4BF49960E1C80E27ABA0}"),
        ("int[]", "{1,2}", "{1, 2}"),
        ("int4range", "[1,3)", "[1,2]"),
        ("positive", "1", "01"),
        ("mood", "so %s 'so'", "so %s 'so'"),
    ],
)
def test_a_row_is_found_by_a_key_of_any_type_however_it_is_written(
    db: Any, row: tuple[str, str, str]
) -> None:
    kind, value, key = row
    db.conn.execute("create domain positive as int check (value > 0)")
    db.conn.execute("create type mood as enum ('so %s ''so''', 'b')")
    db.conn.execute(f'create table things ("the %s {{id}}" {kind} primary key)')
    db.conn.execute(f"insert into things values (%s::{kind})", [value])
    db("select unwind.define_step('w', 'thing', 'things', %s)", "the %s {id}")
    db("select unwind.start_run('w', 'r')")
    assert db.refused("select unwind.record_step('r', 'thing', %s)", key).sqlstate == "UW017"


# What this transaction wrote ---------------------------------------------------------------------


def test_what_this_transaction_inserted_may_be_recorded_after(started: Any) -> None:
    with started.conn.transaction():
        insert(started.conn)
        started(RECORD)
    assert_undone(started)


@pytest.mark.parametrize(
    "statements",
    [
        "savepoint a; insert into orders values ('o'); {record}",
        "savepoint a; insert into orders values ('o'); release a; {record}",
        "savepoint a; savepoint b; insert into orders values ('o'); release b; release a; "
        "savepoint c; {record}",
        "insert into orders values ('o'); savepoint a; {record}",
        "savepoint a; insert into orders values ('o'); rollback to a; "
        "insert into orders values ('o'); {record}",
        "do $$ begin begin insert into orders values ('o'); exception when others then raise; end; end $$; "
        "{record}",
        "do $$ begin insert into orders values ('o'); "
        "begin perform 1 / 0; exception when division_by_zero then null; "
        "end; perform unwind.record_step('r', 'order', 'o'); end $$",
        "insert into orders values ('o'); update orders set id = id; {record}",
        "with i as (insert into orders values ('o') returning id) "
        "select unwind.record_step('r', 'order', id) from i",
    ],
)
def test_a_part_of_the_transaction_counts_as_it(started: Any, statements: str) -> None:
    with started.conn.transaction():
        started.conn.execute(statements.format(record=RECORD))
    assert_undone(started)


def test_a_row_that_a_savepoint_took_back_leaves_the_one_that_was_there(started: Any) -> None:
    insert(started.conn)
    with pytest.raises(psycopg.Error) as refused, started.conn.transaction():
        started.conn.execute(
            "savepoint a; delete from orders; insert into orders values ('o'); rollback to a"
        )
        started(RECORD)
    assert refused.value.sqlstate == "UW017"


def test_a_trigger_that_records_what_is_inserted_finds_its_own_row(started: Any) -> None:
    started.conn.execute(
        """create function note() returns trigger language plpgsql as $$
        begin perform unwind.record_step('r', 'order', new.id); return null; end $$;
        create trigger note after insert on orders for each row execute function note()"""
    )
    insert(started.conn)
    assert_undone(started)


@pytest.mark.parametrize(
    "write",
    ["update orders set id = id", "delete from orders; insert into orders values ('o')"],
)
def test_a_row_that_this_transaction_wrote_over_before_it_was_recorded_cannot_be_told_from_a_new_one(
    started: Any, write: str
) -> None:
    # Hence: record before you write.
    insert(started.conn)
    with started.conn.transaction():
        started.conn.execute(write)
        started(RECORD)
    assert_undone(started)


# What others wrote -------------------------------------------------------------------------------


def test_a_row_that_another_committed_since_this_transaction_began_is_refused(
    started: Any, connect: Any
) -> None:
    with pytest.raises(psycopg.Error) as refused, started.conn.transaction():
        started("select pg_current_xact_id()")
        other = connect(autocommit=False)
        insert(other)
        other.commit()
        started(RECORD)
    assert refused.value.sqlstate == "UW017"


@pytest.mark.parametrize("lock", ["for update", "for no key update", "for share", "for key share"])
def test_a_row_that_this_transaction_has_only_locked_is_refused(started: Any, lock: str) -> None:
    insert(started.conn)
    with pytest.raises(psycopg.Error) as refused, started.conn.transaction():
        started(f"select from orders {lock}")
        started(RECORD)
    assert refused.value.sqlstate == "UW017"


@pytest.mark.parametrize(
    "command", ["vacuum (freeze) orders", "vacuum full orders", "cluster orders using orders_pkey"]
)
def test_a_row_that_was_moved_or_frozen_is_refused(started: Any, command: str) -> None:
    insert(started.conn)
    started.conn.execute(command)
    assert_refused(started)


def test_a_row_of_a_prepared_transaction_is_refused_once_it_is_committed(started: Any, connect: Any) -> None:
    if started.value("select current_setting('max_prepared_transactions')") == "0":
        pytest.skip("this server has no prepared transactions")
    other = connect(autocommit=False)
    insert(other)
    other.execute("prepare transaction 'p'")
    started.conn.execute("commit prepared 'p'")
    assert_refused(started)


def test_a_row_that_nobody_else_sees_yet_does_not_hinder_and_its_insert_does(
    started: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    other = connect(autocommit=False)
    insert(other)
    worker = connect(autocommit=False)
    worker.execute(RECORD)
    written = in_background(insert, worker)
    wait_until_blocked(worker)
    other.commit()
    with pytest.raises(psycopg.errors.UniqueViolation):
        written.result()
    worker.rollback()
    assert_refused(started)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("pg_current_xact_id()::xid", True),
        ("(pg_current_xact_id()::text::bigint - 1)::text::xid", False),
        ("(pg_current_xact_id()::text::bigint + 1000000)::text::xid", False),
        ("((pg_current_xact_id()::text::bigint + 2147483648) % 4294967296)::text::xid", False),
        ("'0'::xid", False),
        ("'1'::xid", False),
        ("'2'::xid", False),
        ("'4294967295'::xid", False),
    ],
)
def test_the_number_of_a_version_may_be_any(db: Any, version: str, expected: bool) -> None:
    with db.conn.transaction():
        db("select pg_current_xact_id()")
        assert db.value(f"select unwind_internal.is_own_write({version})") is expected


def test_without_a_number_of_its_own_a_transaction_has_written_nothing(db: Any) -> None:
    assert db.value("select unwind_internal.is_own_write('5'::xid)") is False


# What the run has already ------------------------------------------------------------------------


def test_what_the_run_has_recorded_it_may_record_again_with_its_row(started: Any) -> None:
    started(RECORD)
    insert(started.conn)
    started(RECORD)
    assert_undone(started)


def test_what_one_step_of_the_run_has_recorded_another_may_record_too(started: Any) -> None:
    started("select unwind.define_step('w', 'again', 'orders', 'id')")
    started(RECORD)
    insert(started.conn)
    started("select unwind.record_step('r', 'again', 'o')")
    assert started.value("select unwind.record_if_new('r', 'again', 'o')") is True
    started("select * from unwind.compensate_step('r', 'again')")
    insert(started.conn)
    started("select unwind.record_step('r', 'again', 'o')")
    assert_undone(started)


def test_after_the_step_was_undone_a_row_that_somebody_else_made_is_refused(started: Any) -> None:
    started(RECORD)
    insert(started.conn)
    started("select * from unwind.compensate_step('r', 'order')")
    started(RECORD)
    started("select * from unwind.compensate_step('r', 'order')")
    insert(started.conn)
    assert started.refused(RECORD).sqlstate == "UW017"


def test_that_another_run_owns_it_is_said_first(started: Any) -> None:
    started.run("other")
    error = started.refused("select unwind.record_step('r', 'order', 'o-other')")
    assert error.sqlstate == "UW004"


# Every root, every row ---------------------------------------------------------------------------


def test_every_root_of_the_step_is_looked_at(db: Any) -> None:
    db.conn.execute("create table notes (order_id text)")
    db("select unwind.define_step('w', 'order', 'notes', 'order_id')")
    db("select unwind.start_run('w', 'r')")
    db.conn.execute("insert into notes values ('o')")
    error = assert_refused(db)
    assert error.diag.table_name == "public.notes"


def test_of_a_key_that_is_not_unique_every_row_counts(db: Any) -> None:
    db.conn.execute("create table notes (order_id text); create index on notes (order_id)")
    db("select unwind.define_step('w', 'note', 'notes', 'order_id')")
    db("select unwind.start_run('w', 'r')")
    db.conn.execute("insert into notes values ('o')")
    with pytest.raises(psycopg.Error) as refused, db.conn.transaction():
        db.conn.execute("insert into notes values ('o')")
        db("select unwind.record_step('r', 'note', 'o')")
    assert refused.value.sqlstate == "UW017"


@pytest.mark.parametrize("root", ["days", "days_1"])
def test_rows_of_partitions_are_found(db: Any, root: str) -> None:
    db.conn.execute(
        "create table days (id int primary key) partition by list (id); "
        "create table days_1 partition of days for values in (1); insert into days values (1)"
    )
    db("select unwind.define_step('w', 'day', %s, 'id')", root)
    db("select unwind.start_run('w', 'r')")
    assert db.refused("select unwind.record_step('r', 'day', '1')").sqlstate == "UW017"


def test_rows_of_inheriting_tables_are_found(db: Any) -> None:
    db.conn.execute(
        "create table things (id int); create table cups () inherits (things); insert into cups values (1)"
    )
    db("select unwind.define_step('w', 'thing', 'things', 'id')")
    db("select unwind.start_run('w', 'r')")
    assert db.refused("select unwind.record_step('r', 'thing', '1')").sqlstate == "UW017"


def test_a_custom_step_has_no_row_to_look_at(db: Any) -> None:
    db.conn.execute(
        "create function undo_it(run_ids text[]) "
        "returns table (run_id text, table_name text, rows_deleted bigint) "
        "language sql as 'select null::text, null::text, 0::bigint where false'"
    )
    db("select unwind.define_custom_step('w', 'own', 'undo_it(text[])')")
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'own', 'anything')")
    assert db.value("select unwind.record_if_new('r', 'own', 'anything')") is True


def test_a_row_that_a_policy_hides_from_the_caller_is_refused_all_the_same(started: Any) -> None:
    started.conn.execute("alter table orders enable row level security, force row level security")
    insert(started.conn)
    assert_refused(started)


def test_a_table_that_changed_since_it_was_planned_says_so(started: Any) -> None:
    started.conn.execute("alter table orders rename column id to number")
    error = started.refused(RECORD)
    assert error.sqlstate == "UW009"
    assert "compiled anew" in str(error)


# record_if_new -----------------------------------------------------------------------------------

IF_NEW = "select unwind.record_if_new('r', 'order', 'o')"


def test_record_if_new_records_what_is_not_there(started: Any) -> None:
    assert started.value(IF_NEW) is True
    insert(started.conn)
    assert started.value(IF_NEW) is True
    assert_undone(started)


def test_record_if_new_leaves_what_is_there_alone(started: Any) -> None:
    insert(started.conn)
    assert started.value(IF_NEW) is False
    assert started("select * from unwind.run_steps") == []
    started("select * from unwind.compensate_run('r')")
    assert started("select id from orders") == [("o",)]


def test_record_if_new_takes_what_this_transaction_wrote_as_new(started: Any) -> None:
    with started.conn.transaction():
        insert(started.conn)
        assert started.value(IF_NEW) is True
    assert_undone(started)


def test_record_if_new_looks_at_every_root(db: Any) -> None:
    db.conn.execute("create table notes (order_id text)")
    db("select unwind.define_step('w', 'order', 'notes', 'order_id')")
    db("select unwind.start_run('w', 'r')")
    db.conn.execute("insert into notes values ('o')")
    assert db.value(IF_NEW) is False


@pytest.mark.parametrize(
    ("ending", "sqlstate"),
    [
        (None, "UW004"),
        ("select unwind.fail_run('other', 'x')", "UW004"),
        ("update unwind.workflow_runs set status = 'COMPENSATING' where id = 'other'", "UW004"),
        ("select unwind.complete_run('other')", None),
    ],
)
def test_record_if_new_builds_on_rows_that_stay_and_on_no_others(
    started: Any, ending: str | None, sqlstate: str | None
) -> None:
    started.run("other")
    if ending:
        started.conn.execute(ending)
    call = "select unwind.record_if_new('r', 'order', 'o-other')"
    if sqlstate:
        assert started.refused(call).sqlstate == sqlstate
    else:
        assert started.value(call) is False
        assert started("select * from unwind.run_steps where run_id = 'r'") == []


def test_record_if_new_refuses_a_key_that_another_run_has_recorded_ahead(started: Any) -> None:
    started("select unwind.start_run('w', 'other')")
    started("select unwind.record_step('other', 'order', 'o')")
    assert started.refused(IF_NEW).sqlstate == "UW004"


def test_record_if_new_keeps_the_row_it_found_from_being_deleted(
    started: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    insert(started.conn)
    worker, other = connect(autocommit=False), connect()
    assert worker.execute(IF_NEW).fetchone() == (False,)
    deleted = in_background(other.execute, "delete from orders where id = 'o'")
    wait_until_blocked(other)
    worker.commit()
    assert deleted.result().rowcount == 1


def test_record_if_new_records_what_was_deleted_while_it_waited(
    started: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    insert(started.conn)
    worker, other = connect(), connect(autocommit=False)
    other.execute("delete from orders where id = 'o'")
    recorded = in_background(worker.execute, IF_NEW)
    wait_until_blocked(worker)
    other.commit()
    assert recorded.result().fetchone() == (True,)


def test_two_runs_that_upsert_one_row_at_once_do_not_both_take_it(
    started: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    started("select unwind.start_run('w', 'other')")
    one, two = connect(autocommit=False), connect(autocommit=False)
    one.execute(IF_NEW)
    race = in_background(two.execute, "select unwind.record_if_new('other', 'order', 'o')")
    wait_until_blocked(two)
    insert(one)
    one.commit()
    with pytest.raises(psycopg.Error) as refused:
        race.result()
    assert refused.value.sqlstate == "UW004"


# What the engine's owner may not read ------------------------------------------------------------


def test_what_cannot_be_looked_up_is_said_when_it_is_defined_when_it_is_checked_and_when_it_is_recorded(
    started: Any,
) -> None:
    database = started.conn.info.dbname
    role = f"owner_{database}"
    started.conn.execute(f"create role {role}")
    started.conn.execute(f"grant create on database {database} to {role}")
    for schema in ("unwind", "unwind_internal", "unwind_compiled"):
        started.conn.execute(f"alter schema {schema} owner to {role}")
    warnings: list[str] = []
    started.conn.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
    started.conn.execute("create table hidden (id text primary key)")
    try:
        started("select unwind.define_step('w', 'hidden', 'hidden', 'id')")
        assert any("lacks SELECT on public.hidden" in line for line in warnings)
        check = """select fix from unwind.check_workflow('w')
        where code = 'missing_privilege' and object = 'public.hidden'"""
        (fix,) = [row[0] for row in started(check)]
        assert fix == f"grant select on public.hidden to {role};"
        started.conn.execute(fix)
        assert started(check) == []
        started.conn.execute("alter table hidden enable row level security")
        (fix,) = [row[0] for row in started(check)]
        started.conn.execute(fix)
        assert started(check) == []
    finally:
        started.conn.execute(
            f"reassign owned by {role} to current_user; drop owned by {role}; drop role {role}"
        )
