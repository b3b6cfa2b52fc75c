"""Rule 6: no error is swallowed; COMPENSATED means that the deletes are committed."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgunwind import Unwind


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
@pytest.mark.parametrize(
    "call", ["compensate_run('r')", "compensate_runs(array['r'])", "compensate_step('r', 'payment')"]
)
def test_a_snapshot_that_could_miss_rows_is_refused(shop: Any, level: str, call: str) -> None:
    shop.whole_run("r")
    with pytest.raises(psycopg.Error, match=level) as error, shop.conn.transaction():
        shop.conn.execute(f"set transaction isolation level {level}")
        shop.conn.execute(f"select * from unwind.{call}")
    assert error.value.sqlstate == "UW010"
    assert shop.left() == 4


def test_others_see_compensated_only_with_the_deletes(shop: Any, connect: Any) -> None:
    shop.whole_run("r")
    undoer = connect(autocommit=False)
    undoer.execute("select * from unwind.compensate_run('r')")
    assert (shop.status("r"), shop.left()) == ("RUNNING", 4)
    undoer.commit()
    assert (shop.status("r"), shop.left()) == ("COMPENSATED", 0)


def test_the_exception_that_undid_a_run_goes_on_with_a_note(shop: Any, dsn: str) -> None:
    unwind = Unwind(dsn)
    with pytest.raises(KeyboardInterrupt) as stopped, unwind.run("checkout", run_id="r") as run:
        with run.step("order", "o") as conn:
            conn.execute("insert into orders values ('o', 'Ada')")
        raise KeyboardInterrupt
    assert stopped.value.__notes__ == ["pgunwind: run 'r' undone: 1 row in 1 table (public.orders 1)"]
    assert run.result.status == shop.status("r") == "COMPENSATED"


def test_rows_hidden_by_a_policy_are_an_error_and_never_a_silent_miss(shop: Any, connect: Any) -> None:
    shop.whole_run("r")
    role = f"policed_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"')
    try:
        shop.conn.execute(f"""
            select unwind_internal.grant_access('{role}', 'application');
            grant all on all tables in schema public to "{role}";
            alter table lines enable row level security;
        """)
        policed = connect()
        policed.execute(f'set role "{role}"')
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            policed.execute("select * from unwind.compensate_run('r')")
        assert shop.left() == 4
        policed.close()
    finally:
        shop.conn.execute(f'drop owned by "{role}"')
        shop.conn.execute(f'drop role "{role}"')


def test_nobody_but_the_owner_gets_in_unless_granted(shop: Any, connect: Any) -> None:
    role = f"stranger_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"')
    try:
        stranger = connect()
        stranger.execute(f'set role "{role}"')
        for call in ("unwind.start_run('checkout')", "unwind.compensate_run('r')", "unwind_compiled.f('{}')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                stranger.execute(f"select {call}")
        stranger.close()
    finally:
        shop.conn.execute(f'drop role "{role}"')


def test_a_commit_that_fails_leaves_neither_the_status_nor_the_deletes(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("""
        create function refuse() returns trigger language plpgsql as 'begin raise ''at commit''; end';
        create constraint trigger late after update on unwind.workflow_runs deferrable initially deferred
        for each row execute function refuse();
    """)
    assert "at commit" in str(shop.refused("select * from unwind.compensate_run('r')"))
    assert shop.status("r") == "RUNNING"
