"""An engine that captures: whatever SQLAlchemy does in the block of a run is of that run, with any driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, Engine, String, create_engine, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from clients import Client, plain_connections
from pgunwind import AsyncUnwind, ClaimLost, CompensationPending, RunNotRunning, TransactionMismatch, Unwind
from pgunwind.sqlalchemy import capture

pytestmark = plain_connections

Shop = psycopg.Connection[Any]
BEFORE = [("old", "Ada")]
UPDATE = text("update orders set customer = 'x' where id = 'old'")
NEW = text("insert into orders values ('new', 'Bob')")


class Base(DeclarativeBase):
    """The application's tables."""


class Order(Base):
    """An order."""

    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    customer: Mapped[str | None]


def orders(shop: Shop) -> list[tuple[str, str]]:
    return shop.execute("select id, customer from orders order by id").fetchall()


def address(driver: str, dsn: str) -> URL:
    """Return the database's address, as SQLAlchemy has it."""
    given = conninfo_to_dict(dsn)
    query = {"host": str(given["host"]), "port": str(given["port"])}
    return URL.create(f"postgresql+{driver}", str(given["user"]), database=str(given["dbname"]), query=query)


@pytest.fixture(params=["psycopg", "psycopg2"])
def engine(request: pytest.FixtureRequest, client: Client, captured: Shop, dsn: str) -> Iterator[Engine]:
    """Return an engine that captures, with one connection."""
    pytest.importorskip(request.param)
    made = capture(create_engine(address(request.param, dsn), pool_size=1, max_overflow=0, pool_timeout=2))
    yield made
    made.dispose()


def ways() -> dict[str, Callable[[Engine], object]]:
    """Ways to write, each of which commits in the end."""

    def core(engine: Engine) -> None:
        with engine.begin() as conn:
            conn.execute(UPDATE)

    def autobegin(engine: Engine) -> None:
        with engine.connect() as conn:
            conn.execute(UPDATE)
            conn.commit()
            conn.execute(NEW)
            conn.commit()

    def driver_sql(engine: Engine) -> None:
        with engine.connect() as conn:
            conn.exec_driver_sql(str(UPDATE))
            conn.commit()

    def session(engine: Engine) -> None:
        with Session(engine) as session:
            order = session.get_one(Order, "old")
            order.customer = "x"
            session.add(Order(id="new"))
            session.commit()
            order.customer = "y"
            session.commit()
            session.delete(order)
            session.commit()

    def savepoint(engine: Engine) -> None:
        with engine.begin() as conn:
            conn.begin_nested().rollback()
            with conn.begin_nested() as inner:
                conn.execute(NEW)
                inner.rollback()
            conn.execute(UPDATE)

    def options(engine: Engine) -> None:
        with engine.execution_options(isolation_level="REPEATABLE READ").begin() as conn:
            conn.execute(UPDATE)

    def server_side_cursors(engine: Engine) -> None:
        with engine.connect().execution_options(stream_results=True) as conn:
            conn.execute(UPDATE, execution_options={"stream_results": False})
            conn.commit()

    return {name: way for name, way in locals().items()}


@pytest.mark.parametrize("way", ways().values(), ids=ways())
def test_what_it_writes_is_undone(engine: Engine, captured: Shop, dsn: str, way: Any) -> None:
    with pytest.raises(ValueError, match="boom"), Unwind(dsn).run("shop", capture=True):
        way(engine)
        assert orders(captured) != BEFORE
        raise ValueError("boom")
    assert orders(captured) == BEFORE


def test_what_it_writes_elsewhere_is_nobodys(engine: Engine, captured: Shop, dsn: str) -> None:
    with Unwind(dsn).run("shop") as run:
        ways()["core"](engine)
        run.fail("boom")
    assert orders(captured) == [("old", "x")]


FIT_FOR_POOLERS: dict[str, dict[str, Any]] = {
    "psycopg": {"prepare_threshold": None},
    "asyncpg": {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: f"s{uuid4()}"},
}


@pytest.mark.parametrize("driver", FIT_FOR_POOLERS)
def test_an_async_engine_and_the_tasks_of_a_run(
    driver: str, client: Client, captured: Shop, dsn: str
) -> None:
    pytest.importorskip(driver)

    async def work(engine: AsyncEngine, number: int) -> None:
        async with AsyncSession(engine) as session:
            session.add(Order(id=f"t{number}"))
            await session.commit()

    async def main() -> None:
        engine = capture(create_async_engine(address(driver, dsn), connect_args=FIT_FOR_POOLERS[driver]))
        with pytest.raises(ValueError, match="boom"):
            async with AsyncUnwind(dsn).run("shop", capture=True):
                await asyncio.gather(*(work(engine, number) for number in range(4)))
                async with engine.begin() as conn:
                    await conn.execute(UPDATE)
                assert len(orders(captured)) == 5
                raise ValueError("boom")
        with pytest.raises(RunNotRunning) as refused:
            async with AsyncUnwind(dsn).run("shop", capture=True) as run:
                captured.execute("select unwind.act_as(%s), unwind.fail_run(%s, 'x')", [run.worker, run.id])
                async with engine.begin():
                    pass
        assert refused.value.sqlstate == "UW002"
        assert run.id in refused.value.message
        assert refused.value.hint
        async with engine.begin() as conn:
            await conn.execute(text("select 1"))
        with pytest.raises(TransactionMismatch, match="AUTOCOMMIT"):
            async with AsyncUnwind(dsn).run("shop", capture=True), engine.connect() as conn:
                await conn.execution_options(isolation_level="AUTOCOMMIT")
                await conn.execute(UPDATE)
        await engine.dispose()

    asyncio.run(main())
    assert orders(captured) == BEFORE


def test_again_for_the_same_engine_changes_nothing(engine: Engine, captured: Shop, dsn: str) -> None:
    assert capture(engine) is engine
    entered = []
    event.listen(engine, "before_cursor_execute", lambda *call: entered.append(call[2]))
    with Unwind(dsn).run("shop", capture=True), engine.begin() as conn:
        conn.execute(UPDATE)
    assert len([sql for sql in entered if "enter_run" in sql]) == 1


@pytest.mark.parametrize("by", ["connection", "session"])
def test_a_refusal_leaves_the_pool_fit(engine: Engine, captured: Shop, dsn: str, by: str) -> None:
    def work() -> None:
        if by == "session":
            with Session(engine) as session:
                session.add(Order(id="new"))
                session.commit()
        else:
            with engine.begin() as conn:
                conn.execute(NEW)

    with pytest.raises(RunNotRunning), Unwind(dsn).run("shop", capture=True) as run:
        captured.execute("select unwind.act_as(%s), unwind.fail_run(%s, 'x')", [run.worker, run.id])
        work()
    assert orders(captured) == BEFORE
    work()
    assert len(orders(captured)) == 2


def test_after_a_refusal_the_connection_takes_no_more(engine: Engine, captured: Shop, dsn: str) -> None:
    with Unwind(dsn).run("shop", capture=True) as run:
        captured.execute("select unwind.act_as(%s), unwind.fail_run(%s, 'x')", [run.worker, run.id])
        with engine.connect() as conn:
            with pytest.raises(RunNotRunning):
                conn.execute(NEW)
            with pytest.raises(sqlalchemy.exc.ResourceClosedError):
                conn.execute(NEW)
        run.fail("boom")
    assert orders(captured) == BEFORE


def test_a_lost_claim_is_said_as_such(engine: Engine, captured: Shop, dsn: str) -> None:
    with pytest.raises(ClaimLost), Unwind(dsn).run("shop", capture=True) as run:
        captured.execute("select unwind.release_claim(%s, %s)", [run.id, run.worker])
        captured.execute("select unwind.claim_run(%s, 'other')", [run.id])
        with engine.begin() as conn:
            conn.execute(NEW)
    assert orders(captured) == BEFORE


def test_autocommit_is_refused_and_two_phases_are(engine: Engine, captured: Shop, dsn: str) -> None:
    def autocommit() -> Any:
        return engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    unwind = Unwind(dsn)
    refused = pytest.raises(TransactionMismatch, match="AUTOCOMMIT")
    with refused, unwind.run("shop", capture=True), autocommit() as conn:
        conn.execute(UPDATE)
    refused = pytest.raises(TransactionMismatch, match="two-phase")
    with refused, unwind.run("shop", capture=True), engine.connect() as conn, conn.begin_twophase():
        conn.execute(UPDATE)
    assert orders(captured) == BEFORE
    with autocommit() as conn:
        conn.execute(UPDATE)
    assert orders(captured) == [("old", "x")]


def test_a_connection_left_in_a_transaction_is_named(engine: Engine, captured: Shop, dsn: str) -> None:
    with pytest.raises(TransactionMismatch) as caught, Unwind(dsn).run("shop", capture=True):
        conn = engine.connect()
        conn.execute(UPDATE)
    assert "sqlalchemy.engine.base.Connection" in (caught.value.detail or "")
    conn.close()
    assert Unwind(dsn).recover_runs().recovered == 1
    assert orders(captured) == BEFORE


def test_an_error_ends_what_it_left_open_if_the_application_does(
    engine: Engine, captured: Shop, dsn: str
) -> None:
    with pytest.raises(CompensationPending) as caught, Unwind(dsn).run("shop", capture=True):
        conn = engine.connect()
        conn.execute(UPDATE)
        raise ValueError("boom")
    assert isinstance(caught.value.cause, TransactionMismatch)
    conn.close()
