"""A connection, a pool or a conninfo: whose transaction is whose."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy
from psycopg.pq import TransactionStatus
from sqlalchemy.orm import Session

from clients import Client, plain_connections
from pgunwind import (
    AsyncUnwind,
    ClaimLost,
    LaterStepLive,
    Receipt,
    RunNotFound,
    RunTotal,
    SchemaTooOld,
    TransactionMismatch,
    Unwind,
)

Count = Callable[[str], int]
RunRow = Callable[[str], tuple[str, str | None]]
Connect = Callable[..., psycopg.Connection[Any]]
Shop = psycopg.Connection[Any]


def one_run(unwind: Unwind) -> None:
    """Do a run that fails, and one that does not."""
    with pytest.raises(ValueError, match="boom"), unwind.run("shop") as failed:
        with failed.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        raise ValueError("boom")
    with unwind.run("shop") as run, run.step("order", "o2") as conn:
        conn.execute("insert into orders (id) values ('o2')")
    assert (failed.result.status, run.result.status) == ("COMPENSATED", "COMPLETED")


@pytest.mark.parametrize("autocommit", [True, False])
def test_connection(client: Client, shop: Shop, connect: Connect, count: Count, autocommit: bool) -> None:
    conn = connect(autocommit=autocommit)
    one_run(client.Unwind(conn))
    assert conn.info.transaction_status is TransactionStatus.IDLE
    assert count("orders") == 1


@pytest.mark.parametrize("autocommit", [True, False])
def test_pool(client: Client, shop: Shop, dsn: str, count: Count, autocommit: bool) -> None:
    with client.pool(dsn, min_size=1, kwargs={"autocommit": autocommit}, open=True) as pool:
        one_run(client.Unwind(pool))
    assert count("orders") == 1


def test_conninfo(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    one_run(client.Unwind(dsn))
    assert count("orders") == 1


def test_conninfo_keeps_one_connection_for_a_run(client: Client, shop: Shop, dsn: str) -> None:
    with client.Unwind(dsn).run("shop") as run:
        with run.step("order", "o1") as first:
            assert first.autocommit
            assert first.prepare_threshold is None
        with run.step("order", "o2") as second:
            assert second is first
    assert first.closed


def test_rows_and_cursors_of_the_connection_do_not_matter(
    client: Client, shop: Shop, connect: Connect
) -> None:
    conn = connect(row_factory=psycopg.rows.dict_row, cursor_factory=psycopg.RawCursor)
    unwind = client.Unwind(conn)
    unwind.start_run("shop", "r1")
    assert unwind.compensate_run("r1") == ()


@pytest.mark.parametrize("given", [None, 1, object()])
def test_other_sources_are_refused(client: Client, given: object) -> None:
    with pytest.raises(TypeError, match="cannot get connections"):
        client.Unwind(given)  # type: ignore[arg-type]


def of_another_driver(module: str) -> object:
    """Return what looks like a connection of a driver that need not be installed."""
    return type("Foreign", (), {"__module__": module})()


OTHERS = [
    ("psycopg2.extensions", "psycopg2 is another driver"),
    ("asyncpg.connection", "asyncpg is another driver"),
    ("django.utils.connection", r"django\.db\.connection\.connection"),
    ("sqlalchemy.orm.session", r"session\.connection\(\)\.connection\.driver_connection"),
]


@pytest.mark.parametrize(("module", "instead"), OTHERS)
def test_connections_of_other_drivers_are_refused_with_what_to_give_instead(
    client: Client, shop: Shop, dsn: str, module: str, instead: str
) -> None:
    foreign = of_another_driver(module)
    with pytest.raises(TypeError, match=f"cannot get connections from a Foreign.*{instead}"):
        client.Unwind(foreign)
    refused = pytest.raises(TypeError, match=f"^connection= is a psycopg.*not a Foreign.*{instead}")
    unwind = client.Unwind(dsn)
    with refused:
        unwind.start_run("shop", connection=foreign)
    with refused:
        unwind.act_as("w", connection=foreign)
    with refused:
        for _ in unwind.compensate_run_in_batches("r1", connection=foreign):
            pytest.fail("there is nothing to tell")
    with unwind.run("shop") as run, run.step("order", "o1"):
        for call in (run.record, run.record_if_new):
            with refused:
                call("order", "o2", connection=foreign)
        with refused:
            run.record_entities("order", ["o2"], connection=foreign)


@plain_connections
def test_what_sqlalchemy_has_is_told_from_what_it_wraps(client: Client, shop: Shop, dsn: str) -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
    with Session(engine) as session, client.Unwind(dsn).run("shop") as run:
        for given in (session, session.connection(), session.connection().connection):
            with pytest.raises(TypeError, match="driver_connection"):
                run.record("order", "o1", connection=given)
        run.record("order", "o1", connection=session.connection().connection.driver_connection)
        session.commit()
    assert run.result.steps == ("order",)
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql+psycopg_async", "postgres+psycopg2"])
def test_a_url_of_sqlalchemys_is_a_conninfo(client: Client, shop: Shop, dsn: str, scheme: str) -> None:
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    url = sqlalchemy.URL.create(
        scheme,
        given["user"],
        given.get("password"),
        database=given["dbname"],
        query={"host": str(given["host"]), "port": str(given["port"])},
    )
    with client.Unwind(url.render_as_string(hide_password=False)).run("shop") as run:
        run.intend("order", "o1")
    assert run.result.status == "COMPLETED"


def test_each_client_takes_its_own_driver(conn: psycopg.Connection[Any], dsn: str) -> None:
    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            with pytest.raises(TypeError, match=r"a AsyncConnection: give a psycopg\.Connection"):
                Unwind(connection)  # type: ignore[arg-type]

    asyncio.run(main())
    with pytest.raises(TypeError, match=r"a Connection: give a psycopg\.AsyncConnection"):
        AsyncUnwind(conn)  # type: ignore[arg-type]


# Transactions


def test_run_in_a_transaction_is_refused(client: Client, shop: Shop) -> None:
    with (
        pytest.raises(TransactionMismatch, match="in a transaction already"),
        shop.transaction(),
        client.Unwind(shop).run("shop"),
    ):
        pytest.fail("the run was started")


def test_step_in_a_step_of_the_same_connection_is_refused(client: Client, shop: Shop, count: Count) -> None:
    with (
        pytest.raises(TransactionMismatch),
        client.Unwind(shop).run("shop") as run,
        run.step("order", "o1") as conn,
    ):
        conn.execute("insert into orders (id) values ('o1')")
        with run.step("invoice"):
            pytest.fail("the step was opened")
    assert run.result.status == "COMPENSATED"
    assert count("orders") == 0


def test_transaction_left_open_is_rolled_back_and_the_run_undone(
    client: Client, shop: Shop, connect: Connect, count: Count, run_row: RunRow
) -> None:
    conn = connect(autocommit=False)
    with pytest.raises(ValueError, match="boom"), client.Unwind(conn).run("shop") as run:
        with run.step("order", "o1"):
            conn.execute("insert into orders (id) values ('o1')")
        conn.execute("insert into invoices (order_id) values ('o1')")
        raise ValueError("boom")
    assert run_row(run.id) == ("COMPENSATED", "ValueError: boom")
    assert run.result.status == "COMPENSATED"
    assert conn.info.transaction_status is TransactionStatus.IDLE
    assert (count("orders"), count("invoices")) == (0, 0)


def test_method_commits_by_itself(client: Client, shop: Shop, connect: Connect, run_row: RunRow) -> None:
    conn = connect(autocommit=False)
    client.Unwind(conn).start_run("shop", "r1")
    assert conn.info.transaction_status is TransactionStatus.IDLE
    assert run_row("r1")[0] == "RUNNING"


def test_method_joins_the_transaction_of_its_connection(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    with shop.transaction():
        unwind.start_run("shop", "r1")
        raise psycopg.Rollback
    with pytest.raises(RunNotFound):
        unwind.compensate_run("r1")


def test_connection_argument_leaves_the_commit_to_its_owner(
    client: Client, shop: Shop, dsn: str, connect: Connect, count: Count
) -> None:
    unwind = client.Unwind(dsn)
    conn = connect(autocommit=False)
    unwind.start_run("shop", "r1")
    unwind.record_step("r1", "order", "o1", connection=conn)
    conn.execute("insert into orders (id) values ('o1')")
    assert conn.info.transaction_status is TransactionStatus.INTRANS
    conn.commit()
    assert count("orders") == 1
    assert unwind.compensate_run("r1") == (Receipt(1, "order", "public.orders", 1),)


def test_refused_record_takes_its_transaction_with_it(
    client: Client, shop: Shop, dsn: str, count: Count
) -> None:
    unwind = client.Unwind(dsn)
    with pytest.raises(psycopg.errors.InFailedSqlTransaction), shop.transaction():
        with pytest.raises(RunNotFound):
            unwind.record_step("nobody", "order", "o1", connection=shop)
        shop.execute("insert into orders (id) values ('o1')")
    assert count("orders") == 0


def test_act_as_lasts_for_a_transaction(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.start_run("shop", "r1", worker="w1", lease=datetime.timedelta(minutes=1))
    with pytest.raises(ClaimLost):
        unwind.complete_run("r1")
    with pytest.raises(TransactionMismatch, match="in no transaction"):
        unwind.act_as("w1", connection=shop)
    with shop.transaction():
        unwind.act_as("w1", connection=shop)
        unwind.complete_run("r1")


# The schema


def test_database_without_schema_says_what_to_type(client: Client, bare_dsn: str) -> None:
    with pytest.raises(SchemaTooOld) as caught:
        client.Unwind(bare_dsn).start_run("shop")
    assert caught.value.hint == "python -m pgunwind migrate"
    with pytest.raises(SchemaTooOld), client.Unwind(bare_dsn).run("shop"):
        pytest.fail("the run was started")


def test_older_schema_says_what_to_type(client: Client, shop: Shop) -> None:
    shop.execute(
        "create or replace function unwind.schema_version() returns int language sql as $$ select 0 $$"
    )
    with pytest.raises(SchemaTooOld, match="version 0") as caught:
        client.Unwind(shop).start_run("shop")
    assert caught.value.hint == "python -m pgunwind migrate"


def test_schema_is_checked_once(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.start_run("shop")
    shop.execute("drop function unwind.schema_version()")
    unwind.start_run("shop")


# The functions, one by one


def test_every_function_returns_typed_results(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.define_workflow("w", "described")
    unwind.define_step("w", "order", "orders", "id")
    unwind.declare_foreign_key("invoices", ["order_id"], "orders", ["id"], "cascade")
    unwind.compile_workflow("w")
    assert "order" in unwind.describe_workflow("w", "mermaid")
    assert {finding.severity for finding in unwind.check_workflow("w")}
    run_id = unwind.start_run("w", metadata={"n": 1})
    unwind.record_step(run_id, "order", "o1")
    shop.execute(
        "insert into orders (id) values ('o1'); insert into invoices (order_id) values ('o1'), ('?')"
    )
    assert sum(line.row_count for line in unwind.preview_run(run_id)) == 2
    assert {leftover.table_name for leftover in unwind.verify_run(run_id)} == {
        "public.orders",
        "public.invoices",
    }
    orphans = unwind.find_orphans("w")
    assert [(orphan.child_columns, orphan.orphans) for orphan in orphans if orphan.orphans] == [
        (("order_id",), 1)
    ]
    unwind.fail_run(run_id, "because")
    assert unwind.compensate_runs([run_id]) == (RunTotal(run_id, 2),)
    assert unwind.verify_run(run_id) == ()
    unwind.drop_foreign_key("invoices", ["order_id"], "orders", ["id"])
    unwind.drop_workflow("w")


def test_steps_are_undone_last_first(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.start_run("shop", "r1")
    unwind.record_step("r1", "order", "o1")
    unwind.record_step("r1", "invoice", 1)
    with pytest.raises(LaterStepLive):
        unwind.compensate_step("r1", "order")
    assert {receipt.step for receipt in unwind.compensate_step("r1", "invoice")} <= {"invoice"}
    unwind.compensate_step("r1", "order")


def test_custom_step_is_undone_by_its_function(client: Client, shop: Shop) -> None:
    shop.execute(
        """
        create function undo_mail(run_ids text[])
        returns table(run_id text, table_name text, rows_deleted bigint)
        language sql as $$ select unnest(run_ids), 'mail', 1::bigint $$
        """
    )
    unwind = client.Unwind(shop)
    unwind.define_custom_step("shop", "mail", "undo_mail(text[])")
    with pytest.raises(ValueError, match="boom"), unwind.run("shop") as run:
        with run.step("mail", "m1"):
            pass
        raise ValueError("boom")
    assert [(r.step, r.table_name, r.rows_deleted) for r in run.result.receipts if r.rows_deleted] == [
        ("mail", "mail", 1)
    ]


def test_string_for_a_list_of_strings_is_refused(client: Client, shop: Shop) -> None:
    with pytest.raises(TypeError, match="sequence of strings"):
        client.Unwind(shop).compensate_runs("r1")
