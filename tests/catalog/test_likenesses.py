"""Keys that a person would link and PostgreSQL cannot compare: hint and suggestion show what works."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

UUID = "0192f3a4-5b6c-7d8e-9f00-112233445566"
KINDS = {
    "a text that holds a uuid": ("uuid", UUID, "text", UUID, "a letter"),
    "a varchar that holds a uuid": ("uuid", UUID, "varchar(50)", UUID, "a letter"),
    "a text that holds a number": ("int", "7", "text", "7", "seven"),
    "a text that holds a big number": ("bigint", "700000000000", "text", "700000000000", "7" * 30),
    "a number that is kept as text": ("text", "7", "int", "7", "8"),
    "a uuid that is kept as text": ("text", UUID, "uuid", UUID, UUID.replace("0", "1")),
    "an array of uuids": ("uuid", UUID, "uuid[]", f"{{{UUID}}}", "{}"),
    "an array of texts": ("text", "o1", "text[]", "{o1}", "{o2}"),
    "a json document": ("uuid", UUID, "jsonb", f'{{"id": "{UUID}"}}', "{}"),
    "a path": ("text", "o1", "ltree", "o1.lines", "o2"),
}


def shop(conn: psycopg.Connection[Any], kind: str) -> tuple[str, str, str]:
    parent, key, child, value, other = KINDS[kind]
    if child == "ltree":
        conn.execute("create extension ltree")
    conn.execute(
        f"""
        create table orders (id {parent} primary key);
        create table lines (number int primary key, order_id {child});
        select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
    """.encode()
    )
    return key, value, other


def assert_linked(conn: psycopg.Connection[Any], key: str, value: str, other: str) -> None:
    """The row that means the key goes with it, and the other one stays."""
    conn.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 'order', %s)", [key])
    conn.execute("insert into orders values (%s)", [key])
    conn.execute("insert into lines values (1, %s), (2, %s), (3, null)", [value, other])
    conn.execute("select * from unwind.compensate_run('r')")
    assert conn.execute("select number from lines order by 1").fetchall() == [(2,), (3,)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_hint_can_be_pasted_and_links_them(conn: psycopg.Connection[Any], kind: str) -> None:
    key, value, other = shop(conn, kind)
    with pytest.raises(psycopg.DatabaseError) as refused:
        conn.execute("select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}')")
    assert refused.value.sqlstate == "UW009"
    hint = refused.value.diag.message_hint or ""
    assert ("custom step" in hint) == kind.startswith("an array")
    script = re.search(r"alter table .*\bselect unwind.declare_foreign_key\([^;]*;", hint)
    assert script
    conn.execute(script[0].encode())
    assert_linked(conn, key, value, other)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "array" not in kind])
def test_a_suggestion_names_the_likeness(conn: psycopg.Connection[Any], kind: str) -> None:
    key, value, other = shop(conn, kind)
    said = [line for (line,) in conn.execute("select unwind.suggest_workflow('orders')").fetchall()]
    [first] = [n for n, line in enumerate(said) if "lines (order_id) looks like public.orders (id)" in line]
    assert "do not compare" in said[first]
    assert said[first + 1].startswith("-- alter table")
    conn.execute(said[first + 1].removeprefix("-- ").encode())
    assert_linked(conn, key, value, other)


@pytest.mark.parametrize("name", ["order_ids", "order_id"])
def test_a_suggestion_names_an_array_of_ids(conn: psycopg.Connection[Any], name: str) -> None:
    conn.execute(f"create table orders (id uuid primary key); create table bills ({name} uuid[])".encode())
    said = "\n".join(line for (line,) in conn.execute("select unwind.suggest_workflow('orders')"))
    assert f"bills ({name}) looks like public.orders (id), but uuid[] and uuid do not compare" in said


def test_a_column_that_compares_with_another_table_is_linked_with_that(
    conn: psycopg.Connection[Any],
) -> None:
    conn.execute("create schema old; create table old.orders (id text primary key)")
    conn.execute("create table orders (id uuid primary key); create table lines (order_id text)")
    said = "\n".join(line for (line,) in conn.execute("select unwind.suggest_workflow('orders')"))
    assert "public.lines" not in said
