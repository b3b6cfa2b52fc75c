"""No call waits for PostgreSQL to compile its queries, which takes longer than all that it does."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from templates import Address, holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id int primary key);
create table lines (id int primary key, order_id int references orders on delete cascade);
create table alerts (id int primary key, order_id int);
create index on lines (order_id);
create index on alerts (order_id);
create function undo_mail(run_ids text[]) returns table (run_id text, table_name text, rows_deleted bigint)
language sql as $$ select r, 'mail', 0::bigint from unnest(run_ids) as r $$;
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_custom_step('w', 'mail', 'undo_mail(text[])');
select unwind.declare_foreign_key('alerts', '{order_id}', 'orders', '{id}', 'set null');
select unwind.start_run('w', 'r'), unwind.start_run('w', 'q'), unwind.start_run('w', 'failed');
select unwind.record_step('r', 'order', '1'), unwind.record_step('r', 'mail', 'x');
select unwind.record_step('q', 'order', '2'), unwind.record_step('failed', 'order', '3');
select unwind.fail_run('failed', 'out of stock');
insert into orders select generate_series(1, 9);
insert into lines select n, n from generate_series(1, 9) as n;
insert into alerts select n, n from generate_series(1, 9) as n;
"""
CALLS = [
    "select unwind.start_run('w', 'new')",
    "select unwind.record_step('r', 'order', '77')",
    "select unwind.record_step('r', 'mail', 'y')",
    "select unwind.record_if_new('r', 'order', '77')",
    "select unwind.adopt_entity('r', 'order', '9')",
    "select unwind.release_entity('r', 'order', '1')",
    "select unwind.claim_run('r', 'me'), unwind.renew_claim('r', 'me'), unwind.release_claim('r', 'me')",
    "select unwind.complete_run('r')",
    "select unwind.fail_run('r', 'x')",
    "select * from unwind.compensate_run('r')",
    "select * from unwind.compensate_runs('{r,q}')",
    "select * from unwind.compensate_step('r', 'mail')",
    "select * from unwind.rewind_run('r', 'order')",
    "call unwind.compensate_run_in_batches('r', 1)",
    "call unwind.recover_runs()",
    "select unwind.purge_runs('0')",
    "select * from unwind.preview_run('r')",
    "select * from unwind.verify_run('r')",
    "select * from unwind.find_holders('r')",
    "select * from unwind.find_orphans()",
    "select * from unwind.check_workflow('w')",
    "select unwind.describe_workflow('w')",
    "select unwind.suggest_workflow('orders')",
    "select unwind.compile_workflow('w')",
    "select unwind.define_step('w', 'line', 'lines', 'id')",
    "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'restrict')",
    "select unwind.drop_foreign_key('alerts', '{order_id}', 'orders', '{id}')",
    "select * from unwind.run_steps",
    "select * from unwind.compensations",
]

shop_template = holding(*SHOP.strip().removesuffix(";").split(";\n"))


@pytest.fixture
def plans(shop_template: Address, conn: Connection) -> list[str]:
    """The plans of all statements that run on the connection, also inside functions."""
    found: list[str] = []
    conn.add_notice_handler(lambda notice: found.append(notice.message_primary or ""))
    conn.execute(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; "
        "set auto_explain.log_nested_statements = on; set client_min_messages = log"
    )
    return found


@pytest.mark.parametrize("call", CALLS)
def test_no_call_is_compiled(conn: Connection, plans: list[str], call: str) -> None:
    conn.execute(call.encode())
    assert plans, "auto_explain says what ran"
    assert [plan for plan in plans if "JIT:" in plan] == []
