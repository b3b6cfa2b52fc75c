"""Django under capture: whatever it does in the block of a run is of that run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from clients import plain_connections
from pgunwind import RunNotRunning, TransactionMismatch, Unwind

django = pytest.importorskip("django")

from django.conf import settings  # noqa: E402
from django.db import connection, connections, models, transaction  # noqa: E402

if not settings.configured:
    settings.configure(USE_TZ=True, DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}})
    django.setup()

import pgunwind.django  # noqa: E402

pytestmark = plain_connections

Shop = psycopg.Connection[Any]
BEFORE = [("old", "Ada")]
UPDATE = "update orders set customer = 'x' where id = 'old'"


class Order(models.Model):
    """An order."""

    id = models.TextField(primary_key=True)
    customer = models.TextField(null=True)

    class Meta:
        """The application's table."""

        app_label = "shop"
        db_table = "orders"


def orders(shop: Shop) -> list[tuple[str, str]]:
    return shop.execute("select id, customer from orders order by id").fetchall()


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest, captured: Shop, dsn: str) -> Iterator[None]:
    """Have Django use the test's database, with capture put on."""
    given = conninfo_to_dict(dsn)
    old = connections["default"]
    own = {"NAME": given["dbname"], "USER": given["user"], "HOST": given["host"], "PORT": given["port"]}
    own["OPTIONS"] = {}  # the bench, in the same process, has had others
    connections.settings["default"].update(own)
    del connections["default"]
    connections["default"] = connections.create_connection("default")
    pgunwind.django.capture()
    yield
    connections["default"].close()
    connections["default"] = old


def by_itself() -> None:
    Order.objects.filter(id="old").update(customer="x")


def by_many() -> None:
    Order.objects.bulk_create([Order(id=f"b{number}") for number in range(3)])


def in_a_transaction() -> None:
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id="old")
        order.customer = "x"
        order.save()
        Order.objects.create(id="new")


def with_savepoints() -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Order.objects.create(id="new")
            raise ZeroDivisionError
        by_itself()


def after_an_error() -> None:
    with transaction.atomic():
        with pytest.raises(django.db.IntegrityError), transaction.atomic():
            Order.objects.create(id="old")
        by_itself()


def without_autocommit() -> None:
    transaction.set_autocommit(False)
    try:
        by_itself()
        transaction.commit()
        Order.objects.create(id="new")
        transaction.commit()
    finally:
        transaction.set_autocommit(True)


def by_cursor() -> None:
    with connection.cursor() as cursor:
        cursor.execute(UPDATE)
        cursor.executemany("insert into orders values (%s)", [["a"], ["b"]])


def while_iterating() -> None:
    for order in Order.objects.iterator(chunk_size=1):
        order.customer = "x"
        order.save()


WAYS = [
    by_itself,
    by_many,
    in_a_transaction,
    with_savepoints,
    after_an_error,
    without_autocommit,
    by_cursor,
    while_iterating,
]


@pytest.mark.parametrize("way", WAYS)
def test_what_it_writes_is_undone(captured: Shop, dsn: str, way: Callable[[], None]) -> None:
    with pytest.raises(ValueError, match="boom"), Unwind(dsn).run("shop", capture=True):
        way()
        assert orders(captured) != BEFORE
        raise ValueError("boom")
    assert orders(captured) == BEFORE


def test_what_it_writes_elsewhere_is_nobodys(captured: Shop, dsn: str) -> None:
    with Unwind(dsn).run("shop") as run:
        in_a_transaction()
        run.fail("boom")
    assert len(orders(captured)) == 2


def test_a_connection_that_is_open_already_captures_once(captured: Shop, dsn: str) -> None:
    connection.ensure_connection()
    connection.execute_wrappers.clear()
    pgunwind.django.capture()
    pgunwind.django.capture()
    assert len(connection.execute_wrappers) == 1
    with Unwind(dsn).run("shop", capture=True) as run:
        by_itself()
        run.fail("boom")
    assert orders(captured) == BEFORE


def test_back_to_a_savepoint_from_before_the_run_enters_it_again(captured: Shop, dsn: str) -> None:
    transaction.set_autocommit(False)
    Order.objects.create(id="before")
    savepoint = transaction.savepoint()
    with Unwind(dsn).run("shop", capture=True) as run:
        by_itself()
        transaction.savepoint_rollback(savepoint)
        by_itself()
        transaction.commit()
        run.fail("boom")
    assert orders(captured) == [("before", None), *BEFORE]


def test_a_run_that_is_over_is_not_entered(captured: Shop, dsn: str) -> None:
    with pytest.raises(RunNotRunning), Unwind(dsn).run("shop", capture=True) as run:
        captured.execute("select unwind.act_as(%s), unwind.fail_run(%s, 'x')", [run.worker, run.id])
        by_itself()
    assert orders(captured) == BEFORE
    by_itself()


def test_a_transaction_left_open_is_named(captured: Shop, dsn: str) -> None:
    run = Unwind(dsn).run("shop", capture=True)
    with pytest.raises(TransactionMismatch) as caught, transaction.atomic(), run:
        by_itself()
    assert "DatabaseWrapper" in (caught.value.detail or "")
    assert orders(captured) == BEFORE
