"""Rows are compared by the equality of their types, wherever its operator is, not by what the path finds."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ways import undone

Connection = psycopg.Connection[Any]

WAYS = [
    "select * from unwind.compensate_run('r')",
    "select * from unwind.compensate_runs('{r,empty}')",
    "select * from unwind.compensate_step('r', 's')",
    "call unwind.compensate_run_in_batches('r', 1)",
]
EXTENSIONS = {
    "citext": ("ext.citext", "ada", "ADA", "bob"),
    "ltree": ("ext.ltree", "top.a", "top.a", "top.b"),
    "isn": ("ext.isbn13", "978-0-11-000533-1", "9780110005331", "978-0-393-04002-9"),
    "hstore": ("ext.hstore", "a=>1, b=>2", "b=>2,a=>1", "a=>2"),
    "cube": ("ext.cube", "(1,2)", "(1.0,2.0)", "(1,3)"),
    "seg": ("ext.seg", "1 .. 2", "1..2", "2"),
}


@pytest.fixture(params=EXTENSIONS)
def extension(request: pytest.FixtureRequest, conn: Connection) -> str:
    """Make a type of an extension in a schema that is on nobody's path; return its extension."""
    name = str(request.param)
    there = conn.execute("select from pg_available_extensions where name = %s", [name]).rowcount
    if not there:
        pytest.skip(f"extension {name} is not installed on this server")
    conn.execute(f"create schema ext; create extension {name} schema ext".encode())
    return name


def define(conn: Connection, parent: str, child: str) -> None:
    """Make parents with a key of one type, children that refer to it with another, and what a link clears."""
    conn.execute(f"create table parents (id {parent} unique)".encode())
    conn.execute(f"create table children (n int primary key, parent_id {child})".encode())
    conn.execute(f"create table friends (n int primary key, parent_id {child})".encode())
    conn.execute("select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents', 'id')")
    conn.execute("select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}')")
    conn.execute("select unwind.declare_foreign_key('friends', '{parent_id}', 'parents', '{id}', 'set null')")


def fill(conn: Connection, mine: str, alike: str, other: str) -> None:
    """Insert two parents; what refers to them, as it may be written; and a run that made the first."""
    conn.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 'empty')")
    conn.execute("select unwind.record_step('r', 's', %s)", [alike])
    conn.execute("insert into parents values (%s), (%s)", [mine, other])
    for table in ("children", "friends"):
        rows = f"insert into {table} values (1, %s), (2, %s), (3, %s), (4, null)"
        conn.execute(rows.encode(), [mine, alike, other])


def assert_undone(conn: Connection) -> None:
    assert conn.execute("select n from children order by n").fetchall() == [(3,), (4,)]
    assert conn.execute("select n from friends where parent_id is not null").fetchall() == [(3,)]
    assert conn.execute("select count(*) from parents").fetchone() == (1,)
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []
    assert conn.execute("select * from unwind.find_orphans()").fetchall() == []


def test_a_type_whose_operators_are_not_on_the_path(conn: Connection, extension: str) -> None:
    kind, mine, alike, other = EXTENSIONS[extension]
    define(conn, kind, kind)
    fill(conn, mine, alike, other)
    preview = conn.execute("select table_name, row_count from unwind.preview_run('r')").fetchall()
    assert ("public.children", 2) in preview
    for undo in WAYS:
        with undone(conn, undo):
            assert_undone(conn)


def test_a_domain_over_such_a_type(conn: Connection, extension: str) -> None:
    kind, mine, alike, other = EXTENSIONS[extension]
    conn.execute(f"create domain own as {kind} check (value is not null or value is null)".encode())
    define(conn, "own", kind)
    fill(conn, mine, alike, other)
    conn.execute("select * from unwind.compensate_run('r')")
    assert_undone(conn)


def test_equal_values_are_one_entity_of_such_a_type(conn: Connection, extension: str) -> None:
    kind, mine, alike, other = EXTENSIONS[extension]
    define(conn, kind, kind)
    fill(conn, mine, alike, other)
    conn.execute("select unwind.start_run('w', 'other')")
    with pytest.raises(psycopg.Error, match="belongs to run 'r'"):
        conn.execute("select unwind.record_step('other', 's', %s)", [mine])


@pytest.mark.parametrize(
    ("parent", "child", "mine", "alike", "other"),
    [
        ("int4range", "int4range", "[1,3)", "[1,2]", "[5,6)"),
        ("int4multirange", "int4multirange", "{[1,3)}", "{[1,2]}", "{[5,6)}"),
        ("app_mood", "app_mood", "glad", "glad", "sad"),
        ("app_mood[]", "app_mood[]", "{glad}", "{glad}", "{sad}"),
        ("app_pair", "app_pair", "(1,a)", "(1,a)", "(2,a)"),
        ("text[]", "varchar[]", "{a,b}", "{a,b}", "{a}"),
        ("bigint", "int", "7", "007", "8"),
        ("numeric", "int", "7", "7", "8"),
        ("int", "numeric", "7", "7", "8"),
        ("inet", "cidr", "10.0.0.0/8", "10.0.0.0/8", "11.0.0.0/8"),
        ("oid", "int", "7", "7", "8"),
        ("char(8)", "text", "a", "a ", "b"),
        ("text", "char(8)", "a", "a", "b"),
        ("xid", "xid", "7", "7", "8"),
        ("tsvector", "tsvector", "a b", "b a", "c"),
    ],
)
def test_types_of_every_kind(
    conn: Connection, parent: str, child: str, mine: str, alike: str, other: str
) -> None:
    conn.execute("create type app_mood as enum ('glad', 'sad')")
    conn.execute("create type app_pair as (n int, name text)")
    if parent == "xid":  # a hash has no unique index
        conn.execute("create table parents (id xid)")
        conn.execute("create table children (n int primary key, parent_id xid)")
        conn.execute("create table friends (n int primary key, parent_id xid)")
        conn.execute("select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents', 'id')")
        for action, table in (("cascade", "children"), ("set null", "friends")):
            link = "select unwind.declare_foreign_key(%s, '{parent_id}', 'parents', '{id}', %s)"
            conn.execute(link, [table, action])
    else:
        define(conn, parent, child)
    fill(conn, mine, alike, other)
    conn.execute("select * from unwind.compensate_run('r')")
    assert_undone(conn)


def test_text_that_refers_to_a_citext_is_compared_as_the_parent_compares(conn: Connection) -> None:
    if not conn.execute("select from pg_available_extensions where name = 'citext'").rowcount:
        pytest.skip("extension citext is not installed on this server")
    conn.execute("create schema ext; create extension citext schema ext")
    define(conn, "ext.citext", "text")
    fill(conn, "ada", "ADA", "bob")
    conn.execute("select * from unwind.compensate_run('r')")
    assert_undone(conn)


@pytest.mark.usefixtures("no_case")
@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("text collate no_case", "text"),
        ("text collate no_case", 'text collate "C"'),
        ("text collate no_case", "varchar(9) collate no_case"),
        ("named", 'varchar collate "C"'),
    ],
)
def test_a_parents_collation_says_which_texts_are_equal(conn: Connection, parent: str, child: str) -> None:
    conn.execute("create domain named as text collate no_case")
    define(conn, parent, child)
    fill(conn, "ada", "ADA", "bob")
    for undo in WAYS:
        with undone(conn, undo):
            assert_undone(conn)


@pytest.mark.usefixtures("no_case")
def test_a_childs_own_idea_of_equality_does_not_take_rows_of_others(conn: Connection) -> None:
    define(conn, "text", "text collate no_case")
    conn.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 's', 'ada')")
    conn.execute("insert into parents values ('ada'), ('ADA')")
    conn.execute("insert into children values (1, 'ada'), (2, 'ADA')")
    conn.execute("select * from unwind.compensate_run('r')")
    assert conn.execute("select n from children").fetchall() == [(2,)]


def test_two_collations_that_only_sort_differently(conn: Connection) -> None:
    define(conn, 'text collate "C"', 'text collate "POSIX"')
    conn.execute("create table toys (child int); create index on children (parent_id)")
    conn.execute("select unwind.declare_foreign_key('toys', '{child}', 'children', '{n}')")
    fill(conn, "ada", "ada", "bob")
    conn.execute("insert into toys values (1), (3)")
    for undo in WAYS:
        with undone(conn, undo):
            assert conn.execute("select child from toys").fetchall() == [(3,)]
            assert conn.execute("select n from children order by n").fetchall() == [(3,), (4,)]


@pytest.mark.parametrize("kind", ["json", "point", "xml", "box", "json[]", "odd_pair"])
def test_a_type_without_equality_is_refused_when_it_is_declared(conn: Connection, kind: str) -> None:
    conn.execute("create type odd_pair as (n int, at point)")
    conn.execute(f"create table parents (id {kind}, code text primary key)".encode())
    conn.execute(f"create table children (parent_id {kind}, parent_code text)".encode())
    conn.execute("select unwind.define_workflow('w')")
    for call in (
        "select unwind.define_step('w', 's', 'parents', 'id')",
        "select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}')",
        "select unwind.declare_foreign_key('children', '{parent_code}', 'parents', '{id}')",
    ):
        with pytest.raises(psycopg.Error, match=r"cannot be (found|compared)") as refused:
            conn.execute(call.encode())
        assert refused.value.sqlstate == "UW009"
        assert refused.value.diag.message_detail and refused.value.diag.message_hint


def test_types_that_have_nothing_in_common_are_refused_with_a_hint(conn: Connection) -> None:
    conn.execute("create table parents (id uuid primary key); create table children (parent_id text)")
    with pytest.raises(psycopg.Error, match=r"children\.parent_id and public\.parents\.id") as refused:
        conn.execute("select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}')")
    assert refused.value.sqlstate == "UW009"
    assert "generated always" in str(refused.value.diag.message_hint)


def test_an_operator_that_somebody_made_is_not_equality(conn: Connection) -> None:
    """Nor is a cast that somebody made, though PostgreSQL would take both."""
    conn.execute(
        """
        create table parents (id text primary key); create table children (parent_id json);
        create type mine as enum ('a'); create table others (parent_id mine);
        create function public.same(json, text) returns boolean language sql as 'select true';
        create operator public.= (leftarg = json, rightarg = text, function = public.same);
        create function public.as_text(mine) returns text language sql as 'select null::text';
        create cast (mine as text) with function public.as_text(mine) as implicit;
        """
    )
    for table in ("children", "others"):
        with pytest.raises(psycopg.Error, match="cannot be") as refused:
            conn.execute("select unwind.declare_foreign_key(%s, '{parent_id}', 'parents', '{id}')", [table])
        assert refused.value.sqlstate == "UW009"
