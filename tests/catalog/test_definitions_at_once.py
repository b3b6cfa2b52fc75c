"""Definitions made at the same time queue up, and each reads what those before it committed."""

from __future__ import annotations

import random
from typing import Any

import psycopg
import pytest

from pgunwind import manifest
from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key, customer text);
create table lines (id int primary key, order_id text not null);
create table gifts (id int primary key, order_id text);
create table cards (id int primary key, gift_id int);
create index on lines (order_id);
create index on gifts (order_id);
create index on cards (gift_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'o', 'orders', 'id');
create function undo_mail(run_ids text[]) returns table (run_id text, table_name text, rows_deleted bigint)
language sql as $$ select r, 'mail', 0::bigint from unnest(run_ids) as r $$;
"""
DEFINITIONS = {
    "define_workflow": "select unwind.define_workflow('v')",
    "define_step": "select unwind.define_step('w', 'g', 'gifts', 'id')",
    "define_custom_step": "select unwind.define_custom_step('w', 'mail', 'undo_mail(text[])')",
    "declare_foreign_key": "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}')",
    "drop_foreign_key": "select unwind.drop_foreign_key('cards', '{gift_id}', 'gifts', '{id}')",
    "compile_workflow": "select unwind.compile_workflow('w')",
    "drop_workflow": "select unwind.drop_workflow('w')",
}
PLAN = """
select workflow, ordinal, step, action, target::text, anchor, way_columns, anchor_columns, parent_way,
    parent_columns, sources, columns, stage, component
from unwind.plan_statements order by workflow, ordinal
"""
FUNCTIONS = """
select proname, prosrc from pg_proc where pronamespace = 'unwind_compiled'::regnamespace order by proname
"""


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """A workflow of one step, whose links are still to be declared."""
    return conn


def value(conn: Connection, query: str) -> Any:
    row = conn.execute(query.encode()).fetchone()
    return row and row[0]


def assert_as_compiled_anew(conn: Connection) -> None:
    plan = conn.execute(PLAN).fetchall()
    functions = conn.execute(FUNCTIONS).fetchall()
    conn.execute("select unwind.compile_workflow(workflow) from unwind.workflows")
    assert conn.execute(PLAN).fetchall() == plan
    assert conn.execute(FUNCTIONS).fetchall() == functions


LINK = DEFINITIONS["declare_foreign_key"]
CARDS = "select unwind.declare_foreign_key('cards', '{gift_id}', 'gifts', '{id}')"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (DEFINITIONS["define_step"], LINK),
        (LINK, DEFINITIONS["define_step"]),
        (DEFINITIONS["define_step"], CARDS),
        (CARDS, DEFINITIONS["define_step"]),
        (DEFINITIONS["define_custom_step"], LINK),
        (LINK, DEFINITIONS["compile_workflow"]),
        (CARDS, LINK),
        (LINK, "select unwind.define_workflow('w', 'again')"),
        ("select unwind.declare_foreign_key('gifts', '{order_id}', 'orders', '{id}')", CARDS),
    ],
)
def test_what_the_first_defined_is_in_the_plan_of_the_second(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, first: str, second: str
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        one.execute(first.encode())
        waiting = in_background(two.execute, second.encode())
        wait_until_blocked(two, unless=waiting)
        assert not waiting.done()
    waiting.result(timeout=20)
    assert_as_compiled_anew(shop)


def test_rows_below_a_link_that_was_declared_at_the_same_time_are_deleted(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        one.execute("select unwind.define_step('w', 'g', 'gifts', 'id')")
        waiting = in_background(two.execute, LINK)
        wait_until_blocked(two, unless=waiting)
    waiting.result(timeout=20)
    shop.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 'o', '1')")
    shop.execute("insert into orders values ('1'); insert into lines values (1, '1'), (2, '2')")
    shop.execute("select * from unwind.compensate_run('r')")
    assert shop.execute("select id from lines").fetchall() == [(2,)]


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_every_definition_waits_for_the_one_before_it(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, name: str
) -> None:
    shop.execute(CARDS)
    one, two = connect(), connect()
    with one.transaction():
        one.execute("select unwind.define_workflow('another')")
        waiting = in_background(two.execute, DEFINITIONS[name])
        wait_until_blocked(two, unless=waiting)
        assert not waiting.done()
        # It has not read or locked anything yet: whatever it may want, the first can still have it.
        one.execute("select from unwind.workflows for update")
        one.execute("lock table unwind.logical_foreign_keys, unwind.plan_statements in access exclusive mode")
    waiting.result(timeout=20)
    assert_as_compiled_anew(shop)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_a_transaction_that_may_read_old_definitions_cannot_change_them(
    shop: Connection, name: str, level: str
) -> None:
    with pytest.raises(psycopg.Error) as error, shop.transaction():
        shop.execute(f"set transaction isolation level {level}".encode())
        shop.execute(DEFINITIONS[name].encode())
    assert error.value.sqlstate == "UW010"
    assert "begin transaction isolation level read committed" in str(error.value.diag.message_hint)


@pytest.mark.parametrize("action", ["cascade", "set null"])
def test_another_way_to_a_table_changes_the_plans_that_know_the_table_by_the_first(
    shop: Connection, action: str
) -> None:
    """Rows that two undos can want, by different links, are locked in one order by both."""
    shop.execute("select unwind.declare_foreign_key('gifts', '{order_id}', 'orders', '{id}', %s)", [action])
    shop.execute("create table givers (id int primary key); alter table gifts add giver_id int")
    link = "'gifts', '{giver_id}', 'givers', '{id}'"
    shop.execute(f"select unwind.declare_foreign_key({link}, '{action}')".encode())
    locks = "select count(*) from unwind.plan_statements where action = 'lock' and target = 'gifts'::regclass"
    assert value(shop, locks) == 1
    assert_as_compiled_anew(shop)
    shop.execute(f"select unwind.drop_foreign_key({link})".encode())
    assert value(shop, locks) == 0
    assert_as_compiled_anew(shop)


def test_two_tables_added_to_one_step_at_once_are_both_in_it(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        one.execute("select unwind.define_step('w', 'g', 'gifts', 'id')")
        waiting = in_background(two.execute, "select unwind.define_step('w', 'g', 'cards', 'id')")
        wait_until_blocked(two, unless=waiting)
    waiting.result(timeout=20)
    roots = shop.execute("select root, root_table::text from unwind.step_roots where step = 'g' order by 1")
    assert roots.fetchall() == [(1, "gifts"), (2, "cards")]
    assert_as_compiled_anew(shop)


def test_keys_of_another_arity_given_to_one_step_at_once_are_refused(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        one.execute("select unwind.define_step('w', 'g', 'gifts', 'id')")
        waiting = in_background(two.execute, "select unwind.define_step('w', 'g', 'lines', 'id', 'order_id')")
        wait_until_blocked(two, unless=waiting)
    with pytest.raises(psycopg.Error, match="has keys of 1 columns, not 2"):
        waiting.result(timeout=20)


@pytest.mark.parametrize("order", [("drop_workflow", "define_step"), ("define_step", "drop_workflow")])
def test_a_step_beside_the_drop_of_its_workflow_is_refused_or_goes_with_it(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, order: tuple[str, str]
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        one.execute(DEFINITIONS[order[0]].encode())
        waiting = in_background(two.execute, DEFINITIONS[order[1]])
        wait_until_blocked(two, unless=waiting)
    if order[0] == "drop_workflow":
        with pytest.raises(psycopg.Error) as error:
            waiting.result(timeout=20)
        assert error.value.sqlstate == "UW008"
    else:
        waiting.result(timeout=20)
    assert value(shop, "select count(*) from unwind.workflow_steps") == 0
    assert value(shop, "select count(*) from unwind.plan_statements") == 0


@pytest.mark.parametrize("first", ["definition", "installation"])
def test_a_definition_beside_an_installation_comes_before_or_after_it(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, first: str
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        if first == "definition":
            # The installation finds nothing locked but what it asks for first.
            one.execute("select unwind_internal.lock_definitions()")
            waiting = in_background(manifest.install, two)
            wait_until_blocked(two, unless=waiting)
            one.execute(LINK)
            one.execute(DEFINITIONS["define_workflow"].encode())
        else:
            manifest.install(one)
            waiting = in_background(two.execute, LINK)
            wait_until_blocked(two, unless=waiting)
        assert not waiting.done()
    waiting.result(timeout=20)
    assert_as_compiled_anew(shop)
    dispatched = value(
        shop, "select prosrc from pg_proc where proname = 'undo_many' and prosrc like '%elsif%'"
    )
    assert first != "definition" or "compensate_many_v" in dispatched


@pytest.mark.parametrize("name", [n for n in DEFINITIONS if n != "drop_workflow"])
def test_nobody_who_starts_records_or_undoes_waits_for_a_definition(
    shop: Connection, connect: Any, name: str
) -> None:
    shop.execute(CARDS)
    shop.execute("select unwind.start_run('w', 'before'), unwind.record_step('before', 'o', 'b')")
    one, two = connect(), connect()
    two.execute("set lock_timeout = '1s'")
    with one.transaction():
        one.execute(DEFINITIONS[name].encode())
        two.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 'o', '1')")
        two.execute("insert into orders values ('1')")
        two.execute("select * from unwind.preview_run('r')")
        two.execute("select * from unwind.compensate_run('r')")
        two.execute("select unwind.complete_run('before')")
    assert value(shop, "select count(*) from orders") == 0


def test_a_check_beside_a_compilation_waits_and_finds_nothing(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    one, two = connect(), connect()
    with one.transaction():
        one.execute(LINK)
        waiting = in_background(lambda: two.execute("select * from unwind.check_workflow('w')").fetchall())
        wait_until_blocked(two, unless=waiting)
        one.execute(DEFINITIONS["compile_workflow"].encode())
    assert waiting.result(timeout=20) == []


def test_a_check_keeps_nobody_waiting_after_it(shop: Connection, connect: Any) -> None:
    one, two = connect(), connect()
    two.execute("set lock_timeout = '1s'")
    with one.transaction():
        one.execute("select * from unwind.check_workflow('w')")
        two.execute(LINK)


def test_a_check_that_may_read_old_definitions_says_so(shop: Connection) -> None:
    with shop.transaction():
        shop.execute("set transaction isolation level repeatable read")
        found = shop.execute("select code, fix from unwind.check_workflow('w')").fetchall()
    assert found == [("unsupported_isolation", "begin transaction isolation level read committed;")]


def test_checks_and_compilations_at_once_never_fail(
    shop: Connection, connect: Any, in_background: Any, barrier: Any
) -> None:
    together = barrier(4)

    def work(query: str) -> None:
        session = connect()
        together.wait()
        for _ in range(15):
            session.execute(query.encode())

    queries = ["select * from unwind.check_workflow('w')"] * 2 + ["select unwind.compile_workflow('w')"] * 2
    for task in [in_background(work, query) for query in queries]:
        task.result(timeout=60)


WORKFLOWS = ["w", "v", "u"]
TABLES = ["orders", "lines", "gifts", "cards"]
LINKS = [
    ("lines", "order_id", "orders"),
    ("gifts", "order_id", "orders"),
    ("cards", "gift_id", "gifts"),
    ("cards", "gift_id", "lines"),
]


def draw(dice: random.Random) -> str:
    """A definition, whether it makes sense or not."""
    workflow, table = dice.choice(WORKFLOWS), dice.choice(TABLES)
    child, column, parent = dice.choice(LINKS)
    action = dice.choice(["cascade", "restrict", "set null"])
    return dice.choice(
        [
            f"select unwind.define_workflow('{workflow}')",
            f"select unwind.define_step('{workflow}', '{table}', '{table}', 'id')",
            f"select unwind.define_custom_step('{workflow}', 'mail', 'undo_mail(text[])')",
            f"select unwind.declare_foreign_key('{child}', '{{{column}}}', '{parent}', '{{id}}', '{action}')",
            f"select unwind.drop_foreign_key('{child}', '{{{column}}}', '{parent}', '{{id}}')",
            f"select unwind.compile_workflow('{workflow}')",
            f"select unwind.drop_workflow('{workflow}')",
            f"select * from unwind.check_workflow('{workflow}')",
        ]
    )


@pytest.mark.parametrize("seed", range(2))
def test_after_random_definitions_of_eight_sessions_the_plan_is_that_of_compiling_anew(
    shop: Connection, connect: Any, in_background: Any, barrier: Any, seed: int
) -> None:
    shop.execute(f'alter database "{shop.info.dbname}" reset statement_timeout')
    together = barrier(8)

    def work(number: int) -> set[str]:
        dice, session, refused = random.Random(100 * seed + number), connect(), set()
        together.wait()
        for _ in range(10):
            try:
                with session.transaction():
                    for _ in range(dice.choice([1, 1, 2])):
                        session.execute(draw(dice).encode())
            except psycopg.Error as error:
                refused.add(str(error.sqlstate))
        return refused

    tasks = [in_background(work, number) for number in range(8)]
    refused = set.union(*(task.result(timeout=120) for task in tasks))
    assert refused <= {"UW008", "UW009"}
    assert_as_compiled_anew(shop)
    assert value(shop, f"select count(*) - 6 from ({FUNCTIONS}) as f") == value(
        shop, "select 3 * count(*) from unwind.workflows"
    )


@pytest.mark.parametrize("first", ["start_run", "drop_workflow"])
def test_a_run_that_starts_beside_the_drop_of_its_workflow_keeps_it_or_is_refused(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, first: str
) -> None:
    calls = {"start_run": "select unwind.start_run('w', 'r')", "drop_workflow": DEFINITIONS["drop_workflow"]}
    [second] = set(calls) - {first}
    one, two = connect(), connect()
    with one.transaction():
        one.execute(calls[first].encode())
        waiting = in_background(two.execute, calls[second])
        wait_until_blocked(two, unless=waiting)
        assert not waiting.done()
    with pytest.raises(psycopg.Error) as refused:
        waiting.result(timeout=20)
    assert refused.value.sqlstate == ("55006" if first == "start_run" else "UW008")
    assert value(shop, "select count(*) from unwind.workflows") == (first == "start_run")
    assert value(shop, "select count(*) from unwind.workflow_runs") == (first == "start_run")
