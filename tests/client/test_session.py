"""A session lets a tool loose: all that it does is kept, or taken back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from clients import Client, plain_connections
from pgunwind import (
    ChangedSince,
    CompensationPending,
    RunRequired,
    TransactionMismatch,
    async_session,
    session,
)

pytestmark = plain_connections

Shop = psycopg.Connection[Any]
BEFORE = [("old", "Ada")]
UPDATE = "update orders set customer = 'x' where id = 'old'"


def orders(shop: Shop) -> list[tuple[str, str]]:
    return shop.execute("select id, customer from orders order by id").fetchall()


@pytest.fixture
def role(client: Client, captured: Shop) -> Iterator[str]:
    """Return a bound role that may read and write orders, but not delete them."""
    name = f"tool {captured.info.dbname}"
    captured.execute(f'create role "{name}"'.encode())
    captured.execute("select unwind_internal.grant_access(%s, 'application')", [name])
    captured.execute(f'grant select, insert, update on orders to "{name}"'.encode())
    captured.execute("select unwind.bind_role(%s)", [name])
    yield name
    captured.execute("select unwind.unbind_role(%s)", [name])
    captured.execute(f'drop owned by "{name}"; drop role "{name}"'.encode())


def test_left_without_more_all_is_taken_back(captured: Shop, dsn: str, role: str) -> None:
    with session(dsn, "shop", role=role) as tool:
        tool.connection.execute(UPDATE)
        with tool.connection.transaction():
            tool.connection.execute("insert into orders values ('new')")
        assert [(change.action, change.row_key) for change in tool.find_changes()] == [
            ("delete", "id=new"),
            ("update", "id=old"),
        ]
        assert len(orders(captured)) == 2
    assert orders(captured) == BEFORE
    assert (tool.result.status, tool.result.error) == ("COMPENSATED", "taken back")


def test_what_is_kept_stays(captured: Shop, dsn: str, role: str) -> None:
    with session(dsn, "shop", role=role, business_key="b", metadata={"by": "tool"}) as tool:
        tool.connection.execute(UPDATE)
        tool.connection.execute("begin")
        tool.connection.execute("insert into orders values ('not committed')")
        with pytest.raises(TransactionMismatch, match="is in a transaction"):
            tool.find_changes()
        tool.keep()
    assert orders(captured) == [("old", "x")]
    found = captured.execute(
        "select status, business_key, metadata from unwind.workflow_runs where id = %s", [tool.run_id]
    ).fetchone()
    assert found == ("COMPLETED", "b", {"by": "tool"})


def test_an_exception_takes_all_back_whatever_was_said(captured: Shop, dsn: str, role: str) -> None:
    with pytest.raises(ValueError, match="boom"), session(dsn, "shop", role=role) as tool:
        tool.connection.execute(UPDATE)
        tool.keep()
        raise ValueError("boom")
    assert orders(captured) == BEFORE


def test_it_is_the_runs_also_in_another_thread(captured: Shop, dsn: str, role: str) -> None:
    with session(dsn, "shop", role=role) as tool:
        thread = threading.Thread(target=tool.connection.execute, args=[UPDATE])
        thread.start()
        thread.join()
        assert orders(captured) != BEFORE
    assert orders(captured) == BEFORE


def test_the_tool_has_the_rights_of_its_role(captured: Shop, dsn: str, role: str) -> None:
    with session(dsn, "shop", role=role) as tool:
        for statement in ("reset role", "reset all"):
            tool.connection.execute(statement.encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                tool.connection.execute("delete from orders")
        with pytest.raises(psycopg.Error) as refused, psycopg.Cursor(tool.connection) as cursor:
            cursor.execute(UPDATE)
        assert refused.value.sqlstate == RunRequired.sqlstate
        tool.keep()
    assert orders(captured) == BEFORE


def test_a_tool_that_completes_its_run_is_taken_back_all_the_same(
    captured: Shop, dsn: str, role: str
) -> None:
    with session(dsn, "shop", role=role) as tool:
        with tool.connection.transaction():
            tool.connection.execute(UPDATE)
            tool.connection.execute("select unwind.complete_run(%s)", [tool.run_id])
        assert captured.execute("select status from unwind.workflow_runs").fetchall() == [("COMPLETED",)]
    assert orders(captured) == BEFORE
    assert tool.result.status == "COMPENSATED"
    assert tool.result.receipts


def test_what_somebody_else_changed_since_is_said(captured: Shop, dsn: str, role: str) -> None:
    with pytest.raises(CompensationPending) as caught, session(dsn, "shop", role=role) as tool:
        tool.connection.execute(UPDATE)
        captured.execute("update orders set customer = 'y' where id = 'old'")
        assert [change.action for change in tool.find_changes()] == ["conflict"]
    assert isinstance(caught.value.cause, ChangedSince)
    assert orders(captured) == [("old", "y")]


def test_a_role_that_the_server_does_not_set_is_not_passed_over(
    captured: Shop, dsn: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pgunwind import _session

    monkeypatch.setattr(_session, "make_conninfo", lambda conninfo, **dropped: make_conninfo(conninfo))
    with pytest.raises(TransactionMismatch, match="does not have role"), session(dsn, "shop", role=role):
        pass
    assert captured.execute("select status from unwind.workflow_runs").fetchall() == [("COMPENSATED",)]


def test_options_of_the_address_stay(captured: Shop, dsn: str, role: str) -> None:
    with session(make_conninfo(dsn, options="-c application_name=x"), "shop", role=role) as tool:
        assert tool.connection.execute("show application_name").fetchone() == ("x",)
        tool.connection.execute(UPDATE)


def test_with_await(captured: Shop, dsn: str, role: str) -> None:
    async def main() -> None:
        async with async_session(dsn, "shop", role=role) as tool:
            await tool.connection.execute(UPDATE)
            assert len(await tool.find_changes()) == 1

    asyncio.run(main())
    assert orders(captured) == BEFORE
