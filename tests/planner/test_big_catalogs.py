"""1,000 tables, 2,000 foreign keys, 40 cycles: planned, checked and searched for orphans in seconds."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

TABLES = 1000
SECONDS = 40.0
"""Planning takes some six on two idle cores, fifteen on busy ones; planning that is quadratic, minutes."""

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


def seconds(conn: Connection, query: str) -> float:
    started = time.monotonic()
    conn.execute(query.encode()).fetchall()
    return time.monotonic() - started


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
