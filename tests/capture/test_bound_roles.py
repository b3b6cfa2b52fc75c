"""What a bound role writes to captured tables is inside a run that it has entered, whatever it sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest


class Bound:
    """A role that is bound, and a session of its login."""

    def __init__(self, shop: Any, connect: Any) -> None:
        self.shop = shop
        self.role = f"bound_{shop.conn.info.dbname}"
        shop.conn.execute(f'create role "{self.role}"'.encode())
        shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [self.role])
        shop.conn.execute(f'grant all on orders, lines, parts, parts_1, free to "{self.role}"'.encode())
        shop.conn.execute("select unwind.bind_role(%s)", [self.role])
        self.session = connect()
        self.session.execute(f'set session authorization "{self.role}"'.encode())
        self.session.execute("select unwind.start_run('w', 'r')")
        self.session.execute("select unwind.start_run('w', 'other')")

    def refused(self, *statements: str) -> str | None:
        """The SQLSTATE with which these, in one transaction, are refused."""
        try:
            with self.session.transaction():
                for statement in statements:
                    self.session.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate
        return None


@pytest.fixture
def bound(shop: Any, connect: Any) -> Iterator[Bound]:
    """The role."""
    made = Bound(shop, connect)
    yield made
    made.session.close()
    shop.conn.execute(f'reset role; drop owned by "{made.role}"; drop role "{made.role}"'.encode())


WRITES = [
    "insert into orders values (9)",
    "update orders set customer = 'x' where id = 1",
    "delete from lines",
    "delete from lines where false",
    "insert into parts values (1, 9, 'nut')",
    "update parts_1 set name = 'x'",
]
FORGED = "select set_config('unwind.run', number::text, true) from unwind.workflow_runs where id = '{}'"


@pytest.mark.parametrize("write", WRITES)
def test_it_writes_inside_a_run_alone(bound: Bound, write: str) -> None:
    assert bound.refused(write) == "UW015"
    assert bound.refused("select unwind.enter_run('r')", write) is None
    bound.shop.conn.execute("delete from orders where id = 9; delete from parts where id = 9")
    assert bound.refused(write) == "UW015", "the next transaction is outside again"


@pytest.mark.parametrize(
    "leaving",
    [
        "select set_config('unwind.run', '', true)",
        "reset all",
        "set local unwind.run = 'nonsense'",
        "set local unwind.run = '-7'",
        FORGED.format("other"),
    ],
)
@pytest.mark.parametrize("write", ["insert into orders values (9)", "insert into parts values (1, 9, 'nut')"])
def test_no_setting_leads_out_of_the_run_or_into_another(bound: Bound, leaving: str, write: str) -> None:
    assert bound.refused("select unwind.enter_run('r')", leaving, write) == "UW015"
    assert bound.refused(leaving, write) == "UW015"


def test_back_to_a_savepoint_is_out(bound: Bound) -> None:
    assert (
        bound.refused(
            "savepoint s",
            "select unwind.enter_run('r')",
            "rollback to s",
            FORGED.format("r"),
            "insert into orders values (9)",
        )
        == "UW015"
    )


def test_truncate_is_never_its_to_do(bound: Bound) -> None:
    assert bound.refused("truncate orders, lines") == "0A000"
    assert bound.refused("select unwind.enter_run('r')", "truncate parts_1") == "0A000"


def test_tables_that_are_not_captured_are_free(bound: Bound) -> None:
    assert bound.refused("insert into free values (1)") is None


def test_setting_the_role_binds_and_so_does_the_login_behind_another(bound: Bound, connect: Any) -> None:
    session = connect()
    with pytest.raises(psycopg.Error) as refused, session.transaction():
        session.execute(f'set local role "{bound.role}"'.encode())
        session.execute("insert into orders values (9)")
    assert refused.value.sqlstate == "UW015"
    session.execute("insert into orders values (9)")
    bound.shop.conn.execute(
        "create function as_owner() returns void language sql security definer as"
        " $$ insert into orders values (8) $$"
    )
    assert bound.refused("select as_owner()") == "UW015"


def test_a_role_that_is_let_go_writes_as_it_likes(bound: Bound) -> None:
    bound.shop.conn.execute("select unwind.unbind_role(%s)", [bound.role])
    assert bound.refused("insert into orders values (9)") is None


def test_a_table_captured_later_knows_who_is_bound(bound: Bound) -> None:
    bound.shop.conn.execute("select unwind.capture_table('free')")
    assert bound.refused("insert into free values (1)") == "UW015"


def test_only_a_role_that_is_there_can_be_bound(shop: Any) -> None:
    assert shop.refused("select unwind.bind_role('nobody at all')").sqlstate == "42704"
    assert shop.refused("select unwind.bind_role(null)").sqlstate == "42704"
    shop.conn.execute("select unwind.unbind_role('nobody at all')")


def test_what_was_entered_is_forgotten(bound: Bound) -> None:
    ended = "from unwind_internal.entered_runs where xid = '3'"
    bound.shop.conn.execute("insert into unwind_internal.entered_runs values ('3', now(), 1)")
    assert bound.shop.value(f"select count(*) {ended}") == 1
    assert bound.refused("select unwind.enter_run('r')") is None
    assert bound.shop.value(f"select count(*) {ended}") == 0


def test_another_transaction_with_the_number_of_one_that_entered_is_not_inside(bound: Bound) -> None:
    # As in a restored dump, whose server counts transactions from another number on.
    bound.shop.conn.execute(
        "insert into unwind_internal.entered_runs select n::text::xid8, now(), r.number"
        " from unwind.workflow_runs as r,"
        " generate_series(pg_current_xact_id()::text::bigint, pg_current_xact_id()::text::bigint + 100) as n"
        " where r.id = 'r'"
    )
    assert bound.refused(FORGED.format("r"), "insert into orders values (9)") == "UW015"
