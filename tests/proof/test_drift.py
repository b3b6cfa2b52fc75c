"""A schema that has changed since it was compiled: nothing is missed without a word, and each has its fix."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

Connection = psycopg.Connection[Any]
COMPENSATE = "select table_name, rows_deleted from unwind.compensate_run('r')"
TABLES = ("orders", "lines", "payments", "notes", "alerts", "extras")

REFUSED: list[tuple[LiteralString, LiteralString]] = [
    ("alter table lines rename to order_lines", "table public.lines is called public.order_lines now"),
    ("create schema archive; alter table lines set schema archive", "is called archive.lines now"),
    ("alter table orders rename to all_orders", "table public.orders is called public.all_orders now"),
    ("alter table payments rename to fees", "table public.payments is called public.fees now"),
    ("alter table alerts rename to alarms", "table public.alerts is called public.alarms now"),
    ("drop table notes", "is gone"),
    ("drop table alerts", "is gone"),
    ("alter table lines rename order_id to ordered", "column order_id of public.lines is called ordered now"),
    ("alter table lines drop column order_id", "column order_id of public.lines is gone"),
    ("alter table alerts drop column order_id", "column order_id of public.alerts is gone"),
    ("alter table payments rename id to payment_id", "column id of public.payments is called payment_id now"),
    (
        "alter table orders rename parent_id to former; alter table orders add parent_id int",
        "column parent_id of public.orders is another column now; the one that was planned is called former",
    ),
    (
        "alter table lines drop column order_id, add column order_id int",
        "column order_id of public.lines was dropped, and another has its name now",
    ),
    (
        "alter table orders alter id type bigint",
        "column id of public.orders is of type bigint now, not integer",
    ),
    ("alter table orders alter id type text", "is of type text now, not integer"),
    ("alter table payments alter id type varchar(10)", "is of type character varying now, not text"),
    (
        "alter table alerts alter order_id type double precision",
        "column order_id of public.alerts is of type double precision now, not integer",
    ),
    (
        "create table extras (order_id int references orders on delete cascade);"
        "insert into extras values (1)",
        "foreign key is new: public.extras (order_id) -> public.orders (id) on delete cascade",
    ),
    (
        "create table extras (line_id int references lines on delete set null);insert into extras values (1)",
        "foreign key is new: public.extras (line_id) -> public.lines (id) on delete set null",
    ),
    (
        "create table extras (id text default 'x' references payments on delete set default);"
        "insert into payments values ('x'); insert into extras values ('p1')",
        "on delete set default",
    ),
    (
        "create function keep() returns trigger language plpgsql as 'begin return null; end';"
        "create trigger keep before delete on lines for each row execute function keep()",
        "triggers or rules of public.lines are new: keep",
    ),
    (
        "create function note() returns trigger language plpgsql as 'begin return old; end';"
        "create trigger after_it after delete on payments for each row execute function note()",
        "triggers or rules of public.payments are new: after_it",
    ),
    (
        "alter table lines rename to former; create table lines (like former including all)",
        "public.lines is another table now; the one that was planned is called public.former",
    ),
    (
        "alter table payments rename to former;"
        "create table payments (like former including all) partition by list (id);"
        "create table payments_1 partition of payments for values in ('x');"
        "alter table payments attach partition former default",
        "public.payments is another table now; the one that was planned is called public.former",
    ),
]


def everything(conn: Connection) -> list[Any]:
    """All rows of all tables, by whatever name."""
    tables = conn.execute(
        "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace not in "
        "('pg_catalog'::regnamespace, 'information_schema'::regnamespace) order by 1"
    ).fetchall()
    return [
        conn.execute(f"select t::text from {name} as t order by 1".encode()).fetchall() for (name,) in tables
    ]


def findings(conn: Connection) -> list[tuple[str, str, str]]:
    return conn.execute("select code, message, fix from unwind.check_workflow('w')").fetchall()


@pytest.mark.parametrize(("change", "says"), REFUSED)
@pytest.mark.parametrize("warm", [False, True])
def test_the_next_compensation_refuses_naming_what_changed_and_compile_workflow(
    run: Connection, change: LiteralString, says: str, warm: bool
) -> None:
    if warm:  # plans are cached in this session
        with run.transaction(force_rollback=True):
            run.execute(COMPENSATE)
    run.execute(change)
    before = everything(run)
    for call in (
        COMPENSATE,
        "select * from unwind.compensate_runs('{r}')",
        "select * from unwind.rewind_run('r', 'order')",
        "call unwind.compensate_run_in_batches('r')",
        "select * from unwind.preview_run('r')",
        "select * from unwind.verify_run('r')",
    ):
        if "rewind" in call and "payments" not in change:
            continue  # that undoes the payment alone
        with pytest.raises(psycopg.Error, match="has to be compiled anew") as refused:
            run.execute(call.encode())
        assert refused.value.sqlstate == "UW009", call
        assert says in (refused.value.diag.message_detail or ""), call
        assert "unwind.compile_workflow('w')" in (refused.value.diag.message_hint or ""), call
        assert everything(run) == before, call


@pytest.mark.parametrize(("change", "says"), REFUSED)
def test_the_check_says_so_and_its_fix_is_the_cure(run: Connection, change: LiteralString, says: str) -> None:
    run.execute(change)
    found = [row for row in findings(run) if row[0] in ("stale_plan", "broken_definition")]
    assert found
    for _ in range(5):
        for _, _, fix in found:
            run.execute(fix.encode())
        found = [row for row in findings(run) if row[0] in ("stale_plan", "broken_definition")]
        if not found:
            break
    assert found == []
    if "return null" in change:
        with pytest.raises(psycopg.Error, match=r"rows of public\.lines were not deleted"):
            run.execute(COMPENSATE)
        return
    run.execute(COMPENSATE)
    assert run.execute("select * from unwind.verify_run('r')").fetchall() == []


def test_a_table_that_became_partitioned_is_followed_into_all_its_partitions(run: Connection) -> None:
    run.execute("select unwind.record_step('r', 'payment', 'p2'), unwind.record_step('r', 'payment', 'p3')")
    run.execute("insert into payments values ('p2', null), ('p3', null)")
    run.execute("""
        alter table payments rename to former;
        create table payments (like former including all) partition by list (id);
        create table payments_2 partition of payments for values in ('p2');
        create table payments_3 partition of payments default;
        insert into payments select * from former;
        drop table former;
        update unwind.step_roots set root_table = 'payments' where step = 'payment';
    """)
    run.execute("delete from unwind.logical_foreign_keys where child_table not in (select oid from pg_class)")
    run.execute("select unwind.declare_foreign_key('payments', '{order_id}', 'orders', '{id}', 'restrict')")
    assert [code for code, *_ in findings(run) if code != "missing_index"] == []
    receipts = dict(run.execute(COMPENSATE).fetchall())
    assert receipts["public.payments"] == 3


def test_a_foreign_key_whose_action_changed_is_refused_until_compiled_anew(run: Connection) -> None:
    run.execute("create table extras (order_id int constraint e references orders on delete cascade)")
    run.execute("create index on extras (order_id); insert into extras values (1)")
    run.execute("select unwind.compile_workflow('w')")
    run.execute(
        "alter table extras drop constraint e, add constraint e foreign key (order_id) references orders"
    )
    with pytest.raises(psycopg.Error, match="has to be compiled anew"):
        run.execute(COMPENSATE)
    assert {code for code, *_ in findings(run)} == {"stale_plan"}
    run.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.Error, match=r"rows of public\.extras still refer") as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW007"


@pytest.mark.parametrize("action", ["", "on delete restrict", "on delete restrict deferrable"])
def test_a_new_foreign_key_by_which_postgresql_would_refuse_is_left_to_it(
    run: Connection, action: LiteralString
) -> None:
    run.execute("create table extras (order_id int constraint e references orders " + action + ")")
    found = {code for code, *_ in findings(run)}
    assert found == {"stale_plan", "uncovered_foreign_key", "missing_index"}
    run.execute("insert into extras values (1)")
    with pytest.raises(psycopg.Error, match=r"rows of public\.extras still refer") as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW007"
    assert (refused.value.diag.constraint_name, refused.value.diag.table_name) == ("e", "public.extras")
    run.execute("delete from extras")
    assert run.execute(COMPENSATE).rowcount == 4


def test_a_new_deferred_foreign_key_does_not_wait_for_the_commit_to_refuse(run: Connection) -> None:
    run.execute("create table extras (order_id int references orders deferrable initially deferred)")
    run.execute("insert into extras values (1)")
    for sqlstate in ("UW009", "UW007"):
        with pytest.raises(psycopg.Error, match="extras") as refused:
            run.execute(COMPENSATE)
        assert refused.value.sqlstate == sqlstate
        run.execute("select unwind.compile_workflow('w')")


def test_a_dropped_index_is_found_and_slows_but_does_not_stop(run: Connection) -> None:
    run.execute("drop index lines_order_id_idx")
    [(code, _, fix)] = findings(run)
    assert code == "missing_index"
    assert run.execute(COMPENSATE).rowcount == 4
    run.execute(fix.encode())
    assert findings(run) == []


@pytest.mark.parametrize(
    "change",
    [
        "alter table lines add extra int; alter table lines drop price",
        "create index on lines (price); analyze lines",
        "alter table orders add check (id > 0); alter table orders rename constraint orders_pkey to p",
        "create table elsewhere (id int primary key, other int references elsewhere on delete cascade)",
        "create function note() returns trigger language plpgsql as 'begin return old; end';"
        "create trigger after_it after insert or update on lines for each row execute function note()",
    ],
)
def test_what_does_not_touch_the_plan_stops_nothing(run: Connection, change: LiteralString) -> None:
    run.execute(change)
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


@pytest.mark.parametrize("compiled", [False, True])
def test_a_cascade_that_is_committed_while_a_compensation_waits_for_the_table_is_seen(
    run: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, compiled: bool
) -> None:
    run.execute("create table extras (order_id int); insert into extras values (1)")
    undoer, changer = connect(), connect(autocommit=False)
    with undoer.transaction(force_rollback=True):
        undoer.execute(COMPENSATE)
    changer.execute("alter table extras add foreign key (order_id) references orders on delete cascade")
    if compiled:
        changer.execute("select unwind.compile_workflow('w')")
    undoing = in_background(undoer.execute, COMPENSATE)
    wait_until_blocked(undoer, undoing)
    changer.commit()
    with pytest.raises(psycopg.Error, match="has to be compiled anew") as refused:
        undoing.result()
    assert refused.value.sqlstate == "UW009"
    assert run.execute("select count(*) from extras").fetchone() == (1,)
    run.execute("select unwind.compile_workflow('w')")
    assert ("public.extras", 1) in undoer.execute(COMPENSATE).fetchall()


def test_an_error_of_the_users_own_trigger_is_passed_on_as_it_is(run: Connection) -> None:
    run.execute("""
        create function fail() returns trigger language plpgsql as 'begin perform from nowhere; end';
        create trigger fail after delete on lines for each row execute function fail();
        select unwind.compile_workflow('w')
    """)
    with pytest.raises(psycopg.errors.UndefinedTable, match="nowhere"):
        run.execute(COMPENSATE)


def test_a_generated_function_that_is_gone_is_an_error_that_says_so(run: Connection) -> None:
    run.execute("select unwind.start_run('w', 'another')")
    run.execute("drop function unwind_compiled.compensate_many_w")
    with pytest.raises(psycopg.Error, match="a generated function of it is gone") as refused:
        run.execute("select * from unwind.compensate_runs(array(select id from unwind.workflow_runs))")
    assert refused.value.sqlstate == "UW009"


def test_the_function_for_one_run_that_is_gone_is_missed_by_its_run(run: Connection) -> None:
    run.execute("drop function unwind_compiled.compensate_one_w")
    with pytest.raises(psycopg.Error, match="a generated function of it is gone") as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW009"


def test_an_ordinary_role_is_told_of_drift_too(run: Connection) -> None:
    role = f"checker_{run.info.dbname}"
    run.execute(
        f"""
        create role "{role}";
        grant usage on schema unwind, unwind_internal, unwind_compiled to "{role}";
        grant execute on all functions in schema unwind, unwind_internal, unwind_compiled to "{role}";
        grant select on all tables in schema unwind, unwind_internal to "{role}";
        grant select, delete, update on all tables in schema public to "{role}";
        alter table alerts rename to alarms;
        set role "{role}";
    """.encode()
    )
    try:
        assert ("stale_plan", "table public.alerts is called public.alarms now") in [
            (code, message) for code, message, _ in findings(run)
        ]
    finally:
        run.execute(f'reset role; drop owned by "{role}"; drop role "{role}"'.encode())


def test_tables_in_a_cycle_are_looked_at_too(conn: Connection) -> None:
    conn.execute("""
        create table a (id int primary key, b_id int);
        create table b (id int primary key, a_id int references a on delete cascade);
        alter table a add foreign key (b_id) references b on delete cascade;
        select unwind.define_workflow('w');
        select unwind.define_step('w', 's', 'a', 'id');
        insert into a values (1, null); insert into b values (1, 1); update a set b_id = 1;
        select unwind.start_run('w', 'r'), unwind.record_step('r', 's', '1');
        create table extras (b_id int references b on delete cascade); insert into extras values (1);
    """)
    with pytest.raises(psycopg.Error, match="has to be compiled anew"):
        conn.execute(COMPENSATE)
    conn.execute("select unwind.compile_workflow('w')")
    assert dict(conn.execute(COMPENSATE).fetchall()) == {"public.extras": 1, "public.a": 1, "public.b": 1}
