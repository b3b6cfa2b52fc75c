"""Whatever public functions are called with, it works or is refused by an SQLSTATE that is listed for them.

A refusal changes nothing, and our own have a detail and a hint.

The seed of a failure is in its message, and plays it again: PGUNWIND_FUZZ_SEED.
"""

from __future__ import annotations

import os
import re
from random import Random, SystemRandom
from typing import Any

import psycopg
import pytest

from fuzz.calls import Call, Caller

Connection = psycopg.Connection[Any]

CALLS = 10_000 if os.environ.get("PGUNWIND_DEEP") == "1" else 300
SHOWN = 20
NEVER = re.compile(r"^(?:42883|42P01|42703|23...|XX...)$")
BEFORE_ANYTHING = {"UW001", "UW005", "UW006", "UW008", "UW009", "UW010", "42501"}

SITUATION = r"""
create table orders (id text primary key, parent_id text);
create index on orders (parent_id);
create table lines (id int primary key, order_id text not null references orders on delete cascade);
create index on lines (order_id);
create table parcels (depot int, number int, order_id text, primary key (depot, number));
create index on parcels (order_id);
create table notes (id int primary key, order_id text check (order_id is not null));
create index on notes (order_id);
create table places (id uuid primary key, place box, path text[], "Mad ""column" text, document json);
create table parts (id int, kind int, order_id text, primary key (id, kind)) partition by list (kind);
create table parts_1 partition of parts for values in (1);
create table heirs () inherits (orders);
create view order_view as select * from orders;
create materialized view order_copy as select * from orders;
create sequence numbers;
create type pair as (a int, b int);
create schema "mad ""schema";
create table "mad ""schema"."Mad 'table" ("Mad ""id" text primary key);
create function undo(run_ids text[]) returns table (run_id text, table_name text, rows_deleted bigint)
language sql as $$ select r, 'mail', 1::bigint from unnest(run_ids) as r $$;
create function other(run_ids int[]) returns int language sql as $$ select 1 $$;
create procedure proc() language sql as $$ select 1 $$;
create function refuse() returns trigger language plpgsql as $$
begin
    if old.id = 'o-refused' then raise 'no'; end if;
    return case when old.id = 'o-kept' then null else old end;
end $$;
create trigger refuse before delete on orders for each row execute function refuse();
create role "application of {database}"; create role "stranger to {database}";
select unwind_internal.grant_access('application of {database}', 'application');
grant all on all tables in schema public to "application of {database}";
select unwind.define_workflow('shop'), unwind.define_workflow('other'), unwind.define_workflow('custom');
select unwind.define_workflow(E'mad \'name"');
select unwind.declare_foreign_key('parcels', '{{order_id}}', 'orders', '{{id}}', 'restrict');
select unwind.declare_foreign_key('notes', '{{order_id}}', 'orders', '{{id}}', 'set null');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.define_step('shop', 'parcel', 'parcels', 'depot', 'number');
select unwind.define_step('other', 'line', 'lines', 'id');
select unwind.define_step(E'mad \'name"', 'order', E'"mad ""schema"."Mad \'table"', 'Mad "id');
select unwind.define_custom_step('custom', 'own', 'undo(text[])');
select unwind.start_run('shop', r), unwind.record_step(r, 'order', 'o-' || r)
from unnest(
    array['running', 'completed', 'failed', 'undone', 'blocked', 'kept', 'half', 'refused', E'mad \'run"']
) as r;
select unwind.start_run('shop', 'claimed', worker => 'somebody');
select unwind.start_run('other', 'of other'), unwind.record_step('of other', 'line', '7');
select unwind.start_run('custom', 'of custom'), unwind.record_step('of custom', 'own', 'mail');
create type color as enum ('red', 'green');
create domain short as varchar(3);
select unwind.define_workflow('typed'), unwind.start_run('typed', 'typed');
do $do$
declare
    v_type text;
begin
    foreach v_type in array array[
        'int2', 'int8', 'numeric(4,1)', 'float8', 'uuid', 'date', 'timestamptz', 'interval', 'bytea', 'bool',
        'color', 'inet', 'jsonb', 'text[]', 'short', 'char(2)', 'int4range', 'pair', 'money',
        'bit(3)', 'name', 'oid'
    ]
    loop
        execute format('create table %I (id %s primary key)', 't_' || v_type, v_type);
        perform unwind.define_step('typed', v_type, format('%I', 't_' || v_type)::regclass, 'id');
    end loop;
end
$do$;
insert into orders select 'o-' || r.id from unwind.workflow_runs as r;
insert into orders values ('stray', 'o-running'), ('taken', null);
insert into lines values (7, 'o-running'), (8, 'o-failed');
insert into parcels values (9, 9, 'o-blocked'), (1, 1, 'o-running');
select unwind.adopt_entity('running', 'parcel', '1', '1');
select unwind.complete_run('completed'), unwind.fail_run('failed', 'no');
select * from unwind.compensate_run('undone');
select unwind_internal.begin_batches('half', false, 'gone');
"""
DIGEST = """
select string_agg(
    (xpath('/row/d/text()', query_to_xml(
        format('select md5(string_agg(t::text, '','' order by t::text)) as d from %s as t', c.oid::regclass),
        false, true, ''
    )))[1]::text, ' ' order by c.oid
)
from pg_class as c
where c.relkind = 'r'
    and c.relnamespace::regnamespace::text in ('public', '"mad ""schema"', 'unwind', 'unwind_internal')
"""
LISTED = """
select p.proname, coalesce(substring(obj_description(p.oid, 'pg_proc') from 'Errors: (.*)\\.$'), '')
from pg_proc as p where p.pronamespace = 'unwind'::regnamespace
"""
SESSIONS = (
    "reset role",
    "reset role",
    "reset role",
    'set role "application of {database}"',
    'set session authorization "application of {database}"',
    'set session authorization "stranger to {database}"',
    "set search_path = ''",
    "set search_path = 'mad \"schema', public",
    "reset search_path",
    "set default_transaction_isolation = 'serializable'",
    "reset default_transaction_isolation",
    "reset default_transaction_isolation",
    "set datestyle = 'German'; set intervalstyle = 'sql_standard'; set bytea_output = 'escape'",
    "reset datestyle",
)


def digest(watcher: Connection) -> str:
    """Of all tables, as another session sees them."""
    row = watcher.execute(DIGEST.encode()).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def situation(conn: Connection) -> Any:
    """Runs in every state, and tables of every kind."""
    database = conn.info.dbname
    conn.execute(SITUATION.format(database=database).encode())
    yield conn
    conn.execute("reset session authorization; reset all")
    for role in (f'"application of {database}"', f'"stranger to {database}"'):
        conn.execute(f"drop owned by {role}; drop role {role}".encode())


class Fuzz:
    """Makes calls, and keeps what should not have come of them."""

    def __init__(self, conn: Connection, watcher: Connection, seed: int) -> None:
        self.conn = conn
        self.watcher = watcher
        self.random = Random(seed)
        self.caller = Caller(conn, self.random)
        self.listed = {
            name: set(text.split(", ")) - {""} for name, text in conn.execute(LISTED.encode()).fetchall()
        }
        self.session = ""
        self.offences: list[str] = []
        self.done = 0
        self.seen: set[str] = set()

    def change_session(self) -> None:
        """From now on as somebody else, or with other settings."""
        self.session = self.random.choice(SESSIONS).format(database=self.conn.info.dbname)
        self.conn.execute(b"reset session authorization")
        self.conn.execute(self.session.encode())

    def some_calls(self) -> int:
        """A procedure by itself, or a few functions in a transaction that is rolled back; how many."""
        before = digest(self.watcher)
        calls = [self.caller.draw()]
        if calls[0].commits:
            refused = self.refused(calls[0])
            # What a procedure had committed by then stays, and is said to.
            if refused not in BEFORE_ANYTHING:
                return 1
        else:
            more = (self.caller.draw() for _ in range(self.random.randrange(4)))
            calls += [call for call in more if not call.commits]
            with self.conn.transaction(force_rollback=True):
                for call in calls:
                    self.refused(call)
        if digest(self.watcher) != before:
            self.offences.append(f"something changed by {'; '.join(map(str, calls))}")
        return len(calls)

    def refused(self, call: Call) -> str | None:
        """Make it; the SQLSTATE if it was refused."""
        try:
            if call.commits:
                self.conn.execute(call.query.encode(), call.values)
            else:
                with self.conn.transaction():
                    self.conn.execute(call.query.encode(), call.values)
        except psycopg.Error as error:
            self.judge(call, error)
            return error.sqlstate
        self.done += 1
        return None

    def judge(self, call: Call, error: psycopg.Error) -> None:
        """Whether that may be what comes of it."""
        diag, sqlstate = error.diag, error.sqlstate or ""
        self.seen.add(sqlstate)
        may_not_call = (diag.message_primary or "").startswith("permission denied")
        wrong = ""
        if NEVER.match(sqlstate) or (sqlstate not in self.listed[call.function] and not may_not_call):
            wrong = "not listed"
        elif sqlstate.startswith("UW") and not (diag.message_detail and diag.message_hint):
            wrong = "without detail or hint"
        if wrong:
            said = f"{sqlstate}: {diag.message_primary}: {wrong}\n    {diag.context or ''}"
            self.offences.append(f"{call} ({self.session}): {said}")


def test_only_what_is_listed_and_nothing_changes(situation: Connection, connect: Any) -> None:
    seed = int(os.environ.get("PGUNWIND_FUZZ_SEED") or SystemRandom().randrange(10**9))
    fuzz = Fuzz(situation, connect(), seed)
    calls = 0
    while calls < CALLS:
        fuzz.change_session()
        for _ in range(5):
            calls += fuzz.some_calls()
    assert not fuzz.offences, f"PGUNWIND_FUZZ_SEED={seed}\n" + "\n".join(fuzz.offences[:SHOWN])
    assert fuzz.done > calls / 10, "hardly a call came so far as to work"
    assert len(fuzz.seen) > 5, f"so few reasons were met: {fuzz.seen}"
