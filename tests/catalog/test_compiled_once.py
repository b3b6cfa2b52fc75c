"""What a transaction defines is compiled once: when it commits, or when it uses a workflow before that."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key, customer text);
create table lines (id int primary key, order_id text);
create table parts (id int primary key, line_id int);
create index on lines (order_id);
create index on parts (line_id);
select unwind.define_workflow('w'), unwind.define_workflow('v');
select unwind.define_step('w', 'o', 'orders', 'id'), unwind.define_step('v', 'o', 'orders', 'id');
set constraints all immediate;
create table compilations (workflow text);
create function count_compilation() returns trigger language plpgsql as
$$ begin insert into public.compilations values (new.workflow); return null; end $$;
create trigger counted after update of compiled_at on unwind.workflows
for each row execute function count_compilation();
insert into orders values ('old');
insert into lines values (1, 'old'), (2, 'old');
insert into parts values (1, 1);
"""
LINES = "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}')"
PARTS = "select unwind.declare_foreign_key('parts', '{line_id}', 'lines', '{id}')"
RUN = """
select unwind.start_run('w', 'r'), unwind.record_step('r', 'o', 'new');
insert into orders values ('new'); insert into lines values (3, 'new'), (4, 'new');
insert into parts values (2, 3);
"""

shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """Two workflows of one step, whose links are still to be declared."""
    return conn


def compiled(conn: Connection) -> list[str]:
    return sorted(name for (name,) in conn.execute("select workflow from compilations").fetchall())


def deleted(conn: Connection) -> list[str]:
    query = (
        "select distinct target::text from unwind.plan_statements where workflow = 'w' and action = 'delete'"
    )
    return sorted(name for (name,) in conn.execute(query.encode()).fetchall())


def test_a_transaction_compiles_each_workflow_that_it_touches_once(shop: Connection) -> None:
    with shop.transaction():
        shop.execute(LINES)
        shop.execute(PARTS)
        shop.execute("select unwind.define_step('w', 'l', 'lines', 'id')")
        shop.execute("select unwind.define_workflow('w', 'again')")
        assert compiled(shop) == []
    assert compiled(shop) == ["v", "w"]
    assert deleted(shop) == ["lines", "orders", "parts"]
    assert shop.execute("select * from unwind.check_workflow('w')").fetchall() == []
    for name in ("uncompiled_workflows", "defined_columns"):
        assert shop.execute(f"select from unwind_internal.{name}".encode()).rowcount == 0


def test_a_statement_by_itself_has_compiled_when_it_is_done(shop: Connection) -> None:
    shop.execute(LINES)
    assert compiled(shop) == ["v", "w"]
    assert deleted(shop) == ["lines", "orders"]


USES = {
    "preview_run": ("select table_name, row_count from unwind.preview_run('r')", 3),
    "verify_run": ("select table_name, rows_left from unwind.verify_run('r')", 3),
    "compensate_run": ("select table_name, rows_deleted from unwind.compensate_run('r')", 3),
    "compensate_runs": ("select * from unwind.compensate_runs('{r}')", 1),
    "compensate_step": ("select * from unwind.compensate_step('r', 'o')", 3),
    "record_step": ("select unwind.record_step('r', 'l', '7')", 1),
    "record_if_new": ("select unwind.record_if_new('r', 'l', '7')", 1),
    "adopt_entity": ("select unwind.adopt_entity('r', 'l', '3')", 1),
    "check_workflow": ("select * from unwind.check_workflow('w')", 0),
    "find_orphans": ("select * from unwind.find_orphans('w')", 0),
    "describe_workflow": ("select 1 where unwind.describe_workflow('w') like '%delete public.parts%'", 1),
}


@pytest.mark.parametrize("use", USES)
def test_the_transaction_that_defines_uses_what_it_has_defined(shop: Connection, use: str) -> None:
    shop.execute(RUN)
    query, rows = USES[use]
    with shop.transaction():
        shop.execute("select unwind.define_step('w', 'l', 'lines', 'id')")
        shop.execute(LINES)
        shop.execute(PARTS)
        assert shop.execute(query.encode()).rowcount == rows
        assert compiled(shop) == ["v", "w"]
    assert compiled(shop) == ["v", "w"]


def test_nobody_else_compiles_it_nor_waits_for_it(shop: Connection, connect: Any) -> None:
    shop.execute(RUN)
    other = connect()
    other.execute("set lock_timeout = '2s'")
    with shop.transaction():
        shop.execute(LINES)
        preview = other.execute("select table_name from unwind.preview_run('r')").fetchall()
        assert preview == [("public.orders",)]
        other.execute("select * from unwind.compensate_run('r')")
    assert compiled(shop) == ["v", "w"]


def test_a_savepoint_takes_its_definitions_back(shop: Connection) -> None:
    with shop.transaction():
        with shop.transaction(force_rollback=True):
            shop.execute(LINES)
        shop.execute("select * from unwind.check_workflow('w')")
        with shop.transaction(force_rollback=True):
            shop.execute(LINES)
            shop.execute("select * from unwind.check_workflow('w')")
        shop.execute("select unwind.define_step('w', 'l', 'lines', 'id')")
    assert deleted(shop) == ["lines", "orders"]
    assert compiled(shop) == ["w"]


@pytest.mark.parametrize(
    "setting",
    ["set constraints all immediate", "set session_replication_role = replica", "set search_path = pg_temp"],
)
def test_no_setting_keeps_it_from_being_compiled(shop: Connection, setting: str) -> None:
    with shop.transaction():
        shop.execute(setting.encode())
        shop.execute(LINES.replace("('", "('public.").replace(", 'or", ", 'public.or").encode())
    shop.execute("reset session_replication_role; reset search_path")
    assert deleted(shop) == ["lines", "orders"]


def test_another_role_may_be_in_effect_at_the_commit(shop: Connection) -> None:
    role = f"committer_{shop.info.dbname}"
    shop.execute(f'create role "{role}"'.encode())
    try:
        with shop.transaction():
            shop.execute(LINES)
            shop.execute(f'set local role "{role}"'.encode())
        assert deleted(shop) == ["lines", "orders"]
    finally:
        shop.execute(f'drop role "{role}"'.encode())


def test_a_prepared_transaction_has_compiled(shop: Connection) -> None:
    name = shop.info.dbname
    shop.execute("begin")
    shop.execute(LINES)
    shop.execute(f"prepare transaction '{name}'".encode())
    shop.execute(f"commit prepared '{name}'".encode())
    assert deleted(shop) == ["lines", "orders"]


def test_an_error_of_the_plan_comes_with_the_commit_at_the_latest_and_nothing_stays(shop: Connection) -> None:
    shop.execute("""
        create table days (id text, day int, primary key (id, day)) partition by list (day);
        create table days_1 partition of days for values in (1);
        create table notes (id text, day int, foreign key (id, day) references days_1 on delete cascade);
    """)
    with pytest.raises(psycopg.Error, match="a partition of") as refused, shop.transaction():
        shop.execute("select unwind.define_step('w', 'd', 'days', 'id', 'day')")
        shop.execute(LINES)
    assert refused.value.sqlstate == "UW009"
    assert shop.execute("select from unwind.logical_foreign_keys").rowcount == 0
    assert deleted(shop) == ["orders"]


@pytest.mark.parametrize(
    "change",
    [
        "alter table lines rename order_id to other; alter table lines add order_id text",
        "alter table lines rename order_id to order_no",
        "alter table lines drop order_id; alter table lines add order_id text",
        "alter table lines rename to lines_old; create table lines (like lines_old)",
        "alter table orders rename id to order_no",
    ],
)
def test_what_is_renamed_before_it_is_compiled_is_not_taken_for_what_was_named(
    shop: Connection, change: str
) -> None:
    with pytest.raises(psycopg.Error) as refused, shop.transaction():
        shop.execute(LINES)
        shop.execute(change.encode())
    assert refused.value.sqlstate == "UW009"
    assert deleted(shop) == ["orders"]
    with shop.transaction():
        shop.execute(LINES)
        shop.execute("select unwind.compile_workflow('w'), unwind.compile_workflow('v')")
        shop.execute(change.encode())
    assert shop.execute("select from unwind.check_workflow('w')").rowcount > 0


def test_a_setting_of_the_callers_own_compiles_nothing(shop: Connection) -> None:
    shop.execute("set unwind.is_uncompiled = true")
    shop.execute(RUN)
    shop.execute("select * from unwind.compensate_run('r')")
    assert compiled(shop) == []


def test_a_use_that_is_taken_back_leaves_it_to_the_commit(shop: Connection) -> None:
    shop.execute(RUN)
    with shop.transaction():
        shop.execute(LINES)
        with shop.transaction(force_rollback=True):
            assert shop.execute("select from unwind.preview_run('r')").rowcount == 2
        assert compiled(shop) == []
        assert deleted(shop) == ["orders"]
    assert compiled(shop) == ["v", "w"]
    assert deleted(shop) == ["lines", "orders"]
