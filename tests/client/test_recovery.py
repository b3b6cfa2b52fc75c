"""Procedures that commit by themselves, called from Python: sweeps, and batches with their progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import DependentsExist, Progress, Recovery, TransactionMismatch

Connection = psycopg.Connection[Any]


def failed_run(shop: Connection, run: str, lines: int = 25) -> None:
    """A failed run with one order of so many lines."""
    shop.execute("select unwind.start_run('shop', %s)", [run])
    shop.execute("select unwind.record_step(%s, 'order', %s)", [run, run])
    shop.execute("insert into orders values (%s)", [run])
    shop.execute("insert into order_lines (order_id) select %s from generate_series(1, %s)", [run, lines])
    shop.execute("select unwind.fail_run(%s, 'x')", [run])


def status(shop: Connection, run: str) -> Any:
    return shop.execute("select status from unwind.workflow_runs where id = %s", [run]).fetchone()


def test_a_sweep_from_every_source(client: Client, shop: Connection, dsn: str) -> None:
    with client.pool(dsn, min_size=1, open=True) as pool, client.connect(dsn) as conn:
        for run, source in (("a", dsn), ("b", pool), ("c", conn)):
            failed_run(shop, run)
            assert client.Unwind(source).recover_runs() == Recovery(recovered=1, failed=0)
        assert not conn.autocommit, "it was only lent"


def test_a_sweep_within_a_transaction_is_refused(client: Client, shop: Connection, dsn: str) -> None:
    with shop.transaction(), pytest.raises(TransactionMismatch):
        client.Unwind(shop).recover_runs()
    with client.connect(dsn) as conn, pytest.raises(TransactionMismatch, match="autocommit"):
        client.Unwind(dsn).recover_runs(connection=conn)


def test_batches_tell_how_far_they_are(client: Client, shop: Connection, dsn: str) -> None:
    failed_run(shop, "r")
    progress = list(client.Unwind(dsn).compensate_run_in_batches("r", 10))
    assert progress == [
        Progress("order", "public.order_lines", 10, 25),
        Progress("order", "public.order_lines", 20, 25),
        Progress("order", "public.order_lines", 25, 25),
        Progress("order", "public.orders", 1, 1),
    ]
    assert status(shop, "r") == ("COMPENSATED",)
    assert list(client.Unwind(dsn).compensate_run_in_batches("r")) == []


def test_left_early_the_rest_is_done_by_the_next_call(client: Client, shop: Connection, dsn: str) -> None:
    failed_run(shop, "r", lines=2000)
    unwind = client.Unwind(shop)
    for _ in unwind.compensate_run_in_batches("r", 1):
        break
    for _ in unwind.compensate_run_in_batches("r", 1000):
        pass
    assert status(shop, "r") == ("COMPENSATED",)
    assert sum(receipt.rows_deleted for receipt in unwind.compensate_run("r")) == 2001


def test_left_early_the_call_is_cancelled(
    client: Client, shop: Connection, dsn: str, connect: Any, in_background: Any
) -> None:
    """It would wait for a row that somebody has locked, and whoever left with it."""
    failed_run(shop, "r", lines=3)
    blocker = connect(autocommit=False)
    blocker.execute("select from order_lines order by id desc limit 1 for update")

    def leave() -> None:
        for _ in client.Unwind(dsn).compensate_run_in_batches("r", 1):
            break

    try:
        in_background(leave).result(timeout=20)
    finally:
        blocker.rollback()
    assert status(shop, "r") == ("COMPENSATING",)


def test_its_errors_are_those_of_the_client(client: Client, shop: Connection, dsn: str) -> None:
    failed_run(shop, "r")
    shop.execute("create table bills (order_id text references orders)")
    shop.execute("insert into bills values ('r')")
    with pytest.raises(DependentsExist):
        list(client.Unwind(dsn).compensate_run_in_batches("r"))
    with shop.transaction(), pytest.raises(TransactionMismatch):
        list(client.Unwind(shop).compensate_run_in_batches("r"))


def test_rewinding_and_purging(client: Client, shop: Connection) -> None:
    unwind = client.Unwind(shop)
    with unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders values ('o1')")
        with run.step("invoice") as conn:
            run.record("invoice", "7")
            conn.execute("insert into invoices overriding system value values (7, 'o1')")
        with shop.transaction():
            unwind.act_as(run.worker, connection=shop)
            assert [receipt.step for receipt in unwind.rewind_run(run.id, "order")] == ["invoice"]
    assert run.result.status == "COMPLETED"
    assert unwind.purge_runs(timedelta(days=1)) == 0
    assert unwind.purge_runs(timedelta(0), "shop", receipts=True) == 1
