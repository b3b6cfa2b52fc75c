"""check_workflow says beforehand what the current role may not do, and what PostgreSQL would refuse to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

Connection = psycopg.Connection[Any]
COMPENSATE = "select * from unwind.compensate_run('r')"
COMPENSATE_COUNTED = "select * from unwind.compensate_run('r', max_rows => 100)"
"""It goes with the function for many runs."""


def findings(conn: Connection) -> list[tuple[str, str, str, str]]:
    return conn.execute("select code, object, message, fix from unwind.check_workflow('w')").fetchall()


@pytest.fixture
def role(run: Connection) -> Iterator[str]:
    """An ordinary role with what sql/dba/grant_access.sql gives, and all rights on the shop."""
    name = f"ordinary_{run.info.dbname}"
    run.execute(f'create role "{name}"'.encode())
    try:
        run.execute("select unwind_internal.grant_access(%s, 'application')", [name])
        run.execute(
            f'grant select, insert, update, delete on all tables in schema public to "{name}"'.encode()
        )
        yield name
    finally:
        run.execute(f'reset role; drop owned by "{name}"; drop role "{name}"'.encode())


def become(conn: Connection, role: str) -> None:
    conn.execute(f'set role "{role}"'.encode())


def test_a_role_with_all_it_needs_is_told_of_nothing_and_can_undo(run: Connection, role: str) -> None:
    become(run, role)
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


@pytest.mark.parametrize(
    ("revoke", "name"),
    [
        ("delete on lines", "public.lines"),
        ("select on orders", "public.orders"),
        ("select on payments", "public.payments"),
        ("update on alerts", "public.alerts"),
        ("usage on schema unwind_compiled", "unwind_compiled"),
        ("select on unwind_internal.live_keys", "unwind_internal.live_keys"),
        ("execute on function unwind_internal.hold_to_undo(text)", "unwind_internal.hold_to_undo"),
        (
            "execute on function unwind_compiled.compensate_one_w(unwind_internal.held_run)",
            "unwind_compiled.compensate_one_w",
        ),
        (
            "execute on function unwind_compiled.undo_one(text, unwind_internal.held_run)",
            "unwind_compiled.undo_one",
        ),
    ],
)
def test_a_right_that_is_missing_is_found_and_its_fix_is_the_cure(
    run: Connection, role: str, revoke: LiteralString, name: str
) -> None:
    run.execute(f'revoke {revoke} from public, "{role}"'.encode())
    become(run, role)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run.execute(COMPENSATE_COUNTED if name == "unwind_internal.live_keys" else COMPENSATE)
    found = findings(run)
    assert found
    assert {code for code, *_ in found} == {"missing_privilege"}
    assert all(what.startswith(name) and role in message for _, what, message, _ in found)
    run.execute("reset role")
    for *_, fix in found:
        run.execute(fix.encode())
    become(run, role)
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


def test_update_on_the_column_that_is_cleared_is_enough(run: Connection, role: str) -> None:
    run.execute(
        f'revoke update on alerts from "{role}"; grant update (order_id) on alerts to "{role}"'.encode()
    )
    become(run, role)
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


@pytest.mark.parametrize("table", ["orders", "lines", "payments", "alerts", "notes"])
def test_a_policy_that_would_hide_rows_is_found_and_an_error_on_every_path(
    run: Connection, role: str, table: str
) -> None:
    run.execute(f"alter table {table} enable row level security".encode())
    become(run, role)
    found = findings(run)
    assert [(code, what) for code, what, *_ in found] == [("row_security", f"public.{table}")]
    paths = [
        COMPENSATE,
        "select * from unwind.compensate_runs('{r}')",
        "call unwind.compensate_run_in_batches('r')",
        "select * from unwind.preview_run('r')",
        "select * from unwind.find_orphans('w')",
    ]
    if table != "alerts":  # its rows are no part of the run
        paths.append("select * from unwind.verify_run('r')")
    for path in paths:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run.execute(path.encode())
    run.execute("reset role")
    assert run.execute("select status from unwind.workflow_runs where id = 'r'").fetchone() == ("RUNNING",)
    assert run.execute("select count(*) from lines").fetchone() == (4,)


def test_the_owner_is_not_held_up_by_policies_unless_they_are_forced(run: Connection, role: str) -> None:
    run.execute("alter table lines enable row level security")
    assert findings(run) == []
    run.execute(f'alter table lines owner to "{role}"'.encode())
    become(run, role)
    assert findings(run) == []
    run.execute("alter table lines force row level security")
    [(code, what, _, fix)] = findings(run)
    assert (code, what) == ("row_security", "public.lines")
    run.execute(fix.encode())
    assert findings(run) == []


@pytest.mark.parametrize(
    "change",
    [
        "alter table alerts alter order_id set not null",
        "create table extras (order_id int not null references orders on delete set null);"
        "create index on extras (order_id); insert into extras values (1)",
        "create table extras (order_id int not null references orders on delete set default);"
        "create index on extras (order_id); insert into extras values (1)",
    ],
)
def test_a_link_that_would_be_cleared_and_is_not_null_is_found(
    run: Connection, change: LiteralString
) -> None:
    run.execute(change)
    run.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.DatabaseError) as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW020"
    assert "[23502]" in str(refused.value.diag.message_detail)
    [(code, _, message, fix)] = findings(run)
    assert code == "not_null_link"
    assert "order_id" in message
    run.execute(fix.encode())
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


def test_only_the_columns_that_set_null_names_need_to_take_a_null(run: Connection) -> None:
    run.execute("alter table orders add tenant int not null default 1, add unique (tenant, id)")
    run.execute(
        "create table extras (tenant int not null, order_id int, foreign key (tenant, order_id)"
        " references orders (tenant, id) on delete set null (order_id))"
    )
    run.execute("create index on extras (order_id); insert into extras values (1, 1)")
    run.execute("select unwind.compile_workflow('w')")
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


def test_a_default_that_refers_to_no_row_is_found(run: Connection) -> None:
    run.execute("create table extras (order_id int default 77 references orders on delete set default)")
    run.execute("create index on extras (order_id); insert into extras values (1)")
    run.execute("select unwind.compile_workflow('w')")
    [(code, _, message, fix)] = findings(run)
    assert code == "default_without_row"
    assert "77" in message
    with pytest.raises(psycopg.Error, match=r"public\.extras") as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW007"
    run.execute(fix.encode())
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


def test_a_default_that_refers_to_a_row_is_fine(run: Connection) -> None:
    run.execute("create table extras (order_id int default 9 references orders on delete set default)")
    run.execute("create index on extras (order_id); insert into extras values (1)")
    run.execute("select unwind.compile_workflow('w')")
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4
    assert run.execute("select order_id from extras").fetchall() == [(9,)]


@pytest.mark.parametrize("action", ["", "on delete restrict", "deferrable initially deferred"])
def test_a_foreign_key_from_an_uncovered_table_is_uw007_naming_table_key_and_count(
    run: Connection, action: LiteralString
) -> None:
    run.execute(f"create table extras (order_id int references orders {action})".encode())
    run.execute("create index on extras (order_id); insert into extras values (1), (1), (9)")
    run.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.Error, match=r"rows of public\.extras still refer.*count: 2") as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW007"
    assert refused.value.diag.table_name == "public.extras"
    assert "(order_id)=(1)" in (refused.value.diag.message_detail or "")


@pytest.mark.parametrize(
    "rule", ["do instead nothing", "do instead update lines set price = 0 where id = old.id"]
)
def test_a_rule_that_does_something_else_instead_of_a_delete_is_found_and_refused(
    run: Connection, rule: LiteralString
) -> None:
    run.execute(f"create rule kept as on delete to lines {rule}".encode())
    assert {code for code, *_ in findings(run)} >= {"instead_rule"}
    run.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.Error, match=r"rows of public\.lines were not deleted") as refused:
        run.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW007"
    assert "kept" in (refused.value.diag.message_detail or "")
    [(code, _, _, fix)] = findings(run)
    assert code == "instead_rule"
    run.execute(fix.encode())
    assert findings(run) == []
    assert run.execute(COMPENSATE).rowcount == 4


@pytest.mark.xfail(
    strict=True,
    reason="PostgreSQL rewrites the delete to nothing, and as_planned goes with it; check_workflow says so",
)
def test_a_rule_made_since_the_workflow_was_compiled_is_not_believed_either(run: Connection) -> None:
    run.execute("create rule kept as on delete to lines do instead nothing")
    with pytest.raises(psycopg.Error, match="compiled anew"):
        run.execute(COMPENSATE)
    assert run.execute("select count(*) from lines").fetchone() == (4,)


def test_a_trigger_of_one_partition_that_keeps_a_row_is_noticed_and_named(conn: Connection) -> None:
    conn.execute("""
        create table orders (id int primary key) partition by list (id);
        create table orders_1 partition of orders for values in (1);
        create table orders_2 partition of orders default;
        create function keep() returns trigger language plpgsql as 'begin return null; end';
        create trigger keeper before delete on orders_1 for each row execute function keep();
        select unwind.define_workflow('w');
        select unwind.define_step('w', 's', 'orders', 'id');
        select unwind.start_run('w', 'r');
        select unwind.record_step('r', 's', '1'), unwind.record_step('r', 's', '2');
        insert into orders values (1), (2);
    """)
    with pytest.raises(psycopg.Error, match=r"rows of public\.orders were not deleted") as refused:
        conn.execute(COMPENSATE)
    assert refused.value.sqlstate == "UW007"
    assert "keeper" in (refused.value.diag.message_detail or "")
    assert conn.execute("select count(*) from orders").fetchone() == (2,)
