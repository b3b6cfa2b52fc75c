"""What only the asynchronous client has: cancellation, and tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from clients import plain_connections
from pgunwind import AsyncUnwind

Count = Callable[[str], int]
Shop = psycopg.Connection[Any]


@plain_connections
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


@plain_connections
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


def test_each_event_loop_has_a_heartbeat_of_its_own(dsn: str) -> None:
    unwind = AsyncUnwind(dsn)

    async def heartbeats() -> list[object]:
        return [unwind._heartbeats.get(), unwind._heartbeats.get()]

    first, again = asyncio.run(heartbeats())
    assert first is again
    assert asyncio.run(heartbeats())[0] is not first


@plain_connections
def test_the_heartbeat_connects_as_a_pool_by_coroutines_does(shop: Shop, dsn: str) -> None:
    async def conninfo() -> str:
        return dsn

    async def options() -> dict[str, Any]:
        return {"application_name": "mine"}

    async def main() -> None:
        source = AsyncUnwind(AsyncConnectionPool(conninfo, kwargs=options, open=False))._source
        async with await source.connect() as own:
            row = await (await own.execute("show application_name")).fetchone()
        assert row == ("mine",)

    asyncio.run(main())
