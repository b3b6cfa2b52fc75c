"""A table that refers to itself, with each of the ON DELETE actions."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

TREE = """
create table nodes (id int primary key, parent_id int {link});
create index on nodes (parent_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'grow', 'nodes', 'id');
"""
ROWS = """
insert into nodes values (1, null), (2, 1), (3, 2), (9, null);
select unwind.start_run('w', 'r');
select unwind.adopt_entity('r', 'grow', '1');
"""


def ids(conn: psycopg.Connection[Any]) -> list[tuple[int, int | None]]:
    return conn.execute("select id, parent_id from nodes order by id").fetchall()


@pytest.mark.parametrize("link", ["references nodes", "references nodes on delete restrict"])
def test_a_row_below_that_is_not_the_runs_refuses(conn: psycopg.Connection[Any], link: str) -> None:
    conn.execute(TREE.format(link=link))
    conn.execute(ROWS)
    with pytest.raises(psycopg.Error, match=r"public\.nodes") as refused:
        conn.execute("select * from unwind.compensate_run('r')")
    assert refused.value.sqlstate == "UW007"
    assert len(ids(conn)) == 4


def test_a_declared_restrict_refuses_too(conn: psycopg.Connection[Any]) -> None:
    conn.execute(TREE.format(link=""))
    conn.execute("select unwind.declare_foreign_key('nodes', '{parent_id}', 'nodes', '{id}', 'restrict')")
    conn.execute(ROWS)
    with pytest.raises(psycopg.Error, match=r"nodes.*count: 1") as refused:
        conn.execute("select * from unwind.compensate_run('r')")
    assert refused.value.sqlstate == "UW007"


@pytest.mark.parametrize("link", ["references nodes", "references nodes on delete restrict", ""])
def test_the_runs_own_rows_may_refer_to_each_other(conn: psycopg.Connection[Any], link: str) -> None:
    conn.execute(TREE.format(link=link))
    conn.execute(ROWS)
    conn.execute("select unwind.adopt_entity('r', 'grow', '2'), unwind.adopt_entity('r', 'grow', '3')")
    conn.execute("select * from unwind.compensate_run('r')")
    assert ids(conn) == [(9, None)]


def test_a_declared_set_null_lets_go_of_what_hangs_below(conn: psycopg.Connection[Any]) -> None:
    conn.execute(TREE.format(link="references nodes"))
    conn.execute("select unwind.declare_foreign_key('nodes', '{parent_id}', 'nodes', '{id}', 'set null')")
    conn.execute(ROWS)
    conn.execute("select * from unwind.compensate_run('r')")
    assert ids(conn) == [(2, None), (3, 2), (9, None)]


@pytest.mark.parametrize("link", ["references nodes on delete cascade", ""])
def test_cascade_takes_the_whole_tree_however_deep(conn: psycopg.Connection[Any], link: str) -> None:
    conn.execute(TREE.format(link=link))
    conn.execute("select unwind.declare_foreign_key('nodes', '{parent_id}', 'nodes', '{id}', 'cascade')")
    conn.execute(ROWS)
    conn.execute("insert into nodes values (10, 3)")
    conn.execute("insert into nodes select n, n - 1 from generate_series(11, 1000) as n")
    receipts = conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("public.nodes", 994)]
    assert ids(conn) == [(9, None)]


def test_a_cycle_in_the_data_ends(conn: psycopg.Connection[Any]) -> None:
    conn.execute(TREE.format(link=""))
    conn.execute("select unwind.declare_foreign_key('nodes', '{parent_id}', 'nodes', '{id}', 'cascade')")
    conn.execute(ROWS)
    conn.execute("update nodes set parent_id = 3 where id = 1")
    conn.execute("select * from unwind.compensate_run('r')")
    assert ids(conn) == [(9, None)]
