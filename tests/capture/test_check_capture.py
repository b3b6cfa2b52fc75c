"""check_capture finds what would keep an undo of captured rows from being done, or from being exact."""

from __future__ import annotations

from typing import Any

import pytest

CHECK = "select code, object from unwind.check_capture() where severity <> 'info' order by code, object"


def test_nothing_is_found_in_a_shop_that_is_as_it_should_be(shop: Any) -> None:
    assert shop(CHECK) == []


@pytest.mark.parametrize(
    ("change", "code", "thing"),
    [
        ("alter table orders add extra int", "stale_columns", "public.orders"),
        ("drop table lines", "table_gone", "public.lines"),
        ("alter table lines drop constraint lines_pkey", "no_key", "public.lines"),
        ("alter table orders disable trigger unwind_capture_update", "not_captured", "public.orders"),
        ("drop trigger unwind_capture_delete on lines", "not_captured", "public.lines"),
        ("alter table orders enable trigger unwind_capture_insert", "not_captured", "public.orders"),
        ("alter table parts_1 disable trigger all", "not_captured", "public.parts_1"),
        ("create table parts_2 partition of parts for values in (2)", "not_captured", "public.parts_2"),
        (
            "create table kids (id int primary key, f int unique references orders on delete cascade)",
            "uncaptured_cascade",
            "public.kids",
        ),
        (
            "create table kids (id int primary key, f int unique references orders on update set null)",
            "uncaptured_cascade",
            "public.kids",
        ),
        (
            "create table kids (id int primary key, f int unique references orders)",
            "uncaptured_link",
            "public.kids",
        ),
        ("alter table lines add f int references free", "uncaptured_link", "public.lines"),
        ("drop index lines_order_id_idx", "missing_index", "public.lines(order_id)"),
        ("alter table orders add unique (customer)", "fixed_unique", "public.orders"),
    ],
)
def test_each_thing_is_found(shop: Any, change: str, code: str, thing: str) -> None:
    shop.conn.execute(change.encode())
    lines = shop("select code, object from unwind.check_capture() where severity <> 'info'")
    assert (code, thing) in lines
    fixes = shop("select fix from unwind.check_capture() where code = %s", code)
    for (fix,) in fixes:
        if fix.startswith("select unwind.capture_table"):
            shop.conn.execute(fix.encode())
            assert (code, thing) not in shop(CHECK)
            break


@pytest.mark.parametrize(
    ("when", "is_found"),
    [
        ("", True),
        ("when (current_setting('unwind.undoing', true) is distinct from 'on')", False),
    ],
)
def test_a_trigger_that_rewrites_rows_is_found_unless_it_stands_back(
    shop: Any, when: str, is_found: bool
) -> None:
    shop.conn.execute(
        "create function stamp() returns trigger language plpgsql as"
        " $$ begin new.customer := 'stamped'; return new; end $$;"
        f"create trigger stamp before update on orders for each row {when} execute function stamp();"
        f"create trigger after before delete on orders for each row {when} execute function stamp()".encode()
    )
    assert (("rewriting_trigger", "public.orders") in shop(CHECK)) == is_found


def test_a_bound_role_that_may_write_elsewhere_is_named(shop: Any) -> None:
    role = f"bound_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"; grant insert on free, orders to "{role}"'.encode())
    try:
        shop.conn.execute("select unwind.bind_role(%s)", [role])
        [(code, message, fix)] = shop("select code, message, fix from unwind.check_capture()")
        assert (code, message) == (
            "writes_uncaptured",
            f"bound role {role} may write to tables that are not captured: public.free",
        )
        shop.conn.execute(fix.encode())
        assert shop(CHECK) == []
    finally:
        shop.conn.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())


def test_the_room_that_images_take_and_since_when(shop: Any) -> None:
    shop.write("r", "insert into orders values (9)")
    [(severity, code, thing, message)] = shop(
        "select severity, code, object, message from unwind.check_capture()"
    )
    assert (severity, code, thing) == ("info", "images", "public.orders")
    assert "the oldest are of a run that began at" in message
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop("select code from unwind.check_capture()") == [("images",)], "kept, to be verified by"


def test_a_table_that_has_lost_its_key_is_written_to_as_before_and_its_undo_refused(shop: Any) -> None:
    shop.write("r", "insert into lines values (41, 1, 1)")
    shop.conn.execute("alter table lines drop constraint lines_pkey")
    shop.write("r", "insert into lines values (42, 1, 1)")
    error = shop.refused("select * from unwind.compensate_run('r')")
    assert (error.sqlstate, error.diag.table_name) == ("UW011", "public.lines")
    shop.conn.execute("alter table lines add primary key (id)")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop("select count(*) from lines where id > 40") == [(0,)]
