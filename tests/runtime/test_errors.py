"""Every error names the thing, has a DETAIL and a HINT, and changes nothing; no code goes untested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

# One statement, and so one transaction: the role goes with the error.
AS_AN_APPLICATION = (
    "create role errors_app; select unwind_internal.grant_access('errors_app', 'application');"
    "update unwind.workflow_runs set started_by = 'somebody' where id = 'live'; set local role errors_app;"
)
CASES: list[tuple[str, str, str]] = [
    ("42501", "'live'", AS_AN_APPLICATION + "select unwind.complete_run('live')"),
    (
        "42501",
        "public.lines",
        AS_AN_APPLICATION + "select unwind.record_step(unwind.start_run('w'), 'order', 'mine')",
    ),
    ("42501", "audit_log", "delete from unwind.audit_log where true"),
    ("UW009", "'superuser'", "select unwind_internal.grant_access('errors_app', 'superuser')"),
    ("UW009", "owns the engine", "select unwind_internal.grant_access(current_user, 'operator')"),
    ("UW001", "nobody", "select unwind.record_step('nobody', 'order', 'o')"),
    ("UW001", "nobody", "select unwind.complete_run('nobody')"),
    ("UW001", "nobody", "select * from unwind.get_run('nobody')"),
    ("UW001", "nobody", "select unwind.fail_run('nobody', 'x')"),
    ("UW001", "nobody", "select * from unwind.compensate_run('nobody')"),
    ("UW001", "nobody", "select * from unwind.compensate_runs(array['live', 'nobody'])"),
    ("UW001", "nobody", "select * from unwind.compensate_step('nobody', 'order')"),
    ("UW001", "nobody", "select * from unwind.preview_run('nobody')"),
    ("UW001", "nobody", "select * from unwind.verify_run('nobody')"),
    ("UW001", "null", "select * from unwind.compensate_run(null)"),
    ("UW002", "done", "select unwind.record_step('done', 'order', 'o')"),
    ("UW002", "done", "select unwind.complete_run('done')"),
    ("UW002", "done", "select unwind.fail_run('done', 'x')"),
    ("UW002", "undone", "select unwind.record_step('undone', 'order', 'o')"),
    ("UW002", "undone", "select * from unwind.compensate_step('undone', 'order')"),
    ("UW002", "failed", "select unwind.complete_run('failed')"),
    ("UW003", "claimed", "select unwind.record_step('claimed', 'order', 'o')"),
    ("UW003", "claimed", "select unwind.complete_run('claimed')"),
    ("UW003", "claimed", "select unwind.fail_run('claimed', 'x')"),
    ("UW003", "claimed", "select * from unwind.compensate_step('claimed', 'order')"),
    ("UW004", "live", "select unwind.record_step('blocked', 'order', 'o-live')"),
    ("UW004", "live", "select unwind.adopt_entity('blocked', 'order', 'o-live')"),
    ("UW005", "done", "select * from unwind.compensate_run('done')"),
    ("UW005", "done", "select * from unwind.compensate_runs(array['live', 'done'])"),
    ("UW006", "claimed", "select * from unwind.compensate_run('claimed')"),
    ("UW006", "claimed", "select * from unwind.compensate_runs(array['claimed'])"),
    ("UW006", "claimed", "select unwind.release_entity('claimed', 'order', 'o')"),
    ("UW007", "parcels", "select * from unwind.compensate_run('blocked')"),
    ("UW007", "orders were not deleted", "select * from unwind.compensate_run('kept')"),
    ("UW007", "run 'theirs'", "select * from unwind.compensate_run('mixed')"),
    ("UW007", "notes", "select * from unwind.compensate_run('noted')"),
    ("UW007", "notes", "select * from unwind.compensate_runs(array['live', 'noted'])"),
    ("UW007", "lines (id)=(1)", "select unwind.release_entity('split', 'line', '1')"),
    ("UW008", "nothing", "select unwind.start_run('nothing')"),
    ("UW008", "nothing", "select unwind.record_step('live', 'nothing', 'o')"),
    ("UW008", "nothing", "select * from unwind.compensate_step('live', 'nothing')"),
    ("UW008", "nothing", "select unwind.compile_workflow('nothing')"),
    ("UW008", "nothing", "select unwind.drop_workflow('nothing')"),
    ("UW008", "nothing", "select unwind.describe_workflow('nothing')"),
    ("UW008", "nothing", "select * from unwind.find_orphans('nothing')"),
    ("UW008", "nothing", "select * from unwind.check_workflow('nothing')"),
    ("UW008", "nothing", "select unwind.define_step('nothing', 's', 'orders', 'id')"),
    ("UW009", "name", "select unwind.define_workflow('')"),
    ("UW009", "'w'", "select unwind.define_step('w', '', 'orders', 'id')"),
    ("UW009", "nocolumn", "select unwind.define_step('w', 's', 'orders', 'nocolumn')"),
    ("UW009", "order_view", "select unwind.define_step('w', 's', 'order_view', 'id')"),
    ("UW009", "999999", "select unwind.define_step('w', 's', 999999::regclass, 'id')"),
    ("UW009", "orders", "select unwind.define_step('w', 's', 'orders', variadic '{}'::text[])"),
    ("UW009", "tags_1", "select unwind.define_step('w', 's', 'tags', 'id')"),
    ("UW009", "2", "select unwind.define_step('w', 'order', 'parcels', 'depot', 'number')"),
    (
        "UW009",
        "burn",
        "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'burn')",
    ),
    (
        "UW009",
        "column id",
        "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'set null (id)')",
    ),
    ("UW009", "marks_1", "select unwind.declare_foreign_key('marks_1', '{order_id}', 'orders', '{id}')"),
    ("UW009", "compared", "select unwind.declare_foreign_key('lines', '{id}', 'orders', '{id}')"),
    ("UW009", "columns", "select unwind.declare_foreign_key('lines', '{id}', 'parcels', '{depot,number}')"),
    ("UW009", "lines", "select unwind.drop_foreign_key('lines', '{id}', 'orders', '{id}')"),
    ("UW009", "xml", "select unwind.describe_workflow('w', 'xml')"),
    ("UW009", "html", "select unwind.describe_run('r', 'html')"),
    ("UW009", "no run", "select unwind.describe_runs('{}')"),
    ("UW009", "order_view", "select unwind.suggest_workflow('order_view')"),
    ("UW009", "nocolumn", "select unwind.suggest_workflow('orders', 'nocolumn')"),
    ("UW009", "no primary key", "select unwind.suggest_workflow('notes')"),
    ("UW009", "clock_timestamp", "select unwind.define_custom_step('w', 's', 'clock_timestamp()')"),
    ("UW009", "root tables", "select unwind.define_custom_step('w', 'order', 'undo_it(text[])')"),
    ("UW009", "compensation", "select unwind.define_step('w', 'own', 'orders', 'id')"),
    ("UW009", "empty", "select unwind.start_run('w', '')"),
    ("UW009", "lease", "select unwind.start_run('w', worker => 'me', lease => '0')"),
    ("UW009", "2 values", "select unwind.record_step('live', 'parcel', '1')"),
    ("UW009", "null", "select unwind.record_step('live', 'order', null)"),
    ("UW009", "seven", "select unwind.record_step('live', 'parcel', '1', 'seven')"),
    ("UW009", "007", "select unwind.record_step('live', 'pair', '007')"),
    ("UW008", "nothing", "select * from unwind.rewind_run('live', 'nothing')"),
    ("UW009", "one run and one try", "call unwind.recover_runs(max_runs => 0)"),
    ("UW009", "a batch", "call unwind.compensate_run_in_batches('live', 0)"),
    ("UW009", "an age", "select unwind.purge_runs('-1 day')"),
    ("UW009", "'stale'", "select * from unwind.compensate_run('drifted')"),
    ("UW009", "'swapped'", "select unwind.compile_workflow('swapped')"),
    ("UW009", "'retyped'", "select unwind.compile_workflow('retyped')"),
    ("UW009", "'twice'", "select unwind.compile_workflow('twice')"),
    ("UW010", "serializable", "select * from unwind.compensate_run('live')"),
    ("UW010", "serializable", "select unwind.compile_workflow('w')"),
    ("UW012", "parcel", "select * from unwind.compensate_step('live', 'order')"),
    ("UW009", "elsewhere.orders", "select unwind.record_step('shifted', 'shift', 'o')"),
    ("UW009", "papers", "select unwind.define_step('w', 's', 'papers', 'text')"),
    ("UW009", "pg_class", "select unwind.define_step('w', 's', 'pg_catalog.pg_class', 'oid')"),
    ("UW009", "boxes.content", "select unwind.define_step('w', 's', 'boxes', 'content')"),
    ("UW009", "'DONE'", "select * from unwind.find_runs(status => 'DONE')"),
    ("UW009", "not 0", "select * from unwind.find_runs(max_runs => 0)"),
    ("UW009", "'join'", "select unwind.start_run('w', 'live', if_exists => 'join')"),
    ("UW009", "one or two dimensions", "select unwind.record_entities('live', 'order', '{{{a}}}')"),
    ("UW013", "live", "select unwind.start_run('w', 'live')"),
    ("UW017", "orders (id)=(stray)", "select unwind.record_step('live', 'order', 'stray')"),
    ("P0002", "orders", "select unwind.adopt_entity('live', 'order', 'nowhere')"),
    ("P0002", "nowhere", "select unwind.release_entity('live', 'order', 'nowhere')"),
    ("UW009", "max_rows", "select * from unwind.compensate_run('live', max_rows => -1)"),
    ("UW019", "run 'live'", "select * from unwind.compensate_run('live', max_rows => 3)"),
    ("UW019", "2 runs", "select * from unwind.compensate_runs(array['live', 'failed'], max_rows => 7)"),
    ("UW017", "orders (id)=(stray)", "select unwind.record_step('live', 'order', 'stray')"),
    ("P0002", "orders", "select unwind.adopt_entity('live', 'order', 'nowhere')"),
    ("P0002", "nowhere", "select unwind.release_entity('live', 'order', 'nowhere')"),
    ("UW020", "public.orders", "select * from unwind.compensate_run('loved')"),
    ("55006", "'w'", "select unwind.drop_workflow('w')"),
    (
        "55000",
        "session_replication_role",
        "do $$ begin set local session_replication_role = replica;"
        " perform unwind.compensate_run('live'); end $$",
    ),
    (
        "UW009",
        "public.numbers.id",
        "do $$ begin perform unwind.define_step('w', 'n', 'numbers', 'id');"
        " alter table public.numbers rename id to number; set constraints all immediate; end $$",
    ),
]


SITUATION = """
create view order_view as select id from orders;
create table numbers (id int primary key);
create function undo_it(run_ids text[]) returns table (run_id text, table_name text, rows_deleted bigint)
language sql as $$ select null::text, null::text, 0::bigint where false $$;
create function keep_one() returns trigger language plpgsql as $$
begin
    if old.id = 'o-loved' then raise 'kept for ever'; end if;
    return case when old.id = 'o-kept' then null else old end;
end
$$;
create trigger keeper before delete on orders for each row execute function keep_one();
select unwind.define_workflow('other');
select unwind.define_step('other', 'line', 'lines', 'id');
select unwind.define_custom_step('w', 'own', 'undo_it(text[])');
select unwind.define_step('w', 'pair', 'orders', 'id');
select unwind.define_step('w', 'pair', 'numbers', 'id');
create table marks (order_id text, kind int) partition by list (kind);
create table marks_1 partition of marks for values in (1);
select unwind.declare_foreign_key('marks', '{order_id}', 'orders', '{id}');
create schema elsewhere;
create table elsewhere.orders (id text primary key);
select unwind.define_workflow('moved');
select unwind.define_step('moved', 'shift', 'elsewhere.orders', 'id');
select unwind.start_run('moved', 'shifted');
create domain checked as int check (value > 0);
create type carton as (weight checked);
create table boxes (content carton);
create table papers (text json);
insert into orders values ('stray');
select unwind.define_workflow('apart');
select unwind.define_step('apart', 'order', 'orders', 'id');
select unwind.define_step('apart', 'line', 'lines', 'id');
select unwind.start_run('apart', 'split');
select unwind.record_step('split', 'order', 'o-split'), unwind.record_step('split', 'line', '1');
insert into orders values ('o-split');
insert into lines (order_id) values ('o-split');
create table notes (order_id text references orders);
create table tags (id int primary key) partition by list (id);
create table tags_1 partition of tags for values in (1);
create table tagged (tag_id int references tags_1 on delete cascade);
create table readings (id int primary key);
select unwind.define_workflow('stale');
select unwind.define_step('stale', 'reading', 'readings', 'id');
select unwind.start_run('stale', 'drifted');
select unwind.record_step('drifted', 'reading', '1');
alter table readings rename id to number;
create table swaps (id int primary key, other int);
select unwind.define_workflow('swapped'), unwind.define_step('swapped', 's', 'swaps', 'id');
set constraints all immediate; alter table swaps rename id to former; alter table swaps rename other to id;
create table retypes (id int primary key);
select unwind.define_workflow('retyped'), unwind.define_step('retyped', 's', 'retypes', 'id');
select unwind.start_run('retyped', 'retyped'), unwind.record_step('retyped', 's', '1');
alter table retypes alter id type uuid using null;
create table merges (id text primary key);
select unwind.define_workflow('twice'), unwind.define_step('twice', 's', 'merges', 'id');
select unwind.start_run('twice', 'once'), unwind.start_run('twice', 'twice');
insert into merges values ('1');
select unwind.record_step('once', 's', '1'), unwind.record_step('twice', 's', '01');
alter table merges alter id type int using id::int;
"""


@pytest.fixture
def situation(db: Any) -> Any:
    """Runs in every status, and things that are not what they should be."""
    db.conn.execute(SITUATION)
    for run in ("live", "done", "undone", "failed", "blocked", "kept", "mixed", "noted", "loved"):
        db.run(run)
    db("select unwind.complete_run('done')")
    db("select unwind.fail_run('failed', 'x')")
    db("select * from unwind.compensate_run('undone')")
    db("select unwind.start_run('w', 'claimed', worker => 'somebody')")
    db.conn.execute("insert into parcels values (9, 9, 'o-blocked')")
    db("select unwind.start_run('other', 'theirs')")
    db("select unwind.adopt_entity('theirs', 'line', min(id)::text) from lines where order_id = 'o-mixed'")
    db.conn.execute("insert into notes values ('o-noted')")
    return db


def fail(db: Any, sqlstate: str, call: str) -> psycopg.Error:
    """The error of a call."""
    level = "serializable" if sqlstate == "UW010" else "read committed"
    db("select set_config('default_transaction_isolation', %s, false)", level)
    error: psycopg.Error = db.refused(call)
    db("select set_config('default_transaction_isolation', 'read committed', false)")
    return error


def everything(db: Any) -> list[Any]:
    """All rows of all tables that an error could have changed."""
    tables = [
        name
        for (name,) in db(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('public', 'unwind', 'unwind_internal')"
        )
    ]
    return [db(f"select t::text from {name} as t order by 1") for name in sorted(tables)]


@pytest.mark.parametrize("sqlstate", sorted({case[0] for case in CASES}))
def test_the_error_names_the_thing_tells_what_to_type_and_changes_nothing(
    situation: Any, sqlstate: str
) -> None:
    before = everything(situation)
    for _, names, call in (case for case in CASES if case[0] == sqlstate):
        error = fail(situation, sqlstate, call)
        assert error.sqlstate == sqlstate, call
        assert names in str(error.diag.message_primary), call
        assert error.diag.message_detail, call
        assert error.diag.message_hint, call
        assert everything(situation) == before, call


RAISE = re.compile(r"\braise '(?:[^']|'')*'.*?errcode = '(\w+)'", re.DOTALL)
SQLSTATES = {
    "object_in_use": "55006",
    "object_not_in_prerequisite_state": "55000",
    "insufficient_privilege": "42501",
    "no_data_found": "P0002",
}
ENGINE = Path(__file__).parents[2] / "sql" / "engine"
OF_CAPTURE = {
    f"{schema}.{name}"
    for schema in ("unwind", "unwind_internal")
    for name in [
        *(path.stem for room in ("capture", "restore") for path in (ENGINE / room).glob("*.sql")),
        "enter_run",
        "raise_changed_since",
        "raise_restore_refused",
        "undo_images_first",
        "raise_images_missing",
        "refuse_images",
        "forget_images",
    ]
}
"""Their cases are in test_errors.py of capture/ and restore/."""
RAISED_BY = re.compile(r"PL/pgSQL function ([\w.]+)\(.*?\) line (\d+) at RAISE")


def test_every_place_in_the_engine_that_raises_an_error_is_reached_by_one_of_the_cases(
    situation: Any,
) -> None:
    functions = situation(
        "select p.oid::regproc::text, p.prosrc from pg_proc as p "
        "where p.pronamespace in ('unwind'::regnamespace, 'unwind_internal'::regnamespace)"
    )
    places = {
        (name, source[: found.start()].count("\n") + 1, SQLSTATES.get(found[1], found[1]))
        for name, source in functions
        for found in RAISE.finditer(source)
        # Needs another server: planner/test_foreign_tables.py.
        if name != "unwind_internal.assert_sent_whole" and name not in OF_CAPTURE
    }
    reached = set()
    for sqlstate, _, call in CASES:
        context = fail(situation, sqlstate, call).diag.context or ""
        name, line = RAISED_BY.findall(context)[0]
        reached.add((name, int(line), sqlstate))
    assert places == reached


def test_every_sqlstate_of_the_client_is_one_of_the_cases() -> None:
    raised = {case[0] for case in CASES if case[0].startswith("UW")}
    of_capture = {"UW011", "UW014", "UW015", "UW016", "UW018"}  # capture/test_errors.py
    assert raised | of_capture == {f"UW{n:03}" for n in range(1, 21)}
    assert not raised & of_capture
