"""An ALTER TABLE under capture breaks no application and loses no column that a run changes."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

ALTERED = {
    "added": "alter table {t} add extra text default 'new'",
    "dropped": "alter table {t} drop column {c}",
    "renamed": "alter table {t} rename {c} to other",
    "another type": "alter table {t} alter {c} type varchar(9)",
    "changed places": (
        "alter table {t} rename {c} to x; alter table {t} rename {d} to {c}; alter table {t} rename x to {d}"
    ),
    "dropped and added": "alter table {t} drop column {c}; alter table {t} add {c} int default 5",
    "table renamed": "alter table {t} rename to {t}_new",
    "table moved": "create schema s; alter table {t} set schema s",
    "another key": "alter table {t} drop constraint {t}_pkey cascade, add primary key ({key}, {d})",
    "identity": "alter table {t} alter id add generated always as identity",
    "several at once": "alter table {t} add a1 int, add a2 jsonb default '[]', drop column {c}",
}
TABLES = {
    "orders": {"t": "orders", "c": "customer", "d": "price", "key": "id"},
    "parts": {"t": "parts", "c": "name", "d": "size", "key": "kind, id"},
}


@pytest.mark.parametrize("warm", [True, False], ids=["in a session with plans", "in a fresh session"])
@pytest.mark.parametrize(
    ("table", "change"),
    # A partitioned table has no identity before PostgreSQL 17.
    [pair for pair in itertools.product(TABLES, ALTERED) if pair != ("parts", "identity")],
)
def test_the_next_statement_is_captured_as_the_table_is_now(
    shop: Any, connect: Any, table: str, change: str, warm: bool
) -> None:
    names = TABLES[table]
    shop.conn.execute(
        "alter table parts add size numeric default 1; insert into parts values (1, 2, 'nut', 2.0);"
        "update orders set price = 1.5 where price is null; select unwind.capture_table('orders', 'parts')"
    )
    shop.write("before", f"update {table} set {names['d']} = {names['d']} + 1")
    owner = connect() if warm else shop.conn
    owner.execute(ALTERED[change].format(**names).encode())
    if not warm:
        shop.conn = connect()
    table = shop.value(
        "select table_name::regclass::text from unwind_internal.captured_tables where log_name = %s",
        f"public.{table}",
    )
    rows = f"select t::text from {table} as t order by 1"
    with shop.inside("r"):
        before = shop(rows)
        shop.conn.execute(f"delete from {table} where false".encode())
        shop.conn.execute(f"delete from {table}".encode())
    columns = shop.value(
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        table,
    )
    log = f'unwind_captured."public.{names["t"]}"'
    number = "(select number from unwind.workflow_runs where id = 'r')"
    found = f'select row({columns})::text from {log} where "~run" = {number} and "~sign" = 1 order by 1'
    assert before
    assert shop(found) == before


def test_what_was_kept_before_stays_under_its_new_name(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    shop.conn.execute(
        "alter table orders rename customer to buyer; alter table orders rename price to customer;"
        "alter table orders add since int default 7"
    )
    shop.write("r", "update orders set buyer = 'y' where id = 1")
    assert shop.images("orders", '"~shape", buyer, customer::text, since') == [
        (-1, 1, "x", "1.50", None),
        (-1, 2, "y", "1.50", 7),
        (1, 1, "Ada", "1.50", None),
        (1, 2, "x", "1.50", 7),
    ]


def test_a_column_that_only_grows_keeps_its_images(shop: Any) -> None:
    shop.conn.execute("create table g (id int primary key, v varchar(3)); select unwind.capture_table('g')")
    shop.write("r", "insert into g values (1, 'abc')")
    shop.conn.execute("alter table g alter v type varchar(9)")
    shop.write("r", "update g set v = 'abcdef'")
    assert shop.images("g", '"~shape", v') == [(-1, 1, "abc"), (-1, 1, "abcdef"), (1, 1, "abc")]


def test_a_statement_that_touches_no_row_is_not_broken(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'", "update parts set name = 'x'")
    shop.conn.execute("alter table orders drop column customer; alter table parts drop column name")
    for statement in ("update orders set price = 1 where false", "delete from parts where false"):
        shop.write("r", statement)
    shop.write("r", "insert into orders select * from orders where false")


def test_altered_in_the_runs_own_transaction(shop: Any) -> None:
    shop.write(
        "r",
        "update orders set customer = 'x' where id = 1",
        "alter table orders rename customer to buyer",
        "update orders set buyer = 'y' where id = 1",
        "alter table parts add extra int",
        "update parts set extra = 1",
    )
    assert shop.images("orders", "buyer") == [(-1, "x"), (-1, "y"), (1, "Ada"), (1, "x")]
    assert shop.images("parts", "extra") == [(-1, 1), (1, None)]


def test_a_partition_that_is_written_to_by_its_own_name_follows_its_table(shop: Any, connect: Any) -> None:
    shop.write("r", "update parts_1 set name = 'a'")
    connect().execute("alter table parts rename name to label")
    shop.write("r", "update parts_1 set label = 'b'")
    assert shop.images("parts", "label") == [(-1, "a"), (-1, "b"), (1, "a"), (1, "screw")]


def test_an_alteration_taken_back_is_not_followed(shop: Any) -> None:
    shop.start("r")
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute("alter table orders rename customer to buyer; select unwind.enter_run('r')")
        shop.conn.execute("update orders set buyer = 'x'")
    shop.write("r", "update orders set customer = 'y' where id = 1")
    assert shop.images("orders", "customer") == [(-1, "y"), (1, "Ada")]


def test_writers_that_meet_an_altered_table_at_once(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.write("warm", "update orders set price = 9")
    first, second = connect(autocommit=False), connect(autocommit=False)
    for session in (first, second):  # plans of before
        session.execute("select unwind.enter_run('warm')")
        session.execute("update orders set price = price where false")
        session.rollback()
    shop.conn.execute(
        "alter table orders rename customer to buyer; alter table orders add extra int default 1"
    )
    shop.start("a", "b")
    first.execute("select unwind.enter_run('a')")
    first.execute("update orders set buyer = 'a' where id = 1")
    second.execute("select unwind.enter_run('b')")
    waiting = in_background(second.execute, "update orders set buyer = 'b' where id = 2")
    wait_until_blocked(second)
    first.commit()
    waiting.result()
    second.commit()
    found = (
        'select "~sign", buyer, extra from unwind_captured."public.orders" where "~shape" = 2 order by 1, 2'
    )
    assert shop(found) == [(-1, "a", 1), (-1, "b", 1), (1, "Ada", 1), (1, "Bob", 1)]


def test_whoever_waits_for_another_that_follows_keeps_nobody_from_the_log_meanwhile(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    """Else an undo that has the log comes to wait for his row, and he for the log."""
    shop.start("r", "s")
    first, second = connect(), connect()
    shop.conn.execute("alter table orders add extra int")
    locks = "select mode, granted from pg_locks where pid = %s and relation = %s::regclass order by 1"
    of_second = second.info.backend_pid, 'unwind_captured."public.orders"'
    with shop.inside("r", first):
        first.execute("update orders set extra = 1 where id = 1")
        second.execute("begin; select unwind.enter_run('s')")
        change = in_background(second.execute, "update orders set extra = 2 where id = 2")
        wait_until_blocked(second, change)
        assert shop(locks, *of_second) == [("RowExclusiveLock", False)]
    change.result()
    assert shop(locks, *of_second) == [("RowExclusiveLock", True)]
    second.execute("commit")
    assert len(shop.images("orders")) == 4


def test_whoever_alters_a_table_can_have_capture_follow_before_anybody_writes(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    """Else two who write to the same two rows wait for each other: one with the log, the other with a row."""
    shop.start("r", "s")
    first, second = connect(), connect()
    with shop.conn.transaction():
        shop.conn.execute("alter table orders add extra int")
        shop.conn.execute("select unwind.capture_table('orders')")
    with shop.inside("r", first):
        first.execute("update orders set extra = 1 where id = 1")
        second.execute("set lock_timeout = '10s'")
        second.execute("begin; select unwind.enter_run('s'); update orders set extra = 2 where id = 2")
        change = in_background(first.execute, "update orders set extra = 1 where id = 2")
        wait_until_blocked(first, change)
        second.execute("commit")
        change.result()
    assert len(shop.images("orders")) == 6


def test_a_writer_with_an_older_snapshot_fails_to_serialize(shop: Any, connect: Any) -> None:
    shop.start("a", "b")
    old = connect(autocommit=False)
    old.execute("set transaction isolation level repeatable read")
    old.execute("select unwind.enter_run('b')")
    shop.conn.execute("alter table orders add extra int default 1")
    shop.write("a", "update orders set customer = 'x' where id = 1")
    with pytest.raises(psycopg.errors.SerializationFailure):
        old.execute("update orders set customer = 'y' where id = 2")
    old.rollback()
    shop.write("b", "update orders set customer = 'y' where id = 2")
    assert (-1, "y", 1) in shop.images("orders", "customer, extra")


@pytest.mark.parametrize(
    "change",
    [
        "alter table {} rename {} to renamed",
        "alter table {} drop column {}",
        "alter table {} add extra int",
        "alter table {} alter {} type varchar",
        "alter table {} drop column {}, add {} bytea",
    ],
)
@pytest.mark.parametrize(
    ("table", "column", "write"),
    [
        ("orders", "customer", "update orders set price = price + 1"),
        ("parts", "name", "update parts set id = id + 100"),
    ],
)
def test_so_does_one_that_is_older_than_what_nobody_has_followed_yet(
    shop: Any, connect: Any, table: str, column: str, write: str, change: str
) -> None:
    shop.write("warm", write)
    old = connect(autocommit=False)
    old.execute("set transaction isolation level repeatable read")
    old.execute("select unwind.enter_run('warm')")
    shop.conn.execute(change.format(table, column, column).encode())
    with pytest.raises(psycopg.errors.SerializationFailure):
        old.execute(write.encode())
    old.rollback()
    old.execute("select unwind.enter_run('warm')")
    old.execute(write.encode())
    old.commit()


def test_a_snapshot_older_than_a_log_reads_no_images_of_it_as_if_there_were_none(
    shop: Any, connect: Any
) -> None:
    shop.conn.execute("select unwind.uncapture_table('orders')")
    old = connect(autocommit=False)
    old.execute("set transaction isolation level repeatable read")
    old.execute("set local plan_cache_mode = force_generic_plan")
    old.execute("select from unwind.workflows")
    shop.conn.execute("select unwind.capture_table('orders')")
    shop.write("r", "update orders set customer = 'x' where id = 1")
    images = 'select from unwind_captured."images of public.orders"'
    with pytest.raises(psycopg.errors.SerializationFailure) as caught:
        old.execute(images, prepare=True)
    assert caught.value.diag.message_detail and caught.value.diag.message_hint
    old.rollback()
    assert len(old.execute(images, prepare=True).fetchall()) == 2


def test_a_restored_dump_goes_on(shop: Any, dsn: str, bare_dsn: str, pg_bin: Path, connect: Any) -> None:
    shop.conn.execute("alter table orders drop column note; alter table orders add extra int default 1")
    shop.write("r", "update orders set customer = 'x' where id = 1", "delete from parts")
    dump = subprocess.run([pg_bin / "pg_dump", "-d", dsn], capture_output=True, text=True, check=True)
    subprocess.run(
        [pg_bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", make_conninfo(bare_dsn)],
        input=dump.stdout,
        capture_output=True,
        text=True,
        check=True,
    )
    copy = type(shop)(connect(bare_dsn))
    assert len(copy('select from unwind_captured."images of public.orders"')) == 2
    assert copy.images("orders", "customer, extra") == shop.images("orders", "customer, extra")
    copy.write("r", "update orders set extra = 2 where id = 1", "insert into parts values (1, 3, 'nut')")
    assert copy.images("orders", "customer, extra") == [
        (-1, "x", 1),
        (-1, "x", 2),
        (1, "Ada", 1),
        (1, "x", 1),
    ]
    assert copy.images("parts", "id") == [(-1, 3), (1, 1)]
    copy.conn.execute("alter table orders rename customer to buyer")
    copy.write("r", "update orders set buyer = 'y' where id = 1")
    assert (-1, "y") in copy.images("orders", "buyer")
