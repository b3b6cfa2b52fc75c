"""A role that somebody drops in the middle of a call is nobody's trouble but its own."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

CALLS: dict[str, tuple[str, str | None]] = {
    "reading runs": ("select * from unwind.workflow_runs", None),
    "previewing": ("select * from unwind.preview_run('r')", None),
    "verifying": ("select * from unwind.verify_run('r')", None),
    "recording": ("select unwind.record_step('r', 'order', 'another')", None),
    "recording what is there": ("select unwind.record_step('r', 'order', 'good')", "UW017"),
    "adopting": ("select unwind.adopt_entity('r', 'order', 'good')", None),
    "failing somebody else's": ("select unwind.fail_run('s', 'x')", "42501"),
}


@pytest.mark.parametrize(("call", "refused"), CALLS.values(), ids=CALLS.keys())
def test_a_role_dropped_by_others_disturbs_no_call(world: Any, call: str, refused: str | None) -> None:
    one, other = (world.login(world.role(name, "application")) for name in ("one", "other"))
    world.make_run(one, "r", "RUNNING")
    world.make_run(other, "s", "RUNNING")
    gone = world.role("gone", on_the_shop=None)
    # A snapshot that still shows the role, which is gone by the time of the call.
    one.execute("begin isolation level repeatable read")
    assert one.execute("select count(*) from pg_roles where rolname = %s", [gone]).fetchone() == (1,)
    world.conn.execute(f'drop owned by "{gone}"; drop role "{gone}"'.encode())
    assert sqlstate(one, call) == refused


def sqlstate(session: Any, call: str) -> str | None:
    """What a call ends with, null where it ends well."""
    try:
        session.execute(call.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None
