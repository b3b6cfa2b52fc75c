"""A connection that captures: whatever is executed on it, in the block of a run, is of that run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from clients import Client

Shop = psycopg.Connection[Any]
Work = Callable[[Any], object]

NEW = "insert into orders values ('new', 'Bob')"
UPDATE = "update orders set customer = 'x' where id = 'old'"


def orders(shop: Shop) -> list[tuple[str, str]]:
    return shop.execute("select id, customer from orders order by id").fetchall()


BEFORE = [("old", "Ada")]


@pytest.fixture(params=[False, True], ids=["transactions", "autocommit"])
def capturing(client: Client, captured: Shop, dsn: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return a connection that captures, in autocommit or not."""
    connection = client.capture_connection(dsn, autocommit=request.param)
    yield connection
    connection.close()


def ways() -> dict[str, Work]:
    """Ways to write, each of which commits in the end."""

    def execute(conn: Any) -> None:
        conn.execute(NEW)
        conn.execute(UPDATE)
        conn.commit()

    def cursor(conn: Any) -> None:
        with conn.cursor() as cursor:
            cursor.execute(sql.SQL(NEW))
            cursor.execute(UPDATE.encode())
        conn.commit()

    def executemany(conn: Any) -> None:
        with conn.cursor() as cursor:
            cursor.executemany("insert into orders values (%s)", [["a"], ["b"]])
        conn.commit()

    def copy(conn: Any) -> None:
        with conn.cursor() as cursor, cursor.copy("copy orders from stdin") as copy:
            copy.write("a\tA\nb\tB\n")
        conn.commit()

    def stream(conn: Any) -> None:
        with conn.cursor() as cursor:
            assert len(list(cursor.stream(f"{UPDATE} returning id"))) == 1
        conn.commit()

    def transaction(conn: Any) -> None:
        with conn.transaction():
            conn.execute(NEW)
            with conn.transaction():
                conn.execute(UPDATE)

    def several_in_one(conn: Any) -> None:
        conn.execute(f"{NEW}; {UPDATE}")
        conn.commit()

    def begin(conn: Any) -> None:
        conn.execute("/* one */ BEGIN" if conn.autocommit else "-- one\nset local jit = off")
        conn.execute(NEW)
        conn.execute("savepoint s")
        conn.execute(UPDATE)
        conn.execute("Commit")

    def isolation(conn: Any) -> None:
        conn.execute("begin" if conn.autocommit else "select 1")
        if not conn.autocommit:
            conn.commit()
        conn.execute("set transaction isolation level serializable")
        conn.execute(UPDATE)
        conn.execute("commit")

    def chain(conn: Any) -> None:
        conn.execute("begin" if conn.autocommit else "select 1")
        conn.execute(NEW)
        conn.execute("commit and chain")
        conn.execute(UPDATE)
        conn.execute("end")

    def two_phases(conn: Any) -> None:
        if conn.autocommit:
            return execute(conn)
        for statement in (NEW, UPDATE):
            conn.tpc_begin(conn.xid(1, "a", "b"))
            conn.execute(statement)
            conn.tpc_commit()

    def back_to_savepoint(conn: Any) -> None:
        with conn.transaction():
            with pytest.raises(ZeroDivisionError), conn.transaction():
                conn.execute(NEW)
                raise ZeroDivisionError
            conn.execute(UPDATE)

    def back_to_savepoint_as_sql(conn: Any) -> None:
        conn.execute("begin" if conn.autocommit else "show jit")
        conn.execute("savepoint s")
        conn.execute(NEW)
        conn.execute("rollback to s")
        conn.execute(UPDATE)
        conn.execute("commit")

    def after_an_error(conn: Any) -> None:
        with pytest.raises(psycopg.errors.DivisionByZero), conn.transaction():
            conn.execute(NEW)
            conn.execute("select 1/0")
        execute(conn)

    def named_cursor(conn: Any) -> None:
        conn.execute(f"create function pg_temp.work() returns int language sql as $$ {UPDATE}; select 1 $$")
        conn.commit()
        with conn.transaction(), conn.cursor("c") as cursor:
            cursor.execute("select pg_temp.work()")
            cursor.fetchall()

    def other_cursors(conn: Any) -> None:
        client = (
            psycopg.AsyncClientCursor
            if "Async" in repr(conn._value if hasattr(conn, "_value") else conn)
            else psycopg.ClientCursor
        )
        conn.cursor_factory = client
        with conn.cursor() as cursor:
            cursor.execute("insert into orders values (%s)", ["a"])
        conn.execute(UPDATE)
        conn.commit()

    def pipeline(conn: Any) -> None:
        with conn.pipeline():
            for n in range(3):
                conn.execute("insert into orders values (%s)", [str(n)])
            conn.commit()
            conn.execute(UPDATE)
            with conn.transaction():
                conn.execute(NEW)
        conn.commit()

    return {name: way for name, way in locals().items()}


@pytest.mark.parametrize("way", ways().values(), ids=ways())
def test_what_it_writes_is_undone(
    client: Client, captured: Shop, dsn: str, capturing: Any, way: Work
) -> None:
    with pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop", capture=True):
        way(capturing)
        assert orders(captured) != BEFORE
        raise ValueError("boom")
    assert orders(captured) == BEFORE


@pytest.mark.parametrize("way", ways().values(), ids=ways())
def test_what_it_writes_elsewhere_is_nobody_s(
    client: Client, captured: Shop, dsn: str, capturing: Any, way: Work
) -> None:
    with client.Unwind(dsn).run("shop") as run:
        way(capturing)
        run.fail("boom")
    after = orders(captured)
    assert after != BEFORE
    with pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop", capture=True):
        capturing.execute("delete from orders")
        capturing.commit()
        raise ValueError("boom")
    assert orders(captured) == after
