"""check_workflow says what would go or stay beside a run's rows: keys of many rows, detached partitions."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

Connection = psycopg.Connection[Any]


def findings(conn: Connection, code: str) -> list[tuple[str, str]]:
    return conn.execute(
        "select object, fix from unwind.check_workflow('w') where code = %s order by 1", [code]
    ).fetchall()


# Keys --------------------------------------------------------------------------------------------

ORDERS = """
create table orders (id int not null, tenant int not null, code text);
create index on orders (id);
select unwind.define_workflow('w');
"""


@pytest.mark.parametrize(
    ("made", "key", "unique"),
    [
        ("create unique index on orders (id)", "'id'", True),
        ("alter table orders add primary key (tenant)", "'id', 'tenant'", True),
        ("alter table orders add unique (id) deferrable", "'id'", True),
        ("create unique index on orders (id) include (code)", "'id'", True),
        ("select", "'id'", False),
        ("create unique index on orders (id) where code is null", "'id'", False),
        ("create unique index on orders ((id + 0))", "'id'", False),
        ("alter table orders add primary key (tenant, id)", "'id'", False),
        ("alter table orders add primary key (id); create table more () inherits (orders)", "'id'", False),
    ],
)
def test_a_key_that_can_be_many_rows_is_warned_of_when_it_is_defined_and_checked(
    conn: Connection, made: str, key: str, unique: bool
) -> None:
    warned: list[str] = []
    conn.add_notice_handler(lambda said: warned.append(f"{said.severity} {said.message_primary}"))
    conn.execute(ORDERS.encode())
    conn.execute(made.encode())
    warned.clear()
    conn.execute(f"select unwind.define_step('w', 'order', 'orders', {key})".encode())
    found = findings(conn, "key_not_unique")
    if unique:
        assert (warned, found) == ([], [])
        return
    assert [line for line in warned if line.startswith("WARNING no unique index of public.orders says")]
    [(name, fix)] = found
    assert name == "public.orders"
    if "inherits" not in made:
        conn.execute(fix.encode())
        assert findings(conn, "key_not_unique") == []


def test_the_key_of_a_partitioned_table_is_unique_where_its_index_is(conn: Connection) -> None:
    conn.execute("""
        create table orders (id int, day int, primary key (id, day)) partition by list (day);
        select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
    """)
    [(_, fix)] = findings(conn, "key_not_unique")
    assert fix.startswith("-- ")
    conn.execute("select unwind.define_step('w', 'both', 'orders', 'id', 'day')")
    assert len(findings(conn, "key_not_unique")) == 1


# Large objects -----------------------------------------------------------------------------------

PHOTOS: LiteralString = """
create domain picture as oid;
create table albums (id int primary key);
create table photos (id int primary key, album_id int references albums on delete cascade, "Image" {});
create index on photos (album_id);
select unwind.define_workflow('w'), unwind.define_step('w', 'album', 'albums', 'id');
select unwind.declare_foreign_key('photos', '{{album_id}}', 'albums', '{{id}}');
"""


@pytest.mark.parametrize("type_name", ["oid", "picture"])
def test_a_column_of_large_objects_that_nothing_deletes_is_warned_of(
    conn: Connection, type_name: LiteralString
) -> None:
    conn.execute(PHOTOS.format(type_name).encode())
    [(name, fix)] = findings(conn, "large_object")
    assert name == 'public.photos("Image")'
    if not conn.execute("select from pg_available_extensions where name = 'lo'").rowcount:
        pytest.skip("the extension lo is not installed on this server")
    conn.execute(fix.encode())
    assert findings(conn, "large_object") == []
    conn.execute("alter table photos disable trigger user")
    assert len(findings(conn, "large_object")) == 1


def test_a_trigger_of_ones_own_that_unlinks_them_settles_it(conn: Connection) -> None:
    conn.execute(PHOTOS.format("oid").encode())
    conn.execute("""
        create function unlink() returns trigger language plpgsql as
        $$ begin perform lo_unlink(old."Image"); return old; end $$;
        create trigger unlink after insert on photos for each row execute function unlink();
    """)
    assert len(findings(conn, "large_object")) == 1, "it does not fire on delete"
    conn.execute("create trigger gone after delete on photos for each row execute function unlink()")
    assert findings(conn, "large_object") == []


@pytest.mark.parametrize("type_name", ["bytea", "int", "oid[]", "regclass"])
def test_other_types_are_no_large_objects(conn: Connection, type_name: LiteralString) -> None:
    conn.execute(PHOTOS.format(type_name).encode())
    assert findings(conn, "large_object") == []


# Partitions --------------------------------------------------------------------------------------

PAYMENTS = """
create table orders (id int primary key);
create table payments (order_id int, month int) partition by list (month);
create table payments_1 partition of payments for values in (1);
create table payments_2 partition of payments for values in (2) partition by list (month);
create table payments_2a partition of payments_2 default;
create index on payments (order_id);
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('payments', '{order_id}', 'orders', '{id}');
"""


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("detach", "parts"),
    [
        ("alter table payments detach partition payments_1", ["public.payments_1"]),
        ("alter table payments detach partition payments_2", ["public.payments_2", "public.payments_2a"]),
        ("alter table payments_2 detach partition payments_2a", ["public.payments_2a"]),
    ],
)
def test_a_partition_that_was_detached_is_named_until_it_is_back_or_gone(
    conn: Connection, detach: LiteralString, parts: list[str], compiled: bool
) -> None:
    conn.execute(PAYMENTS)
    assert findings(conn, "detached_partition") == []
    conn.execute(detach)
    if compiled:
        conn.execute("select unwind.compile_workflow('w')")
    assert [name for name, _ in findings(conn, "detached_partition")] == parts
    for _, fix in findings(conn, "detached_partition"):
        with conn.transaction(force_rollback=True):
            conn.execute(fix.encode())
            assert len(findings(conn, "detached_partition")) == len(parts) - 1
    with conn.transaction(force_rollback=True):
        conn.execute(f"drop table {', '.join(parts)}".encode())
        assert findings(conn, "detached_partition") == []
    if "_1" in detach:
        conn.execute("alter table payments attach partition payments_1 for values in (1)")
        assert findings(conn, "detached_partition") == []


def test_a_new_partition_is_nothing_to_worry_about(conn: Connection) -> None:
    conn.execute(PAYMENTS)
    conn.execute("create table payments_3 partition of payments for values in (3)")
    assert conn.execute("select code from unwind.check_workflow('w')").fetchall() == []
