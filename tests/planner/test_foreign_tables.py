"""Rows behind postgres_fdw go too, by a statement that the far server carries out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]
SETUP = """
create extension postgres_fdw;
create server far foreign data wrapper postgres_fdw options (host '{host}', port '{port}', dbname '{dbname}');
create user mapping for current_user server far options (user '{user}', password '{password}');
create schema there;
create table there.notes (id int primary key, order_id text);
create table there.subs (id int primary key, note_id int);
create index on there.notes (order_id);
create foreign table notes (id int, order_id text) server far options (schema_name 'there');
create foreign table subs (id int, note_id int) server far options (schema_name 'there');
create table orders (id text primary key);
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'note', 'notes', 'id');
select unwind.declare_foreign_key('notes', '{{order_id}}', 'orders', '{{id}}');
select unwind.declare_foreign_key('subs', '{{note_id}}', 'notes', '{{id}}');
insert into orders values ('o1'), ('o2');
insert into there.notes values (1, 'o1'), (2, 'o1'), (3, 'o2'), (4, null);
insert into there.subs values (1, 1), (2, 1), (3, 2), (4, 3), (5, 4);
select unwind.start_run('w', 'r1'), unwind.adopt_entity('r1', 'order', 'o1');
select unwind.start_run('w', 'r2'), unwind.record_step('r2', 'note', '4');
"""


@pytest.fixture
def far(conn: Connection) -> Connection:
    """Orders here; notes and what hangs below them on another server, which is this one."""
    info = conn.info
    conn.execute(
        SETUP.format(
            host=info.host, port=info.port, dbname=info.dbname, user=info.user, password=info.password
        ).encode()
    )
    return conn


@pytest.mark.parametrize(
    "undo",
    [
        "select * from unwind.compensate_run('r1')",
        "select * from unwind.compensate_runs('{r1}')",
        "call unwind.compensate_run_in_batches('r1', 1)",
    ],
)
def test_rows_of_foreign_tables_belong_as_others_do(far: Connection, undo: str) -> None:
    preview = far.execute("select table_name, row_count from unwind.preview_run('r1')").fetchall()
    assert preview == [("public.subs", 3), ("public.notes", 2), ("public.orders", 1)]
    far.execute(undo.encode())
    receipts = far.execute("select table_name, rows_deleted from unwind.compensations where rows_deleted > 0")
    assert receipts.fetchall() == preview
    assert far.execute("select id from there.notes order by 1").fetchall() == [(3,), (4,)]
    assert far.execute("select id from there.subs order by 1").fetchall() == [(4,), (5,)]
    far.execute("select * from unwind.compensate_run('r2')")
    assert far.execute("select id from there.notes").fetchall() == [(3,)]
    assert far.execute("select id from there.subs").fetchall() == [(4,)]


def test_the_far_server_carries_the_statement_out(far: Connection) -> None:
    plans: list[str] = []
    far.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    far.execute(
        """load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_verbose = on;
        set auto_explain.log_nested_statements = on; set client_min_messages = log;"""
    )
    far.execute("select * from unwind.compensate_run('r1')")
    remote = [line for plan in plans for line in plan.splitlines() if "Remote SQL: DELETE" in line]
    assert any("DELETE FROM there.subs" in line and "note_id" in line for line in remote), plans
    assert any("DELETE FROM there.notes" in line and "order_id" in line for line in remote), plans
    assert not any("ctid" in line for plan in plans for line in plan.splitlines() if "Remote SQL" in line)


def test_no_index_is_asked_of_a_foreign_table_and_that_its_rows_have_no_versions_is_said(
    far: Connection,
) -> None:
    assert far.execute("select severity, code, object from unwind.check_workflow('w')").fetchall() == [
        ("warning", "existence_unchecked", "public.notes")
    ]


def test_a_foreign_row_that_was_there_can_be_recorded_and_is_seen_by_record_if_new(far: Connection) -> None:
    far.execute("select unwind.record_step('r2', 'note', '3')")
    assert far.execute("select unwind.record_if_new('r1', 'note', '2')").fetchone() == (False,)
    assert far.execute("select unwind.record_if_new('r1', 'note', '99')").fetchone() == (True,)


def test_an_undo_that_fails_here_changes_nothing_there(far: Connection) -> None:
    far.execute("create table invoices (order_id text references orders)")
    far.execute("insert into invoices values ('o1')")
    far.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.Error, match="invoices"):
        far.execute("select * from unwind.compensate_run('r1')")
    assert far.execute("select count(*) from there.subs").fetchone() == (5,)


FAR = """
create schema yonder;
create table yonder.notes (tenant int, id int, order_tenant int, order_id text) partition by list (tenant);
create table yonder.subs (id int, note_tenant int, note_id int, peer int) partition by list (id);
create table yonder.tags (id int, order_id text, label text) partition by list (id);
do $$ begin
    for n in 0..9 loop
        execute format('create table yonder.notes_%s partition of yonder.notes for values in (%1$s)', n);
        execute format('create table yonder.subs_%s partition of yonder.subs for values in (%1$s)', n);
        execute format('create table yonder.tags_%s partition of yonder.tags for values in (%1$s)', n);
    end loop;
end $$;
create foreign table far_notes (tenant int, id int, order_tenant int, order_id text)
server far options (schema_name 'yonder', table_name 'notes');
create foreign table far_subs (id int, note_tenant int, note_id int, peer int)
server far options (schema_name 'yonder', table_name 'subs');
create foreign table far_tags (id int, order_id text, label text)
server far options (schema_name 'yonder', table_name 'tags');
create table sales (tenant int, id text, note int, primary key (tenant, id));
select unwind.define_workflow('far'), unwind.define_step('far', 'sale', 'sales', 'tenant', 'id');
select unwind.define_step('far', 'note', 'far_notes', 'tenant', 'id');
select unwind.declare_foreign_key('far_notes', '{order_tenant,order_id}', 'sales', '{tenant,id}');
select unwind.declare_foreign_key('far_subs', '{note_tenant,note_id}', 'far_notes', '{tenant,id}');
select unwind.declare_foreign_key('far_tags', '{order_id}', 'sales', '{id}', 'set null');
insert into sales select n, 's' || n from generate_series(0, 9) as n;
-- In each partition the first row lies at the same place.
insert into yonder.notes select n, n, n, 's' || n from generate_series(0, 9) as n;
insert into yonder.subs select n, n, n from generate_series(0, 9) as n;
insert into yonder.tags select n, 's' || n, 'kept' from generate_series(0, 9) as n;
select unwind.start_run('far', 'f1'), unwind.start_run('far', 'f2'), unwind.start_run('far', 'f3');
select unwind.record_step('f1', 'sale', '0', 's0'), unwind.record_step('f2', 'sale', '1', 's1');
select unwind.record_step('f1', 'note', '2', '2'), unwind.record_step('f1', 'note', '3', '3');
select unwind.record_step('f3', 'note', '4', '4'), unwind.fail_run('f1', 'x'), unwind.fail_run('f2', 'x');
"""
CYCLE = """
select unwind.declare_foreign_key('sales', '{note}', 'far_subs', '{id}');
"""
UNDOS = {
    "one": ["select * from unwind.compensate_run('f1')", "select * from unwind.compensate_run('f2')"],
    "several": ["select * from unwind.compensate_runs('{f1,f2}')"],
    "step by step": [
        "select * from unwind.compensate_step('f1', 'note')",
        "select * from unwind.compensate_step('f1', 'sale')",
        "select * from unwind.compensate_run('f2')",
    ],
    "in batches": [
        "call unwind.compensate_run_in_batches('f1', 1)",
        "call unwind.compensate_run_in_batches('f2', 1)",
    ],
    "sweep": ["call unwind.recover_runs()"],
}


def remote_statements(far: Connection, statements: list[str]) -> list[str]:
    """What the far server is sent while these run."""
    plans: list[str] = []
    far.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    far.execute(
        """load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_verbose = on;
        set auto_explain.log_nested_statements = on; set client_min_messages = log;"""
    )
    for statement in statements:
        far.execute(statement.encode())
    return [line.strip() for plan in plans for line in plan.splitlines() if "Remote SQL" in line]


@pytest.mark.parametrize("shape", ["tree", "cycle"])
@pytest.mark.parametrize("undo", list(UNDOS))
def test_a_row_is_known_by_its_key_there_where_many_lie_at_the_same_place(
    far: Connection, undo: str, shape: str
) -> None:
    far.execute(FAR)
    if shape == "cycle":
        far.execute(CYCLE)
    remote = remote_statements(far, UNDOS[undo])
    gone = {0, 1, 2, 3}
    notes = [n for n in range(10) if n not in gone]
    assert far.execute("select array_agg(id order by id) from yonder.notes").fetchone() == (notes,)
    assert far.execute("select array_agg(id order by id) from yonder.subs").fetchone() == (notes,)
    tags = far.execute(
        "select array_agg(id order by id) from yonder.tags where order_id is not null"
    ).fetchone()
    assert tags == (list(range(2, 10)),)
    receipts = far.execute(
        "select run_id, sum(rows_deleted) from unwind.compensations group by 1 order by 1"
    ).fetchall()
    assert receipts == [("f1", 7), ("f2", 3)]
    assert remote
    assert not [line for line in remote if "ctid" in line]


def test_rows_elsewhere_that_refer_are_counted_by_what_they_are(far: Connection) -> None:
    far.execute(FAR)
    far.execute("select unwind.declare_foreign_key('far_tags', '{order_id}', 'sales', '{id}', 'restrict')")
    for call in ("select * from unwind.compensate_run('f1')", "call unwind.compensate_run_in_batches('f1')"):
        with pytest.raises(psycopg.Error, match=r"far_tags.*count: 1\)") as refused:
            far.execute(call.encode())
        assert refused.value.sqlstate == "UW007"


def test_a_step_in_flight_there_is_seen_by_the_script_that_waits_for_it(
    far: Connection, dsn: str, connect: Any, pg_bin: Path, in_background: Any, wait_until_blocked: Any
) -> None:
    step = connect(autocommit=False)
    step.execute("select unwind.record_step('r1', 'note', '10')")
    step.execute("insert into notes values (10, null)")
    script = Path(__file__).parents[2] / "sql" / "dba" / "undo_run.sql"
    undo = in_background(
        subprocess.run,
        [pg_bin / "psql", "-X", "-d", dsn, "-v", "run=r1", "-v", "go=1", "-f", script],
    )
    for _ in range(2000):
        waiting = far.execute(
            "select from pg_stat_activity where application_name = 'psql' and wait_event_type = 'Lock'"
            " and datname = current_database()"
        ).fetchall()
        if waiting or undo.done():
            break
    step.commit()
    assert undo.result().returncode == 0
    assert far.execute("select id from there.notes order by 1").fetchall() == [(3,), (4,)]


@pytest.mark.parametrize("event", ["before delete", "after delete"])
@pytest.mark.parametrize("state", ["", "alter table notes disable trigger mine"])
def test_a_trigger_that_makes_it_go_row_by_row_is_refused(far: Connection, event: str, state: str) -> None:
    far.execute("create function mine() returns trigger language plpgsql as $$ begin return old; end $$")
    far.execute(
        f"create trigger mine {event} on notes for each row execute function mine(); {state}".encode()
    )
    with pytest.raises(psycopg.Error, match="notes") as refused:
        far.execute("select * from unwind.compensate_run('r1')")
    assert refused.value.sqlstate == "UW009"
    with pytest.raises(psycopg.Error, match="one by one") as refused:
        far.execute("select unwind.compile_workflow('w')")
    assert refused.value.sqlstate == "UW009"
    assert "mine" in str(refused.value.diag.message_detail)
    finding = far.execute("select code, fix from unwind.check_workflow('w')").fetchone()
    assert finding and finding[0] == "cannot_plan" and finding[1].startswith("drop trigger mine")
    far.execute("drop trigger mine on notes")
    far.execute("select * from unwind.compensate_run('r1')")
    assert far.execute("select id from there.notes order by 1").fetchall() == [(3,), (4,)]


def test_what_cannot_be_sent_holds_up_only_the_workflow_that_sends_it(far: Connection) -> None:
    far.execute("""
        create function mine() returns trigger language plpgsql as $$ begin return old; end $$;
        create trigger mine before delete on notes for each row execute function mine();
        create table plain (id int primary key);
        select unwind.define_workflow('other'), unwind.define_step('other', 'plain', 'plain', 'id')
    """)
    assert far.execute("select code from unwind.check_workflow('other')").fetchall() == []
    assert "cannot_plan" in {code for (code,) in far.execute("select code from unwind.check_workflow('w')")}


def test_a_comparison_that_cannot_be_sent_is_refused_until_it_can(far: Connection) -> None:
    far.execute("create extension citext schema pg_catalog; create table there.codes (code citext)")
    far.execute("create foreign table codes (code citext) server far options (schema_name 'there')")
    far.execute("select unwind.define_workflow('c')")
    with pytest.raises(psycopg.Error, match="one by one") as refused:
        far.execute("select unwind.define_step('c', 'code', 'codes', 'code')")
    assert "alter server far options" in str(refused.value.diag.message_hint)
    far.execute("alter server far options (add extensions 'citext')")
    far.execute("select unwind.define_step('c', 'code', 'codes', 'code')")
    far.execute("select unwind.start_run('c', 'c1'), unwind.record_step('c1', 'code', 'Abc')")
    far.execute("insert into there.codes values ('ABC'), ('other')")
    assert far.execute("select rows_deleted from unwind.compensate_run('c1')").fetchall() == [(1,)]
    far.execute("select unwind.start_run('c', 'c2'), unwind.record_step('c2', 'code', 'other')")
    far.execute("alter server far options (drop extensions)")
    with pytest.raises(psycopg.Error, match="one by one"):
        far.execute("select * from unwind.compensate_run('c2')")
