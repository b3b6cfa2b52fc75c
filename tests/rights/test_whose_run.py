"""A run is of the role that started it; its members speak for it; operators for all; viewers look on."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

SWEEP = "call unwind.recover_runs()"


def test_an_application_sweeps_its_own_runs_and_an_operator_everybodys(world: Any) -> None:
    one, other = (world.login(world.role(name, "application")) for name in ("one", "other"))
    world.make_run(one, "r1")
    world.make_run(other, "r2")
    world.make_run(world.conn, "r3")
    assert one.execute(SWEEP).fetchone() == (1, 0)
    assert [world.status(run) for run in ("r1", "r2", "r3")] == ["COMPENSATED", "FAILED", "FAILED"]
    operator = world.role("operator", "operator")
    assert world.login(operator).execute(SWEEP).fetchone() == (2, 0)
    assert world.rows() == (2, 2)
    assert world(
        "select distinct compensated_by, login::text from unwind.compensations where run_id <> 'r1'"
    ) == [(operator, operator)]


def test_a_sweep_of_expired_claims_and_abandoned_batches_keeps_to_its_own_runs_too(world: Any) -> None:
    one, other = (world.login(world.role(name, "application")) for name in ("one", "other"))
    for session, run in ((one, "mine"), (other, "theirs")):
        world.make_run(session, run, "RUNNING")
        session.execute("select unwind.claim_run(%s, 'w')", [run])
        world.make_run(session, f"{run}-big")
        session.execute("select unwind_internal.begin_batches(%s, false, 'gone')", [f"{run}-big"])
    one.execute("set unwind.now = '2999-01-01'")
    assert one.execute(SWEEP).fetchone() == (2, 0)
    statuses = [world.status(run) for run in ("mine", "mine-big", "theirs", "theirs-big")]
    assert statuses == ["COMPENSATED", "COMPENSATED", "RUNNING", "COMPENSATING"]


def test_an_operator_undoes_anybodys_run_in_every_way(world: Any) -> None:
    theirs = world.login(world.role("theirs", "application"))
    operator = world.login(world.role("operator", "operator"))
    for run in ("a", "b", "c", "d", "e"):
        world.make_run(theirs, run, "RUNNING")
    operator.execute("select * from unwind.compensate_run('a')")
    operator.execute("select * from unwind.compensate_runs('{b}')")
    operator.execute("select * from unwind.compensate_step('c', 'order')")
    operator.execute("call unwind.compensate_run_in_batches('d', batch_size => 1)")
    operator.execute("select unwind.fail_run('e', 'x')")
    operator.execute(SWEEP)
    assert world.rows() == (2, 2)


@pytest.mark.parametrize("kind", ["application", "operator"])
def test_whoever_may_undo_a_run_may_take_a_row_out_of_its_undo(world: Any, kind: str) -> None:
    session = world.login(world.role(kind, kind))
    world.make_run(session, "r", "RUNNING")
    session.execute("select unwind.release_entity('r', 'order', 'o-r')")
    session.execute("select unwind.adopt_entity('r', 'order', 'o-r')")
    session.execute("select unwind.release_entity('r', 'order', 'o-r')")
    session.execute("select * from unwind.compensate_run('r')")
    assert (world.status("r"), world.rows()) == ("COMPENSATED", (3, 3))


def test_a_run_of_anothers_is_neither_attached_to_nor_tried_again(world: Any) -> None:
    theirs, mine = (world.login(world.role(name, "application")) for name in ("theirs", "mine"))
    world.make_run(theirs, "r", "RUNNING")
    for if_exists in ("attach", "new"):
        refusal = world.refused(
            f"select unwind.start_run('w', 'r', if_exists => '{if_exists}')", session=mine
        )
        assert refusal.sqlstate == "42501"
    operator = world.login(world.role("operator", "operator"))
    attached = operator.execute("select unwind.start_run('w', 'r', if_exists => 'attach')").fetchone()
    assert attached == ("r",)


def test_many_keys_are_recorded_only_by_who_may_delete_them_and_act_on_the_run(world: Any) -> None:
    mine = world.login(world.role("mine", "application"))
    poor = world.login(world.role("poor", "application", on_the_shop="select, insert on orders, lines"))
    mine.execute("select unwind.start_run('w', 'r')")
    poor.execute("select unwind.start_run('w', 'p')")
    record = "select unwind.record_entities('{}', 'order', '{{a,b}}')"
    assert world.refused(record.format("p"), session=poor).sqlstate == "42501"
    assert world.refused(record.format("r"), session=poor).sqlstate == "42501"
    assert mine.execute(record.format("r")).fetchone() == (2,)
    one = "select unwind.record_step('p', 'order', 'c')"
    assert world.refused(one, session=poor).sqlstate == "42501"
    world("select unwind.define_workflow('w', check_delete_right => false)")
    poor.execute(one)
    assert poor.execute(record.format("p").replace("a,b", "d,e")).fetchone() == (2,)


def test_an_application_sees_its_own_runs_and_a_viewer_all(world: Any) -> None:
    one = world.login(world.role("one", "application"))
    other = world.login(world.role("other", "application"))
    viewer, operator = (world.login(world.role(kind, kind)) for kind in ("viewer", "operator"))
    for session, run in ((one, "r1"), (other, "r2")):
        world.make_run(session, run)
        session.execute("select unwind_internal.begin_batches(%s, false, 'w')", [run])
        world.make_run(session, f"{run}-undone")
        session.execute("select * from unwind.compensate_run(%s)", [f"{run}-undone"])
    counts = {
        "unwind.workflow_runs": 2,
        "unwind.run_steps": 2,
        "unwind.compensations": 2,
        "unwind.progress": 2,
        "unwind.find_runs()": 2,
    }
    for table, own in counts.items():
        query = f"select count(*) from {table}".encode()
        seen = [
            session.execute(query).fetchone()[0] for session in (one, other, viewer, operator, world.conn)
        ]
        assert seen == [own, own, 2 * own, 2 * own, 2 * own], table
    backlog = b"select compensating from unwind.backlog"
    assert [s.execute(backlog).fetchall() for s in (one, viewer)] == [[(1,)], [(2,)]]
    had = "select id from unwind.get_run('r2')"
    assert [s.execute(had).fetchone() for s in (other, viewer, operator)] == [("r2",)] * 3
    assert world.refused(had, session=one).sqlstate == "UW001"


def test_who_holds_a_run_is_told_to_those_who_may_act_on_it(world: Any) -> None:
    theirs, other = (world.login(world.role(name, "application")) for name in ("theirs", "other"))
    operator, viewer = (world.login(world.role(kind, kind)) for kind in ("operator", "viewer"))
    world.make_run(theirs, "r", "RUNNING")
    query = "select pid from unwind.find_holders('r')"
    with theirs.transaction():
        theirs.execute("select unwind.record_step('r', 'order', 'more')")
        assert operator.execute(query.encode()).fetchall() == [(theirs.info.backend_pid,)]
        for session in (other, viewer):
            assert world.refused(query, session=session).sqlstate == "42501"
    assert theirs.execute(query.encode()).fetchall() == []


def test_a_cheap_condition_does_not_look_at_what_a_view_hides(world: Any) -> None:
    """A function in a condition may not be asked of rows before it is known that they may be seen."""
    world.make_run(world.conn, "secret")
    session = world.login(world.role("curious", "application"))
    world.conn.execute("grant create on schema public to public")
    session.execute("""
        create function peek(value text) returns boolean language plpgsql cost 0.0001 as
        $$ begin raise notice 'seen %', value; return true; end $$
    """)
    seen: list[str] = []
    session.add_notice_handler(lambda notice: seen.append(str(notice.message_primary)))
    for table, column in (
        ("unwind.workflow_runs", "id"),
        ("unwind.run_steps", "run_id"),
        ("unwind.compensations", "run_id"),
        ("unwind.stuck_runs", "run_id"),
        ("unwind.progress", "run_id"),
    ):
        assert session.execute(f"select from {table} where peek({column})".encode()).fetchall() == []
    assert seen == []


def test_two_roles_of_one_group_work_on_one_run(world: Any) -> None:
    group = world.role("group", "application")
    logins = [world.role(name, None, on_the_shop=None) for name in ("first", "second")]
    for login in logins:
        world.conn.execute(f'grant "{group}" to "{login}"'.encode())
    first, second = (world.login(login) for login in logins)
    first.execute(f'set role "{group}"'.encode())
    world.make_run(first, "r", "RUNNING")
    second.execute("select unwind.fail_run('r', 'x')")  # speaks for the group without having set it
    assert second.execute("select rows_deleted from unwind.compensate_run('r')").fetchall() == [(1,), (1,)]
    assert world(
        "select started_by::text, (select distinct login::text from unwind.compensations)"
        " from unwind.workflow_runs"
    ) == [(group, logins[1])]
    world.make_run(first, "mine", "RUNNING")
    first.execute("reset role")
    first.execute("select unwind.complete_run('mine')")


def test_two_roles_of_one_group_see_each_others_runs_and_nobody_elses(world: Any) -> None:
    group = world.role("group", "application")
    login = world.role("member", None, on_the_shop=None)
    world.conn.execute(f'grant "{group}" to "{login}"'.encode())
    for session in (world.login(group), world.login(world.role("stranger", "application"))):
        name = session.execute("select session_user::text").fetchone()[0]
        world.make_run(session, f"{name}-failed")
        world.make_run(session, f"{name}-undone")
        session.execute("select * from unwind.compensate_run(%s)", [f"{name}-undone"])
        world.make_run(session, f"{name}-half")
        session.execute("select unwind_internal.begin_batches(%s, false, 'w')", [f"{name}-half"])
    world.conn.execute("update unwind.workflow_runs set retry_at = 'infinity' where status = 'FAILED'")
    member = world.login(login)
    for view, runs in (
        ("unwind.workflow_runs", ["failed", "half", "undone"]),
        ("unwind.run_steps", ["failed", "half", "undone"]),
        ("unwind.compensations", ["undone"]),
        ("unwind.progress", ["half"]),
        ("unwind.stuck_runs", ["failed"]),
    ):
        column = "id" if view == "unwind.workflow_runs" else "run_id"
        found = member.execute(f"select distinct {column} from {view} order by 1".encode()).fetchall()
        assert found == [(f"{group}-{run}",) for run in runs], view
    backlog = member.execute("select due, stuck, compensating from unwind.backlog").fetchall()
    assert backlog == [(0, 1, 1)]


def test_what_is_undone_is_by_the_role_in_effect_and_the_login_beside_it(world: Any) -> None:
    role = world.role("app", "application")
    login = world.role("login", None, on_the_shop=None)
    world.conn.execute(f'grant "{role}" to "{login}"'.encode())
    session = world.login(login)
    session.execute(f'set role "{role}"'.encode())
    for run, undo in (
        ("a", "select * from unwind.compensate_run('a')"),
        ("b", "select * from unwind.compensate_runs('{b}')"),
        ("c", "call unwind.compensate_run_in_batches('c')"),
    ):
        world.make_run(session, run)
        session.execute(undo.encode())
    assert world("select distinct compensated_by, login::text from unwind.compensations") == [(role, login)]


def through_a_pooler(dsn: str, login: str, role: str) -> None:
    """A client whose transactions set the role for themselves, with a heartbeat that does not."""
    with psycopg.connect(make_conninfo(dsn, user=login), autocommit=True, prepare_threshold=None) as conn:

        def transaction(*statements: str) -> None:
            with conn.transaction():
                conn.execute(f'set local role "{role}"'.encode())
                for statement in statements:
                    conn.execute(statement.encode())

        def heartbeat() -> None:
            assert conn.execute(
                "select current_user = %s, unwind.renew_claim('r', 'me')", [login]
            ).fetchone() == (
                True,
                True,
            )

        transaction("select unwind.start_run('w', 'r', worker => 'me')")
        heartbeat()
        transaction(
            "select unwind.act_as('me')",
            "select unwind.record_step('r', 'order', 'mine')",
            "insert into orders values ('mine')",
        )
        heartbeat()
        transaction("select unwind.act_as('me')", "select unwind.fail_run('r', 'x')")
        transaction("select unwind.act_as('me')", "select * from unwind.compensate_run('r')")


@pytest.fixture
def pooled(world: Any) -> tuple[str, str]:
    """A login that may set the role of an application, and has no rights of its own but by it."""
    role = world.role("app", "application")
    login = world.role("pool", None, on_the_shop=None)
    world.conn.execute(f'grant "{role}" to "{login}"'.encode())
    return login, role


def test_set_local_role_in_each_transaction_and_a_heartbeat_without(
    world: Any, pooled: tuple[str, str], server_dsn: str
) -> None:
    login, role = pooled
    through_a_pooler(make_conninfo(server_dsn, dbname=world.conn.info.dbname), login, role)
    assert world("select status, started_by::text from unwind.workflow_runs") == [("COMPENSATED", role)]
    assert world("select distinct compensated_by, login::text from unwind.compensations") == [(role, login)]
    assert world.rows() == (2, 2)


def test_an_application_claims_its_own_runs_and_lets_go_of_them(world: Any) -> None:
    session = world.login(world.role("app", "application"))
    world.make_run(session, "r", "RUNNING")
    for call in ("claim_run", "renew_claim"):
        assert session.execute(f"select unwind.{call}('r', 'worker')".encode()).fetchone() == (True,)
    session.execute("select unwind.release_claim('r', 'worker')")
    assert world("select claimed_by from unwind.workflow_runs") == [(None,)]
