"""What constraints, triggers and publications refuse is UW020, with table, row and cause; or was foreseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import ways
from shop import Shop
from templates import holding

Connect = Callable[..., psycopg.Connection[Any]]

SHOP = """
create table orders (id text primary key);
create table lines (id int primary key, order_id text references orders on delete cascade, paid boolean);
create index on lines (order_id);
create table notes (id int primary key, order_id text, anonymous boolean default false);
create index on notes (order_id);
create table marks (id int primary key, order_id text references orders on delete set null);
create index on marks (order_id);
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'set null');
"""
ROWS = """
insert into orders values ('o1');
insert into lines values (1, 'o1', true);
insert into notes values (1, 'o1');
insert into marks values (1, 'o1')
"""
TRIGGER = """
create function refuse() returns trigger language plpgsql as $$ begin {} end $$;
create trigger "the Auditor" before {} for each row execute function refuse();
"""

CONSTRAINTS = {
    "a CHECK on a declared set null": (
        "alter table notes add constraint signed check (order_id is not null or anonymous)",
        "23514",
        "notes cannot be cleared",
        "signed",
        "(1, null, f)",
    ),
    "a CHECK under PostgreSQL's own set null": (
        "alter table marks add constraint signed check (coalesce(order_id, '') <> '')",
        "23514",
        "orders cannot be deleted",
        "signed",
        "(1, null)",
    ),
    "NOT NULL": (
        "alter table notes alter order_id set not null",
        "23502",
        "notes cannot be cleared",
        "order_id",
        "(1, null, f)",
    ),
    "a domain that is NOT NULL": (
        "create domain sure as text not null; alter table notes alter order_id type sure;"
        "select unwind.compile_workflow('w')",
        "23502",
        "notes cannot be cleared",
        "sure",
        "step 'order' (o1) of run 'r'",
    ),
    "a domain's CHECK": (
        "create domain sure as text check (value is not null); alter table notes alter order_id type sure;"
        "select unwind.compile_workflow('w')",
        "23514",
        "notes cannot be cleared",
        "sure",
        "step 'order' (o1) of run 'r'",
    ),
}
PUBLICATIONS = {
    "no replica identity": (
        "alter table lines drop constraint lines_pkey; create publication p for table lines",
        "55000",
        "lines cannot be deleted",
        "replica identity",
        "step 'order' (o1) of run 'r'",
    ),
    "none for updates": (
        "alter table notes replica identity nothing;"
        "create publication p for table notes with (publish = 'update')",
        "55000",
        "notes cannot be cleared",
        "replica identity",
        "step 'order' (o1) of run 'r'",
    ),
    "a row filter": (
        "create publication p for table lines where (paid)",
        "42P10",
        "lines cannot be deleted",
        "lines",
        "step 'order' (o1) of run 'r'",
    ),
    "a list of columns": (
        "create publication p for table lines (paid)",
        "42P10",
        "lines cannot be deleted",
        "lines",
        "step 'order' (o1) of run 'r'",
    ),
}
TRIGGERS = {
    "a trigger that says no": (
        TRIGGER.format("raise 'line % is paid', old.id;", "delete on lines"),
        "P0001",
        "lines cannot be deleted",
        "line 1 is paid",
        "step 'order' (o1) of run 'r'",
    ),
    "a trigger that raises a check_violation": (
        TRIGGER.format("raise check_violation using message = 'no';", "delete on orders"),
        "23514",
        "orders cannot be deleted",
        "no",
        "step 'order' (o1) of run 'r'",
    ),
    "a trigger on a cleared link": (
        TRIGGER.format("raise 'notes are signed';", "update on notes"),
        "P0001",
        "notes cannot be cleared",
        "notes are signed",
        "step 'order' (o1) of run 'r'",
    ),
    "a trigger that fails": (
        TRIGGER.format("perform 1 / (old.id - 1); return old;", "delete on lines"),
        "22012",
        "lines cannot be deleted",
        "division by zero",
        "step 'order' (o1) of run 'r'",
    ),
    "a trigger that writes what a constraint refuses": (
        TRIGGER.format(
            "delete from orders as t where false; insert into marks values (1); return old;",
            "delete on orders",
        ),
        "23505",
        "orders cannot be deleted",
        "marks_pkey",
        "(id)=(1)",
    ),
}

shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: psycopg.Connection[Any]) -> Shop:
    return Shop(conn)


def started(shop: Shop) -> None:
    shop("select unwind.start_run('w', 'r'), unwind.record_step('r', 'order', 'o1')")
    shop.conn.execute(ROWS)


ONE_BY_ALL = [(way, "a CHECK on a declared set null") for way in ways.ALL]
ALL_BY_TWO = [
    (way, kind)
    for way in ways.ALL
    if way.name in ("compensate_run", "in_batches")
    for kind in (*CONSTRAINTS, *PUBLICATIONS, *TRIGGERS)
]


@pytest.mark.parametrize(("way", "kind"), sorted({*ONE_BY_ALL, *ALL_BY_TWO}, key=str), ids=str)
def test_table_row_and_cause_are_named_by_every_way(
    shop: Shop, dsn: str, pg_bin: Path, way: ways.Way, kind: str
) -> None:
    refusal, original, names, cause, row = {**CONSTRAINTS, **PUBLICATIONS, **TRIGGERS}[kind]
    shop.conn.execute(refusal.encode())
    if kind in TRIGGERS:
        shop("select unwind.compile_workflow('w')")
    started(shop)
    with pytest.raises(ways.Refused) as refused:
        way(ways.Target(dsn, pg_bin), ["r"])
    said = str(refused.value)
    assert refused.value.sqlstate == "UW020", said
    assert names in said and cause in said and f"[{original}]" in said and row in said, said
    if "raise" in refusal:
        assert "PL/pgSQL function refuse() line 1 at RAISE. Such" in said, said
    assert shop.count("orders") == 1


@pytest.mark.parametrize("kind", [*CONSTRAINTS, *PUBLICATIONS])
def test_what_the_catalog_knows_is_foreseen_and_the_fix_is_the_cure(shop: Shop, kind: str) -> None:
    assert shop("select * from unwind.check_workflow('w')") == []
    shop.conn.execute(({**CONSTRAINTS, **PUBLICATIONS})[kind][0].encode())
    started(shop)
    findings = shop(
        "select code, object, fix from unwind.check_workflow('w')"
        " where code in ('cleared_column_check', 'not_null_link', 'replica_identity')"
    )
    assert findings, kind
    for _, _, fix in findings:
        shop.conn.execute(fix.encode())
    shop("select * from unwind.compensate_run('r')")
    assert shop.count("orders", "lines") == 0


def test_what_a_publication_refuses_concerns_the_workflows_that_delete_there(shop: Shop) -> None:
    shop.conn.execute(PUBLICATIONS[next(iter(PUBLICATIONS))][0].encode())
    shop.conn.execute("create table plain (id int primary key)")
    shop("select unwind.define_workflow('other'), unwind.define_step('other', 'plain', 'plain', 'id')")
    codes = "select distinct code from unwind.check_workflow(%s)"
    assert ("replica_identity",) in shop(codes, "w")
    assert shop(codes, "other") == []


@pytest.mark.parametrize(
    "harmless",
    [
        "alter table notes add check (order_id > '')",
        "alter table notes add check (length(order_id) > 0 and id > 0)",
        "alter table notes add check (id is not null)",
        "create publication p for table lines, notes",
        "create table others (id int); alter table lines replica identity nothing;"
        "create publication p for table others",
        "create publication p for table lines where (id > 0)",
        "create publication p for table lines (id, paid)",
        "alter table lines replica identity full; create publication p for table lines where (paid)",
        "alter table lines replica identity nothing;"
        "create publication p for table lines with (publish = 'insert')",
    ],
)
def test_nothing_is_found_where_nothing_refuses(shop: Shop, harmless: str) -> None:
    shop.conn.execute(harmless.encode())
    assert shop("select * from unwind.check_workflow('w')") == []
    started(shop)
    assert len(shop("select * from unwind.compensate_run('r')")) == 2


@pytest.mark.parametrize("sqlstate", ["42501", "40001", "40P01", "55P03", "57014", "53100", "57P01", "SH001"])
@pytest.mark.parametrize(
    "undo",
    [
        "select * from unwind.compensate_run('r')",
        "select * from unwind.compensate_runs('{r}')",
        "call unwind.compensate_run_in_batches('r', 1)",
    ],
)
def test_what_is_no_refusal_keeps_its_own_sqlstate(shop: Shop, sqlstate: str, undo: str) -> None:
    shop.conn.execute(TRIGGER.format(f"raise 'x' using errcode = '{sqlstate}';", "delete on lines").encode())
    shop("select unwind.compile_workflow('w')")
    started(shop)
    assert shop.refused(undo).sqlstate == sqlstate
