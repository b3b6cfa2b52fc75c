"""Who may take an undo back, and what a forged setting does: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
def role(shop: Any) -> Iterator[str]:
    """A role of an application, which may write to the shop."""
    name = f"restorer_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{name}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [name])
    shop.conn.execute(f'grant all on orders, lines, parts, parts_1, free to "{name}"'.encode())
    yield name
    shop.conn.execute(f'reset role; drop owned by "{name}"; drop role "{name}"'.encode())


@pytest.fixture
def session(role: str, connect: Any) -> Iterator[psycopg.Connection[Any]]:
    """A session of its login."""
    made = connect()
    made.execute(f'set session authorization "{role}"'.encode())
    yield made
    made.close()


def negative_images(shop: Any) -> int:
    """How many images there are of undos."""
    return sum(
        shop.value(f'select count(*) from unwind_captured."public.{table}" where "~run" < 0')
        for table in ("orders", "lines", "parts")
    )


@pytest.mark.parametrize("forged", ["-1", "-99", " -1", "\t-1", "-0", "00"])
def test_a_forged_number_of_an_undo_captures_nothing(shop: Any, session: Any, forged: str) -> None:
    session.execute("select unwind.start_run('w', 'r')")
    with session.transaction():
        session.execute("select set_config('unwind.run', %s, true)", [forged])
        session.execute("insert into orders values (9)")
        session.execute("update lines set amount = 0")
        session.execute("insert into parts values (1, 2, 'nut')")
    assert negative_images(shop) == 0
    assert shop.value('select count(*) from unwind_captured."public.orders"') == 0


def test_nor_in_a_transaction_that_undoes_another_run(shop: Any, session: Any) -> None:
    session.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 's')")
    with session.transaction():
        session.execute("select unwind.enter_run('s')")
        session.execute("insert into orders values (8)")
    number = shop.value("select number from unwind.workflow_runs where id = 'r'")
    with session.transaction():
        session.execute("select * from unwind.compensate_runs('{s}')")
        images = 'select count(*) from unwind_captured."public.orders"'
        kept = shop.value(images)
        session.execute("select set_config('unwind.run', %s, true)", [str(-number)])
        session.execute("insert into orders values (9)")
    assert shop.value(images) == kept + 1, "the undo of s alone"


def test_an_application_takes_back_the_undo_of_its_own_run(shop: Any, session: Any) -> None:
    session.execute("select unwind.start_run('w', 'r')")
    with session.transaction():
        session.execute("select unwind.enter_run('r')")
        session.execute("insert into orders values (9); delete from parts")
    after = shop.rows()
    session.execute("select * from unwind.compensate_run('r')")
    session.execute("select * from unwind.restore_run('r')")
    assert shop.rows() == after


def test_so_does_a_role_that_is_bound(shop: Any, role: str, session: Any) -> None:
    shop.conn.execute("select unwind.bind_role(%s)", [role])
    session.execute("select unwind.start_run('w', 'r')")
    with session.transaction():
        session.execute("select unwind.enter_run('r')")
        session.execute("insert into orders values (9); delete from parts")
    after = shop.rows()
    for _ in range(2):
        session.execute("select * from unwind.compensate_run('r')")
        session.execute("select * from unwind.restore_run('r')")
        assert shop.rows() == after
    with pytest.raises(psycopg.Error) as error:
        session.execute("insert into orders values (10)")
    assert error.value.sqlstate == "UW015"


def test_nobody_takes_back_that_of_anothers_run(shop: Any, session: Any) -> None:
    shop.write("r", "insert into orders values (9)")
    shop.undo("r")
    for call in ("restore_run('r')", "restore_runs('{r}')"):
        error = shop.refused(f"select * from unwind.{call}", session=session)
        assert error.sqlstate == "42501"
    assert shop.status("r") == "COMPENSATED"


@pytest.mark.parametrize(
    "call",
    [
        "unwind_internal.close_restore(%s, '{}')",
        "unwind_internal.take_back_images(%s)",
        "unwind_internal.enter_restore(%s)",
        "unwind_internal.own_again('{r}')",
        "unwind_internal.enter_undo(array[-(%s)])",
    ],
)
def test_nor_do_the_functions_that_write_it_down_called_by_themselves(
    shop: Any, session: Any, call: str
) -> None:
    shop.record("r", "order", 9, "insert into orders values (9)")
    shop.undo("r")
    number = shop.value("select number from unwind.workflow_runs where id = 'r'")
    books = (
        "select r.status, r.held_at, s.run, count(c.*),"
        " (select count(*) from unwind_internal.entered_runs as e"
        " where e.xid = pg_current_xact_id_if_assigned())"
        " from unwind.workflow_runs as r left join unwind_internal.restorable_runs as s on s.run = r.number"
        " left join unwind_internal.receipts as c on c.run_id = r.id group by r.id, s.run"
    )
    before = shop(books)
    session.execute(f"select {call}".replace("%s", str(-number)).encode())
    assert shop(books) == before
