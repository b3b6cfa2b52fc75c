"""An undo is taken back, and done again, in tables that were altered meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from capture.test_altered_tables import ALTERED, TABLES

WRITTEN = {
    "orders": (
        "insert into orders values (3, 'Cy', 1.0, '[]')",
        "update orders set customer = 'Eve', price = price + 1 where id = 1",
        "delete from orders where id = 2",
    ),
    "parts": (
        "insert into parts values (1, 3, 'bolt', 3.0)",
        "update parts set name = 'Eve', size = size + 1 where id = 1",
        "delete from parts where id = 2",
    ),
}


def altered(shop: Any, name: str, statements: str) -> list[Any]:
    """The rows as they are, had the table been altered before they were written; nothing is."""
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute(statements.encode())
        return rows(shop, name)


def rows(shop: Any, name: str) -> list[Any]:
    """What is in a table, whatever it is called now."""
    table = shop.value(
        "select table_name::regclass::text from unwind_internal.captured_tables where log_name = %s",
        f"public.{name}",
    )
    return shop(f"select t::text from {table} as t order by 1")


# Of columns of another type see below; a partitioned table has no identity before PostgreSQL 17.
CHANGES = [
    (table, change)
    for table in TABLES
    for change in ALTERED
    if change not in ("another type", "dropped and added") and (table, change) != ("parts", "identity")
]


@pytest.mark.parametrize("first", ["undone", "restored"])
@pytest.mark.parametrize(("table", "change"), CHANGES)
def test_what_was_undone_before_comes_back_and_goes_again(
    shop: Any, table: str, change: str, first: str
) -> None:
    statements = ALTERED[change].format(**TABLES[table])
    shop.conn.execute(
        "alter table parts add size numeric default 1; insert into parts values (1, 2, 'nut', 2.0);"
        "update orders set price = 1.5 where price is null"
    )
    before = altered(shop, table, statements)
    shop.write("r", *WRITTEN[table])
    after = altered(shop, table, statements)
    shop.undo("r")
    if first == "restored":
        shop.restore("r")
    shop.conn.execute(statements.encode())
    assert rows(shop, table) == (before if first == "undone" else after)
    if first == "undone":
        shop.restore("r")
        assert rows(shop, table) == after
    shop.undo("r")
    assert rows(shop, table) == before
    shop.restore("r")
    assert rows(shop, table) == after


def test_a_column_of_another_type_refuses_it_and_nothing_is_changed(shop: Any) -> None:
    shop.write("r", *WRITTEN["orders"])
    shop.undo("r")
    shop.conn.execute("alter table orders alter customer type varchar(9)")
    before = shop.rows()
    error = shop.refused("select * from unwind.restore_run('r')")
    assert (error.sqlstate, error.diag.table_name) == ("UW011", "public.orders")
    assert (shop.rows(), shop.status("r")) == (before, "COMPENSATED")
