"""Rule 2: only rows of keys that the run recorded go, and what cascades from them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


def test_look_alike_rows_of_others_stay(shop: Any) -> None:
    shop.start("r")
    shop.order("r", "o1")
    for key in ("o", "o10", "O1", "o1 ", "o%", "o_"):
        shop.conn.execute("insert into orders values (%s, 'Ada')", [key])
        shop.conn.execute("insert into lines values (%s || '-line', %s)", [key, key])
    shop.conn.execute("insert into lines values ('loose', null)")
    kept = shop("select * from orders where id <> 'o1' order by id")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop("select * from orders order by id") == kept
    assert shop("select count(*) from lines") == [(7,)]


def test_a_key_that_was_not_recorded_is_not_touched(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("insert into orders values ('unrecorded', 'made by the same worker')")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop("select id from orders") == [("unrecorded",)]


def test_each_of_several_runs_undone_at_once_loses_only_its_own(shop: Any) -> None:
    for run in ("a", "b", "c", "d"):
        shop.whole_run(run)
    shop.conn.execute("select * from unwind.compensate_runs(array['a', 'c'])")
    assert shop("select id from payments order by id") == [("p-b",), ("p-d",)]
    assert shop(
        "select run_id, table_name, rows_deleted from unwind.compensations order by run_id, ordinal"
    ) == [
        (run, table, count)
        for run in ("a", "c")
        for table, count in (("public.payments", 1), ("public.lines", 2), ("public.orders", 1))
    ]


def test_cascade_links_do_not_lead_into_another_runs_entity(conn: psycopg.Connection[Any]) -> None:
    conn.execute("""
        create table briefs (id text primary key);
        create table strategies (id text primary key, brief_id text references briefs on delete cascade);
        select unwind.define_workflow('w');
        select unwind.define_step('w', 'brief', 'briefs', 'id');
        select unwind.define_step('w', 'strategy', 'strategies', 'id');
        select unwind.start_run('w', 'mine'), unwind.start_run('w', 'theirs');
        select unwind.record_step('mine', 'brief', 'b'), unwind.record_step('theirs', 'strategy', 's');
        insert into briefs values ('b');
        insert into strategies values ('s', 'b');
        select unwind.complete_run('theirs');
    """)
    with pytest.raises(psycopg.Error, match=r"strategies.*'theirs'") as refused:
        conn.execute("select * from unwind.compensate_run('mine')")
    assert refused.value.sqlstate == "UW007"
    assert conn.execute("select count(*) from strategies").fetchall() == [(1,)]
    conn.execute("select * from unwind.compensate_runs(array['mine', 'theirs'], force => true)")
    assert conn.execute("select run_id, table_name from unwind.compensations order by 1").fetchall() == [
        ("mine", "public.briefs"),
        ("theirs", "public.strategies"),
    ]


def test_a_row_that_was_there_before_the_run_is_not_the_runs(shop: Any) -> None:
    shop.conn.execute("insert into orders values ('o', 'Ada')")
    shop.start("r")
    with pytest.raises(psycopg.Error) as refused, shop.conn.transaction():
        shop.conn.execute("select unwind.record_step('r', 'order', 'o')")
        shop.conn.execute(
            "insert into orders values ('o', 'Bob') on conflict (id) do update set customer = 'Bob'"
        )
    assert refused.value.sqlstate == "UW017"
    assert shop("select * from unwind.compensate_run('r')") == []
    assert shop("select * from orders") == [("o", "Ada")]


# One row that two workflows know by different keys -------------------------------------------------

PACKAGES = {
    "columns": """
        create table pkg (id int primary key, package_id text unique);
        select unwind.define_step('one', 's', 'pkg', 'id');
        select unwind.define_step('two', 's', 'pkg', 'package_id');
    """,
    "an order of columns": """
        create table pkg (id int, package_id text, primary key (id, package_id));
        select unwind.define_step('one', 's', 'pkg', 'id', 'package_id');
        select unwind.define_step('two', 's', 'pkg', 'package_id', 'id');
    """,
    "a partition": """
        create table pkg (id int primary key, package_id text) partition by list (id);
        create table pkg_1 partition of pkg for values in (1);
        select unwind.define_step('one', 's', 'pkg', 'id'), unwind.define_step('two', 's', 'pkg_1', 'id');
    """,
    "a child that inherits": """
        create table pkg (id int primary key, package_id text);
        create table pkg_1 (primary key (id)) inherits (pkg);
        select unwind.define_step('one', 's', 'pkg', 'id'), unwind.define_step('two', 's', 'pkg_1', 'id');
    """,
    "columns of several types": """
        create extension citext;
        create table pkg (id numeric(8, 2) primary key, package_id citext unique);
        select unwind.define_step('one', 's', 'pkg', 'id');
        select unwind.define_step('two', 's', 'pkg', 'package_id');
    """,
}
KEYS = {
    "columns": ("1", "x"),
    "an order of columns": ("1', 'x", "x', '1"),
    "a partition": ("1", "1"),
    "a child that inherits": ("1", "1"),
    "columns of several types": ("1.0", "x"),
}
UNDO = {
    "run": "select * from unwind.compensate_run('{run}', force => true)",
    "runs": "select * from unwind.compensate_runs('{{{run}}}', force => true)",
    "step": "select * from unwind.compensate_step('{run}', 's')",
    "rewind": "select * from unwind.rewind_run('{run}', 'first')",
    "batches": "call unwind.compensate_run_in_batches('{run}', 1, force => true)",
    "sweep": "select unwind.fail_run('{run}', 'x'); call unwind.recover_runs()",
}


@pytest.fixture(params=list(PACKAGES))
def packages(request: pytest.FixtureRequest, conn: psycopg.Connection[Any]) -> tuple[str, str, str]:
    """Two workflows that key one table in different ways; the keys of one row, and where to insert it."""
    for workflow in ("one", "two"):
        conn.execute(f"select unwind.define_workflow('{workflow}')".encode())
    conn.execute(PACKAGES[request.param].encode())
    for workflow in ("one", "two"):
        conn.execute(
            f"insert into unwind.workflow_steps values ('{workflow}', 'first', 0); "
            f"select unwind.compile_workflow('{workflow}'); "
            f"select unwind.start_run('{workflow}', 'r-{workflow}')".encode()
        )
    table = "pkg_1" if "child" in request.param else "pkg"
    return *KEYS[request.param], f"insert into {table} values (1, 'x')"


def state_of(error: pytest.ExceptionInfo[psycopg.Error]) -> str | None:
    return error.value.sqlstate


@pytest.mark.parametrize(("first", "second"), [("one", "two"), ("two", "one")])
@pytest.mark.parametrize("completed", [False, True])
def test_a_row_that_another_run_owns_by_another_key_cannot_be_recorded(
    conn: psycopg.Connection[Any], packages: tuple[str, str, str], first: str, second: str, completed: bool
) -> None:
    keys = dict(zip(("one", "two"), packages[:2], strict=True))
    conn.execute(f"select unwind.record_step('r-{first}', 's', '{keys[first]}')".encode())
    conn.execute(packages[2].encode())
    if completed:
        conn.execute(f"select unwind.complete_run('r-{first}')".encode())
    for call in ("record_step", "adopt_entity"):
        with pytest.raises(psycopg.Error, match=f"r-{first}") as refused:
            conn.execute(f"select unwind.{call}('r-{second}', 's', '{keys[second]}')".encode())
        assert state_of(refused) == "UW004"
    if_new = f"select unwind.record_if_new('r-{second}', 's', '{keys[second]}')".encode()
    if completed:
        assert conn.execute(if_new).fetchone() == (False,)
    else:
        with pytest.raises(psycopg.Error) as refused:
            conn.execute(if_new)
        assert state_of(refused) == "UW004"
    assert conn.execute("select run_id from unwind.run_steps").fetchall() == [(f"r-{first}",)]
    conn.execute(f"select * from unwind.compensate_run('r-{first}', force => true)".encode())
    conn.execute(f"select unwind.record_step('r-{second}', 's', '{keys[second]}')".encode())


@pytest.mark.parametrize("way", UNDO)
@pytest.mark.parametrize(("mine", "theirs"), [("one", "two"), ("two", "one")])
def test_a_row_that_two_runs_recorded_ahead_by_different_keys_is_not_deleted_by_either(
    conn: psycopg.Connection[Any], packages: tuple[str, str, str], way: str, mine: str, theirs: str
) -> None:
    keys = dict(zip(("one", "two"), packages[:2], strict=True))
    for workflow in ("one", "two"):
        conn.execute(f"select unwind.record_step('r-{workflow}', 's', '{keys[workflow]}')".encode())
    conn.execute(packages[2].encode())
    # Recording it again, with the row there, tells.
    with pytest.raises(psycopg.Error) as refused:
        conn.execute(f"select unwind.record_step('r-{mine}', 's', '{keys[mine]}')".encode())
    assert state_of(refused) == "UW004"
    conn.execute(f"select unwind.complete_run('r-{theirs}')".encode())
    if way == "sweep":
        for statement in UNDO[way].format(run=f"r-{mine}").split("; "):
            conn.execute(statement.encode())
        (error,) = conn.execute(
            "select last_error from unwind.workflow_runs where status = 'FAILED'"
        ).fetchall()
        assert f"r-{theirs}" in error[0]
    else:
        with pytest.raises(psycopg.Error, match=f"belong to run 'r-{theirs}'") as refused:
            conn.execute(UNDO[way].format(run=f"r-{mine}").encode())
        assert state_of(refused) == "UW007"
    assert conn.execute("select count(*) from pkg").fetchone() == (1,)
    # One of the two has to let go.
    conn.execute(f"select unwind.release_entity('r-{theirs}', 's', '{keys[theirs]}')".encode())
    conn.execute(f"select * from unwind.compensate_run('r-{mine}')".encode())
    assert conn.execute("select count(*) from pkg").fetchone() == (0,)


def test_a_null_in_the_other_key_belongs_to_nobody(conn: psycopg.Connection[Any]) -> None:
    conn.execute("select unwind.define_workflow('one'), unwind.define_workflow('two')")
    conn.execute(PACKAGES["columns"].encode())
    conn.execute("select unwind.start_run('one', 'r'), unwind.record_step('r', 's', '1')")
    conn.execute("insert into pkg values (1, null)")
    conn.execute("select unwind.record_step('r', 's', '1')")
    assert len(conn.execute("select * from unwind.compensate_run('r')").fetchall()) == 1


def test_a_key_that_another_workflow_defines_later_counts_for_runs_that_are_there(
    conn: psycopg.Connection[Any],
) -> None:
    conn.execute("create table pkg (id int primary key, package_id text unique)")
    conn.execute("select unwind.define_workflow('one'), unwind.define_step('one', 's', 'pkg', 'id')")
    guards = "select count(*) from unwind.plan_statements where workflow = 'one' and action = 'guard'"
    # One key costs nothing new.
    assert conn.execute(guards.encode()).fetchone() == (0,)
    conn.execute("select unwind.start_run('one', 'r'), unwind.record_step('r', 's', '1')")
    conn.execute("select unwind.define_workflow('two'), unwind.define_step('two', 's', 'pkg', 'package_id')")
    assert conn.execute(guards.encode()).fetchone() == (1,)
    conn.execute("select unwind.start_run('two', 't'), unwind.record_step('t', 's', 'x')")
    conn.execute("insert into pkg values (1, 'x'); select unwind.complete_run('t')")
    with pytest.raises(psycopg.Error, match="belong to run 't'"):
        conn.execute("select * from unwind.compensate_run('r')")
    conn.execute("select unwind.drop_workflow('two')")
    assert conn.execute(guards.encode()).fetchone() == (0,)


WORLD = """
create table customers (id text primary key);
create table orders (id int primary key, customer text references customers, note text);
create table lines (id bigint primary key, order_id int references orders on delete cascade);
create table labels (line_id bigint, colour text);
create table stock (shop text, number int, customer text, primary key (shop, number));
create table reviews (id int primary key, order_id int references orders on delete set null);
create index on lines (order_id);
create index on labels (line_id);
create index on reviews (order_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'reserve', 'stock', 'shop', 'number');
select unwind.declare_foreign_key('labels', '{line_id}', 'lines', '{id}');
select unwind.declare_foreign_key('stock', '{customer}', 'customers', '{id}', 'restrict');
insert into customers select chr(64 + n) from generate_series(1, 5) as n;
insert into orders select n, chr(65 + n % 5), 'kept' from generate_series(1, 300) as n where n not in (7, 70);
insert into lines select n * 10 + m, n from generate_series(1, 300) as n, generate_series(0, 2) as m
where n not in (7, 70);
insert into labels select l.id, c from lines as l, unnest(array['red', 'blue']) as c;
insert into labels values (null, 'loose'), (77, 'of no line');
insert into stock select s, n, 'A'
from unnest(array['north', 'south', 'North ']) as s, generate_series(1, 9) as n
where (s, n) <> ('north', 7);
insert into reviews select n, n from generate_series(1, 300, 7) as n where n not in (7, 70);
"""
ONE_RUN = """
select unwind.start_run('w', 'r');
select unwind.record_step('r', 'order', '7'), unwind.record_step('r', 'order', '0070');
select unwind.record_step('r', 'reserve', 'north', '7');
insert into orders values (7, 'A', 'goes'), (70, 'A', 'goes');
insert into lines values (7000, 7), (7001, 7), (7002, 70);
insert into labels select id, 'red' from lines where order_id in (7, 70);
insert into stock values ('north', 7, 'A');
"""


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['r'])"])
def test_every_table_is_what_it_was_before_the_run_to_the_last_column(
    conn: psycopg.Connection[Any], call: str
) -> None:
    def checksums() -> list[Any]:
        return [
            conn.execute(
                f"select count(*), md5(string_agg(t::text, ';' order by t::text)) from {table} as t".encode()
            ).fetchone()
            for table in ("customers", "orders", "lines", "labels", "stock", "reviews")
        ]

    conn.execute(WORLD)
    before = checksums()
    conn.execute(ONE_RUN)
    assert checksums() != before
    receipts = conn.execute(f"select * from unwind.{call}".encode()).fetchall()
    assert checksums() == before
    assert receipts == [("r", 9, 0, 0, 0)] or sum(row[3] for row in receipts) == 9
