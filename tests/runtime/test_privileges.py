"""Rows are deleted with the caller's rights: nothing without grants, the whole path with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

GRANTS = """
select unwind_internal.grant_access('{role}', 'application');
grant select, insert, delete on orders, lines, parcels to {role};
"""


@pytest.fixture
def role(db: Any) -> Iterator[str]:
    """A role of its own; roles belong to the server, so it is dropped."""
    name = f"runtime_{uuid4().hex[:12]}"
    db.conn.execute(f"create role {name}")
    try:
        yield name
    finally:
        db.conn.execute(f"reset role; drop owned by {name}; drop role {name}")


def test_a_role_without_grants_gets_into_nothing(db: Any, role: str) -> None:
    functions = db("""
        select format('%s(%s)', p.oid::regproc, (
            select string_agg(format('null::%s', format_type(a, null)), ', ' order by n)
            from unnest(p.proargtypes) with ordinality as u (a, n)
        ))
        from pg_proc as p
        where p.pronamespace in ('unwind'::regnamespace, 'unwind_compiled'::regnamespace)
    """)
    tables = db("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname ~ '^unwind'")
    db.conn.execute(f"set role {role}")
    assert len(functions) > 20 and len(tables) > 8
    for (call,) in functions:
        assert db.refused(f"select {call.replace('variadic ', '')}").sqlstate == "42501", call
    for (table,) in tables:
        assert db.refused(f"select from {table}").sqlstate == "42501", table


def test_a_role_with_grants_goes_the_whole_path_without_being_superuser(db: Any, role: str) -> None:
    db.conn.execute(GRANTS.format(role=role))
    db.conn.execute(f"set role {role}")
    assert db.value("select not rolsuper from pg_roles where rolname = current_user")
    for run in ("well", "ill", "step", "a", "b"):
        db.run(run)
    db("select unwind.complete_run('well')")
    db("select unwind.fail_run('ill', 'x')")
    assert len(db("select * from unwind.preview_run('ill')")) == 3
    assert len(db("select * from unwind.compensate_run('ill')")) == 3
    assert db("select * from unwind.verify_run('ill')") == []
    assert len(db("select * from unwind.compensate_step('step', 'parcel')")) == 1
    assert len(db("select * from unwind.compensate_runs(array['a', 'b'])")) == 2
    assert db("select status, count(*) from unwind.workflow_runs group by status order by 1") == [
        ("COMPENSATED", 3),
        ("COMPLETED", 1),
        ("RUNNING", 1),
    ]
    assert db("select distinct compensated_by from unwind.compensations") == [(role,)]


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['r'])"])
def test_a_right_that_is_missing_halfway_fails_the_whole_call(db: Any, role: str, call: str) -> None:
    db.run("r")
    db.conn.execute(GRANTS.format(role=role))
    db.conn.execute(f"revoke delete on orders from {role}")  # parcels and lines go before it
    db.conn.execute(f"set role {role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="orders"):
        db.conn.execute(f"select * from unwind.{call}")
    assert db.rows_left() == 4
    assert db("select status from unwind.workflow_runs") == [("RUNNING",)]
    assert db("select from unwind.compensations") == []


def test_rows_under_which_postgresql_itself_cascades_are_locked_which_takes_update_on_a_column(
    db: Any, role: str
) -> None:
    db.conn.execute("alter table lines add foreign key (order_id) references orders on delete cascade")
    db("select unwind.compile_workflow('w')")
    db.run("r")
    db.conn.execute(GRANTS.format(role=role))
    db.conn.execute(f"set role {role}")
    assert db.refused("select * from unwind.compensate_run('r')").sqlstate == "42501"
    db.conn.execute(f"reset role; grant update (id) on orders to {role}; set role {role}")
    assert len(db("select * from unwind.compensate_run('r')")) == 3


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['r'])"])
def test_a_missing_right_is_said_also_where_a_table_is_no_longer_as_planned(
    db: Any, role: str, call: str
) -> None:
    """What hides behind the right may be the drift, but what the caller lacks comes first."""
    db.run("r")
    db.conn.execute(GRANTS.format(role=role))
    db.conn.execute(f"revoke delete on parcels from {role}; alter table lines rename order_id to order_no")
    db.conn.execute(f"set role {role}")
    assert db.refused(f"select * from unwind.{call}").sqlstate == "42501"
