"""docs/rights.md says what is granted, cell by cell, and each cell is tried."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "rights.md").read_text()
KINDS = ("application", "operator", "viewer")


def cells(section: str) -> dict[str, dict[str, str]]:
    """The table under a heading of the page: name, kind, cell."""
    text = PAGE[PAGE.index(f"## {section}") :].split("\n## ", maxsplit=1)[0]
    return {
        name: dict(zip(KINDS, (cell.strip() for cell in line.split("|")), strict=True))
        for name, line in re.findall(r"^\| (`unwind.*?) \|(.*?)\|$", text, re.M)
    }


CELLS, TABLE_CELLS = cells("Functions"), cells("Tables")
WRITERS, HELPERS, COMPILED = (
    next(name for name in CELLS if name.startswith(start))
    for start in ("`unwind_internal.*` that", "`unwind_internal.*`, all", "`unwind_compiled.*`")
)
PRIVILEGES = {
    "SELECT": "select from {table}",
    "INSERT": "insert into {table} default values",
    "UPDATE": "update {table} set {column} = null where false",
    "DELETE": "delete from {table} where false",
}

FUNCTIONS = """
select p.oid, p.pronamespace::regnamespace::text, p.proname, p.prokind::text,
    p.prosecdef and p.provolatile = 'v',
    array(
        select case when t::regtype::text like 'any%' then 'null' else format('null::%s', t::regtype) end
        from unnest(p.proargtypes) with ordinality as u (t, place)
        order by place
    ),
    p.provariadic <> 0
from pg_proc as p
where p.pronamespace::regnamespace::text in ('unwind', 'unwind_internal', 'unwind_compiled')
"""
TABLES = """
select c.oid::regclass::text, (
    select a.attname from pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and a.attidentity = '' limit 1
)
from pg_class as c
where c.relnamespace::regnamespace::text in ('unwind', 'unwind_internal', 'unwind_compiled')
    and c.relkind in ('r', 'v', 'm', 'p')
"""


def row_of(schema: str, name: str, writes: bool) -> dict[str, str]:
    """The line of the page for a function."""
    if schema == "unwind_compiled":
        return CELLS[COMPILED]
    if f"`{schema}.{name}`" in CELLS:
        return CELLS[f"`{schema}.{name}`"]
    assert schema == "unwind_internal", f"docs/rights.md has no line for {schema}.{name}"
    return CELLS[WRITERS if writes else HELPERS]


@pytest.mark.parametrize("kind", KINDS)
def test_functions_are_granted_as_the_page_says(world: Any, kind: str) -> None:
    role = world.role(kind, kind)
    for oid, schema, name, _, writes, *_ in world(FUNCTIONS):
        [(granted,)] = world("select has_function_privilege(%s, %s::oid, 'EXECUTE')", role, oid)
        assert granted == (row_of(schema, name, writes)[kind] == "yes"), name


@pytest.mark.parametrize("kind", KINDS)
def test_tables_are_granted_as_the_page_says_and_each_cell_is_tried(world: Any, kind: str) -> None:
    session = world.login(world.role(kind, kind))
    for table, column in world(TABLES):
        for privilege, statement in PRIVILEGES.items():
            allowed = privilege == "SELECT" and TABLE_CELLS[f"`{table}`"][kind] != ""
            try:
                session.execute(statement.format(table=table, column=column).encode())
                refusal = None
            except psycopg.Error as error:
                refusal = error.sqlstate
            # 55000: a view that nobody can write.
            assert (refusal not in ("42501", "55000")) == allowed, (table, privilege, refusal)


@pytest.mark.parametrize("kind", KINDS)
def test_functions_can_be_called_or_not_as_the_page_says(world: Any, kind: str) -> None:
    session = world.login(world.role(kind, kind))
    for _, schema, name, what, writes, values, variadic in world(FUNCTIONS):
        if variadic:
            values[-1] = f"variadic {values[-1]}"
        call = f"{'call' if what == 'p' else 'select'} {schema}.{name}({', '.join(values)})"
        try:
            session.execute(call.encode())
            refusal = ""
        except psycopg.Error as error:
            # A helper that may be called, and does what only others may, is refused there: with a context.
            refusal = str(error) if error.sqlstate == "42501" and error.diag.context is None else ""
        denied = refusal == f"permission denied for {'procedure' if what == 'p' else 'function'} {name}"
        assert denied == (row_of(schema, name, writes)[kind] == ""), (call, refusal)


def test_the_page_names_only_what_there_is(world: Any) -> None:
    functions = {f"`{schema}.{name}`" for _, schema, name, *_ in world(FUNCTIONS)}
    tables = {f"`{table}`" for table, _ in world(TABLES)}
    assert set(CELLS) - functions == {WRITERS, HELPERS, COMPILED}
    assert set(TABLE_CELLS) == tables


def test_the_owner_of_the_engine_is_nobody_who_was_let_in(world: Any) -> None:
    roles = {(world.role(kind, kind), kind) for kind in KINDS}
    assert set(world("select role_name, access from unwind_internal.granted_access()")) == roles


def test_what_comes_later_is_granted_too_and_nothing_to_the_public(world: Any) -> None:
    roles = {kind: world.role(kind, kind) for kind in KINDS}
    world.conn.execute(
        "select unwind.define_workflow('later'), unwind.define_step('later', 's', 'orders', 'id')"
    )
    for kind, role in roles.items():
        for oid, schema, name, _, writes, *_ in world(FUNCTIONS):
            [(granted,)] = world("select has_function_privilege(%s, %s::oid, 'EXECUTE')", role, oid)
            assert granted == (row_of(schema, name, writes)[kind] == "yes"), (kind, name)
    world.conn.execute('create role "public_only"'.replace("only", world.conn.info.dbname).encode())
    world.roles.append(f"public_{world.conn.info.dbname}")
    for oid, _, name, *_ in world(FUNCTIONS):
        [(granted,)] = world("select has_function_privilege(%s, %s::oid, 'EXECUTE')", world.roles[-1], oid)
        assert not granted, name


@pytest.mark.parametrize(
    ("before", "after"), [("operator", "application"), ("operator", "viewer"), ("viewer", "application")]
)
def test_changing_the_kind_narrows(world: Any, before: str, after: str) -> None:
    role, same = world.role("changed", before), world.role("same", after)
    world.let_in(role, after)

    def rights(name: str) -> list[Any]:
        return world(
            "select p.oid::regprocedure::text from pg_proc as p, aclexplode(p.proacl) as a "
            "where a.grantee = %s::regrole union all "
            "select c.oid::regclass::text || a.privilege_type from pg_class as c, aclexplode(c.relacl) as a "
            "where a.grantee = %s::regrole and c.relnamespace::regnamespace::text like 'unwind%%' order by 1",
            f'"{name}"',
            f'"{name}"',
        )

    assert rights(role) == rights(same) != []


VALUES = {
    "run_id": "'r'",
    "run_ids": "'{r}'",
    "runs": "'{r}'",
    "workflow": "'w'",
    "step": "'order'",
    "steps": "'{order}'",
    "only_steps": "'{order}'",
    "tables": "'{public.orders}'",
    "counts": "'{1}'",
    "worker": "'mine'",
    "force": "true",
    "lease": "'1 minute'",
    "entity_key": "'{o-r}'",
    "max_retries": "5",
    "key_columns": "'{id}'",
    "root_table": "'public.orders'",
    "error": "'x'",
    "failure": "'{}'",
    "status": "'FAILED'",
    "max_runs": "10",
    "statuses": "'{RUNNING}'",
    "row_count": "7",
    "access": "'operator'",
    "before": "'2999-01-01'",
    "with_rest": "true",
    "batch_size": "10",
    "stage": "1",
    "target": "'public.orders'",
    "role_name": "session_user",
    "started_by": "session_user",
    "function_name": "'unwind_compiled.compensate_many_w'",
}
ARGUMENTS = """
select p.oid::regproc::text, p.prokind::text, array(
    select format('%s %s', p.proargnames[place], t::regtype)
    from unnest(p.proargtypes) with ordinality as u (t, place)
    order by place
)
from pg_proc as p
where p.pronamespace::regnamespace::text in ('unwind_internal', 'unwind_compiled')
    and p.proargnames is not null
    and 'anyelement'::regtype <> all (p.proargtypes::oid[])
"""


def books(world: Any) -> list[Any]:
    """All rows of all tables of the engine."""
    tables = world(
        "select c.oid::regclass::text from pg_class as c"
        " where relkind = 'r' and relnamespace::regnamespace::text like 'unwind%'"
    )
    return [world(f"select t::text from {table} as t order by 1") for (table,) in sorted(tables)]


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "COMPLETED"])
def test_no_helper_called_by_itself_changes_anything_of_anothers_run(world: Any, status: str) -> None:
    world.make_run(world.conn, "r", status)
    session = world.login(world.role("evil", "application"))
    [(row,)] = world("select format('%L::unwind.workflow_runs', r) from unwind.workflow_runs as r")
    before = (books(world), world.rows())
    called = 0
    for function, what, arguments in world(ARGUMENTS):
        values = []
        for argument in arguments:
            name, _, kind = argument.partition(" ")
            values.append(row if kind == "unwind.workflow_runs" else f"({VALUES.get(name, 'null')})::{kind}")
        call = f"{'call' if what == 'p' else 'select'} {function}({', '.join(values)})"
        called += 1
        try:
            session.execute(call.encode())
        except psycopg.Error:
            session.execute("rollback")
        assert (books(world), world.rows()) == before, call
    assert called > 100


def test_no_helper_writes_receipts_for_a_run_beside_ones_own(world: Any) -> None:
    world.make_run(world.conn, "theirs")
    session = world.login(world.role("evil", "application"))
    world.make_run(session, "mine", "RUNNING")
    session.execute(
        "select unwind_internal.close_runs("
        "'{mine}', '{order}', false, '{mine,theirs}', '{order,order}', '{a,b}', '{1,1}')"
    )
    assert world("select run_id from unwind_internal.receipts") == [("mine",)]
