"""A thousand tables: planned, checked and searched for orphans in seconds, and defined in less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from processor import seconds, worked

Connection = psycopg.Connection[Any]

TABLES = 1000
SECONDS = 20.0
"""Planning takes some two; planning that is quadratic, minutes."""

SCHEMA = f"""
create schema big;
do $$
declare
    v_parent int;
begin
    for i in 0..{TABLES - 1} loop
        execute format('create table big.t%s (id int primary key, a int, b int)', i);
        execute format('create index on big.t%s (a)', i);
        execute format('create index on big.t%s (b)', i);
    end loop;
    -- Every table but the first hangs below an earlier one, and refers to another earlier one.
    for i in 1..{TABLES - 1} loop
        v_parent := (i - 1) / 4;
        execute format(
            'alter table big.t%s add constraint a%1$s foreign key (a) references big.t%s on delete %s',
            i, v_parent, case i % 3 when 0 then 'no action' else 'cascade' end);
        execute format('alter table big.t%s add constraint b%1$s foreign key (b) references big.t%s',
            i, (i * 7919) % i);
    end loop;
    -- 40 of those above refer to one of those below as well.
    for i in 200..239 loop
        execute format('alter table big.t%s add c int references big.t%s on delete cascade', i, 4 * i + 1);
        execute format('create index on big.t%s (c)', i);
    end loop;
end
$$;
"""
DEFINITIONS = """
select unwind.define_workflow('w');
select unwind.define_step('w', 'first', 'big.t0', 'id');
insert into unwind.logical_foreign_keys (child_table, child_columns, parent_table, parent_columns, on_delete)
select conrelid, '{a}', confrelid, '{id}', 'cascade'
from pg_constraint where connamespace = 'big'::regnamespace and contype = 'f' and conname ~ '^a';
"""


CYCLES = """
select count(distinct component), count(distinct target)
from unwind.plan_statements
where component is not null
"""
OUT_OF_ORDER = """
with deletions as (
    select target, component, min(ordinal) as first, max(ordinal) as last
    from unwind.plan_statements where action = 'delete' group by target, component
)

select c.target, p.target
from unwind_internal.foreign_keys as f
inner join deletions as c on c.target = f.child_table
inner join deletions as p on p.target = f.parent_table
where c.last > p.first and c.target <> p.target and c.component is distinct from p.component
"""


@pytest.fixture
def big(conn: Connection) -> Connection:
    """The schema, and a workflow whose one step reaches all of it."""
    conn.execute(SCHEMA)
    conn.execute(DEFINITIONS)
    return conn


def test_planning_checking_and_looking_for_orphans_take_seconds(big: Connection) -> None:
    planning = seconds(big, "select unwind.compile_workflow('w')")
    [(tables,)] = big.execute(
        "select count(distinct target) from unwind.plan_statements where action = 'delete'"
    ).fetchall()
    assert tables == TABLES
    assert planning < SECONDS
    assert big.execute(CYCLES).fetchall() == [(40, 80)]
    assert big.execute(OUT_OF_ORDER).fetchall() == []
    assert seconds(big, "select * from unwind.check_workflow('w')") < 2 * SECONDS
    assert seconds(big, "select * from unwind.find_orphans('w')") < SECONDS
    assert seconds(big, "select * from unwind.find_orphans()") < SECONDS


# GitLab has some thousand tables: most belong to one of a few hubs, or to a table that does.
HUBS = ["namespaces", "users", "projects", "issues", "merge_requests", "ci_pipelines", "ci_builds", "notes"]
ROOTS = ["namespaces", "users", "projects", "ci_pipelines", "merge_requests"]
HUB_SCHEMA = f"""
create schema big;
do $$
declare
    v_hubs constant text [] := '{{{",".join(HUBS)}}}';
    v_parent text;
begin
    create table big.namespaces (
        id bigint primary key, parent_id bigint references big.namespaces on delete cascade
    );
    create table big.users (
        id bigint primary key, parent_id bigint references big.namespaces on delete cascade
    );
    create table big.projects (
        id bigint primary key,
        parent_id bigint references big.namespaces on delete cascade,
        other_id bigint references big.users on delete set null
    );
    foreach v_parent in array v_hubs[4:] loop
        execute format(
            'create table big.%I (id bigint primary key,'
            ' parent_id bigint references big.projects on delete cascade,'
            ' other_id bigint references big.users on delete set null)', v_parent);
    end loop;
    for i in 1..{TABLES - len(HUBS)} loop
        v_parent := case
            when i % 5 < 3 or i < 20 then v_hubs[1 + (i * 7) % {len(HUBS)}] else 't' || 1 + (i * 31) % (i - 1)
        end;
        execute format(
            'create table big.t%s (id bigint primary key,'
            ' parent_id bigint references big.%I on delete cascade, other_id bigint)', i, v_parent);
        execute format('create index on big.t%s (parent_id)', i);
        if i % 2 = 0 then
            execute format('alter table big.t%s add foreign key (other_id) references big.%I on delete %s', i,
                v_hubs[1 + (i * 3) % {len(HUBS)}],
                case i % 8 when 0 then 'set null' when 2 then 'no action' else 'cascade' end);
        end if;
    end loop;
end
$$;
"""


def test_definitions_of_five_workflows_over_one_big_schema_take_no_time_until_all_are_compiled_once(
    conn: Connection,
) -> None:
    conn.execute(HUB_SCHEMA.encode())
    [(keys,)] = conn.execute(
        "select count(*) from pg_constraint where contype = 'f' and connamespace = 'big'::regnamespace"
    ).fetchall()
    assert keys > 1400
    started = worked(conn)
    with conn.transaction():
        for root in ROOTS:
            assert seconds(conn, f"select unwind.define_workflow('{root}')") < 3
        for root in ROOTS:
            assert seconds(conn, f"select unwind.define_step('{root}', 's', 'big.{root}', 'id')") < 3
        for child in ("t5", "t15", "t25"):
            link = f"'big.{child}', '{{other_id}}', 'big.projects', '{{id}}'"
            assert seconds(conn, f"select unwind.declare_foreign_key({link})") < 3
    assert worked(conn) - started < len(ROOTS) * SECONDS
    planned = conn.execute(
        "select workflow, count(distinct target) from unwind.plan_statements"
        " where action = 'delete' group by 1"
    ).fetchall()
    assert len(planned) == len(ROOTS)
    assert max(tables for _, tables in planned) > TABLES * 0.9
    # By itself a definition makes anew the plans that it can touch: some two seconds' work, though nothing is
    # known yet of the tables that hold them.
    link = "'big.t35', '{other_id}', 'big.projects', '{id}'"
    assert seconds(conn, f"select unwind.declare_foreign_key({link})") < SECONDS / 2
    conn.execute("select unwind.define_workflow('another')")
    define = "select unwind.define_step('another', 's', 'big.issues', 'id')"
    assert seconds(conn, define) < SECONDS / 2


RUN = """
select unwind.start_run('projects', %(run)s), unwind.record_step(%(run)s, 's', %(id)s::text);
insert into big.projects values (%(id)s);
do $$
declare
    v_tables regclass [] := array['big.projects'::regclass];
    v_child regclass;
    v_parent regclass;
    v_rows int := 1;
begin
    while v_rows < 800 loop
        for v_child, v_parent in
            select c.conrelid, c.confrelid from pg_constraint as c
            where c.contype = 'f' and c.connamespace = 'big'::regnamespace and c.conname like '%%parent_id%%'
                and c.conrelid <> all(array['big.projects', 'big.namespaces']::regclass [])
            order by c.oid
        loop
            continue when v_parent <> all(v_tables) or v_rows = 800;
            v_rows := v_rows + 1;
            execute format(
                'insert into %%s (id, parent_id) select %%s, min(id) from %%s where id / 1000 = %%s',
                v_child, %(id)s + v_rows, v_parent, %(id)s / 1000);
            v_tables := v_tables || v_child;
        end loop;
    end loop;
end
$$
"""


def test_batches_of_a_run_over_hundreds_of_tables_take_at_most_three_times_one_call(
    conn: Connection, connect: Callable[..., Connection]
) -> None:
    conn.execute(HUB_SCHEMA.encode())
    with conn.transaction():
        conn.execute("select unwind.define_workflow('projects')")
        conn.execute("select unwind.define_step('projects', 's', 'big.projects', 'id')")
    with psycopg.ClientCursor(conn) as cursor:
        cursor.execute(RUN, {"run": "whole", "id": 1000})
        cursor.execute(RUN, {"run": "batched", "id": 2000})
    # Sessions of their own: what a first call has to plan is part of it.
    whole = seconds(connect(), "select unwind.compensate_run('whole')")
    batched = seconds(connect(), "call unwind.compensate_run_in_batches('batched')")
    receipts = conn.execute(
        "select count(*), sum(rows_deleted) from unwind.compensations group by run_id"
    ).fetchall()
    assert len(receipts) == 2 and receipts[0] == receipts[1]
    assert receipts[0][0] > 400 and receipts[0][1] == 800
    assert batched <= 3 * whole
