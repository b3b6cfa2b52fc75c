"""Which tables can be captured, that calls are all or none, and what capturing again mends."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

REFUSED = {
    "a view": ("create view t as select 1 as id", "t"),
    "a foreign table": (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;"
        "create foreign table t (id int) server s",
        "t",
    ),
    "a foreign partition": (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;"
        "create table t (id int) partition by list (id);"
        "create foreign table t_1 partition of t for values in (1) server s",
        "t",
    ),
    "a temporary table": ("create temporary table t (id int primary key)", "t"),
    "a catalog": ("", "pg_class"),
    "a table of the engine": ("", "unwind.workflow_runs"),
    "images": ("", 'unwind_captured."public.orders"'),
    "no primary key": ("create table t (id int unique not null)", "t"),
    "a generated key": ("create table t (a int, id int primary key generated always as (a) stored)", "t"),
    "a partition": ("", "parts_1"),
    "a parent": ("create table t (id int primary key); create table u () inherits (t)", "t"),
    "a child": ("create table u (id int); create table t (primary key (id)) inherits (u)", "t"),
    "a table that is gone": ("", "4711"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_cannot_be_captured_is_refused(shop: Any, case: str) -> None:
    setup, table = REFUSED[case]
    shop.conn.execute(setup.encode())
    error = shop.refused("select unwind.capture_table('free', %s::regclass)", table)
    assert error.sqlstate == "UW009", error
    assert error.diag.message_detail and error.diag.message_hint
    assert shop("select from unwind_internal.captured_tables where table_name = 'free'::regclass") == []
    assert shop("select from pg_trigger where tgrelid = 'free'::regclass") == []


def test_no_table_is_refused_too(shop: Any) -> None:
    assert shop.refused("select unwind.capture_table(null::regclass)").sqlstate == "UW009"
    assert shop.refused("select unwind.uncapture_table(null::regclass)").sqlstate == "UW009"
    assert shop.refused("select unwind.uncapture_table('free')").sqlstate == "UW009"


@pytest.mark.parametrize(
    "action",
    [
        "on delete cascade",
        "on delete set null",
        "on delete set default",
        "on update cascade",
        "on update set null",
    ],
)
@pytest.mark.parametrize("parent", ["free", "parts", "parts_1"])
def test_rows_that_would_be_taken_along_have_to_be_captured_too(shop: Any, action: str, parent: str) -> None:
    columns = "a" if parent == "free" else "a, b"
    shop.conn.execute(
        "create table child (id int primary key, a int, b int,"
        f" foreign key ({columns}) references {parent} {action});"
        "create table grandchild (id int primary key references child on delete cascade)"
    )
    table = "free" if parent == "free" else "parts"
    if table == "parts":
        shop.conn.execute("select unwind.uncapture_table('parts')")
    error = shop.refused("select unwind.capture_table(%s)", table)
    assert error.sqlstate == "UW009"
    hint = error.diag.message_hint
    assert hint == (
        "Capture them together: select unwind.capture_table("
        f"'public.child', 'public.{table}', 'public.grandchild');"
        if table == "free"
        else "Capture them together: select unwind.capture_table("
        "'public.child', 'public.grandchild', 'public.parts');"
    )
    shop.conn.execute(hint.removeprefix("Capture them together: ").encode())


def test_a_link_that_only_refers_asks_for_nothing(shop: Any) -> None:
    shop.conn.execute("create table child (id int primary key references free)")
    shop.conn.execute("select unwind.capture_table('free')")


def test_a_table_that_is_taken_along_cannot_leave_alone(shop: Any) -> None:
    assert shop.refused("select unwind.uncapture_table('lines')").sqlstate == "UW009"
    shop.conn.execute("select unwind.uncapture_table('lines', 'orders')")


def test_capturing_again_changes_nothing(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'")
    before = shop("table unwind_internal.captured_tables"), shop.images("orders")
    shop.conn.execute("select unwind.capture_table('parts', 'orders', 'orders')")
    assert (shop("table unwind_internal.captured_tables"), shop.images("orders")) == before
    shop.write("r", "update orders set customer = 'y' where id = 1")
    assert len(shop.images("orders")) == 6


@pytest.mark.parametrize(
    "damage",
    [
        "drop trigger unwind_capture_update on orders; drop trigger unwind_capture_row on parts",
        "alter table orders disable trigger all; alter table parts disable trigger all",
        "drop trigger unwind_capture_truncate on parts_1; drop trigger unwind_capture_insert on orders",
    ],
)
def test_capturing_again_mends_what_was_damaged(shop: Any, damage: str) -> None:
    triggers = "select tgrelid, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2"
    before = shop(triggers)
    shop.conn.execute(damage.encode())
    assert shop(triggers) != before
    shop.conn.execute("select unwind.capture_table('orders', 'parts')")
    assert shop(triggers) == before


def test_capturing_waits_no_longer_than_a_lock_timeout(shop: Any, connect: Any) -> None:
    writer = connect(autocommit=False)
    writer.execute("insert into free values (1)")
    shop.conn.execute("set lock_timeout = '10ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        shop.conn.execute("select unwind.capture_table('free')")
    writer.rollback()
    shop.conn.execute("select unwind.capture_table('free')")


def test_two_logs_are_never_one(shop: Any) -> None:
    shop.conn.execute(
        'create schema "a.b"; create table "a.b".c (id int primary key);'
        'create schema a; create table a."b.c" (id int primary key);'
        f"create table {'é' * 31} (id int primary key); create table {'é' * 30}è (id int primary key);"
        f"select unwind.capture_table('a.\"b.c\"', '\"a.b\".c', '{'é' * 31}', '{'é' * 30}è')"
    )
    assert shop.value("select count(distinct log_name) from unwind_internal.captured_tables") == 7
    shop.write("r", 'insert into "a.b".c values (1)', f"insert into {'é' * 31} values (1)")
    assert (
        shop.value('select count(*) from unwind_captured."a.b.c"')
        + shop.value('select count(*) from unwind_captured."a.b.c_"')
        == 1
    )


def test_all_that_capturing_made_goes_with_it(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'; delete from parts")
    shop.start("empty")
    for run in ("r", "empty"):
        shop.conn.execute("select unwind.complete_run(%s)", [run])
    shop.conn.execute("select unwind.uncapture_table('orders', 'lines', 'parts')")
    assert shop("select from pg_class where relnamespace = 'unwind_captured'::regnamespace") == []
    assert shop("select from pg_trigger where not tgisinternal and tgname like 'unwind%'") == []
    functions = "select from pg_proc where pronamespace = 'unwind_compiled'::regnamespace"
    assert shop(f"{functions} and proname like 'capture%'") == []
    assert shop("table unwind_internal.captured_tables") == []
    assert shop("select id, images_dropped_at is not null from unwind.workflow_runs order by id") == [
        ("empty", False),
        ("r", True),
    ]


@pytest.mark.parametrize("status", ["RUNNING", "FAILED"])
def test_images_of_a_run_that_has_not_ended_stay(shop: Any, status: str) -> None:
    shop.write("r", "update orders set customer = 'x'")
    if status == "FAILED":
        shop.conn.execute("select unwind.fail_run('r', 'x')")
    error = shop.refused("select unwind.uncapture_table('parts', 'orders', 'lines')")
    assert error.sqlstate == "55006"
    assert len(shop.images("orders")) == 4
    shop.write("r2", "insert into parts values (1, 9, 'nut')")
    assert shop.images("parts", "id") == [(-1, 9)], "all or none"


def test_uncapturing_waits_for_who_is_writing_and_sees_what_it_wrote(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.start("r")
    writer, owner = connect(autocommit=False), connect()
    writer.execute("select unwind.enter_run('r')")
    writer.execute("insert into parts values (1, 9, 'nut')")
    call = in_background(owner.execute, "select unwind.uncapture_table('parts')")
    wait_until_blocked(owner)
    writer.commit()
    with pytest.raises(psycopg.errors.ObjectInUse):
        call.result()
    assert shop.images("parts", "id") == [(-1, 9)]


def test_a_table_made_anew_under_an_old_name_has_a_log_of_its_own(shop: Any) -> None:
    shop.write("live", "insert into parts values (1, 8, 'old')")
    shop.conn.execute("drop table parts; create table parts (id int primary key)")
    shop.conn.execute("select unwind.capture_table('parts')")
    shop.write("r", "insert into parts values (1)")
    assert shop('select id from unwind_captured."public.parts_"') == [(1,)]
    assert shop.images("parts", "id") == [(-1, 8)], "a live run needs them"
    shop.conn.execute("select unwind.complete_run('live')")
    shop.conn.execute("select unwind.capture_table('free')")
    assert shop("select to_regclass('unwind_captured.\"public.parts\"')") == [(None,)]
