"""What runs with the caller's search_path finds nothing by it: the source says every schema.

That is the chain from the calls that undo to the generated functions, in which users' triggers fire, the
procedures that commit, what is generated, and the scripts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from names import reader, zoo
from pgunwind import _commands
from pgunwind.cli import _views

Connection = psycopg.Connection[Any]
ROOT = Path(__file__).parents[2]
CALLS = {
    name: sql
    for module in (_commands, _views)
    for name, sql in vars(module).items()
    if name.isupper() and isinstance(sql, str)
}
SCRIPTS = sorted(
    path
    for path in ROOT.joinpath("sql", "dba").rglob("*.sql")
    if path.name != "remove_engine.sql"  # as the engine
)

UNPINNED = """
select p.oid::regprocedure::text, l.lanname, p.prosrc, p.proargnames, p.proargmodes::text[], p.proretset,
    p.prorettype <> 'void'::regtype
from pg_proc as p
inner join pg_language as l on l.oid = p.prolang
where p.pronamespace::regnamespace::text like 'unwind%'
    and not coalesce('search_path=pg_catalog, pg_temp' = any(p.proconfig), false)
order by 1
"""


def unqualified(conn: Connection) -> dict[str, list[str]]:
    """Return what is unqualified in each function that does not pin its path."""
    found = {}
    for name, language, body, names, modes, is_set, gives in conn.execute(UNPINNED).fetchall():
        if language == "sql":
            found[name] = reader.in_sql(body)
            continue
        outs = [(mode in "tob") for mode in modes or "i" * len(names or [])]
        arguments = [("out" if out else "in", arg) for out, arg in zip(outs, names or [], strict=True)]
        returns = "pg_catalog.text" if gives else "void"
        if any(outs):
            returns = "pg_catalog.record" if sum(outs) > 1 else "pg_catalog.text"
        found[name] = reader.in_plpgsql(body, arguments, returns=f"{'setof ' if is_set else ''}{returns}")
    return found


def test_the_engines_functions_and_those_it_generates(conn: Connection) -> None:
    conn.execute(zoo.TABLES)
    conn.execute(zoo.DEFINITIONS.encode())
    found = unqualified(conn)
    one = "unwind_compiled.compensate_one_{}(unwind_internal.held_run)"
    assert {one.format(name) for name in zoo.WORKFLOWS} <= set(found)
    assert {
        f"unwind_compiled.compensate_many_{name}(text[],text[],bigint,boolean)" for name in zoo.WORKFLOWS
    } <= set(found)
    assert {name: names for name, names in found.items() if names} == {}


TRANSITION_TABLES = {"relation new_rows", "relation old_rows"}
"""In a trigger function nothing of the path can come before these."""


def test_the_trigger_functions_of_captured_tables(conn: Connection) -> None:
    conn.execute(zoo.TABLES)
    conn.execute(zoo.DEFINITIONS.encode())
    conn.execute(zoo.CAPTURE)
    conn.execute("select unwind.bind_role(session_user)")
    found = {name: set(names) - TRANSITION_TABLES for name, names in unqualified(conn).items()}
    assert {name.partition("(")[0].partition("_app.")[0] for name in found} >= {
        f'unwind_compiled."capture_{what}' for what in ("insert", "update", "delete", "row")
    }
    assert {name: names for name, names in found.items() if names} == {}


def test_the_statements_that_undo_captured_rows(conn: Connection) -> None:
    conn.execute(zoo.TABLES)
    conn.execute(zoo.CAPTURE)
    conn.execute("alter table app.lines add extra int default 1; select unwind.capture_table('app.lines')")
    [(together,)] = conn.execute(
        "select array_agg(c order by c.log_name)::text from unwind_internal.captured_tables as c"
    ).fetchall()
    for call in ("render_undo(%s, '{}')", "render_undo(%s, '{1,2,3}')", "render_row_lock((%s)[1])",
                 "render_row_lock((%s)[3])", "render_left_over((%s)[2], false)"):  # fmt: skip
        made = call.replace("%s", "%s::unwind_internal.captured_tables[]")
        [(statement,)] = conn.execute(f"select unwind_internal.{made}".encode(), [together]).fetchall()
        assert reader.in_sql(statement) == [], call


def test_the_reference_workflows_function(reference_conn: Connection) -> None:
    assert {name: names for name, names in unqualified(reference_conn).items() if names} == {}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.name))
def test_the_scripts(script: Path) -> None:
    assert reader.in_psql(script.read_text()) == []


@pytest.mark.parametrize("script", ["install", "workflow"])
def test_the_reference_workflows_scripts(script: str) -> None:
    path = ROOT / "sql" / "workflows" / "client_to_delivery" / f"{script}.sql"
    assert reader.in_psql(path.read_text()) == []


def test_the_reference_workflows_tables_name_their_functions() -> None:
    """Tables and types are found by a path that is that of its schema alone: install.sql sets it."""
    path = ROOT / "sql" / "workflows" / "client_to_delivery" / "tables.sql"
    assert {
        name for name in reader.in_psql(path.read_text()) if not name.startswith(("relation", "type"))
    } == set()


@pytest.mark.parametrize("call", CALLS)
def test_the_clients_calls(call: str) -> None:
    sql = CALLS[call]
    for name in set(reader.PYTHON_PARAMETER.findall(sql)):
        sql = sql.replace(f"%({name})s", "'v'")
    assert reader.in_sql(sql) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cardinality(x)", "function cardinality"),
        ("pg_catalog.sum(count(*))", "function count"),
        ("a = b", "operator ="),
        ("-a", "operator -"),
        ("a operator(pg_catalog.+) b || c", "operator ||"),
        ("a = any(b)", "operator ="),
        ("a <> all(select 1)", "operator <>"),
        ("a in (1, 2)", "in (list)"),
        ("a in (select 1)", "in (select)"),
        ("a is distinct from b", "is distinct from"),
        ("nullif(a, b)", "nullif"),
        ("a not between b and c", "not between"),
        ("a like b", "like"),
        ("case a when 1 then 2 end", "case x when"),
        ("(a, b) operator(pg_catalog.=) (c, d)", "rows that are compared"),
        ("a::text", "type text"),
        ("cast(a as regclass)", "type regclass"),
        ("a::name[]", "type name"),
        ('a collate "C"', "collation C"),
        ("(select 1 from t)", "relation t"),
        ("(select 1 from p.t join p.u using (a))", "join using"),
        ("(select 1 from p.t natural join p.u)", "join using"),
    ],
)
def test_the_reader_sees_a_name_without_a_schema(text: str, name: str) -> None:
    assert name in reader.in_expression(text)
    assert name in reader.in_plpgsql(f"begin perform {text}; end")
    assert name in reader.in_plpgsql(f"declare v int := {text}; begin null; end")
    assert name in reader.in_plpgsql(f"begin raise 'no %', 1 using detail = {text}; end")
    assert name in reader.in_psql(
        f"do $$ begin if ({text}) then null; end if; end $$;\nselect {text} as x \\gset\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "pg_catalog.cardinality(x) operator(pg_catalog.=) 1",
        "a operator(pg_catalog.=) any(b)",
        "a::int and b::pg_catalog.text is null",
        'coalesce(a, greatest(b, c)) collate pg_catalog."default"',
        "exists (with w as (select 1 as a) select from w group by w.a order by w.a)",
        "case when a then b end",
    ],
)
def test_the_reader_accepts_what_the_path_has_no_say_in(text: str) -> None:
    assert reader.in_expression(text) == []


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("declare v text; begin null; end", "type text"),
        ("declare v constant name [] := '{}'; begin null; end", "type name"),
        ("begin case v when 1 then null; end case; end", "case x when"),
        ("begin for i in 1..length('x') loop null; end loop; end", "function length"),
        ("begin execute 'x' || 'y'; end", "operator ||"),
        ("begin execute 'x' using now(); end", "function now"),
        ("begin return query select now(); end", "function now"),
    ],
)
def test_the_reader_sees_what_plpgsql_does_with_it(body: str, name: str) -> None:
    assert name in reader.in_plpgsql(body, [("in", "v")], returns="setof pg_catalog.text")
