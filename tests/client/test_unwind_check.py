"""A test of an application finds out whether what it records is enough to undo it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from clients import Client, plain_connections
from pgunwind import Unwind, assert_compensates, async_assert_compensates
from pgunwind.pytest import UnwindCheck

Shop = psycopg.Connection[Any]
BEFORE = [("old", "Ada")]


def orders(shop: Shop) -> list[tuple[str, str]]:
    return shop.execute("select id, customer from orders order by id").fetchall()


def covered(unwind: Any) -> None:
    with unwind.run("shop") as run, run.step("order", "new") as conn:
        conn.execute("insert into orders values ('new')")
        conn.execute("insert into order_lines (order_id) values ('new')")


def uncovered(unwind: Any, fails: bool = False) -> None:
    with unwind.run("shop", run_id="r") as run:
        with run.step("order", "mine") as conn:
            conn.execute("insert into orders values ('mine'), ('other')")
            conn.execute("update orders set customer = 'x' where id = 'old'")
        if fails:
            raise ValueError("boom")


SAID = [
    "run 'r' of 'shop': its recorded keys would not",
    "  delete public.orders id=other",
    "  update public.orders id=old customer",
]


def test_assert_compensates_names_the_rows_that_would_stay(client: Client, captured: Shop, dsn: str) -> None:
    check = client.call if client.name == "async" else (lambda function, run: function(run))
    function = async_assert_compensates if client.name == "async" else assert_compensates
    unwind = client.Unwind(dsn)
    with unwind.run("shop", run_id="r", capture=True) as run:
        with run.step("order", "new") as conn:
            conn.execute("insert into orders values ('new')")
        check(function, run)
        with run.step("order") as conn:
            conn.execute("insert into orders values ('other')")
            conn.execute("update orders set customer = 'x' where id = 'old'")
        with pytest.raises(AssertionError) as failed:
            check(function, run)
        assert sorted(str(failed.value).splitlines()[:3]) == sorted(SAID)
    with pytest.raises(AssertionError):
        check(function, run)  # it has completed


@plain_connections
def test_what_is_covered_passes_and_the_database_is_as_before(
    client: Client, captured: Shop, dsn: str, unwind_check: Callable[[], UnwindCheck]
) -> None:
    with unwind_check():
        covered(Unwind(dsn))
        assert len(orders(captured)) == 2
    assert orders(captured) == BEFORE


@plain_connections
@pytest.mark.parametrize("fails", [False, True])
def test_what_is_not_covered_fails_and_the_database_is_as_before(
    client: Client, captured: Shop, dsn: str, unwind_check: Callable[[], UnwindCheck], fails: bool
) -> None:
    unwind = Unwind(dsn)
    with pytest.raises(AssertionError) as failed, unwind_check():
        if fails:
            with pytest.raises(ValueError, match="boom"):
                uncovered(unwind, fails)
        else:
            covered(unwind)
            uncovered(unwind)
    assert sorted(str(failed.value).splitlines()[:3]) == sorted(SAID)
    assert orders(captured) == BEFORE


@plain_connections
def test_an_error_of_the_test_is_the_tests(
    client: Client, captured: Shop, dsn: str, unwind_check: Callable[[], UnwindCheck]
) -> None:
    with pytest.raises(ZeroDivisionError), unwind_check():
        uncovered(Unwind(dsn))
        raise ZeroDivisionError
    assert orders(captured) == BEFORE


@plain_connections
def test_a_check_without_a_run_has_checked_nothing(
    client: Client, unwind_check: Callable[[], UnwindCheck]
) -> None:
    with pytest.raises(AssertionError, match="no run"), unwind_check():
        pass


@plain_connections
def test_runs_elsewhere_do_not_capture(client: Client, captured: Shop, dsn: str) -> None:
    uncovered(Unwind(dsn))
    assert Unwind(dsn).find_changes("r") == ()


@plain_connections
def test_runs_of_both_clients_with_await(
    client: Client, captured: Shop, dsn: str, unwind_check: Callable[[], UnwindCheck]
) -> None:
    from pgunwind import AsyncUnwind

    async def work() -> None:
        async with AsyncUnwind(dsn).run("shop") as run, run.step("order") as conn:
            await conn.execute("insert into orders values ('new')")

    async def main() -> None:
        async with unwind_check():
            covered(Unwind(dsn))
        async with unwind_check():
            await work()

    with pytest.raises(AssertionError, match="id=new"):
        asyncio.run(main())
    assert orders(captured) == BEFORE

    async def with_with() -> None:
        with unwind_check():
            await work()

    with pytest.raises(TypeError, match="async with"):
        asyncio.run(with_with())
