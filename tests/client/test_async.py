"""The asynchronous client does what the synchronous one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from pgunwind import (
    AsyncUnwind,
    CompensationPending,
    RunNotFound,
    SchemaTooOld,
    TransactionMismatch,
    Unwind,
)

Count = Callable[[str], int]
RunRow = Callable[[str], tuple[str, str | None]]
Shop = psycopg.Connection[Any]


def at_once(failed: int) -> float:
    return 0.0


@asynccontextmanager
async def client(kind: str, dsn: str) -> AsyncIterator[AsyncUnwind]:
    """An asynchronous client of each kind of source."""
    if kind == "conninfo":
        yield AsyncUnwind(dsn, backoff=at_once)
    elif kind == "pool":
        async with AsyncConnectionPool(dsn, min_size=2, open=False) as pool:
            yield AsyncUnwind(pool, backoff=at_once)
    else:
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=kind == "autocommit")
        try:
            yield AsyncUnwind(connection, backoff=at_once)
        finally:
            await connection.close()


KINDS = pytest.mark.parametrize("kind", ["conninfo", "pool", "autocommit", "connection"])


@KINDS
def test_run_is_completed_or_undone(kind: str, shop: Shop, dsn: str, count: Count) -> None:
    async def main() -> None:
        async with client(kind, dsn) as unwind:
            with pytest.raises(ValueError, match="boom") as caught:
                async with unwind.run("shop", run_id="r1") as failed:
                    async with failed.step("order", "o1") as conn:
                        await conn.execute("insert into orders (id) values ('o1')")
                        await failed.record("order", "o2")
                        await conn.execute("insert into orders (id) values ('o2')")
                    await failed.intend("order", "o3")
                    raise ValueError("boom")
            assert caught.value.__notes__ == [
                "pgunwind: run 'r1' undone: 2 rows in 1 table (public.orders 2)"
            ]
            async with unwind.run("shop", worker="w1") as run, run.step("order", "o1") as conn:
                await conn.execute("insert into orders (id) values ('o1')")
            assert (failed.result.status, run.result.status) == ("COMPENSATED", "COMPLETED")
            assert await unwind.compensate_run("r1") == failed.result.receipts

    asyncio.run(main())
    assert count("orders") == 1


@KINDS
def test_lost_connection_is_replaced(kind: str, shop: Shop, dsn: str, count: Count) -> None:
    async def main() -> None:
        async with client(kind, dsn) as unwind:
            with pytest.raises(psycopg.OperationalError):
                async with unwind.run("shop") as run:
                    async with run.step("order", "o1") as conn:
                        await conn.execute("insert into orders (id) values ('o1')")
                    async with run.step("invoice") as conn:
                        shop.execute("select pg_terminate_backend(%s, 10000)", [conn.info.backend_pid])
                        await conn.execute("select 1")
            assert run.result.status == "COMPENSATED"

    asyncio.run(main())
    assert count("orders") == 0


def test_cancelled_task_undoes_its_run(shop: Shop, dsn: str, count: Count) -> None:
    async def work(unwind: AsyncUnwind, entered: asyncio.Event) -> None:
        async with unwind.run("shop") as run:
            async with run.step("order", "o1") as conn:
                await conn.execute("insert into orders (id) values ('o1')")
            entered.set()
            await asyncio.sleep(60)

    async def main() -> None:
        entered = asyncio.Event()
        task = asyncio.create_task(work(AsyncUnwind(dsn), entered))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert count("orders") == 0


def test_failing_compensation_is_pending(refusing_shop: Shop, dsn: str, run_row: RunRow) -> None:
    async def main() -> None:
        with pytest.raises(CompensationPending) as caught:
            async with AsyncUnwind(dsn).run("shop", run_id="r1") as run:
                async with run.step("order", "o1") as conn:
                    await conn.execute("insert into orders (id) values ('o1')")
                raise ValueError("boom")
        assert isinstance(caught.value.__cause__, ValueError)
        assert isinstance(caught.value.cause, psycopg.errors.RaiseException)

    asyncio.run(main())
    assert run_row("r1")[0] == "FAILED"


def test_parallel_steps_have_a_connection_each(shop: Shop, dsn: str, count: Count) -> None:
    async def main() -> None:
        async with AsyncConnectionPool(dsn, min_size=3, open=False) as pool:
            unwind = AsyncUnwind(pool)
            with pytest.raises(ValueError, match="boom"):
                async with unwind.run("shop") as run:

                    async def order(name: str) -> None:
                        async with run.step("order") as conn:
                            await run.record("order", name)
                            await conn.execute("insert into orders (id) values (%s)", [name])

                    await asyncio.gather(*(order(f"o{n}") for n in range(5)))
                    raise ValueError("boom")
            assert run.result.rows_deleted == 5

    asyncio.run(main())
    assert count("orders") == 0


def test_transactions_and_errors_are_those_of_the_synchronous_client(shop: Shop, dsn: str) -> None:
    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            unwind = AsyncUnwind(connection)
            with pytest.raises(RunNotFound):
                await unwind.compensate_run("nobody")
            with pytest.raises(TransactionMismatch):
                async with connection.transaction(), unwind.run("shop"):
                    pytest.fail("the run was started")
            async with connection.transaction():
                await unwind.start_run("shop", "r1")
                await unwind.act_as("w1", connection=connection)
                raise psycopg.Rollback
            with pytest.raises(RunNotFound):
                await unwind.verify_run("r1")

    asyncio.run(main())


def test_schema_that_is_missing(bare_dsn: str) -> None:
    async def main() -> None:
        with pytest.raises(SchemaTooOld):
            await AsyncUnwind(bare_dsn).start_run("shop")

    asyncio.run(main())


def test_each_client_takes_its_own_driver(shop: Shop, dsn: str) -> None:
    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            with pytest.raises(TypeError, match=r"a AsyncConnection: give a psycopg\.Connection"):
                Unwind(connection)  # type: ignore[arg-type]

    asyncio.run(main())
    with pytest.raises(TypeError, match=r"a Connection: give a psycopg\.AsyncConnection"):
        AsyncUnwind(shop)  # type: ignore[arg-type]
