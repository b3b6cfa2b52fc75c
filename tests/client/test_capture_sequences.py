"""Whatever is done on a connection that captures, in whatever order, nothing of it escapes the run."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from clients import Client, plain_connections
from pgunwind import CaptureConnection, TransactionMismatch, Unwind

pytestmark = plain_connections

Shop = psycopg.Connection[Any]
Do = Any

WORK = [
    "update orders set customer = customer || 'x'",
    "insert into orders select coalesce(max(id), '') || 'n' from orders",
    "delete from orders where id = (select max(id) from orders)",
    "select 1/0",
    "insert into orders values ('a', 'A'); update orders set customer = 'b' where id = 'a'",
]
CONTROL = [
    *("begin", "commit", "rollback", "commit and chain", "rollback and chain", "savepoint s"),
    *("rollback to s", "release s", "set local jit = off", "set transaction isolation level serializable"),
    *("begin; update orders set customer = 'no'", "commit; update orders set customer = 'no'"),
]


def call(name: str, *values: Any) -> Do:
    return lambda conn: getattr(conn, name)(*values)


def in_many(conn: Any) -> None:
    with conn.cursor() as cursor:
        cursor.executemany("update orders set customer = %s", [["p"], ["q"]])


def in_copy(conn: Any) -> None:
    with conn.cursor() as cursor, cursor.copy("copy orders (customer, id) from stdin") as copy:
        copy.write(f"c\tc{id(copy)}\n")


def in_stream(conn: Any) -> None:
    with conn.cursor() as cursor:
        for _ in cursor.stream("update orders set customer = 's' returning id"):
            break


def switch(conn: Any) -> None:
    conn.autocommit = not conn.autocommit


def other_cursors(conn: Any) -> None:
    conn.cursor_factory = psycopg.ClientCursor


def other_rows(conn: Any) -> None:
    conn.row_factory = dict_row


def block(way: str, fails: bool, steps: list[Do]) -> Do:
    def do(conn: Any) -> None:
        with suppress(ZeroDivisionError), getattr(conn, way)():
            for step in steps:
                step(conn)
            if fails:
                raise ZeroDivisionError

    return do


plain = st.one_of(
    st.sampled_from([*WORK, *WORK, *CONTROL]).map(lambda query: call("execute", query)),
    st.sampled_from(
        [call("commit"), call("rollback"), in_many, in_copy, in_stream, switch, other_rows, other_cursors]
    ),
)
steps = st.recursive(
    st.lists(plain, max_size=6),
    lambda inner: st.tuples(
        inner, st.sampled_from(["transaction", "transaction", "pipeline"]), st.booleans(), inner
    ).map(lambda drawn: [*drawn[0], block(drawn[1], drawn[2], drawn[3])]),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(steps, st.booleans())
def test_all_of_it_is_undone(
    client: Client, captured: Shop, dsn: str, steps: list[Do], autocommit: bool
) -> None:
    before = captured.execute("select * from orders order by id").fetchall()
    run_of_it = Unwind(dsn).run("shop", capture=True)
    with CaptureConnection.connect(dsn, autocommit=autocommit) as conn, run_of_it as run:
        for step in steps:
            with suppress(psycopg.Error, TransactionMismatch):
                step(conn)
        with suppress(psycopg.Error):
            conn.execute("commit")
        conn.close()  # psycopg refuses to roll back where a block's transaction was ended within it
        run.fail("boom")
    assert captured.execute("select * from orders order by id").fetchall() == before
