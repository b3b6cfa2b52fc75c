"""What undoing a run would do in captured tables is shown, a line per row, to whoever may read the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

ACTIONS = "select table_name, row_key, action from unwind.find_changes(%s) order by 1, 2"


def test_inserts_go_updates_come_back_and_deletes_too(shop: Any) -> None:
    shop.write(
        "r",
        "insert into orders values (3, 'Cid', 3, null), (4, 'Dan', 4, null)",
        "update orders set customer = 'Eve', price = 3 where id = 1",
        "delete from orders where id in (2, 4)",
    )
    assert shop("select * from unwind.find_changes('r')") == [
        ("public.lines", "id=21", "insert", [], None, {"id": 21, "order_id": 2, "amount": 7}, None, None),
        (
            *("public.orders", "id=1", "update", ["customer", "price"], None),
            {"id": 1, "customer": "Ada", "price": 1.5, "note": {"a": 1}},
            {"id": 1, "customer": "Eve", "price": 3, "note": {"a": 1}},
            {"id": 1, "customer": "Eve", "price": 3, "note": {"a": 1}},
        ),
        (
            *("public.orders", "id=2", "insert", [], None),
            {"id": 2, "customer": "Bob", "price": 2.0, "note": None},
            *(None, None),
        ),
        (
            *("public.orders", "id=3", "delete", [], None, None),
            {"id": 3, "customer": "Cid", "price": 3, "note": None},
            {"id": 3, "customer": "Cid", "price": 3, "note": None},
        ),
    ]


@pytest.mark.parametrize(
    "statements",
    [
        [
            "update orders set customer = 'x'",
            "update orders set customer = case id when 1 then 'Ada' else 'Bob' end",
        ],
        ["insert into orders values (9)", "delete from orders where id = 9"],
        ["delete from parts", "insert into parts values (1, 1, 'screw')"],
        ["update orders set customer = customer"],
        ["update parts set id = 5", "update parts set id = 1"],
    ],
)
def test_what_came_to_nothing_is_nothing(shop: Any, statements: list[str]) -> None:
    shop.write("r", *statements)
    assert shop(ACTIONS, "r") == []


@pytest.mark.parametrize(
    "since",
    ["delete from orders where id = 3", "update orders set customer = 'Ada' where id = 1"],
)
def test_what_somebody_has_undone_by_hand_is_done(shop: Any, since: str) -> None:
    shop.write("r", "insert into orders values (3)", "update orders set customer = 'x' where id = 1")
    assert len(shop(ACTIONS, "r")) == 2
    shop.conn.execute(since.encode())
    assert len(shop(ACTIONS, "r")) == 1


@pytest.mark.parametrize(
    ("by_the_run", "since", "columns"),
    [
        ("update orders set note = null where id = 1", "update orders set price = 9 where id = 1", ["price"]),
        ("update orders set price = 9 where id = 1", "update orders set price = 9.0 where id = 1", ["price"]),
        (
            "update orders set customer = 'x' where id = 1",
            """update orders set note = '{"a":1}' where id = 1""",
            ["note"],
        ),
        ("update orders set customer = 'x' where id = 1", "delete from orders where id = 1", []),
        ("delete from orders where id = 1", "insert into orders values (1, 'new')", []),
        ("insert into orders values (77)", "update orders set customer = 'x' where id = 77", ["customer"]),
    ],
)
def test_what_somebody_has_changed_since_is_a_conflict(
    shop: Any, by_the_run: str, since: str, columns: list[str]
) -> None:
    shop.write("r", by_the_run)
    shop.conn.execute(since.encode())
    found = (
        "select action, changed_columns, changed_by from unwind.find_changes('r')"
        " where table_name = 'public.orders'"
    )
    assert shop(found) == [("conflict", columns, None)]


def test_a_conflict_names_the_runs_that_made_it(shop: Any) -> None:
    shop.write("a", "update orders set customer = 'a' where id = 1")
    shop.write("b", "update orders set customer = 'b' where id = 1")
    shop.write("c", "update orders set customer = 'c' where id = 1")
    found = "select action, changed_columns, changed_by from unwind.find_changes(%s)"
    assert shop(found, "a") == [("conflict", ["customer"], "b")]
    assert shop(found, "b") == [("conflict", ["customer"], "c")]
    assert shop(found, "c") == [("update", ["customer"], None)]


def test_a_row_changed_between_two_changes_of_the_run_is_a_conflict(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    shop.conn.execute("update orders set price = 7 where id = 1")
    shop.write("r", "update orders set customer = 'y' where id = 1")
    assert shop("select distinct action from unwind.find_changes('r')") == [("conflict",)]


def test_a_changed_key_is_two_rows(shop: Any) -> None:
    shop.write("r", "update parts set kind = 1, id = 7")
    assert shop(ACTIONS, "r") == [
        ("public.parts", "kind=1, id=1", "insert"),
        ("public.parts", "kind=1, id=7", "delete"),
    ]


def test_a_column_added_since_is_not_compared(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1", "insert into orders values (9)")
    shop.conn.execute("alter table orders add extra text default 'new'")
    assert shop(ACTIONS, "r") == [("public.orders", "id=1", "update"), ("public.orders", "id=9", "delete")]
    shop.conn.execute("update orders set extra = 'other'")
    assert shop("select changed_columns from unwind.find_changes('r') order by row_key") == [
        (["customer"],),
        ([],),
    ]


def test_a_column_of_another_type_cannot_be_compared(shop: Any) -> None:
    shop.write("r", "update orders set price = 5 where id = 1")
    shop.conn.execute("alter table orders alter price type float8")
    error = shop.refused("select * from unwind.find_changes('r')")
    assert error.sqlstate == "UW011"
    assert error.diag.message_detail and error.diag.message_hint
    shop.write("new", "update orders set price = 6 where id = 1")
    assert shop(ACTIONS, "new") == [("public.orders", "id=1", "update")]


def test_a_table_that_was_dropped_is_said(shop: Any) -> None:
    shop.write("r", "insert into parts values (1, 9, 'nut')")
    shop.conn.execute("drop table parts")
    error = shop.refused("select * from unwind.find_changes('r')")
    assert error.sqlstate == "UW011"
    assert 'unwind_captured."public.parts"' in error.diag.message_detail


def test_types_of_ones_own_and_names_of_any_kind(shop: Any) -> None:
    shop.conn.execute(
        "create type mood as enum ('glad', 'sad'); create type pair as (a int, b text);"
        'create table "Odd" ("100% %s" mood, p pair, d date, "id; drop" text collate "C", "Id" mood,'
        '   primary key ("id; drop", "Id"));'
        """select unwind.capture_table('"Odd"')"""
    )
    shop.write("r", """insert into "Odd" values ('glad', (1, 'x'), '2024-01-31', 'a%b''', 'sad')""")
    [(key, after)] = shop("select row_key, after from unwind.find_changes('r')")
    assert key == "id; drop=a%b', Id=sad"
    assert after == {"100% %s": "glad", "p": "(1,x)", "d": "2024-01-31", "id; drop": "a%b'", "Id": "sad"}


def test_only_a_run_that_is_there(shop: Any) -> None:
    assert shop.refused("select * from unwind.find_changes('none')").sqlstate == "UW001"
    shop.start("r")
    assert shop(ACTIONS, "r") == []


@pytest.fixture
def reader(shop: Any, connect: Any) -> Iterator[psycopg.Connection[Any]]:
    """A session of a viewer that has no right on the tables."""
    role = f"viewer_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'viewer')", [role])
    session = connect()
    session.execute(f'set session authorization "{role}"'.encode())
    yield session
    session.close()
    shop.conn.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())


def test_whoever_may_not_read_the_table_reads_no_image(shop: Any, reader: psycopg.Connection[Any]) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    images = 'select from unwind_captured."images of public.orders"'
    find = "select * from unwind.find_changes('r')"
    assert shop.refused(find, session=reader).sqlstate == "42501"
    assert reader.execute(images.encode()).fetchall() == []
    shop.conn.execute("grant select on orders to public")
    assert len(reader.execute(find.encode()).fetchall()) == 1
    assert len(reader.execute(images.encode()).fetchall()) == 2
    shop.conn.execute(
        "alter table orders enable row level security; create policy p on orders using (id > 0)"
    )
    assert shop.refused(find, session=reader).sqlstate == "42501"
    assert reader.execute(images.encode()).fetchall() == []
    assert shop.refused('select from unwind_captured."public.orders"', session=reader).sqlstate == "42501"
