"""Where a renamed key gives an entity two owners, a COMPENSATED run gives way; others are told of both."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

SETUP = """
create table orders (id text primary key);
create table notes (order_no text primary key);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'note', 'notes', 'order_no');
select unwind.start_run('w', run) from unnest('{old,new}'::text[]) as run;
select unwind.record_step('old', 'order', 'A'), unwind.record_step('new', 'note', 'A');
select unwind.record_step('old', 'order', 'B');
insert into orders values ('A'), ('B');
insert into notes values ('A');
"""
NOTE, B = ("notes", "A", "new"), ("orders", "B", "old")

owners_template = holding(SETUP)


@pytest.fixture
def owners(owners_template: Any, conn: Connection) -> Connection:
    """Run old owns orders A and B, run new a note A, whose key is called as the orders' will be."""
    return conn


def rename(conn: Connection, owner: str) -> list[tuple[str, str, str]]:
    """Who owns what, where an earlier version has noted an owner under the new name already."""
    conn.execute(
        "insert into unwind.entity_owners values ('orders'::regclass, '{order_no}', '{A}', %s)", [owner]
    )
    conn.execute("alter table orders rename id to order_no; select unwind.compile_workflow('w')")
    return conn.execute("""
        select root_table::text, entity_key[1], run_id from unwind.entity_owners
        where key_columns = '{order_no}' order by 1, 2
    """).fetchall()


def test_two_entries_of_one_run_become_one(owners: Connection) -> None:
    assert rename(owners, "old") == [NOTE, ("orders", "A", "old"), B]


@pytest.mark.parametrize(("undone", "stays"), [("old", "new"), ("new", "old")])
def test_a_run_that_is_undone_gives_way(owners: Connection, undone: str, stays: str) -> None:
    owners.execute("update unwind.workflow_runs set status = 'COMPENSATED' where id = %s", [undone])
    assert rename(owners, "new") == [NOTE, ("orders", "A", stays), B]


def test_two_that_are_not_are_refused_and_named(owners: Connection) -> None:
    with pytest.raises(psycopg.Error, match=r"\(A\) would belong to two runs, 'old' and 'new'") as refused:
        rename(owners, "new")
    assert refused.value.sqlstate == "UW009"
