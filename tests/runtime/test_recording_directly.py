"""Nearly every key is recorded by a generated function, which leaves to others what needs a word said."""

from __future__ import annotations

from typing import Any

import pytest

DIRECTLY = "select unwind_compiled.record('r', 'order', '{o}')"


@pytest.fixture
def started(db: Any) -> Any:
    """A run that has recorded nothing."""
    db("select unwind.start_run('w', 'r')")
    return db


def directly(db: Any, step: str, key: str) -> bool:
    """Whether the generated function records this key."""
    recorded: bool = db.value("select unwind_compiled.record('r', %s, %s::text[])", step, key)
    return recorded


def assert_nothing_is_written(db: Any) -> None:
    assert db("select * from unwind_internal.ledger where run_id = 'r'") == []
    assert db("select * from unwind.entity_owners where run_id = 'r'") == []


def test_a_key_is_recorded_with_its_owner_and_undone(started: Any) -> None:
    assert started.value(DIRECTLY) is True
    started.conn.execute("insert into orders values ('o'); insert into lines (order_id) values ('o')")
    assert started("select run_id, step, entity_key from unwind.run_steps") == [("r", "order", ["o"])]
    started("select * from unwind.compensate_run('r')")
    assert started.count("orders", "lines") == 0


def test_keys_of_two_columns_are_recorded(started: Any) -> None:
    assert directly(started, "parcel", "{1,-2}") is True


@pytest.mark.parametrize(
    ("step", "key"),
    [
        ("parcel", "{1,02}"),
        ("parcel", "{1,+2}"),
        ("parcel", "{1,x}"),
        ("parcel", "{1,99999999999}"),
        ("parcel", "{1}"),
        ("parcel", "{1,2,3}"),
        ("parcel", "{1,NULL}"),
        ("parcel", "{{1,2}}"),
        ("parcel", "[0:1]={1,2}"),
        ("parcel", "{}"),
        ("order", "{NULL}"),
        ("nothing", "{o}"),
    ],
)
def test_what_is_not_a_key_as_the_columns_write_it_is_left_to_others(
    started: Any, step: str, key: str
) -> None:
    assert directly(started, step, key) is False
    assert_nothing_is_written(started)


@pytest.mark.parametrize("kind", ["varchar(3)", "varchar", "smallint", "bigint", "uuid"])
def test_keys_of_plain_types_are_recorded_and_only_as_they_are_written(db: Any, kind: str) -> None:
    key = "0e984725-c51c-4bf4-9960-e1c80e27aba0" if kind == "uuid" else "123"
    db.conn.execute(f"create table things (id {kind} primary key)")
    db("select unwind.define_step('w', 'thing', 'things', 'id')")
    db("select unwind.start_run('w', 'r')")
    assert directly(db, "thing", f"{{{key}}}") is True
    assert directly(db, "thing", f'{{"{key} "}}') is (kind == "varchar")


@pytest.mark.parametrize(
    "table",
    [
        "create domain code as text check (value <> ''); create table things (id code primary key)",
        "create type mood as enum ('o'); create table things (id mood primary key)",
        "create extension citext; create table things (id citext primary key)",
        "create table things (id char(1) primary key)",
        "create table things (id timestamptz primary key)",
        "create collation sloppy (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
        "create table things (id text collate sloppy primary key)",
        "create table things (id text primary key) partition by list (id)",
        "create table things (id text primary key); create table more (like things) inherits (things)",
        "create table things (id text primary key); alter table things enable row level security",
        "create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;"
        "create foreign table things (id text) server far",
    ],
)
def test_keys_of_other_tables_and_types_are_left_to_others(db: Any, table: str) -> None:
    db.conn.execute(table)
    db("select unwind.define_step('w', 'thing', 'things', 'id')")
    db("select unwind.start_run('w', 'r')")
    assert directly(db, "thing", "{o}") is False
    assert_nothing_is_written(db)


def test_a_step_of_two_roots_and_a_custom_step_are_left_to_others(db: Any) -> None:
    db.conn.execute(
        "create table notes (order_id text);"
        "create function undo_it(run_ids text[]) "
        "returns table (run_id text, table_name text, rows_deleted bigint) "
        "language sql as 'select null::text, null::text, 0::bigint where false'"
    )
    db("select unwind.define_step('w', 'order', 'notes', 'order_id')")
    db("select unwind.define_custom_step('w', 'own', 'undo_it(text[])')")
    db("select unwind.start_run('w', 'r')")
    assert directly(db, "order", "{o}") is False
    assert directly(db, "own", "{o}") is False


@pytest.mark.parametrize(
    "altered",
    [
        "alter table orders rename column id to number",
        "alter table orders rename to purchases",
        "alter table orders rename to purchases; create table orders (id text primary key)",
        "alter table orders set schema elsewhere",
        "alter table orders alter column id type varchar",
        "alter table orders drop column id cascade; alter table orders add column id text",
        "alter table orders enable row level security",
        "create table more () inherits (orders)",
        "create table notes (order_id text references orders on delete cascade)",
        "create function nothing() returns trigger language plpgsql as 'begin return null; end';"
        "create trigger nothing after delete on orders for each row execute function nothing()",
        "alter table lines rename to rows",
        "drop table orders cascade",
    ],
)
def test_a_table_that_is_not_as_it_was_planned_is_noticed_within_the_session(
    started: Any, altered: str, connect: Any
) -> None:
    assert directly(started, "order", "{a}") is True
    connect().execute(f"create schema elsewhere; {altered}")
    assert directly(started, "order", "{o}") is False
    assert started("select entity_key from unwind_internal.ledger") == [(["a"],)]


def test_once_it_is_compiled_anew_keys_are_recorded_directly_again(started: Any, connect: Any) -> None:
    assert directly(started, "order", "{a}") is True
    other = connect()
    other.execute("alter table orders rename column id to number")
    assert directly(started, "order", "{b}") is False
    other.execute("select unwind.compile_workflow('w')")
    assert directly(started, "order", "{b}") is True
    assert started("select distinct key_columns from unwind.entity_owners") == [(["number"],)]


def test_a_table_is_not_altered_while_a_record_that_has_looked_at_it_waits(
    started: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    holder, worker, alterer = connect(autocommit=False), connect(), connect()
    worker.execute("select unwind.record_step('r', 'order', 'a')")
    holder.execute("insert into unwind.entity_owners values ('orders', '{id}', '{o}', 'r')")
    recorded = in_background(worker.execute, "select unwind.record_step('r', 'order', 'o')")
    wait_until_blocked(worker)
    altered = in_background(alterer.execute, "alter table orders rename column id to number")
    wait_until_blocked(alterer)
    holder.rollback()
    recorded.result()
    altered.result()
    assert started("select entity_key from unwind_internal.ledger") == [(["a"],), (["o"],)]


def test_what_has_an_owner_is_left_to_others(started: Any) -> None:
    assert started.value(DIRECTLY) is True
    assert started.value(DIRECTLY) is False
    started("select unwind.start_run('w', 'other'), unwind.record_step('other', 'order', 'theirs')")
    assert directly(started, "order", "{theirs}") is False
    assert started("select run_id, entity_key from unwind.entity_owners order by 1") == [
        ("other", ["theirs"]),
        ("r", ["o"]),
    ]


def test_a_row_that_was_there_is_left_to_others_and_nothing_is_written(started: Any) -> None:
    started.conn.execute("insert into orders values ('o')")
    assert started.value(DIRECTLY) is False
    assert_nothing_is_written(started)
    assert started.value("select unwind.record_if_new('r', 'order', 'o')") is False
    assert_nothing_is_written(started)


@pytest.mark.parametrize(
    "written",
    [
        "insert into orders values ('o')",
        "savepoint a; insert into orders values ('o'); release a",
        "savepoint a; insert into orders values ('o')",
    ],
)
def test_a_row_that_this_transaction_wrote_is_recorded_directly(started: Any, written: str) -> None:
    with started.conn.transaction():
        started.conn.execute(written)
        assert started.value(DIRECTLY) is True


@pytest.mark.parametrize("undo", ["compensate_step('r', 'order')", "release_entity('r', 'order', 'o')"])
def test_what_was_undone_or_released_is_left_to_others(started: Any, undo: str) -> None:
    started("select unwind.record_step('r', 'order', 'o')")
    started(f"select unwind.{undo}")
    owners = started("select * from unwind.entity_owners")
    assert started.value(DIRECTLY) is False
    assert started("select * from unwind.entity_owners") == owners
    started("select unwind.record_step('r', 'order', 'o')")
    assert started("select run_id from unwind.entity_owners") == [("r",)]
    assert started("select compensated_at, released_at from unwind_internal.ledger") == [(None, None)]


def test_rows_that_can_be_owned_by_other_columns_are_looked_at_by_others(db: Any) -> None:
    db.conn.execute("alter table orders add column code text")
    db("select unwind.define_workflow('by code'), unwind.define_step('by code', 'order', 'orders', 'code')")
    db("select unwind.start_run('w', 'r'), unwind.start_run('by code', 'c')")
    with db.conn.transaction():
        db("select unwind.record_step('c', 'order', 'x')")
        db.conn.execute("insert into orders values ('o', 'x')")
        assert db.value(DIRECTLY) is False
        assert db.refused("select unwind.record_step('r', 'order', 'o')").sqlstate == "UW004"


def test_another_table_of_that_name_matters_only_where_the_callers_path_finds_it(started: Any) -> None:
    started.conn.execute("create schema tenant; create table tenant.orders (id text primary key)")
    assert directly(started, "order", "{a}") is True
    started.conn.execute("set search_path = tenant, public")
    assert started.value(DIRECTLY) is False
    assert started.refused("select unwind.record_step('r', 'order', 'o')").sqlstate == "UW009"


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ("select unwind.complete_run('r')", "UW002"),
        ("select unwind.claim_run('r', 'somebody')", "UW003"),
        ("delete from unwind.workflow_runs", "UW001"),
    ],
)
def test_a_run_that_is_not_the_callers_to_record_in_is_left_to_others(
    started: Any, change: str, sqlstate: str
) -> None:
    started.conn.execute(change.encode())
    assert started.value(DIRECTLY) is False
    assert started.refused("select unwind.record_step('r', 'order', 'o')").sqlstate == sqlstate


def test_the_worker_that_speaks_may_be_said_by_the_setting(started: Any) -> None:
    started("select unwind.claim_run('r', 'me')")
    for call in ("record_step('r', 'order', 'o')", "complete_run('r')"):
        started.conn.execute(f"begin; set local unwind.worker = 'me'; select unwind.{call}; commit".encode())
    assert started.status("r") == "COMPLETED"


def test_what_a_deleted_run_recorded_goes_with_it(started: Any) -> None:
    started(DIRECTLY)
    started.conn.execute("delete from unwind.workflow_runs where id = 'r'")
    assert_nothing_is_written(started)


def test_a_key_is_found_by_indexes_first_on_empty_tables_then_among_a_million_rows(started: Any) -> None:
    conn = started.conn
    for number in range(12):  # more than PostgreSQL plans anew
        started(f"select unwind.record_step('r', 'order', 'a{number}')")
        started(f"select unwind.complete_run(unwind.start_run('w', 'd{number}'))")
    conn.execute("insert into orders select 'n' || n from generate_series(1, 1000000) as n")
    conn.execute(
        "insert into unwind.workflow_runs (id, workflow)"
        " select 'n' || n, 'w' from generate_series(1, 20000) as n;"
        "insert into unwind_internal.ledger (run_id, step, entity_key)"
        " select 'n' || n, 'order', array['n' || n] from generate_series(1, 20000) as n;"
        "insert into unwind.entity_owners"
        " select 'orders', '{id}', array['n' || n], 'n' || n from generate_series(1, 20000) as n"
    )
    tables = ["orders", "workflow_runs", "ledger", "entity_owners", "receipts"]
    with conn.transaction():
        assert directly(started, "order", "{b}") is True
        started("select unwind.record_step('r', 'order', 'c')")
        started("select unwind.record_entities('r', 'order', '{d,e}')")
        started("select unwind.complete_run(unwind.start_run('w', 'last'))")
        scans = dict(
            started(
                "select relname, seq_scan from pg_stat_xact_all_tables "
                "where relname = any(%s) and idx_scan > 0",
                tables,
            )
        )
    assert scans == dict.fromkeys(tables, 0)
