"""A connection that dies takes no run with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from clients import Client
from pgunwind import CompensationPending, Unwind

Count = Callable[[str], int]
RunRow = Callable[[str], tuple[str, str | None]]
Connect = Callable[..., psycopg.Connection[Any]]
Shop = psycopg.Connection[Any]


def at_once(failed: int) -> float:
    return 0.0


def kill(admin: psycopg.Connection[Any], victim: psycopg.Connection[Any]) -> None:
    admin.execute("select pg_terminate_backend(%s, 10000)", [victim.info.backend_pid])


def break_in_mid_step(unwind: Unwind, admin: psycopg.Connection[Any]) -> str:
    """Do one step, lose the connection in the next; return the run's id."""
    with pytest.raises(psycopg.OperationalError) as caught, unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        with run.step("invoice") as conn:
            conn.execute("insert into invoices (order_id) values ('o1')")
            kill(admin, conn)
            conn.execute("select 1")
    assert "pgunwind: run" in caught.value.__notes__[-1]
    assert run.result.status == "COMPENSATED"
    assert run.result.steps == ("order",)
    return run.id


def test_own_connection_is_replaced_by_one_like_it(
    client: Client, shop: Shop, connect: Connect, count: Count, run_row: RunRow
) -> None:
    run_id = break_in_mid_step(client.Unwind(connect(), backoff=at_once), shop)
    assert (count("orders"), count("invoices")) == (0, 0)
    status, last_error = run_row(run_id)
    assert status == "COMPENSATED"
    assert last_error is not None, "fail_run went over the fresh connection too"


def test_conninfo_connects_anew(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    break_in_mid_step(client.Unwind(dsn, backoff=at_once), shop)
    assert count("orders") == 0


def test_pool_drops_its_dead_connections_first(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    with client.pool(dsn, min_size=4, open=True) as pool:
        pool.wait()
        unwind = client.Unwind(pool, backoff=at_once)
        with pytest.raises(psycopg.OperationalError), unwind.run("shop") as run:
            with run.step("order", "o1") as conn:
                conn.execute("insert into orders (id) values ('o1')")
            shop.execute(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            with run.step("invoice"):
                pytest.fail("the step was opened")
    assert run.result.status == "COMPENSATED"
    assert count("orders") == 0


@pytest.mark.parametrize("kind", ["connection", "conninfo", "pool"])
def test_run_is_completed_over_a_fresh_connection(
    client: Client, kind: str, shop: Shop, dsn: str, connect: Connect, count: Count, run_row: RunRow
) -> None:
    with client.pool(dsn, min_size=1, open=True) as pool:
        source = {"connection": connect(), "conninfo": dsn, "pool": pool}[kind]
        with client.Unwind(source, backoff=at_once).run("shop") as run:
            with run.step("order", "o1") as conn:
                conn.execute("insert into orders (id) values ('o1')")
            kill(shop, conn)
    assert run.result.status == "COMPLETED"
    assert run_row(run.id) == ("COMPLETED", None)
    assert count("orders") == 1


def test_a_fresh_connection_has_the_password_of_the_given_one(
    client: Client, shop: Shop, dsn: str, connect: Connect
) -> None:
    password = shop.info.password or "sesame"
    source = client.Unwind(connect(make_conninfo(dsn, password=password)))._source
    with client.call(lambda: source.connection(fresh=True)) as fresh, client.call(source.connect) as aside:
        assert (fresh.info.password, aside.info.password) == (password, password)


def test_tries_are_bounded_and_paused_between(
    client: Client, shop: Shop, connect: Connect, count: Count, run_row: RunRow
) -> None:
    pauses: list[int] = []

    def backoff(failed: int) -> float:
        pauses.append(failed)
        return 0.0

    blocker = connect()
    impatient = connect(options="-c lock_timeout=50ms")
    unwind = client.Unwind(impatient, attempts=3, backoff=backoff)
    with pytest.raises(CompensationPending) as caught, unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        blocker.execute("begin")
        blocker.execute("select from unwind.workflow_runs for update")
        raise ValueError("boom")
    blocker.execute("rollback")
    assert pauses == [1, 2]
    assert len(caught.value.causes) == 3
    assert isinstance(caught.value.cause, psycopg.errors.LockNotAvailable)
    assert isinstance(caught.value.__cause__, ValueError)
    assert run.result.status == "RUNNING", "not even fail_run got through"
    assert run_row(run.id) == ("RUNNING", None)
    assert count("orders") == 1

    client.Unwind(shop).compensate_run(run.id, force=True)
    assert count("orders") == 0


def test_database_that_is_gone_leaves_the_run_pending(
    client: Client, shop: Shop, connect: Connect, dsn: str, server_dsn: str
) -> None:
    admin = connect(server_dsn)
    allow = f"alter database {shop.info.dbname} allow_connections "
    with pytest.raises(CompensationPending) as caught, client.Unwind(dsn, backoff=at_once).run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        admin.execute((allow + "false").encode())
        kill(shop, conn)
        raise ValueError("boom")
    admin.execute((allow + "true").encode())
    assert caught.value.run_id == run.id
    assert len(caught.value.causes) == 3
    assert all(isinstance(cause, psycopg.OperationalError) for cause in caught.value.causes)
    assert "compensate_run(run_id => '" in str(caught.value), "it says what to type later"


@pytest.mark.parametrize("attempts", [0, -1])
def test_at_least_one_attempt(client: Client, dsn: str, attempts: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        client.Unwind(dsn, attempts=attempts)
