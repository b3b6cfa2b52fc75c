"""Under which key columns entities of a table are owned is known without a look at the owners."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

DEFINE = "select unwind.define_workflow('{0}'), unwind.define_step('{0}', 'o', 'orders', '{1}')"


@pytest.fixture
def shop(conn: Connection) -> Connection:
    """A workflow of one root, and nothing recorded."""
    conn.execute("create table orders (id text primary key, code text)")
    define(conn, "w", "id")
    return conn


def define(conn: Connection, workflow: str, column: str) -> None:
    conn.execute(DEFINE.format(workflow, column).encode())


def record(conn: Connection, workflow: str, key: str) -> None:
    """Record a key in a run that completes."""
    conn.execute("select unwind.start_run(%s, %s)", [workflow, key])
    conn.execute("select unwind.record_step(%s, 'o', %s)", [key, key])
    conn.execute("insert into orders values (%s, %s)", [key, key])
    conn.execute("select unwind.complete_run(%s)", [key])


def known(conn: Connection) -> list[str]:
    """What is kept of the table orders, or whatever is called so now."""
    rows = conn.execute(
        "select key_columns from unwind_internal.owning_columns where root_table = 'orders'::regclass"
        " order by 1"
    )
    return [name for ((name,),) in rows.fetchall()]


def owned(conn: Connection) -> list[str]:
    rows = conn.execute("select distinct key_columns from unwind.entity_owners order by 1").fetchall()
    return [name for ((name,),) in rows]


def test_they_are_those_of_all_plans(shop: Connection) -> None:
    define(shop, "v", "code")
    assert known(shop) == ["code", "id"]


@pytest.mark.parametrize("recorded", [True, False])
def test_they_follow_a_renaming(shop: Connection, recorded: bool) -> None:
    if recorded:
        record(shop, "w", "A")
    shop.execute("alter table orders rename id to number; select unwind.compile_workflow('w')")
    assert known(shop) == ["number"]
    assert owned(shop) == (["number"] if recorded else [])


def test_those_of_a_workflow_that_was_dropped_lead_its_owners_to_one_that_is_defined_anew(
    shop: Connection,
) -> None:
    record(shop, "w", "A")
    shop.execute("select unwind.drop_workflow('w'); alter table orders rename id to number")
    assert known(shop) == ["id"]
    define(shop, "w", "number")
    assert known(shop) == owned(shop) == ["number"]


def test_those_of_a_dropped_workflow_follow_a_renaming_that_another_knows(shop: Connection) -> None:
    define(shop, "v", "code")
    record(shop, "v", "A")
    shop.execute("select unwind.drop_workflow('v'); alter table orders rename code to word")
    shop.execute("select unwind.compile_workflow('w')")
    assert owned(shop) == ["word"]
    assert known(shop) == ["id", "word"]


@pytest.mark.parametrize(("recorded", "left"), [(True, ["code", "id"]), (False, ["id"])])
def test_dead_ones_are_kept_while_somebody_owns_an_entity_by_them(
    shop: Connection, recorded: bool, left: list[str]
) -> None:
    define(shop, "v", "code")
    if recorded:
        record(shop, "v", "A")
    shop.execute("select unwind.drop_workflow('v'); alter table orders drop code")
    shop.execute("select unwind.compile_workflow('w')")
    assert known(shop) == left


def test_they_go_over_to_the_table_that_takes_the_place_of_another(shop: Connection) -> None:
    define(shop, "v", "code")
    record(shop, "v", "A")
    shop.execute("select unwind.drop_workflow('v')")
    shop.execute("create table copies as table orders; alter table copies add primary key (id)")
    shop.execute("alter table orders rename to former; alter table copies rename to orders")
    with pytest.raises(psycopg.Error) as refused:
        shop.execute("select unwind.compile_workflow('w')")
    [cure] = re.findall(r"select unwind_internal\.take_table\(.*?\);", refused.value.diag.message_hint or "")
    shop.execute(cure.encode())
    assert known(shop) == ["code", "id"]
    left = "select from unwind_internal.owning_columns where root_table = 'former'::regclass"
    assert shop.execute(left).fetchall() == []
