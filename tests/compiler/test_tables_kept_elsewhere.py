"""Statements on tables whose rows are kept elsewhere keep rules by which they can be sent there.

One function says which tables those are, and here it says it of all the user's tables. The rules are in
docs/internals.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pglast import ast, parse_sql

from generated import ALL_KEPT_ELSEWHERE, SHAPES, definitions, queries

Connection = psycopg.Connection[Any]

CYCLE = """
create table hens (id int primary key, egg_id int, pet_id int);
create table eggs (id int primary key, hen_id int);
select unwind.declare_foreign_key('hens', '{egg_id}', 'eggs', '{id}', 'cascade');
select unwind.declare_foreign_key('eggs', '{hen_id}', 'hens', '{id}', 'cascade');
select unwind.declare_foreign_key('hens', '{pet_id}', 'hens', '{id}', 'restrict');
select unwind.define_workflow('farm'), unwind.define_step('farm', 'hen', 'hens', 'id');
"""
ENGINE = {"unwind", "unwind_internal"}


@pytest.fixture
def elsewhere(reference_conn: Connection) -> Connection:
    """The reference workflow, every kind of plan statement, and a cycle, with all tables kept elsewhere."""
    reference_conn.execute((SHAPES + CYCLE + ALL_KEPT_ELSEWHERE).encode())
    return reference_conn


def statements(conn: Connection) -> Iterator[tuple[str, ast.Node]]:
    """Every statement of the generated functions that touches a table of the user's, with its text."""
    for definition in definitions(conn).values():
        for text in queries(definition):
            if re.search(r"\bfrom\b|^update", text, re.IGNORECASE):
                whole = re.match(r"\s*(select|with|delete|update)\b", text, re.IGNORECASE)
                [statement] = parse_sql(text if whole else f"select {text}")
                if tables(statement):
                    yield text, statement.stmt


def nodes(tree: Any) -> Iterator[ast.Node]:
    """Yield a part of a statement and all parts of it."""
    if isinstance(tree, ast.Node):
        yield tree
        for slot in tree:
            yield from nodes(getattr(tree, slot))
    elif isinstance(tree, tuple):
        for part in tree:
            yield from nodes(part)


def tables(tree: Any) -> list[str]:
    """Return the tables of the user's that are named."""
    return [
        node.relname
        for node in nodes(tree)
        if isinstance(node, ast.RangeVar) and node.schemaname and node.schemaname not in ENGINE
    ]


def levels(statement: ast.Node) -> Iterator[tuple[list[str], ast.Node]]:
    """Yield each SELECT, DELETE and UPDATE that reads tables of the user's itself, with those."""
    for node in nodes(statement):
        if isinstance(node, ast.SelectStmt | ast.DeleteStmt | ast.UpdateStmt):
            sources = [
                *([node.relation] if hasattr(node, "relation") else []),
                *(getattr(node, "fromClause", None) or getattr(node, "usingClause", None) or ()),
            ]
            if own := [
                name for source in sources if isinstance(source, ast.RangeVar) for name in tables(source)
            ]:
                yield own, node


def test_no_statement_knows_a_row_by_its_address_or_locks_one(elsewhere: Connection) -> None:
    for text, statement in statements(elsewhere):
        columns = [node.fields[-1] for node in nodes(statement) if isinstance(node, ast.ColumnRef)]
        assert not {getattr(column, "sval", "*") for column in columns} & {"ctid", "tableoid", "xmin"}, text
        assert not any(isinstance(node, ast.LockingClause) for node in nodes(statement)), text


def test_no_condition_calls_the_engine(elsewhere: Connection) -> None:
    for text, statement in statements(elsewhere):
        for _, level in levels(statement):
            called = [node for node in nodes(level.whereClause) if isinstance(node, ast.FuncCall)]
            assert not {call.funcname[0].sval for call in called} & ENGINE, text


def test_no_statement_joins_two_of_them_or_returns_more_than_a_count(elsewhere: Connection) -> None:
    for text, statement in statements(elsewhere):
        for own, level in levels(statement):
            assert len(own) == 1, text
            assert not getattr(level, "returningList", None), text


def test_each_statement_follows_the_digest_of_its_table_under_a_lock(elsewhere: Connection) -> None:
    for definition in definitions(elsewhere).values():
        asked: list[str] = []
        for line in definition.splitlines():
            if match := re.fullmatch(r"\s*perform from (\S+) as t where false;", line):
                asked.append(match[1])
            elif match := re.match(r"\s*(?:delete from|update) (\S+) as t", line):
                assert asked == [match[1]], line
                asked.clear()
            elif "plan_cache_mode = force_generic_plan" in line:  # the end of a query, of several tables
                assert asked == sorted(asked), "locked in one order"
                asked.clear()
    digests = "select p.table_name, p.digest from unwind_internal.planned_tables as p where workflow = 'farm'"
    many = definitions(elsewhere)["farm", "many"]
    for table, digest in elsewhere.execute(digests).fetchall():
        assert (
            f"perform from {table} as t where false;\n"
            f"        perform unwind_internal.assert_table_as_planned('farm', '{digest}');"
        ) in many


def test_queries_are_planned_with_their_values(elsewhere: Connection) -> None:
    for definition in definitions(elsewhere).values():
        parts = re.split(r"set local plan_cache_mode = (auto|force_generic_plan);", definition)
        for mode, part in zip(["force_generic_plan", *parts[1::2]], parts[0::2], strict=True):
            body = re.sub(r"perform from \S+ as t where false;|delete from|update \S+ as t", "", part)
            assert mode == "auto" or not re.search(r"\bfrom (public|client_to_delivery)\.\w+ as t\b", body), (
                body
            )


def test_a_query_is_recursive_only_where_it_reads_on_from_what_it_found(elsewhere: Connection) -> None:
    for text, statement in statements(elsewhere):
        clause = getattr(statement, "withClause", None)
        if clause is not None and clause.recursive:
            assert any(
                isinstance(node, ast.RangeVar) and node.relname == cte.ctename
                for cte in clause.ctes
                for node in nodes(cte.ctequery)
            ), text


def test_an_undo_takes_the_same_rows(elsewhere: Connection) -> None:
    elsewhere.execute(
        """
        select unwind.start_run('farm', 'r');
        select unwind.record_step('r', 'hen', '1'), unwind.record_step('r', 'hen', '5');
        insert into hens values (1, 2, null), (3, 4, null), (5, null, null), (9, 10, null);
        insert into eggs values (2, 3), (4, 1), (6, 5), (10, 9);
        """
    )
    undo = "select ordinal, step, table_name, rows_deleted from unwind.compensate_run('r')"
    assert elsewhere.execute(undo).fetchall() == [
        (1, "hen", "client_to_delivery.eggs", 3),
        (2, "hen", "client_to_delivery.hens", 3),
    ]
    assert elsewhere.execute(
        "select (select array_agg(id) from hens), array_agg(id) from eggs"
    ).fetchall() == [([9], [10])]


def test_the_plan_is_asked_before_the_statement(elsewhere: Connection) -> None:
    elsewhere.execute("select unwind.start_run('farm', 'r'), unwind.record_step('r', 'hen', '1')")
    elsewhere.execute("insert into hens values (1); alter table hens rename egg_id to egg")
    with pytest.raises(psycopg.Error) as refused:
        elsewhere.execute("select * from unwind.compensate_run('r')")
    assert refused.value.sqlstate == "UW009"
    assert elsewhere.execute("select count(*) from hens").fetchall() == [(1,)]


def test_what_is_not_done_for_them_is_said(elsewhere: Connection) -> None:
    found = elsewhere.execute(
        "select object, severity from unwind.check_workflow('farm')"
        " where code = 'distributed_table' order by 1"
    ).fetchall()
    assert found == [("client_to_delivery.eggs", "warning"), ("client_to_delivery.hens", "warning")]


def test_a_foreign_key_in_a_cycle_of_them_is_found_with_its_cure(elsewhere: Connection) -> None:
    elsewhere.execute(
        "alter table eggs add constraint laid_by foreign key (hen_id) references hens on delete cascade"
    )
    elsewhere.execute("select unwind.compile_workflow('farm')")
    query = "select object, fix from unwind.check_workflow('farm') where severity = 'error'"
    [(table, fix)] = elsewhere.execute(query).fetchall()
    assert table == "client_to_delivery.eggs"
    elsewhere.execute(fix.encode())
    assert elsewhere.execute(query).fetchall() == []
