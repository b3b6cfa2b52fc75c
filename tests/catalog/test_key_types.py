"""Keys are text in the ledger and whatever the columns are in the tables."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ways import undone

Connection = psycopg.Connection[Any]

VALUES = {
    "text": ("a", "b"),
    "varchar(40)": ("a", "b"),
    "char(8)": ("a", "b"),
    "smallint": ("1", "2"),
    "int": ("1", "2"),
    "bigint": ("10000000000", "2"),
    "uuid": ("0e984725-c51c-4bf4-9960-e1c80e27aba0", "1e984725-c51c-4bf4-9960-e1c80e27aba0"),
    "numeric": ("1.50", "2"),
    "numeric(10, 2)": ("1.5", "2"),
    "date": ("2024-02-29", "2024-03-01"),
    "timestamptz": ("2024-02-29 12:00:00.123456+02", "2024-03-01 00:00+00"),
    "boolean": ("true", "false"),
    "bytea": (r"\x00ff", r"\x01"),
    "inet": ("10.0.0.1", "::1"),
    "name": ("a", "b"),
    "positive": ("1", "2"),
    "mood": ("glad", "sad"),
}
LINKS = [
    *[(kind, kind, *values) for kind, values in VALUES.items()],
    ("int", "bigint", "1", "2"),
    ("bigint", "int", "1", "2"),
    ("smallint", "bigint", "1", "2"),
    ("numeric", "int", "1", "2"),
    ("positive", "int", "1", "2"),
    ("text", "varchar(40)", "a", "b"),
    ("varchar(40)", "text", "a", "b"),
    ("char(8)", "text", "a", "b"),
]

UNDO = ["select * from unwind.compensate_run('r')", "select * from unwind.compensate_runs('{r,empty}')"]


def define(conn: Connection, parent: str, child: str) -> None:
    """A table with a key of one type, and one that refers to it with a column of maybe another."""
    conn.execute("create domain positive as int check (value > 0)")
    conn.execute("create type mood as enum ('glad', 'sad')")
    conn.execute(f"create table parents (id {parent} primary key)".encode())
    conn.execute(f"create table children (id int, parent_id {child})".encode())
    conn.execute("select unwind.define_workflow('w')")
    conn.execute("select unwind.define_step('w', 's', 'parents', 'id')")
    conn.execute("select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}')")


def record(conn: Connection, run: str, key: str) -> None:
    conn.execute("select unwind.start_run('w', %s)", [run])
    conn.execute("select unwind.record_step(%s, 's', %s)", [run, key])


def ledger(conn: Connection) -> list[tuple[str]]:
    return conn.execute("select entity_key[1] from unwind.run_steps order by 1").fetchall()


@pytest.mark.parametrize(("parent", "child", "mine", "other"), LINKS)
def test_a_key_of_any_type_finds_its_row_and_what_refers_to_it(
    conn: Connection, parent: str, child: str, mine: str, other: str
) -> None:
    define(conn, parent, child)
    record(conn, "r", mine)
    for value in (mine, other):
        conn.execute(f"insert into parents values (%s::{parent})".encode(), [value])
        conn.execute(f"insert into children values (1, %s::{child}), (2, %s::{child})".encode(), [value] * 2)
    preview = conn.execute("select table_name, row_count from unwind.preview_run('r')").fetchall()
    assert preview == [("public.children", 2), ("public.parents", 1)]
    conn.execute("select unwind.start_run('w', 'empty')")
    for undo in UNDO:
        with undone(conn, undo):
            receipts = conn.execute("select table_name, rows_deleted from unwind.compensations").fetchall()
            assert receipts == preview
            assert conn.execute("select count(*) from parents").fetchone() == (1,)
            assert conn.execute("select count(*) from children").fetchone() == (2,)
            assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []


@pytest.mark.parametrize(
    ("kind", "one", "another"),
    [
        ("int", "7", "007"),
        ("int", "7", " 7 "),
        ("bigint", "7", "+7"),
        ("uuid", "0e984725-c51c-4bf4-9960-e1c80e27aba0", "{0E984725C51C4BF49960E1C80E27ABA0}"),
        ("date", "2024-02-29", "20240229"),
        ("timestamptz", "2024-02-29 12:00+02", "2024-02-29 10:00+00"),
        ("boolean", "true", "t"),
        ("inet", "10.0.0.1", "10.0.0.1/32"),
    ],
)
def test_one_value_is_one_entity_however_it_is_written(
    conn: Connection, kind: str, one: str, another: str
) -> None:
    define(conn, kind, kind)
    record(conn, "r", one)
    conn.execute("select unwind.record_step('r', 's', %s)", [another])
    assert len(ledger(conn)) == 1
    with pytest.raises(psycopg.Error, match="belongs to run 'r'") as refused:
        record(conn, "other", another)
    assert refused.value.sqlstate == "UW004"


@pytest.mark.parametrize(
    ("kind", "one", "another"), [("numeric", "1.50", "1.5"), ("numeric", "7", "7.0"), ("char(8)", "a", "a  ")]
)
def test_values_that_are_equal_but_print_differently_are_one_entity_too(
    conn: Connection, kind: str, one: str, another: str
) -> None:
    define(conn, kind, kind)
    record(conn, "r", one)
    with pytest.raises(psycopg.Error, match="belongs to run 'r'") as refused:
        record(conn, "other", another)
    assert refused.value.sqlstate == "UW004"


def test_text_is_taken_to_the_letter(conn: Connection) -> None:
    define(conn, "text", "text")
    for run, key in (("1", "7"), ("2", "07"), ("3", " 7"), ("4", ""), ("5", "A"), ("6", "a")):
        record(conn, run, key)
    assert len(ledger(conn)) == 6


def test_the_ledger_does_not_depend_on_the_sessions_settings(conn: Connection) -> None:
    define(conn, "timestamptz", "timestamptz")
    conn.execute("set datestyle = 'German'")
    conn.execute("set timezone = 'Asia/Tokyo'")
    record(conn, "r", "2024-02-29 12:00:00+02")
    assert ledger(conn) == [("2024-02-29 10:00:00+00",)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "seven"),
        ("int", ""),
        ("int", "7; drop table parents"),
        ("smallint", "40000"),
        ("bigint", "1e30"),
        ("uuid", "brief-7"),
        ("numeric", "a"),
        ("date", "2023-02-29"),
        ("date", "tomorrow-ish"),
        ("positive", "one"),
        ("mood", "bored"),
    ],
)
def test_a_value_that_is_not_of_the_type_is_refused_when_it_is_recorded(
    conn: Connection, kind: str, value: str
) -> None:
    define(conn, kind, kind)
    with pytest.raises(psycopg.Error, match=r"^value .* is no ") as refused:
        record(conn, "r", value)
    assert refused.value.sqlstate == "UW009"
    assert refused.value.diag.message_detail
    assert refused.value.diag.message_hint
    assert ledger(conn) == []


@pytest.mark.parametrize("key", [[], ["1"], ["1", "2", "3"], [None, "2"], None])
def test_a_key_has_one_value_per_column_and_no_null(conn: Connection, key: list[str | None] | None) -> None:
    conn.execute("create table parents (a int, b text, primary key (a, b))")
    conn.execute("select unwind.define_workflow('w')")
    conn.execute("select unwind.define_step('w', 's', 'parents', 'a', 'b')")
    conn.execute("select unwind.start_run('w', 'r')")
    with pytest.raises(psycopg.Error) as refused:
        conn.execute("select unwind.record_step('r', 's', variadic %s::text[])", [key])
    assert refused.value.sqlstate == "UW009"


def test_a_composite_key_of_several_types_finds_just_its_row(conn: Connection) -> None:
    conn.execute("create table parents (a int, b text, c date, primary key (a, b, c))")
    conn.execute("select unwind.define_workflow('w')")
    conn.execute("select unwind.define_step('w', 's', 'parents', 'b', 'c', 'a')")
    conn.execute("select unwind.start_run('w', 'r')")
    conn.execute("select unwind.record_step('r', 's', 'x', '20240101', '01')")
    conn.execute(
        "insert into parents select 1, b, c::date from unnest('{x,y}'::text[]) b, "
        "unnest('{2024-01-01,2024-01-02}'::text[]) c"
    )
    conn.execute("select * from unwind.compensate_run('r')")
    left = conn.execute("select b, c::text from parents order by 1, 2").fetchall()
    assert left == [("x", "2024-01-02"), ("y", "2024-01-01"), ("y", "2024-01-02")]


@pytest.mark.parametrize(
    ("setting", "kind", "key"),
    [
        ("datestyle = 'German'", "date", "2024-02-29"),
        ("timezone = 'Asia/Tokyo'", "timestamptz", "2024-02-29 10:00:00+00"),
        ("bytea_output = 'escape'", "bytea", r"\x00ff"),
        ("datestyle = 'ISO'", "numeric(10, 2)", "1.5"),
    ],
)
def test_another_runs_entity_is_guarded_whatever_the_sessions_settings(
    conn: Connection, setting: str, kind: str, key: str
) -> None:
    conn.execute(f"create table parents (id int); create table children (id {kind}, parent_id int)".encode())
    conn.execute("select unwind.define_workflow('w')")
    conn.execute("select unwind.define_step('w', 'parent', 'parents', 'id')")
    conn.execute("select unwind.define_step('w', 'child', 'children', 'id')")
    conn.execute("select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}', 'cascade')")
    conn.execute("select unwind.start_run('w', 'one'), unwind.start_run('w', 'another')")
    conn.execute("select unwind.record_step('one', 'parent', '1')")
    conn.execute("select unwind.record_step('another', 'child', %s)", [key])
    conn.execute("insert into parents values (1)")
    conn.execute(f"insert into children values (%s::{kind}, 1)".encode(), [key])
    conn.execute(f"set {setting}".encode())
    with pytest.raises(psycopg.Error, match="another") as refused:
        conn.execute("select * from unwind.compensate_run('one')")
    assert refused.value.sqlstate == "UW007"
    assert conn.execute("select count(*) from children").fetchone() == (1,)
