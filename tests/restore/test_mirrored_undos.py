"""An undo that does what images say leaves none of its own: they are written when it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

INSERTED = (
    "insert into orders values (5, 'Eve', 1.0, null)",
    "insert into lines values (51, 5, 1), (52, 1, 2)",
)
MIXED = (
    *INSERTED,
    "update orders set price = 9.50 where id in (1, 2, 5)",
    "update orders set price = 9.5 where id = 2",
    "delete from lines where id in (11, 51)",
)
WAYS = pytest.mark.parametrize("statements", [INSERTED, MIXED], ids=["inserted", "mixed"])
FORESEEN = "select table_name, row_key, action, before, after from unwind.find_changes('r', of_undo => true)"
OF_UNDOS = (
    'select (select count(*) from unwind_captured."public.orders" where "~run" < 0)'
    ' + (select count(*) from unwind_captured."public.lines" where "~run" < 0)'
    ' + (select count(*) from unwind_captured."public.parts" where "~run" < 0)'
)


def is_mirrored(shop: Any) -> bool:
    """Whether the undo of the one run that is undone left no images."""
    [(found,)] = shop("select is_mirrored from unwind_internal.restorable_runs")
    assert found == (shop.value(OF_UNDOS) == 0)
    return bool(found)


@WAYS
def test_it_is_taken_back_and_done_again_any_number_of_times(shop: Any, statements: tuple[str, ...]) -> None:
    before = shop.rows()
    shop.write("r", *statements)
    after, own = shop.rows(), shop.images("orders", "id, price::text")
    for _ in range(3):
        shop.undo("r")
        assert shop.rows() == before
        assert is_mirrored(shop)
        shop.restore("r")
        assert shop.rows() == after
        assert shop.value(OF_UNDOS) == 0
    assert shop.images("orders", "id, price::text") == own


@WAYS
def test_what_taking_it_back_would_do_is_shown_as_if_it_had_been_captured(
    shop: Any, statements: tuple[str, ...]
) -> None:
    shop.write("r", *statements)
    shop.undo("r")
    assert is_mirrored(shop)
    with shop.conn.transaction():
        shop.conn.execute("set transaction read only")
        shown = shop(FORESEEN)
    shop.restore("r")
    shop.conn.execute("select * from unwind.compensate_runs('{r}')")
    assert not is_mirrored(shop)
    assert shown == shop(FORESEEN) != []


def trigger_on(table: str, each: str) -> str:
    """What writes to a captured table of which the run knows nothing, when rows are deleted from this one."""
    return (
        "create function note() returns trigger language plpgsql as"
        " $$ begin update parts set name = name || '!'; return null; end $$;"
        f"create trigger note after delete on {table} for each {each} execute function note()"
    )


@pytest.mark.parametrize(
    "meanwhile",
    [
        trigger_on("orders", "row"),
        trigger_on("lines", "statement"),
        "select unwind.ignore_columns('orders', 'note'); update orders set note = '{\"b\": 2}' where id = 5",
        "alter table orders add extra int default 7; update orders set extra = 8 where id = 5",
        "create table more (extra int) inherits (orders)",
        "create table more (id int primary key, order_id int references orders on delete cascade)"
        " partition by list (id)",
    ],
)
def test_where_it_does_what_images_do_not_say_it_leaves_its_own(shop: Any, meanwhile: str) -> None:
    shop.write("r", "insert into orders values (5, 'Eve', 1.0, null)")
    shop.conn.execute(meanwhile.encode())
    before = shop.rows()
    shop.undo("r")
    assert not is_mirrored(shop)
    shop.restore("r")
    assert shop.rows() == before


def test_a_row_that_was_restored_already_is_not_changed_by_taking_the_undo_back(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'Eve'")
    shop.conn.execute("update orders set customer = 'Ada' where id = 1")
    before = shop.rows()
    shop.undo("r")
    assert not is_mirrored(shop)
    shop.restore("r")
    assert shop.rows() == before


@pytest.mark.parametrize(("table", "each"), [("orders", "row"), ("lines", "statement")])
def test_so_it_does_where_a_trigger_comes_while_it_waits(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any, table: str, each: str
) -> None:
    """By then the function that undoes is planned, and what it waits for is that the trigger is made."""
    shop.conn.execute("insert into orders values (6, 'Fay', null, null)")
    for run, row in (("warm", 8), ("r", 5)):
        shop.write(run, f"insert into orders values ({row}, 'Eve', 1.0, null)")
    shop.conn.execute("select * from unwind.compensate_run('warm')")
    other: psycopg.Connection[Any] = connect(autocommit=False)
    other.execute(trigger_on(table, each).encode())
    undo = in_background(lambda: shop.conn.execute("select * from unwind.compensate_run('r')"))
    wait_until_blocked(shop.conn)
    other.commit()
    undo.result()
    assert shop.value("select name from parts") == "screw!"
    assert shop.value('select count(*) from unwind_captured."public.parts" where "~run" < 0') == 2
    shop.restore("r")
    assert shop.value("select name from parts") == "screw"


@WAYS
@pytest.mark.parametrize(
    "alter",
    [
        "alter table orders add extra int default 7",
        "alter table orders rename customer to buyer",
        "alter table orders drop note",
        "alter table orders rename to purchases",
    ],
)
def test_tables_may_be_altered_before_it_is_taken_back(
    shop: Any, statements: tuple[str, ...], alter: str
) -> None:
    columns = "select id, price::text from {} order by id"
    shop.write("r", *statements)
    after = shop(columns.format("orders"))
    shop.undo("r")
    assert is_mirrored(shop)
    shop.conn.execute(alter.encode())
    table = "purchases" if "purchases" in alter else "orders"
    before = shop(f"select * from {table} order by id")
    for _ in range(2):
        shop.restore("r")
        assert shop(columns.format(table)) == after
        shop.undo("r")
        assert shop(f"select * from {table} order by id") == before


@pytest.mark.parametrize(
    "end",
    [
        "select unwind.forget_images('{r}')",
        "select unwind.uncapture_table('orders', 'lines')",
        "select unwind.purge_runs(interval '0')",
    ],
)
def test_what_ends_the_runs_images_ends_the_way_back(shop: Any, end: str) -> None:
    shop.write("r", *MIXED)
    shop.undo("r")
    assert is_mirrored(shop)
    before = shop.rows()
    shop.conn.execute(end.encode())
    state = "UW001" if "purge" in end else "UW018"
    assert shop.refused("select * from unwind.restore_run('r')").sqlstate == state
    assert shop.rows() == before
    if "uncapture" in end:
        assert shop("select blocked_by is null from unwind.undone_runs") == [(False,)]
    else:
        assert shop.images("orders", "id") == []


def test_rows_that_are_skipped_keep_their_way_back(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'Eve'")
    shop.undo("r")
    assert is_mirrored(shop)
    shop.conn.execute("update orders set customer = 'Fay' where id = 1")
    assert shop.refused("select * from unwind.restore_run('r')").sqlstate == "UW011"
    assert shop.value(OF_UNDOS) == 0
    assert shop.restore("r", on_conflict="skip") == [("r", 0, 1, 0, 1)]
    assert shop.value(OF_UNDOS) == 2
    shop.conn.execute("update orders set customer = 'Eve' where id = 1")
    shop.undo("r")
    assert shop("select is_mirrored from unwind_internal.restorable_runs") == [(True,)]
    assert shop("select row_key, action from unwind.find_changes('r', of_undo => true)") == [
        ("id=1", "update"),
        ("id=2", "update"),
    ]
    shop.restore("r")
    assert shop("select customer from orders order by id") == [("Eve",), ("Eve",)]
    assert shop.value(OF_UNDOS) == 0


@pytest.mark.parametrize(
    "undo",
    [
        lambda shop: shop.undo("r", "s"),
        lambda shop: shop.undo("r", on_conflict="skip"),
        lambda shop: shop.undo("r", on_conflict="merge"),
    ],
    ids=["several", "skip", "merge"],
)
def test_one_run_alone_that_refuses_is_undone_so(shop: Any, undo: Callable[[Any], None]) -> None:
    shop.write("r", *MIXED)
    shop.write("s", "insert into lines values (60, 2, 1)")
    undo(shop)
    assert shop("select distinct is_mirrored from unwind_internal.restorable_runs") == [(False,)]
    assert shop.value(OF_UNDOS) > 0


@pytest.mark.parametrize("is_bound", [False, True])
def test_of_a_bound_role_each_write_is_still_some_runs(shop: Any, connect: Any, is_bound: bool) -> None:
    role = f"mirrored_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [role])
    shop.conn.execute(f'grant all on orders, lines to "{role}"'.encode())
    session = connect()
    try:
        if is_bound:
            shop.conn.execute("select unwind.bind_role(%s)", [role])
        session.execute(f'set session authorization "{role}"'.encode())
        session.execute("select unwind.start_run('w', 'r')")
        with session.transaction():
            session.execute("select unwind.enter_run('r')")
            for statement in INSERTED:
                session.execute(statement.encode())
        after = shop.rows()
        for _ in range(2):
            session.execute("select * from unwind.compensate_run('r')")
            assert is_mirrored(shop) is not is_bound
            session.execute("select * from unwind.restore_run('r')")
            assert shop.rows() == after
    finally:
        session.close()
        shop.conn.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())


def test_nobody_writes_its_images_but_who_may_take_it_back(shop: Any, connect: Any) -> None:
    shop.write("r", *INSERTED)
    shop.undo("r")
    role = f"stranger_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [role])
    number = shop.value("select -number from unwind.workflow_runs")
    session = connect()
    try:
        session.execute(f'set session authorization "{role}"'.encode())
        session.execute("select unwind_internal.mirror_images('public.orders', %s)", [number])
        assert shop.value(OF_UNDOS) == 0
    finally:
        session.close()
        shop.conn.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())
