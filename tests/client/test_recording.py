"""Recording what may be there already: unless it is, or although it is; and taking an entity out again."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import EntityExists, RunTotal, TooManyRows, TransactionMismatch

Count = Callable[[str], int]
Shop = psycopg.Connection[Any]

UPSERT = "insert into orders (id) values (%s) on conflict do nothing"


def ids(shop: Shop) -> list[str]:
    return [row[0] for row in shop.execute("select id from orders order by id").fetchall()]


@pytest.mark.parametrize("given", [False, True], ids=["in a step", "in a given transaction"])
def test_only_what_is_new_is_recorded_and_undone(client: Client, shop: Shop, dsn: str, given: bool) -> None:
    shop.execute("insert into orders (id) values ('old')")
    with pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop") as run:
        with shop.transaction() if given else run.step("order") as conn:
            connection = shop if given else None
            for key, new in [("old", False), ("new", True), ("new", True)]:
                assert run.record_if_new("order", key, connection=connection) is new
                (shop if given else conn).execute(UPSERT, [key])
        raise ValueError("boom")
    assert run.result.rows_deleted == 1
    assert ids(shop) == ["old"]


def test_record_if_new_belongs_to_a_transaction(client: Client, shop: Shop, dsn: str) -> None:
    with pytest.raises(TransactionMismatch, match="no step"), client.Unwind(dsn).run("shop") as run:
        run.record_if_new("order", "o1")


def test_what_an_inner_layer_returns_after_its_own_commit_is_adopted(
    client: Client, shop: Shop, dsn: str
) -> None:
    with pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop") as run:
        with run.step("order"):
            shop.execute("insert into orders (id) values ('o1')")
            run.record("order", "o1", adopt=True)
        raise ValueError("boom")
    assert run.result.rows_deleted == 1
    assert ids(shop) == []


def test_there_has_to_be_something_to_adopt(client: Client, shop: Shop, dsn: str) -> None:
    with pytest.raises(psycopg.errors.NoDataFound), client.Unwind(dsn).run("shop") as run, run.step("order"):
        run.record("order", "o1", adopt=True)


def test_what_is_released_is_kept(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.start_run("shop", "r1")
    for key in ("o1", "o2"):
        unwind.record_step("r1", "order", key)
        shop.execute("insert into orders (id) values (%s)", [key])
    unwind.release_entity("r1", "order", "o1")
    unwind.fail_run("r1", "because")
    unwind.compensate_run("r1")
    assert ids(shop) == ["o1"]


def test_functions_by_themselves(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.define_workflow("w", "described", check_delete_right=False)
    unwind.start_run("shop", "r1")
    shop.execute("insert into orders (id) values ('old')")
    assert unwind.record_if_new("r1", "order", "new")
    assert not unwind.record_if_new("r1", "order", "old")
    unwind.adopt_entity("r1", "order", "old")
    assert unwind.purge_runs(datetime.timedelta(0), audit_log=True) == 0
    assert unwind.find_holders("r1") == ()


@pytest.mark.parametrize("many", [False, True])
def test_no_more_rows_than_allowed(client: Client, shop: Shop, many: bool) -> None:
    unwind = client.Unwind(shop)
    unwind.start_run("shop", "r1")
    for key in ("o1", "o2"):
        unwind.record_step("r1", "order", key)
        shop.execute("insert into orders (id) values (%s)", [key])

    def undo(max_rows: int) -> Any:
        return (
            unwind.compensate_runs(["r1"], max_rows=max_rows)
            if many
            else unwind.compensate_run("r1", max_rows=max_rows)
        )

    with pytest.raises(TooManyRows):
        undo(1)
    assert ids(shop) == ["o1", "o2"]
    undone = undo(2)
    assert undone == (RunTotal("r1", 2),) if many else undone[0].rows_deleted == 2


MANY = [f"o{number}" for number in range(50)]


@pytest.mark.parametrize("given", [False, True], ids=["in a step", "in a given transaction"])
def test_many_entities_are_recorded_at_once_and_undone(
    client: Client, shop: Shop, dsn: str, given: bool
) -> None:
    with pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop") as run:
        with shop.transaction() if given else run.step("order") as conn:
            own = shop if given else conn
            assert run.record_entities("order", MANY, connection=shop if given else None) == 50
            assert run.record_entities("order", [["o1"], ("new",)], connection=shop if given else None) == 1
            own.execute("insert into orders (id) select unnest(%s::text[])", [[*MANY, "new"]])
        raise ValueError("boom")
    assert run.result.rows_deleted == 51
    assert ids(shop) == []


def test_an_entity_of_many_that_is_there_refuses_all(client: Client, shop: Shop, dsn: str) -> None:
    shop.execute("insert into orders (id) values ('o7')")
    with client.Unwind(dsn).run("shop") as run:
        with pytest.raises(EntityExists, match="o7"), run.step("order"):
            run.record_entities("order", MANY)
        assert run.recorded("order") == ()
        with run.step("order", "o1"):
            assert run.record_entities("order", []) == 0


def test_keys_of_many_entities_are_of_one_kind(client: Client, shop: Shop, dsn: str) -> None:
    with client.Unwind(dsn).run("shop") as run, run.step("order", "o1"):
        with pytest.raises(TypeError, match="str, int or UUID"):
            run.record_entities("order", [None])
        with pytest.raises(ValueError, match="same number of values"):
            run.record_entities("order", ["a", ("b", "c")])


def test_many_entities_by_the_function(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    unwind.start_run("shop", "r1")
    assert unwind.record_entities("r1", "order", (f"o{number}" for number in range(3))) == 3
    assert unwind.record_entities("r1", "invoice", [1, 2, 2]) == 2
