"""A run says what was not recorded, and which keys were nobody's: an undo that did nothing is told apart."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from clients import Client, plain_connections
from pgunwind import AsyncUnwind, NothingRecorded, Unwind

Connect = Callable[..., psycopg.Connection[Any]]
Shop = psycopg.Connection[Any]


def note_of(unwind: Unwind, body: Callable[[Any], None]) -> str:
    """Return what an undone run says, after the body has done something."""
    with pytest.raises(ValueError, match="boom") as caught, unwind.run("shop", run_id="r1") as run:
        body(run)
        raise ValueError("boom")
    assert len(caught.value.__notes__) == 1
    return caught.value.__notes__[0].removeprefix("pgunwind: run 'r1' undone: ")


def nothing(run: Any) -> None:
    pass


def step_without_key(run: Any) -> None:
    with run.step("order") as conn:
        conn.execute("insert into orders (id) values ('o1')")


def step_rolled_back(run: Any) -> None:
    with run.step("order", "o1"):
        raise psycopg.Rollback


def two_keys_of_nobody(run: Any) -> None:
    run.intend("order", "o1")
    run.intend("invoice", 7)


def a_key_twice(run: Any) -> None:
    run.intend("order", "o1")
    run.intend("order", "o1")


def one_matches(run: Any) -> None:
    with run.step("order", "o1") as conn:
        conn.execute("insert into orders (id) values ('o1')")
    run.intend("invoice", 7)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (nothing, "nothing was recorded"),
        (step_without_key, "nothing was recorded"),
        (step_rolled_back, "nothing was recorded"),
        (two_keys_of_nobody, "2 recorded keys matched no row"),
        (a_key_twice, "1 recorded key matched no row"),
        (one_matches, "1 row in 1 table (public.orders 1); 1 recorded key matched no row"),
    ],
)
def test_the_note_tells_them_apart(
    client: Client, body: Callable[[Any], None], note: str, shop: Shop
) -> None:
    assert note_of(client.Unwind(shop), body) == note


def test_what_others_recorded_for_the_run_counts(client: Client, shop: Shop, dsn: str) -> None:
    def by_sql(run: Any) -> None:
        with shop.transaction():
            shop.execute("select unwind.act_as(%s)", [run.worker])
            shop.execute("select unwind.record_step(%s, 'order', 'o1')", [run.id])

    assert note_of(client.Unwind(dsn), by_sql) == "1 recorded key matched no row"
    with client.Unwind(dsn).run("shop") as run:  # no warning
        by_sql(run)


@pytest.mark.parametrize(("end", "note"), [("commit", "1 recorded key matched no row"), ("rollback", None)])
def test_what_became_of_a_given_transaction_counts(
    client: Client, end: str, note: str | None, shop: Shop, dsn: str, connect: Connect
) -> None:
    other = connect(autocommit=False)

    def given(run: Any) -> None:
        run.record("order", "o1", connection=other)
        getattr(other, end)()

    assert note_of(client.Unwind(dsn), given) == (note or "nothing was recorded")


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_steps_of_given_transactions_are_those_that_were_committed(
    client: Client, shop: Shop, dsn: str, connect: Connect, end: str, fails: bool
) -> None:
    other = connect(autocommit=False)
    unwind = client.Unwind(dsn)
    with suppress(ZeroDivisionError), unwind.run("shop") as run:
        with run.step("invoice", 1):
            pass
        run.record("order", "o1", connection=other)
        assert run.result.steps == ("invoice",), "not while its transaction is open"
        getattr(other, end)()
        if end == "commit":
            assert run.result.steps == ("invoice", "order")
        if fails:
            raise ZeroDivisionError
    assert run.result.status == ("COMPENSATED" if fails else "COMPLETED")
    assert run.result.steps == (("invoice", "order") if end == "commit" else ("invoice",))


def test_completing_without_a_record_is_a_warning(client: Client, shop: Shop) -> None:
    told = pytest.warns(NothingRecorded, match="'r1' is COMPLETED and has recorded nothing")
    with told, client.Unwind(shop).run("shop", run_id="r1") as run:
        step_without_key(run)
    assert run.result.status == "COMPLETED"


@plain_connections
def test_the_warning_points_at_the_run(shop: Shop, dsn: str) -> None:
    async def asynchronously() -> None:
        async with AsyncUnwind(dsn).run("shop"):
            pass

    with pytest.warns(NothingRecorded) as caught:
        with Unwind(dsn).run("shop"):
            pass
        asyncio.run(asynchronously())
    assert [warning.filename for warning in caught] == [__file__, __file__]


def test_completing_with_a_record_is_none(client: Client, shop: Shop, connect: Connect) -> None:
    other = connect(autocommit=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for way in ("step", "intend", "record", "given"):
            with client.Unwind(shop).run("shop") as run:
                if way == "step":
                    with run.step("order", way):
                        pass
                elif way == "intend":
                    run.intend("order", way)
                elif way == "record":
                    with run.step("order"):
                        run.record("order", way)
                else:
                    run.record("order", way, connection=other)
                    other.commit()
