"""Every error that capture raises names what it is about and what to type, and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

UNDO = "select * from unwind.compensate_run('r')"
X = "update orders set customer = 'x' where id = 1"
TRIGGER = """
create function act() returns trigger language plpgsql as $$ begin {} end $$;
create trigger act before {} on orders for each row execute function act()
"""
CASES: list[tuple[str, list[str], list[str], str]] = [
    # SQLSTATE, what the run writes, what happens then, the call.
    ("UW009", [], [], "select unwind.capture_table('parts_1')"),
    (
        "UW009",
        [],
        ["create table refs (id int primary key references free on delete cascade)"],
        "select unwind.capture_table('free')",
    ),
    ("UW009", [], [], "select unwind.uncapture_table('free')"),
    ("UW009", [], [], "select * from unwind.compensate_run('r', on_conflict => 'mix')"),
    ("UW009", [], [], "select unwind.ignore_columns('orders', 'prise')"),
    ("UW009", [], [], "select unwind.ignore_columns('orders', 'id')"),
    ("55006", [X], [], "select unwind.uncapture_table('orders', 'lines')"),
    ("42704", [], [], "select unwind.bind_role('nobody at all')"),
    ("UW015", [], ["select unwind.bind_role(session_user)"], X),
    ("0A000", [], ["set local unwind.run = '1'"], "truncate orders, lines"),
    ("0A000", [X], [], "select * from unwind.compensate_step('r', 'free')"),
    ("UW016", [], ["set local unwind.run = '0'"], "select unwind.enter_run('r')"),
    ("UW011", [X], ["drop table orders, lines"], UNDO),
    ("UW011", [X], ["alter table orders drop constraint orders_pkey cascade"], UNDO),
    (
        "UW011",
        [X],
        ["alter table orders alter customer type name"],
        "select * from unwind.find_changes('r')",
    ),
    (
        "25006",
        [X],
        ["alter table orders add extra int", "set transaction read only"],
        "select * from unwind.find_changes('r')",
    ),
    ("UW011", [X], ["update orders set price = 7"], UNDO),
    (
        "42501",
        [X],
        ["alter table orders enable row level security, force row level security",
         "do $$ begin execute format('create role %I', 'r ' || current_database());"
         " perform unwind_internal.grant_access('r ' || current_database(), 'operator');"
         " execute format('set role %I', 'r ' || current_database()); end $$"],
        UNDO,
    ),
    ("UW007", ["insert into orders values (9)"], ["insert into lines values (91, 9)"], UNDO),
    (
        "UW014",
        ["delete from lines where id = 21"],
        ["delete from orders where id = 2", "select unwind.enter_run('r')",
         "insert into orders values (2)", "set local unwind.run = ''"],
        UNDO,
    ),
    ("UW007", ["insert into orders values (9)"], [TRIGGER.format("return null;", "delete")], UNDO),
    ("UW014", [X], [TRIGGER.format("return null;", "update")], UNDO),
    (
        "UW007",
        ["insert into orders values (9)"],
        ["create table refs (id int primary key references orders)", "insert into refs values (9)"],
        UNDO,
    ),
    (
        "UW007",
        ["create table refs (id int primary key references orders)",
         "select unwind.define_step('w', 'order', 'orders', 'id')",
         "select unwind.record_step('r', 'order', '9')", "insert into orders values (9)"],
        ["insert into refs values (9)"],
        UNDO,
    ),
    ("UW014", ["delete from lines where id = 21"], ["delete from orders where id = 2"], UNDO),
    ("55006", [X], [], "select unwind.forget_images('{r}')"),
    (
        "UW018",
        [X],
        ["select unwind.complete_run('r')", "select unwind.uncapture_table('orders', 'lines')"],
        "select * from unwind.compensate_run('r', true)",
    ),
]  # fmt: skip
RAISE = re.compile(r"\braise '(?:[^']|'')*'.*?errcode = '(\w+)'", re.DOTALL)
SQLSTATES = {
    "object_in_use": "55006",
    "feature_not_supported": "0A000",
    "undefined_object": "42704",
    "insufficient_privilege": "42501",
    "read_only_sql_transaction": "25006",
}
RAISED_BY = re.compile(r"PL/pgSQL function ([\w.]+)\(.*?\) line (\d+) at RAISE")
ROOM = Path(__file__).parents[2] / "sql" / "engine" / "capture"
IN_RUNTIME = {
    "enter_run",
    "raise_changed_since",
    "raise_restore_refused",
    "undo_images_first",
    "raise_images_missing",
    "refuse_images",
    "forget_images",
}
IN_ANOTHER_SNAPSHOT = {"assert_seen_as_is", "table_of_log"}
"""Those that are tried in test_altered_tables."""


def everything(shop: Any) -> list[Any]:
    """All rows of all tables."""
    tables = shop(
        "select c.oid::regclass::text from pg_class as c where c.relkind = 'r' and"
        " c.relnamespace::regnamespace::text in ('public', 'unwind', 'unwind_internal', 'unwind_captured')"
    )
    return [(name, shop(f"select t::text from {name} as t order by 1")) for (name,) in sorted(tables)]


def play(shop: Any, written: list[str], then: list[str], call: str) -> psycopg.Error:
    """Play a case in the transaction that is open; the error, which has changed nothing."""
    shop.start("r")
    shop.conn.execute("select unwind.enter_run('r')")
    for statement in written:
        shop.conn.execute(statement.encode())
    shop.conn.execute("set local unwind.run = ''")
    for statement in then:
        shop.conn.execute(statement.encode())
    before = everything(shop) if "set role" not in "".join(then) else []
    with pytest.raises(psycopg.Error) as error, shop.conn.transaction():
        shop.conn.execute(call.encode())
    assert (everything(shop) if before else []) == before, call
    return error.value


def test_every_place_that_raises_an_error_is_reached_says_enough_and_changes_nothing(shop: Any) -> None:
    shop.conn.execute("select unwind.define_step('w', 'free', 'free', 'id')")
    places = {
        (name, source[: found.start()].count("\n") + 1, SQLSTATES.get(found[1], found[1]))
        for name, source in shop(
            "select p.oid::regproc::text, p.prosrc from pg_proc as p where p.pronamespace::regnamespace::text"
            " in ('unwind', 'unwind_internal') and p.proname = any(%s)",
            sorted(({path.stem for path in ROOM.glob("*.sql")} | IN_RUNTIME) - IN_ANOTHER_SNAPSHOT),
        )
        for found in RAISE.finditer(source)
    }
    reached = set()
    for state, written, then, call in CASES:
        with shop.conn.transaction(force_rollback=True):
            error = play(shop, written, then, call)
        assert error.sqlstate == state, (call, error)
        assert error.diag.message_detail and error.diag.message_hint, call
        name, line = RAISED_BY.findall(error.diag.context or "")[0]
        reached.add((name, int(line), state))
    assert places == reached
