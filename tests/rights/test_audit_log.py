"""Who used a right that not everybody has stands in unwind.audit_log, and stays there."""

from __future__ import annotations

from typing import Any

import pytest

LOG = "select action, role::text, login::text, run_id, detail from unwind.audit_log order by entry"


@pytest.mark.parametrize(
    "undo",
    [
        "select * from unwind.compensate_run('r', force => true)",
        "select * from unwind.compensate_runs('{r}', force => true)",
        "call unwind.compensate_run_in_batches('r', batch_size => 1, force => true)",
    ],
)
def test_force_that_overrides_something_is_kept_with_role_and_login(world: Any, undo: str) -> None:
    role = world.role("app", "application")
    session = world.login(role)
    world.make_run(session, "r", "COMPLETED")
    session.execute(undo.encode())
    [(action, by, login, run, detail)] = world(LOG + " offset 1")
    assert (action, by, login, run) == ("forced", role, role, "r")
    assert detail.startswith("COMPLETED at ")
    assert world.status("r") == "COMPENSATED"


def test_force_against_a_live_claim_is_kept_and_names_the_worker(world: Any) -> None:
    world.make_run(world.conn, "r", "RUNNING")
    world.conn.execute("select unwind.claim_run('r', 'somebody')")
    world.conn.execute("select * from unwind.compensate_run('r', force => true)")
    assert "claimed by somebody until" in world(LOG)[0][4]


@pytest.mark.parametrize("claimed", [False, True])
def test_force_that_overrides_nothing_is_not(world: Any, claimed: bool) -> None:
    world.make_run(world.conn, "r")
    with world.conn.transaction():
        if claimed:
            world.conn.execute("select unwind.claim_run('r', 'me'), unwind.act_as('me')")
        world.conn.execute("select * from unwind.compensate_run('r', force => true)")
    world.make_run(world.conn, "expired", "RUNNING")
    world.conn.execute("select unwind.claim_run('expired', 'gone')")
    world.conn.execute("set unwind.now = '2999-01-01'")
    world.conn.execute("call unwind.recover_runs()")
    assert (world.status("expired"), world(LOG)) == ("COMPENSATED", [])


def test_it_is_rolled_back_with_the_undo_it_tells_of(world: Any) -> None:
    world.make_run(world.conn, "r", "COMPLETED")
    world.conn.execute("begin; select unwind.compensate_run('r', force => true); rollback")
    assert world(LOG) == []


def test_access_that_is_granted_is_kept(world: Any) -> None:
    role = world.role("app", "application")
    world.let_in(role, "viewer")
    owner = world("select session_user::text")[0][0]
    assert [entry[:3] for entry in world(LOG)] == [("granted", owner, owner)] * 2
    assert [entry[4].replace('"', "") for entry in world(LOG)] == [f"{role}: application", f"{role}: viewer"]


@pytest.mark.parametrize(
    "change",
    [
        "update unwind.audit_log set role = 'nobody'",
        "update unwind.audit_log set role = 'nobody' where false",
        "delete from unwind.audit_log where true",
        "truncate unwind.audit_log",
        "truncate unwind.audit_log, unwind.entity_owners",
    ],
)
def test_it_is_append_only_for_its_owner_too(world: Any, change: str) -> None:
    world.role("app", "application")
    assert "append-only" in str(world.refused(change).diag.message_primary)
    assert len(world(LOG)) == 1


def test_purge_runs_keeps_it_unless_asked_and_then_forgets_what_it_forgets_of_runs(world: Any) -> None:
    for run in ("r", "kept"):
        world.make_run(world.conn, run, "COMPLETED")
        world.conn.execute("select unwind.compensate_run(%s, force => true)", [run])
    world.conn.execute("update unwind.workflow_runs set updated_at = now() - interval '1 day' where id = 'r'")
    world.conn.execute("select unwind.purge_runs('1 hour')")
    assert [entry[3] for entry in world(LOG)] == ["r", "kept"]
    world.conn.execute("set unwind.now = '2999-01-01'")
    world.conn.execute("update unwind.workflow_runs set updated_at = '2999-01-01'")
    world.conn.execute("select unwind.purge_runs('1 hour', audit_log => true)")
    assert [entry[3] for entry in world(LOG)] == ["kept"]
    assert "append-only" in str(world.refused("delete from unwind.audit_log").diag.message_primary)


def test_viewers_and_operators_read_it_and_applications_do_not(world: Any) -> None:
    for access, reads in (("application", False), ("operator", True), ("viewer", True)):
        session = world.login(world.role(access, access))
        if reads:
            assert session.execute(LOG.encode()).fetchall()
        else:
            assert world.refused(LOG, session=session).sqlstate == "42501"
