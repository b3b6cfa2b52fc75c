"""A role that may not delete a row cannot have it deleted by somebody who may."""

from __future__ import annotations

from typing import Any

import pytest

RECORD = "select unwind.record_step('evil', 'order', %s)"


def test_a_row_that_a_role_may_not_delete_cannot_be_recorded_by_it_for_a_sweep(world: Any) -> None:
    evil = world.login(world.role("evil", "application", on_the_shop=None))
    evil.execute("select unwind.start_run('w', 'evil')")
    error = world.refused(RECORD, "good", session=evil)
    assert error.sqlstate == "42501"
    assert "DELETE on public.lines" in str(error.diag.message_primary)
    assert "grant delete on public.lines to" in str(error.diag.message_hint)
    evil.execute("select unwind.fail_run('evil', 'x')")
    world.conn.execute("call unwind.recover_runs()")
    assert (world.status("evil"), world.rows()) == ("COMPENSATED", (2, 2))


@pytest.mark.parametrize(
    "statement",
    [
        "insert into unwind.entity_owners values ('orders', '{id}', '{old}', 'r')",
        "update unwind.workflow_runs set status = 'FAILED'",
        "update unwind.workflow_runs set started_by = session_user",
        "insert into unwind.workflow_runs (id, workflow) values ('forged', 'w')",
        "insert into unwind_internal.ledger (run_id, step, entity_key) values ('r', 'order', '{good}')",
        "update unwind_internal.ledger set entity_key = '{good}'",
        "delete from unwind_internal.receipts",
        "update unwind.workflows set check_delete_right = false",
        "update unwind.plan_statements set way_columns = '{}'",
        "delete from unwind.audit_log where true",
        "truncate unwind.audit_log",
    ],
)
@pytest.mark.parametrize("access", ["application", "operator", "viewer"])
def test_no_role_writes_the_books_itself(world: Any, access: str, statement: str) -> None:
    world.make_run(world.conn, "r", "COMPLETED")
    session = world.login(world.role("evil", access))
    assert world.refused(statement, session=session).sqlstate == "42501"
    world.conn.execute("call unwind.recover_runs()")
    assert (world.status("r"), world.rows()) == ("COMPLETED", (3, 3))


@pytest.mark.parametrize(
    ("rights", "lack"),
    [
        ("select, insert, delete on orders", "DELETE on public.lines"),
        ("select, insert, delete on lines", "DELETE on public.orders"),
        ("select, insert, update on orders, lines", "DELETE on public.lines"),
    ],
)
def test_the_right_is_asked_for_every_table_from_which_the_step_is_undone(
    world: Any, rights: str, lack: str
) -> None:
    session = world.login(world.role("half", "application", on_the_shop=rights))
    session.execute("select unwind.start_run('w', 'evil')")
    assert lack in str(world.refused(RECORD, "mine", session=session).diag.message_primary)


@pytest.mark.parametrize(
    "call",
    [
        "record_step('evil', 'order', 'new')",
        "record_if_new('evil', 'order', 'new')",
        "adopt_entity('evil', 'order', 'good')",
        "release_entity('evil', 'order', 'o-evil')",
    ],
)
def test_every_call_that_names_a_row_asks_for_the_right(world: Any, call: str) -> None:
    role = world.role("evil", "application")
    evil = world.login(role)
    world.make_run(evil, "evil", "RUNNING")
    world.conn.execute(f'revoke delete on lines from "{role}"'.encode())
    error = world.refused(f"select unwind.{call}", session=evil)
    assert error.sqlstate == "42501"
    assert "DELETE on public.lines" in str(error.diag.message_primary)


def test_the_right_comes_by_a_group_and_by_a_role_that_is_set(world: Any) -> None:
    group = world.role("group", "application")
    member = world.role("member", None, on_the_shop=None)
    world.conn.execute(f'grant "{group}" to "{member}"'.encode())
    for set_role in ("reset role", f'set role "{group}"'):
        session = world.login(member)
        session.execute(set_role.encode())
        world.make_run(session, f"r {set_role[:5]}")
    assert world("select distinct started_by::text from unwind.workflow_runs order by 1") == [
        (group,),
        (member,),
    ]


def test_links_that_are_cleared_take_update_on_those_columns_alone(world: Any) -> None:
    world.conn.execute("create table notes (id int, order_id text)")
    world.conn.execute(
        "select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'set null')"
    )
    role = world.role("clearer", "application")
    session = world.login(role)
    session.execute("select unwind.start_run('w', 'evil')")
    error = world.refused(RECORD, "mine", session=session)
    assert "UPDATE (order_id) on public.notes" in str(error.diag.message_primary)
    fix = str(error.diag.message_hint).split(";", maxsplit=1)[0]
    world.conn.execute(fix.encode())
    session.execute(RECORD, ["mine"])


def test_a_custom_step_takes_the_right_to_call_its_function(world: Any) -> None:
    world.conn.execute("""
        create function undo_letters(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint) language sql as
        $$ select null::text, null::text, 0::bigint where false $$;
        revoke execute on function undo_letters from public;
        select unwind.define_workflow('letters');
        select unwind.define_custom_step('letters', 'send', 'undo_letters(text[])');
    """)
    role = world.role("writer", "application")
    session = world.login(role)
    session.execute("select unwind.start_run('letters', 'evil')")
    record = "select unwind.record_step('evil', 'send', 'a')"
    assert "EXECUTE" in str(world.refused(record, session=session).diag.message_primary)
    world.conn.execute(f'grant execute on function undo_letters to "{role}"'.encode())
    session.execute(record.encode())


API = """
create schema api;
create function api.place_order(run text, id text) returns void language sql security definer
set search_path = public, pg_temp as $$
    select unwind.record_step(run, 'order', id);
    insert into orders values (id);
$$;
grant usage on schema api to public;
"""


def test_an_interface_of_definer_functions_says_so_in_the_definition(world: Any) -> None:
    session = world.login(world.role("clerk", "application", on_the_shop=None))
    world.conn.execute(API)
    session.execute("select unwind.start_run('w', 'r')")
    error = world.refused("select api.place_order('r', 'new')", session=session)
    assert error.sqlstate == "42501"
    assert "check_delete_right => false" in str(error.diag.message_hint)
    world.conn.execute("select unwind.define_workflow('w', check_delete_right => false)")
    session.execute("select api.place_order('r', 'new')")
    assert world.rows() == (3, 2)
    world.conn.execute("select unwind.define_workflow('w', 'described anew')")  # keeps it
    session.execute("select api.place_order('r', 'newer')")
    world.conn.execute("select * from unwind.compensate_run('r')")
    assert world.rows() == (2, 2)


@pytest.mark.parametrize(
    ("forge", "call"),
    [
        ("set unwind.worker = 'theirs'", "select unwind.record_step('r', 'order', 'good')"),
        ("set unwind.worker = 'theirs'", "select unwind.fail_run('r', 'x')"),
        ("set unwind.worker = 'theirs'", "select unwind.complete_run('r')"),
        ("set unwind.worker = 'theirs'", "select * from unwind.compensate_run('r', force => true)"),
        ("set unwind.worker = 'theirs'", "select * from unwind.compensate_runs('{r}', force => true)"),
        ("set unwind.worker = 'theirs'", "select * from unwind.compensate_step('r', 'order')"),
        ("set unwind.worker = 'theirs'", "select * from unwind.rewind_run('r', 'order')"),
        ("set unwind.worker = 'theirs'", "call unwind.compensate_run_in_batches('r', force => true)"),
        ("set unwind.now = '2999-01-01'", "select unwind.claim_run('r', 'mine')"),
        ("set unwind.worker = 'theirs'", "select unwind.renew_claim('r', 'theirs')"),
        ("set unwind.worker = 'theirs'", "select unwind.release_claim('r', 'theirs')"),
        ("set session characteristics as transaction read write", "select unwind.fail_run('r', 'x')"),
        ("set row_security = off", "select * from unwind.compensate_run('r', force => true)"),
    ],
)
@pytest.mark.parametrize("access", ["application", "viewer"])
def test_nobody_acts_on_a_run_of_another_role_whatever_settings_it_forges(
    world: Any, access: str, forge: str, call: str
) -> None:
    theirs = world.login(world.role("theirs", "application"))
    world.make_run(theirs, "r", "RUNNING")
    theirs.execute("select unwind.claim_run('r', 'theirs')")
    before = world("select r::text from unwind.workflow_runs as r")
    session = world.login(world.role("evil", access))
    session.execute(forge.encode())
    error = world.refused(call, session=session)
    assert error.sqlstate == "42501"
    assert world("select r::text from unwind.workflow_runs as r") == before
    assert world.rows() == (3, 3)


def test_the_refusal_names_run_role_and_owner_and_what_to_type(world: Any) -> None:
    owner, other = world.role("theirs", "application"), world.role("other", "application")
    world.make_run(world.login(owner), "r")
    error = world.refused("select unwind.fail_run('r', 'x')", session=world.login(other))
    assert "'r'" in str(error.diag.message_primary) and other in str(error.diag.message_primary)
    assert owner in str(error.diag.message_detail)
    assert f"grant {owner} to {other};" in str(error.diag.message_hint).replace('"', "")
    world.conn.execute(str(error.diag.message_hint).split(";", maxsplit=1)[0].encode())
    world.login(other).execute("select unwind.fail_run('r', 'x')")


def test_setting_a_role_gives_no_more_than_that_role_has(world: Any) -> None:
    """A superuser who has set another role acts as that role."""
    world.make_run(world.login(world.role("theirs", "application")), "r")
    evil = world.role("evil", "application", on_the_shop=None)
    world.conn.execute(f'set role "{evil}"'.encode())
    assert world.refused("select unwind.fail_run('r', 'x')").sqlstate == "42501"
    world.conn.execute("select unwind.start_run('w', 'evil')")
    assert world.refused(RECORD, "good").sqlstate == "42501"
    assert world("select id from unwind.workflow_runs") == [("evil",)]
    # PostgreSQL itself refuses what is no role of this login.
    other = world.login(evil)
    assert world.refused(f'set role "{world.roles[0]}"', session=other).sqlstate == "42501"
    assert (
        world.refused("select set_config('role', %s, false)", world.roles[0], session=other).sqlstate
        == "42501"
    )


def test_runs_of_a_role_that_is_gone_are_the_operators(world: Any) -> None:
    gone = world.role("gone", "application")
    world.make_run(world.login(gone), "r")
    other = world.login(world.role("other", "application"))
    operator = world.login(world.role("operator", "operator"))
    world.conn.execute(f'drop owned by "{gone}"; drop role "{gone}"'.encode())
    error = world.refused("select * from unwind.compensate_run('r')", session=other)
    assert error.sqlstate == "42501"
    assert "which is gone" in str(error.diag.message_detail)
    assert operator.execute("select rows_deleted from unwind.compensate_run('r')").fetchall() == [(1,), (1,)]


def test_runs_from_before_roles_were_kept_are_the_operators(world: Any) -> None:
    world.make_run(world.conn, "r")
    world.conn.execute("update unwind.workflow_runs set started_by = null")
    other = world.login(world.role("other", "application"))
    assert world.refused("select * from unwind.compensate_run('r')", session=other).sqlstate == "42501"
    operator = world.login(world.role("operator", "operator"))
    assert operator.execute("select rows_deleted from unwind.compensate_run('r')").fetchall() == [(1,), (1,)]
