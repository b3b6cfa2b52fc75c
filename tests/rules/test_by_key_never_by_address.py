"""Rule 2: a row is known by its key, never by its address, in all SQL that the engine holds and makes.

An address is what PostgreSQL may change on its own (ctid, tableoid) or what rows share (xmin).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pglast import ast, parse_sql
from pglast.visitors import Visitor

from generated import queries

Connection = psycopg.Connection[Any]

ADDRESS = {"ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"}
# Who may write such a name, and why.
ALLOWED = {
    "render_lock": "an order of rows, within the statement that locks them by the plan's condition",
    "render_component": "one statement that finds by the plan's condition and deletes what it found, locked",
    "render_batches": "an order of rows, in the statement that reads their keys; no place travels",
    "render_batch": "one statement finds rows by key, else by the plan, looks there and asks the plan again",
    "render_look_up": "reads xmin of rows found by key, to tell who wrote them; keeps nothing",
    "render_doubtful": "likewise",
    "forget_lost_tables": "asks which table its own rows lie in, to tell a restored dump; knows no row by it",
    "find_holders_of": "reads xmax of a run's row, found by its id, to tell who locks it; keeps nothing",
}
SCHEMAS = {
    "a cycle": """
        create table a (id int primary key, b int); create table b (id int primary key, a int);
        alter table a add foreign key (b) references b; alter table b add foreign key (a) references a;
        select unwind.define_step('w', 'a', 'a', 'id');
        select unwind.declare_foreign_key('a', '{b}', 'b', '{id}');
        select unwind.declare_foreign_key('b', '{a}', 'a', '{id}')""",
    "two self references": """
        create table a (id int primary key, up int references a, twin int references a, o text);
        select unwind.define_step('w', 'a', 'a', 'id');
        select unwind.declare_foreign_key('a', '{up}', 'a', '{id}');
        select unwind.declare_foreign_key('a', '{twin}', 'a', '{id}')""",
    "a cascade of its own, shared": """
        create table a (id int primary key); create table c (id int primary key);
        create table b (id int primary key, a int references a on delete cascade, c int references c);
        select unwind.define_step('w', 'a', 'a', 'id'), unwind.define_step('w', 'c', 'c', 'id');
        select unwind.declare_foreign_key('b', '{c}', 'c', '{id}')""",
    "no key": """
        create table a (id int primary key); create table b (a int); create table c (b int, a int);
        select unwind.define_step('w', 'a', 'a', 'id');
        select unwind.declare_foreign_key('b', '{a}', 'a', '{id}');
        select unwind.declare_foreign_key('c', '{a}', 'a', '{id}', 'set null')""",
    "partitions": """
        create table a (id int primary key) partition by range (id); create table a_1 partition of a default;
        create table b (a int, n int, primary key (n, a)) partition by list (n);
        create table b_1 partition of b default; create table c (b int, id int);
        select unwind.define_step('w', 'a', 'a', 'id');
        select unwind.declare_foreign_key('b', '{a}', 'a', '{id}');
        select unwind.declare_foreign_key('c', '{b}', 'b', '{n}', 'restrict')""",
    "foreign tables": """
        create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
        create table a (id int primary key, name text, f int); create table b (id int primary key, name text);
        create foreign table f (a text, n int, m int) server far;
        create foreign table g (f int, m int, h int) server far;
        select unwind.define_step('w', 'a', 'a', 'id'), unwind.define_step('w', 'f', 'f', 'n', 'm');
        select unwind.declare_foreign_key('f', '{a}', 'a', '{name}');
        select unwind.declare_foreign_key('b', '{name}', 'a', '{name}');
        select unwind.declare_foreign_key('g', '{f,m}', 'f', '{n,m}');
        select unwind.declare_foreign_key('f', '{a}', 'b', '{name}', 'set null');
        select unwind.declare_foreign_key('g', '{h}', 'a', '{id}', 'restrict');
        select unwind.declare_foreign_key('a', '{f}', 'g', '{h}')""",
    "the reference workflow": "",
}


class Addresses(Visitor):
    """Collects the columns that are addresses, whatever they are of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def visit_ColumnRef(self, _: Any, node: ast.ColumnRef) -> None:
        """Keep the name if it is one."""
        last = node.fields[-1]
        if isinstance(last, ast.String) and last.sval in ADDRESS:
            self.found.add(last.sval)


def addresses(statement: str) -> set[str]:
    """The addresses that a statement reads."""
    visitor = Addresses()
    visitor(parse_sql(statement))
    return visitor.found


def made(conn: Connection) -> Iterator[tuple[str, str]]:
    """Every statement that the engine makes for the workflows there are, and who makes it."""
    for (definition,) in conn.execute(
        "select pg_get_functiondef(p.oid) from pg_proc as p"
        " where p.pronamespace = 'unwind_compiled'::regnamespace and p.prolang <> 13"
        " and p.proname !~ '^record'"
    ).fetchall():
        for query in queries(definition):
            if re.search(rf"\b({'|'.join(ADDRESS)})\b", query):
                yield "generated", query
    rows = conn.execute(
        """
        select 'batches',
            unwind_internal.render_batches(p, unwind_internal.render_anchors(p.workflow, 'true'), 10)
        from unwind.plan_statements as p
        where p.action in ('delete', 'set null') and not unwind_internal.is_kept_elsewhere(p.target)
        union all
        select 'batch', case p.action
            when 'delete' then unwind_internal.render_delete_query(p.target, b.sources,
                b.condition || unwind_internal.render_childless(p.target, true, true))
            else unwind_internal.render_clearing(p, b.sources, b.condition) end
        from unwind.plan_statements as p cross join unwind_internal.render_batch(p, 10) as b
        where p.action in ('delete', 'set null') and not unwind_internal.is_kept_elsewhere(p.target)
        union all
        select 'far', unwind_internal.render_far_probe(p) from unwind.plan_statements as p
        where p.action in ('delete', 'set null') and unwind_internal.is_kept_elsewhere(p.target)
        union all
        select 'count', unwind_internal.render_anchors(p.workflow, 'true')
            || 'select count(*) from ' || unwind_internal.render_rows(p, 'delete')
        from unwind.plan_statements as p where p.action in ('delete', 'set null', 'refuse')
        union all
        select 'readable', unwind_internal.readable_statement(p, 'true')
        from unwind.plan_statements as p where p.action in ('delete', 'set null', 'refuse', 'guard')
        union all
        select 'blocking', unwind_internal.render_anchors(p.workflow, 'true')
            || unwind_internal.render_blocking(p, '{r}')
        from unwind.plan_statements as p where p.action in ('refuse', 'guard')
        union all
        select 'capture',
            unwind_internal.render_anchors(p.workflow, 'true') || unwind_internal.render_captured(p)
        from unwind.plan_statements as p where p.action = 'capture'
        union all
        select 'orphans', unwind_internal.render_orphans(
            f.child_table, f.child_columns, f.parent_table, f.parent_columns)
        from unwind_internal.foreign_keys as f
        """
    ).fetchall()
    yield from rows


def test_no_statement_over_captured_tables_reads_an_address(conn: Connection) -> None:
    conn.execute(
        "create table a (id int primary key, u int unique);"
        "create table b (id int primary key, a int references a on delete cascade);"
        "create table p (id int primary key) partition by range (id);"
        "select unwind.capture_table('a', 'b', 'p')"
    )
    [statements] = conn.execute(
        """
        select unwind_internal.render_undo(array_agg(c), '{1}'), min(unwind_internal.render_row_lock(c)),
            max(unwind_internal.render_hand_on(c)), max(unwind_internal.render_find_changes(c, true)),
            max(unwind_internal.render_found_keys(c, c.key_columns))
        from unwind_internal.captured_tables as c
        """
    ).fetchall()
    assert [addresses(statement) for statement in statements] == [set()] * 5


def conditions(conn: Connection, foreign: bool) -> list[str]:
    """The plan's conditions up to the anchor, which is written in more ways than one."""
    rows = conn.execute(
        "select distinct p.target::text, split_part(r.condition, ' k.c', 1) from unwind.plan_statements as p"
        " cross join unwind_internal.rows_over_ctes(p) as r"
        " where p.way_columns is not null and unwind_internal.is_kept_elsewhere(p.target) = %s",
        [foreign],
    ).fetchall()
    return [condition if not foreign else target for target, condition in rows]


def test_nobody_else_in_the_engine_writes_an_address(conn: Connection) -> None:
    names = "|".join(ADDRESS)
    rows = conn.execute(
        "select p.proname, p.prosrc from pg_proc as p"
        " where p.pronamespace in ('unwind'::regnamespace, 'unwind_internal'::regnamespace)"
        " union all select c.relname, pg_get_viewdef(c.oid) from pg_class as c where c.relkind = 'v'"
        " and c.relnamespace in ('unwind'::regnamespace, 'unwind_internal'::regnamespace)"
    ).fetchall()
    writers = {name for name, source in rows if re.search(rf"\b({names})\b", re.sub(r"--[^\n]*", "", source))}
    assert writers == set(ALLOWED)


@pytest.mark.parametrize("schema", list(SCHEMAS))
def test_an_address_stands_beside_the_plans_condition_or_not_at_all(
    reference_conn: Connection, schema: str
) -> None:
    conn = reference_conn
    if SCHEMAS[schema]:
        conn.execute("select unwind.define_workflow('w')")
        conn.execute(SCHEMAS[schema].encode())
    known = conditions(conn, foreign=False)
    far = conditions(conn, foreign=True)
    seen = set()
    for maker, statement in made(conn):
        found = addresses(statement)
        if not found:
            continue
        seen.add(maker)
        assert found <= {"ctid", "tableoid"}, statement
        assert maker in {"generated", "batches", "batch"}, (maker, statement)
        assert any(condition in statement for condition in known), statement
        targets = re.findall(r"(?:from|update) (\S+) as t\b", statement)
        assert targets and not set(targets) & set(far), statement
        if maker == "batches":
            assert not re.search(r"array_agg\(b\.(ctid|tableoid)", statement), "a place travels"
    assert "batch" in seen


def test_what_records_asks_only_who_wrote_the_rows_under_a_key(reference_conn: Connection) -> None:
    found = [
        query
        for (definition,) in reference_conn.execute(
            "select pg_get_functiondef(p.oid) from pg_proc as p"
            " where p.pronamespace = 'unwind_compiled'::regnamespace and p.proname ~ '^record_'"
        ).fetchall()
        for query in queries(definition)
        if re.search(rf"\b({'|'.join(ADDRESS)})\b", query)
    ]
    assert found
    for query in found:
        assert addresses(query) == {"xmin"}
        assert "unwind_internal.is_own_write(t.xmin)" in query
