"""The functions that are kept for undoing captured rows are as true as a statement made for the occasion."""

from __future__ import annotations

from typing import Any

import pytest

KEPT = "select inserted_only, log_names from unwind_internal.kept_undos order by log_names, inserted_only"
STATES = "select state from unwind_internal.kept_undos order by function_name"
UNDO = "select rows_deleted, rows_reverted, rows_reinserted from unwind.compensate_run(%s)"
INSERTED = "insert into orders values (9, 'x')"
CHANGED = "update orders set customer = 'y' where id = 1"


def functions(shop: Any) -> int:
    """How many there are."""
    found: int = shop.value("select count(*) from pg_proc where proname like 'undo_captured\\_%'")
    return found


def test_one_for_each_set_of_tables_and_one_for_runs_that_only_inserted(shop: Any) -> None:
    for number in range(2):
        shop.write(f"i{number}", INSERTED)
        assert shop(UNDO, f"i{number}") == [(1, 0, 0)]
        shop.write(f"c{number}", CHANGED, INSERTED)
        assert shop(UNDO, f"c{number}") == [(1, 1, 0)]
    assert shop(KEPT) == [(False, ["public.orders"]), (True, ["public.orders"])]
    assert functions(shop) == 2
    shop.write("both", INSERTED, "insert into parts values (1, 7, 'nut')")
    assert shop(UNDO, "both") == [(1, 0, 0), (1, 0, 0)]
    assert shop(KEPT)[-1] == (True, ["public.orders", "public.parts"])


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("alter table orders rename to sales", None),
        ("alter table orders rename customer to buyer", None),
        ("alter table orders add extra int default 7", None),
        ("alter table orders drop column price", None),
        ("create schema shelf; alter table orders set schema shelf", None),
        ("alter schema public rename to private; set search_path = private", None),
        ("alter table orders drop constraint orders_pkey cascade, add primary key (id, customer)", None),
        (
            "create table kids (f int references orders on delete cascade); insert into kids values (9)",
            "UW007",
        ),
        ("create table kids (id int, f int references orders); insert into kids values (1, 9)", "UW007"),
        (
            "create function keep() returns trigger language plpgsql as $$ begin return null; end $$;"
            "create trigger keep before delete on orders for each row execute function keep()",
            "UW007",
        ),
    ],
)
@pytest.mark.parametrize("others", [(), (CHANGED,)])
def test_it_is_made_anew_when_a_table_changes(
    shop: Any, connect: Any, change: str, state: str | None, others: tuple[str, ...]
) -> None:
    session = connect()
    for run in ("warm", "again"):
        shop.write(run, INSERTED, *others)
        session.execute(UNDO, [run])
    shop.write("r", INSERTED, *others)
    shop.conn.execute(change.encode())
    if state is not None:
        assert shop.refused(UNDO, "r", session=session).sqlstate == state
        return
    made = shop(STATES)
    session.execute(UNDO, ["r"])
    names = "select table_name::text from unwind_internal.captured_tables where log_name = 'public.orders'"
    table = shop.value(names)
    copied = f"select (jsonb_populate_record(t, '{{\"id\": 9}}')).* from {table} as t where id = 1"
    changed = f"update {table} set note = '7' where id = 1"
    shop.write("s", f"insert into {table} {copied}", *[changed for _ in others])
    session.execute(UNDO, ["s"])
    assert (shop.status("r"), shop.status("s")) == ("COMPENSATED", "COMPENSATED")
    assert shop(f"select id from {table} order by id") == [(1,), (2,)]
    assert shop(STATES) != made


def test_links_that_are_dropped_no_longer_keep_rows(shop: Any) -> None:
    shop.conn.execute("create table kids (id int primary key, f int references orders on delete cascade)")
    for run in ("warm", "again"):
        shop.write(run, INSERTED)
        shop.conn.execute("select * from unwind.compensate_run(%s)", [run])
    shop.write("r", INSERTED)
    shop.conn.execute("insert into kids values (1, 9)")
    assert shop.refused(UNDO, "r").sqlstate == "UW007"
    shop.conn.execute("drop table kids")
    assert shop(UNDO, "r") == [(1, 0, 0)]


@pytest.mark.parametrize("others", [(), (CHANGED,)])
def test_nobody_waits_for_one_to_be_made(shop: Any, connect: Any, others: tuple[str, ...]) -> None:
    shop.write("a", INSERTED, *others)
    shop.write("b", "insert into orders values (10)")
    first = connect(autocommit=False)
    first.execute(UNDO, ["a"])
    assert shop(UNDO, "b") == [(1, 0, 0)]
    assert functions(shop) == 0, "none that others could see yet"
    first.commit()
    assert functions(shop) == 1


def test_a_row_inserted_again_is_one_row(shop: Any) -> None:
    shop.write("r", INSERTED)
    shop.conn.execute("delete from orders where id = 9")
    shop.write("r", INSERTED)
    assert shop(UNDO, "r") == [(1, 0, 0)]
    assert shop.count("orders") == 2


def test_a_row_that_is_gone_already_is_nothing_to_do(shop: Any) -> None:
    shop.write("r", INSERTED, "insert into orders values (10)")
    shop.conn.execute("delete from orders where id = 9")
    assert shop(UNDO, "r") == [(1, 0, 0)]


def test_keys_of_any_type_and_collation(shop: Any) -> None:
    shop.conn.execute(
        'create domain code as varchar(9) collate "C";'
        'create table codes (a code, b numeric, c text collate "C", primary key (a, b, c));'
        "create table lists (id int[] primary key); select unwind.capture_table('codes', 'lists')"
    )
    for run in ("r", "s"):
        shop.write(
            run,
            "insert into codes values ('x', 1.0, 'y'), ('X', 1.00, 'y')",
            "insert into lists values ('{1,2}')",
        )
        assert shop(UNDO, run) == [(2, 0, 0), (1, 0, 0)]


@pytest.mark.parametrize(("parent", "child"), [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("action", ["cascade", "no action", "set null"])
@pytest.mark.parametrize("is_others", [False, True])
def test_runs_that_only_inserted_need_no_other_way_whatever_the_order_of_their_tables(
    shop: Any, parent: str, child: str, action: str, is_others: bool
) -> None:
    shop.conn.execute(
        f"create table {parent} (id int primary key, up int references {parent} on delete {action});"
        f"create table {child} (id int primary key, p int references {parent} on delete {action});"
        f"select unwind.capture_table('{parent}', '{child}')".encode()
    )
    shop.write(
        "r", f"insert into {parent} values (1, 2), (2, 1)", f"insert into {child} values (1, 1), (2, 2)"
    )
    if is_others:
        shop.conn.execute(f"insert into {child} values (3, 2)")
        assert shop.refused("select unwind.compensate_run('r')").sqlstate == "UW007"
        assert (shop.count(parent), shop.count(child)) == (2, 3)
        shop.conn.execute(f"delete from {child} where id = 3")
    shop.conn.execute(
        "do $$ begin execute replace(pg_get_functiondef('unwind_internal.restore_rows'::regproc),"
        " 'begin', 'begin raise ''another way'';'); end $$"
    )
    assert shop(UNDO, "r") == [(2, 0, 0), (2, 0, 0)]
    assert (shop.count(parent), shop.count(child)) == (0, 0)


def test_rows_of_a_table_that_may_not_be_read_are_not_taken_for_gone(shop: Any) -> None:
    role = f"blind_{shop.conn.info.dbname}"
    shop.conn.execute(
        f"create role \"{role}\"; select unwind_internal.grant_access('{role}', 'operator');"
        f'grant delete on orders to "{role}"; grant select, delete on parts to "{role}"'.encode()
    )
    shop.write("warm", INSERTED, "insert into parts values (1, 7, 'nut')")
    shop.conn.execute("select unwind.compensate_run('warm')")
    shop.write("r", INSERTED, "insert into parts values (1, 7, 'nut')")
    try:
        shop.conn.execute(f'set role "{role}"')
        error = shop.refused("select unwind.compensate_run('r')")
        assert (error.sqlstate, error.diag.table_name) == ("42501", "public.orders")
        shop.conn.execute("reset role")
        assert shop(UNDO, "r") == [(1, 0, 0), (1, 0, 0)]
    finally:
        shop.conn.execute(f'reset role; drop owned by "{role}"; drop role "{role}"'.encode())


def test_they_go_with_the_capture(shop: Any) -> None:
    shop.write("r", INSERTED, "insert into lines values (41, 9)")
    shop.write("s", "insert into parts values (1, 7, 'nut')")
    shop.conn.execute("select * from unwind.compensate_runs('{r}'), unwind.compensate_run('s')")
    assert functions(shop) == 2
    shop.conn.execute("select unwind.uncapture_table('orders', 'lines')")
    assert (functions(shop), shop(KEPT)) == (1, [(True, ["public.parts"])])


@pytest.mark.parametrize(
    "change",
    [
        "update lines set amount = 8 where id = 91",
        "update lines set id = 92 where id = 91",
        "delete from lines where id = 91; insert into lines values (91, 9, 8)",
    ],
)
def test_a_row_that_others_have_changed_does_not_go_with_its_parent(shop: Any, change: str) -> None:
    for run in ("before", "r"):  # the second finds the undo that the first has left
        shop.write(run, "insert into orders values (9)", "insert into lines values (91, 9, 1)")
        if run == "before":
            shop(UNDO, run)
    shop.conn.execute(change)
    rows = shop("select * from lines order by id")
    error = shop.refused(UNDO, "r")
    assert error.sqlstate in ("UW007", "UW011")
    assert (shop("select * from lines order by id"), shop.count("orders")) == (rows, 3)
    assert shop.status("r") == "RUNNING"
