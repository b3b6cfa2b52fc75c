"""A run is started in one message with its first step, or apart as soon as anything else needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bench.proxy import Proxy, proxy
from clients import Client, plain_connections
from pgunwind import (
    DuplicateRun,
    EntityOwnedElsewhere,
    InvalidDefinition,
    NotDefined,
    TransactionMismatch,
    Unwind,
)

Connect = Callable[..., psycopg.Connection[Any]]
Count = Callable[[str], int]
Shop = psycopg.Connection[Any]

INSERT = "insert into orders (id) values (%s)"

pytestmark = pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")


def runs(shop: Shop) -> list[tuple[str, str]]:
    """Return id and status of all runs, as another session sees them, but for the first of the client's."""
    found = shop.execute("select id, status from unwind.workflow_runs where business_key is null").fetchall()
    return [(run_id, status) for run_id, status in found]


@pytest.fixture
def unwind(client: Client, shop: Shop, dsn: str) -> Any:
    """Return a client that has had a run of the workflow already."""
    unwind = client.Unwind(dsn)
    with unwind.run("shop", business_key="first") as run, run.step("order", "first"):
        pass
    return unwind


def test_others_see_the_run_from_its_first_step_on(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop") as run:
        assert runs(shop) == []
        with run.step("order", "o1"):
            assert runs(shop) == [(run.id, "RUNNING")], "committed, while the step is open"
    assert runs(shop) == [(run.id, "COMPLETED")]


@pytest.mark.parametrize("key", [True, False], ids=["recorded with it", "recorded in it"])
def test_a_first_step_that_is_rolled_back_leaves_the_run(unwind: Any, shop: Shop, key: bool) -> None:
    with unwind.run("shop") as run:
        with run.step("order", *(["o1"] if key else [])):
            raise psycopg.Rollback
        assert runs(shop) == [(run.id, "RUNNING")]
    assert runs(shop) == [(run.id, "COMPLETED")]


def test_a_first_step_whose_record_is_refused_leaves_the_run(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop") as run:
        for step, key, refusal in [("order", "first", EntityOwnedElsewhere), ("nowhere", "o1", NotDefined)]:
            with pytest.raises(refusal), run.step(step, key):
                pytest.fail("the step was opened")
            assert runs(shop) == [(run.id, "RUNNING")]
        with run.step("order", "o1"):
            pass
    assert runs(shop) == [(run.id, "COMPLETED")]


def test_in_a_clients_first_run_of_a_workflow_it_is_there_at_once(
    client: Client, shop: Shop, dsn: str
) -> None:
    unwind = client.Unwind(dsn)
    with unwind.run("shop"):
        assert len(runs(shop)) == 1
    with pytest.raises(NotDefined), unwind.run("nowhere"):
        pytest.fail("the run was started")


def test_with_an_id_of_the_users_it_is_there_at_once(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop", run_id="r1"):
        assert runs(shop) == [("r1", "RUNNING")]
    with pytest.raises(DuplicateRun), unwind.run("shop", run_id="r1"):
        pytest.fail("the run was started")


def test_where_it_is_wanted_now_it_is_there_at_once(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop", start="now"):
        assert len(runs(shop)) == 1
    with pytest.raises(ValueError, match="'now' or left out"), unwind.run("shop", start="later"):
        pytest.fail("the run was started")


def read_id(run: Any, shop: Shop) -> None:
    run_id = run.id
    assert runs(shop) == [(run_id, "RUNNING")]


def intend(run: Any, shop: Shop) -> None:
    run.intend("order", "o1")


def ask(run: Any, shop: Shop) -> None:
    assert run.recorded("order") == ()


def record_elsewhere(run: Any, shop: Shop) -> None:
    with shop.transaction():
        run.record("order", "o1", connection=shop)


def read_result(run: Any, shop: Shop) -> None:
    result = run.result
    assert runs(shop) == [(result.run_id, result.status)]


@pytest.mark.parametrize("need", [read_id, read_result, intend, ask, record_elsewhere])
def test_whatever_else_needs_the_run_starts_it(unwind: Any, shop: Shop, need: Callable[..., None]) -> None:
    with unwind.run("shop") as run:
        need(run, shop)
        assert runs(shop) == [(run.id, "RUNNING")]
        with run.step("order", "o2"):
            pass
    assert runs(shop) == [(run.id, "COMPLETED")]


@plain_connections
def test_a_step_that_could_not_begin_leaves_it_to_be_started(shop: Shop, dsn: str) -> None:
    unwind = Unwind(dsn)
    with unwind.run("shop", business_key="first"):
        pass
    with unwind.run("shop") as run:
        with (
            pytest.raises(TransactionMismatch),
            run._source.connection() as own,
            own.transaction(),
            run.step("order", "o1"),
        ):
            pytest.fail("the step was opened")
        assert runs(shop) == []
        read_id(run, shop)


def test_in_a_pipeline_of_the_users_it_is_started_apart(
    client: Client, shop: Shop, connect: Connect, count: Count
) -> None:
    connection = connect()
    unwind = client.Unwind(connection)
    with unwind.run("shop", business_key="first"):
        pass
    with unwind.run("shop") as run, connection.pipeline(), run.step("order", "o1", last=True):
        connection.execute(INSERT, ["o1"])
    assert runs(shop) == [(run.id, "COMPLETED")]
    assert count("orders") == 1


def test_a_client_that_asks_for_ids_early_has_runs_that_start_at_once(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop", business_key="second") as run:
        assert run.id
    with unwind.run("shop"):
        assert len(runs(shop)) == 1


def test_asking_for_the_id_after_the_first_step_is_not_early(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop", business_key="second") as run:
        with run.step("order", "o1"):
            pass
        assert run.id
    assert run.id
    with unwind.run("shop"):
        assert runs(shop) == []


def test_a_run_that_does_nothing_is_started_and_completed(unwind: Any, shop: Shop) -> None:
    with unwind.run("shop") as run:
        pass
    assert runs(shop) == [(run.id, "COMPLETED")]


def test_a_failure_before_the_first_step_is_a_run_undone(unwind: Any, shop: Shop) -> None:
    with pytest.raises(ValueError, match="boom") as caught, unwind.run("shop") as run:
        raise ValueError("boom")
    assert runs(shop) == [(run.id, "COMPENSATED")]
    assert "nothing was recorded" in caught.value.__notes__[0]
    assert unwind.get_run(run.id).last_error == "ValueError: boom"


def test_a_run_that_cannot_be_started_any_more_says_so(unwind: Any, shop: Shop) -> None:
    shop.execute("select unwind.drop_workflow('shop')")
    with pytest.raises(NotDefined) as caught, unwind.run("shop") as run, run.step("order", "o1"):
        pytest.fail("the step was opened")
    assert "was never started" in caught.value.__notes__[0]
    with pytest.raises(NotDefined), unwind.run("shop"):
        pass
    assert runs(shop) == []


def test_a_lease_that_is_none_is_refused(client: Client, shop: Shop, dsn: str) -> None:
    with pytest.raises(InvalidDefinition), client.Unwind(dsn).run("shop", lease=timedelta(0)):
        pytest.fail("the run was started")


def test_of_steps_that_begin_at_once_one_starts_the_run(
    client: Client, shop: Shop, dsn: str, in_background: Any, count: Count
) -> None:
    both = threading.Barrier(2, timeout=20)

    def step(run: Any, key: str) -> None:
        with run.step("order", key) as conn:
            both.wait()  # all are open at the same time
            conn.execute(INSERT, [key])

    with client.pool(dsn, min_size=2, open=True) as pool:
        unwind = client.Unwind(pool)
        with unwind.run("shop", business_key="first") as run, run.step("order", "first"):
            pass
        with unwind.run("shop") as run:
            for future in [in_background(step, run, f"o{number}") for number in range(2)]:
                future.result()
    assert runs(shop) == [(run.id, "COMPLETED")]
    assert count("orders") == 2


@plain_connections
def test_a_step_goes_on_where_the_run_was_started_otherwise_meanwhile(shop: Shop, dsn: str) -> None:
    unwind = Unwind(dsn)
    with unwind.run("shop", business_key="first"):
        pass
    with unwind.run("shop") as run:
        command = run._start.command
        assert command is not None
        shop.execute(command.sql, command.parameters)
        with run.step("order", "o1") as conn:
            conn.execute(INSERT, ["o1"])
    assert run.result.status == "COMPLETED"
    assert shop.execute("select id from orders").fetchall() == [("o1",)]


@pytest.fixture
def far(dsn: str) -> Iterator[Proxy]:
    with proxy(dsn) as counting:
        yield counting


@pytest.mark.parametrize("autocommit", [True, False])
@pytest.mark.parametrize("last", [True, False])
def test_what_a_run_costs_in_messages(
    client: Client, shop: Shop, far: Proxy, connect: Connect, autocommit: bool, last: bool
) -> None:
    connection = connect(far.dsn, autocommit=autocommit, prepare_threshold=None)
    unwind = client.Unwind(connection)

    def three_steps(prefix: str) -> int:
        before = far.traffic().trips
        with unwind.run("shop") as run:
            for number in range(3):
                with run.step("order", f"{prefix}{number}", last=last and number == 2) as conn:
                    conn.execute(INSERT, [f"{prefix}{number}"])
        return far.traffic().trips - before

    three_steps("a")
    assert three_steps("b") == (9 if last else 10), "9 are the bare application's: BEGIN, INSERT, COMMIT"
