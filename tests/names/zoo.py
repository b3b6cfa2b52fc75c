"""Tables and workflows of every shape for which the engine writes SQL of its own.

Their own code (triggers, a custom step) pins its path: what of it runs under a DELETE is not the engine's.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = """
create schema app;
create type app.mood as enum ('glad', 'sad', 'odd');
create domain app.code as text;

-- One of each action, real and declared; a root of two steps; rows that a trigger could keep.
create table app.orders (id text primary key);
create table app.lines (id int primary key, order_id varchar(40) not null);
create table app.parts (
    line_id int references app.lines on delete cascade, no int, primary key (line_id, no)
);
create table app.notes (id int primary key, order_id text);
create table app.hints (
    id int primary key, order_id text default 'o0' references app.orders on delete set default
);
create table app.tags (id int primary key, order_id text references app.orders on delete set null);
create table app.bills (id text primary key, order_id text);
create table app.memos (id bigint primary key, bill_id text);
create function app.let_go() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$ begin return old; end $$;
create trigger let_go before delete on app.lines for each row execute function app.let_go();

-- A cycle, a tree, a partitioned table below another one.
create table app.eggs (id int primary key, hen_id int);
create table app.hens (id int primary key, egg_id int);
create table app.nodes (id uuid primary key, parent_id uuid);
create table app.years (id int, at timestamptz, primary key (id, at)) partition by range (at);
create table app.year1 partition of app.years default;
create table app.days (year_id int, year_at timestamptz, no int) partition by list (no);
create table app.days1 partition of app.days default;

-- Keys of several columns and of types that are compared, carried and owned in ways of their own.
create table app.wide (tenant int, name text, primary key (tenant, name));
create table app.wide_rows (id int primary key, tenant bigint, name varchar);
create table app.kinds (
    feeling app.mood, amount numeric, span interval, data jsonb, list int[], during int4range, code app.code,
    fixed char(4), at timestamptz, flag boolean, raw bytea, day date
);
create table app.kind_rows (like app.kinds);
create table app.mail (id int primary key);
create function app.undo_mail(run_ids text[])
returns table (run_id text, table_name text, rows_deleted bigint)
language sql set search_path = pg_catalog, pg_temp
as $$ select r, 'mail', 0::bigint from unnest(run_ids) as r $$;
"""

KINDS: Final = "feeling, amount, span, data, list, during, code, fixed, at, flag, raw, day"

DEFINITIONS: Final = f"""
select unwind.define_workflow('shop', 'orders and all that hangs below');
select unwind.declare_foreign_key('app.lines', '{{order_id}}', 'app.orders', '{{id}}');
select unwind.declare_foreign_key('app.notes', '{{order_id}}', 'app.orders', '{{id}}', 'set null');
select unwind.declare_foreign_key('app.bills', '{{order_id}}', 'app.orders', '{{id}}', 'restrict');
select unwind.declare_foreign_key('app.memos', '{{bill_id}}', 'app.bills', '{{id}}', 'cascade');
select unwind.define_step('shop', 'order', 'app.orders', 'id');
select unwind.define_step('shop', 'bill', 'app.bills', 'id');
select unwind.define_custom_step('shop', 'mail', 'app.undo_mail(pg_catalog.text[])');
select unwind.define_workflow('lines');
select unwind.define_step('lines', 'line', 'app.lines', 'id');

select unwind.define_workflow('shapes');
select unwind.declare_foreign_key('app.eggs', '{{hen_id}}', 'app.hens', '{{id}}');
select unwind.declare_foreign_key('app.hens', '{{egg_id}}', 'app.eggs', '{{id}}');
select unwind.declare_foreign_key('app.nodes', '{{parent_id}}', 'app.nodes', '{{id}}');
select unwind.declare_foreign_key('app.days', '{{year_id,year_at}}', 'app.years', '{{id,at}}');
select unwind.define_step('shapes', 'egg', 'app.eggs', 'id');
select unwind.define_step('shapes', 'node', 'app.nodes', 'id');
select unwind.define_step('shapes', 'year', 'app.years', 'id', 'at');

select unwind.define_workflow('keys');
select unwind.declare_foreign_key('app.wide_rows', '{{tenant,name}}', 'app.wide', '{{tenant,name}}');
select unwind.declare_foreign_key(
    'app.kind_rows', '{{{KINDS.replace(" ", "")}}}', 'app.kinds', '{{{KINDS.replace(" ", "")}}}'
);
select unwind.define_step('keys', 'wide', 'app.wide', 'tenant', 'name');
select unwind.define_step('keys', 'kind', 'app.kinds', '{KINDS.replace(", ", "', '")}');
"""

CAPTURE: Final = """
select unwind.capture_table(
    'app.orders', 'app.lines', 'app.parts', 'app.hints', 'app.tags', 'app.years', 'app.wide', 'app.nodes'
)
"""

WORKFLOWS: Final = ("keys", "lines", "shapes", "shop")


def kind(n: int) -> str:
    """Return the n-th value of each type."""
    return (
        f"""'glad', '{n}.50', '24:00:00', '{{"a": {n}}}', '{{{n},2}}', '[{n},9)', 'c', 'f', """
        f"'2024-02-29 12:00+00', 'true', '\\x0{n}', '2024-02-29'"
    )


def record(run: str, n: int) -> str:
    """Return what records the entities number n in a run of each workflow: those of it named run-workflow."""
    node = f"00000000-0000-0000-0000-00000000000{n}"
    return f"""
select unwind.start_run('shop', '{run}-shop', 'key', '{{}}', 'me', '1 hour'), unwind.act_as('me');
select unwind.record_step('{run}-shop', 'order', 'o{n}');
select unwind.record_step('{run}-shop', 'bill', 'b{n}');
select unwind.record_step('{run}-shop', 'mail', '{n}');
select unwind.start_run('lines', '{run}-lines');
select unwind.record_step('{run}-lines', 'line', '10{n}');
select unwind.start_run('shapes', '{run}-shapes');
select unwind.record_step('{run}-shapes', 'egg', '{n}');
select unwind.record_step('{run}-shapes', 'node', '{node}');
select unwind.record_step('{run}-shapes', 'year', '{n}', '2024-01-0{n} 00:00+00');
select unwind.start_run('keys', '{run}-keys');
select unwind.record_step('{run}-keys', 'wide', '{n}', 'w{n}');
select unwind.record_step('{run}-keys', 'kind', {kind(n)});
"""


def rows(n: int) -> str:
    """Return what inserts the rows of the entities number n."""
    node = f"00000000-0000-0000-0000-00000000000{n}"
    return f"""
insert into app.orders values ('o{n}');
insert into app.bills values ('b{n}', 'o{n}');
insert into app.memos values ({n}, 'b{n}');
insert into app.lines values ({n}, 'o{n}'), (10{n}, 'x');
insert into app.parts values ({n}, 1), ({n}, 2);
insert into app.notes values ({n}, 'o{n}');
insert into app.tags values ({n}, 'o{n}');
insert into app.hens values ({n}, {n});
insert into app.eggs values ({n}, {n});
insert into app.nodes values ('{node}', null), ('1{node[1:]}', '{node}'), ('2{node[1:]}', '1{node[1:]}');
insert into app.years values ({n}, '2024-01-0{n} 00:00+00');
insert into app.days values ({n}, '2024-01-0{n} 00:00+00', {n});
insert into app.wide values ({n}, 'w{n}');
insert into app.wide_rows values ({n}, {n}, 'w{n}');
insert into app.kinds values ({kind(n)});
insert into app.kind_rows values ({kind(n)});
"""
