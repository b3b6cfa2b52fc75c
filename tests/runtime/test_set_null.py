"""A link that is set null is cleared, and the row stays."""

from __future__ import annotations

from typing import Any

import pytest

REVIEWS = """
create table reviews (id int primary key, order_id text {link});
create index on reviews (order_id);
"""
DECLARED = "select unwind.declare_foreign_key('reviews', '{order_id}', 'orders', '{id}', 'set null')"
ROWS = "insert into reviews values (1, 'o-r'), (2, 'o-other'), (3, null)"
CALLS = ["compensate_run('r')", "compensate_runs(array['r'])"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("link", "declared"),
    [
        ("", True),
        ("references orders", True),
        ("references orders on delete cascade", True),
        ("references orders on delete set null", True),
        ("references orders on delete set null", False),
    ],
)
def test_the_link_is_cleared_whether_declared_real_or_both(
    db: Any, call: str, link: str, declared: bool
) -> None:
    db.conn.execute(REVIEWS.format(link=link))
    if declared:
        db(DECLARED)
    else:
        db("select unwind.compile_workflow('w')")
    db.run("r")
    db.run("other")
    db.conn.execute(ROWS)
    db(f"select * from unwind.{call}")
    assert db("select * from reviews order by id") == [(1, None), (2, "o-other"), (3, None)]
    assert db.rows_left() == 4
    tables = db("select distinct table_name from unwind.compensations order by 1")
    assert tables == [("public.lines",), ("public.orders",), ("public.parcels",)], "receipts are of deletes"


@pytest.mark.parametrize("call", CALLS)
def test_a_link_of_two_columns_is_cleared_as_one(db: Any, call: str) -> None:
    db.conn.execute(
        "create table scans (id int, depot int, number int); create index on scans (depot, number)"
    )
    db(
        "select unwind.declare_foreign_key("
        "'scans', '{depot,number}', 'parcels', '{depot,number}', 'set null')"
    )
    db("select unwind.start_run('w', 'r'), unwind.record_step('r', 'parcel', '1', '2')")
    db.conn.execute("insert into parcels values (1, 2, null); insert into scans values (1, 1, 2), (2, 1, 3)")
    db(f"select * from unwind.{call}")
    assert db("select * from scans order by id") == [(1, None, None), (2, 1, 3)]


@pytest.mark.parametrize("link", ["", "references parcel_bills"])
def test_a_run_whose_earlier_rows_refer_to_its_later_ones_can_be_undone(db: Any, link: str) -> None:
    db.conn.execute("create table parcel_bills (id int primary key)")
    db.conn.execute(f"alter table parcels add bill_id int {link}; create index on parcels (bill_id)")
    db("select unwind.declare_foreign_key('parcels', '{bill_id}', 'parcel_bills', '{id}', 'set null')")
    db("select unwind.define_step('w', 'bill', 'parcel_bills', 'id')")
    db.run("r")
    db("select unwind.record_step('r', 'bill', '5')")
    db.conn.execute("insert into parcel_bills values (5); update parcels set bill_id = 5")
    db("select * from unwind.compensate_run('r')")
    assert db.rows_left() == 0
    assert db("select from parcel_bills") == []
