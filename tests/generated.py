"""Generated functions of workflows with every kind of plan statement, as several tests read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
from pglast import parse_plpgsql

Connection = psycopg.Connection[Any]

SHAPES = """
create table orders (id int, code text, parent_id int, primary key (id, code));
create unique index on orders (id);
create table lines (id int primary key, order_id int, order_code text, price numeric default 1);
create table notes (line_id int, other_id int);
create table tags (id int, line_id int references lines on delete set null, order_id int);
create function keep() returns trigger language plpgsql as $$ begin return old; end $$;
create trigger keeper before delete on notes for each row execute function keep();
create table trees (id int primary key, parent_id int, other_id int);
create rule noted as on delete to notes do also insert into trees values (old.line_id);
create function undo_mail(run_ids text[]) returns table(run_id text, table_name text, rows_deleted bigint)
language sql as $$ select r, 'mail', 0::bigint from unnest(run_ids) r $$;
select unwind.define_workflow('shapes; it''s "all"');
select unwind.define_step('shapes; it''s "all"', 'order', 'orders', 'id', 'code');
select unwind.define_step('shapes; it''s "all"', 'line', 'lines', 'id');
select unwind.define_custom_step('shapes; it''s "all"', 'mail', 'undo_mail(text[])');
select unwind.declare_foreign_key('orders', '{parent_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('lines', '{order_code,order_id}', 'orders', '{code,id}', 'cascade');
select unwind.declare_foreign_key('notes', '{line_id}', 'lines', '{id}', 'cascade');
select unwind.declare_foreign_key('notes', '{other_id}', 'lines', '{id}', 'restrict');
select unwind.declare_foreign_key('tags', '{order_id}', 'orders', '{id}', 'set null');
select unwind.define_workflow('empty');
select unwind.define_workflow('trees');
select unwind.define_step('trees', 'tree', 'trees', 'id');
select unwind.declare_foreign_key('trees', '{parent_id}', 'trees', '{id}', 'cascade');
select unwind.declare_foreign_key('trees', '{other_id}', 'trees', '{id}', 'cascade');
"""
ALL_KEPT_ELSEWHERE = """
create or replace function unwind_internal.is_kept_elsewhere(target regclass) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select not exists (
        select from pg_class as c
        where c.oid = is_kept_elsewhere.target and c.relnamespace::regnamespace::text like 'unwind%'
    )
$$;
select unwind.compile_workflow(workflow) from unwind.workflows;
"""
"""What the engine then takes all of the user's tables for."""
WORKFLOWS = ("client_to_delivery", "empty", "trees", 'shapes; it\'s "all"')


def definitions(conn: Connection) -> dict[tuple[str, str], str]:
    """The CREATE FUNCTION of each generated function, as a DBA sees it."""
    rows = conn.execute(
        """
        select
            w.workflow, f.runs,
            pg_get_functiondef(to_regproc(unwind_internal.function_name(w.workflow, f.runs)))
        from unwind.workflows as w
        cross join (values ('one'), ('many')) as f (runs)
        """
    ).fetchall()
    return {(workflow, runs): definition for workflow, runs, definition in rows}


def queries(definition: str) -> Iterator[str]:
    """All SQL inside a PL/pgSQL function, without its INTO."""
    plain = re.sub(r"#variable_conflict \w+", "", definition)  # the parser does not know it,
    for typed in ("RETURNS unwind_internal.receipts", "held unwind_internal.held_run"):
        plain = plain.replace(typed, typed.split()[0] + " text")  # nor types of other schemas
    yield from _expressions(json.loads(json.dumps(parse_plpgsql(plain))))


def _expressions(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if "PLpgSQL_expr" in tree:
            yield tree["PLpgSQL_expr"]["query"]
        for value in tree.values():
            yield from _expressions(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _expressions(value)
