"""What is right for one way to undo a run is right for all: its rows go, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

import ways
from templates import holding

Connection = psycopg.Connection[Any]
Contents = dict[str, list[tuple[Any, ...]]]

# A tree with a table without a key, one that refers to itself, a link to clear, one that blocks, and a step
# with a key of two columns. Three runs, and as much that belongs to none (4).
SHOP = """
create table customers (id int primary key);
create table orders (id int primary key, customer_id int references customers, copy_of int references orders);
create table lines (id int primary key, order_id int references orders on delete cascade);
create table parts (line_id int references lines on delete cascade, what text);
create table alerts (id int primary key, order_id int references orders on delete set null);
create table claims (id int primary key, order_id int references orders on delete restrict);
create table payments (shop text, number int, primary key (shop, number));
create index on orders (customer_id);
create index on orders (copy_of);
create index on lines (order_id);
create index on parts (line_id);
create index on alerts (order_id);
create index on claims (order_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'payment', 'payments', 'shop', 'number');
select unwind.declare_foreign_key('orders', '{copy_of}', 'orders', '{id}');
select unwind.start_run('w', 'r' || n),
    unwind.record_step('r' || n, 'order', n::text), unwind.record_step('r' || n, 'payment', 'here', n::text)
from generate_series(1, 3) as n;
insert into customers select generate_series(1, 4);
insert into orders select n, n, null from generate_series(1, 4) as n;
insert into orders select n * 10, n, n from generate_series(1, 4) as n;
insert into lines select n * 10 + m, n from generate_series(1, 4) as n, generate_series(1, 5) as m;
insert into parts select id, 'a' from lines union all select id, 'a' from lines;
insert into alerts select n, n from generate_series(1, 4) as n;
insert into payments select shop, n from generate_series(1, 4) as n, unnest('{here,there}'::text[]) as shop;
"""
ROWS_OF_A_RUN = 2 + 5 + 10 + 1
TABLES = ("customers", "orders", "lines", "parts", "alerts", "claims", "payments")
EVERY_WAY = pytest.mark.parametrize("way", ways.ALL, ids=str)

shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """Three runs that have recorded both steps."""
    return conn


@pytest.fixture
def target(dsn: str, pg_bin: Path) -> ways.Target:
    return ways.Target(dsn, pg_bin)


def contents(conn: Connection) -> Contents:
    """Every row of every table."""
    return {
        table: sorted(conn.execute(f"select * from {table}".encode()).fetchall(), key=str) for table in TABLES
    }


def without(found: Contents, *numbers: int) -> Contents:
    """The same without the rows of these runs; a link to them is cleared."""

    def goes(table: str, row: tuple[Any, ...]) -> bool:
        number = str(row[1] if table == "payments" else row[0])[0]
        return int(number) in numbers and (table != "payments" or row[0] == "here")

    left = {table: [row for row in rows if not goes(table, row)] for table, rows in found.items()}
    left["customers"] = found["customers"]
    left["alerts"] = [(id, None if order in numbers else order) for id, order in found["alerts"]]
    return left


@EVERY_WAY
def test_the_rows_of_the_runs_go_and_nothing_else_is_touched(
    shop: Connection, target: ways.Target, way: ways.Way
) -> None:
    before = contents(shop)
    way(target, ["r1", "r2"])
    assert contents(shop) == without(before, 1, 2)


@EVERY_WAY
def test_the_books_say_what_was_done(shop: Connection, target: ways.Target, way: ways.Way) -> None:
    way(target, ["r1", "r2"])
    assert shop.execute("select id, status from unwind.workflow_runs order by 1").fetchall() == [
        ("r1", "COMPENSATED"),
        ("r2", "COMPENSATED"),
        ("r3", "RUNNING"),
    ]
    assert shop.execute(
        "select run_id, sum(rows_deleted) from unwind.compensations group by 1 order by 1"
    ).fetchall() == [("r1", ROWS_OF_A_RUN), ("r2", ROWS_OF_A_RUN)]
    assert shop.execute(
        "select distinct run_id from unwind.run_steps where compensated_at is null"
    ).fetchall() == [("r3",)]
    assert shop.execute("select * from unwind.verify_run('r1')").fetchall() == []
    assert shop.execute("select * from unwind.verify_run('r2')").fetchall() == []
    assert shop.execute("select * from unwind.find_orphans()").fetchall() == []
    assert len(shop.execute("select * from unwind.preview_run('r3')").fetchall()) > 0


@EVERY_WAY
def test_a_row_that_refers_and_is_not_the_runs_refuses_it(
    shop: Connection, target: ways.Target, way: ways.Way
) -> None:
    shop.execute("insert into claims values (7, 1)")
    before = contents(shop)
    with pytest.raises(ways.Refused, match="claims") as refused:
        way(target, ["r1"])
    assert refused.value.sqlstate == "UW007"
    after = contents(shop)
    # A way that goes step by step has undone the later step.
    assert after["payments"] in (before["payments"], without(before, 1)["payments"])
    assert {**after, "payments": []} == {**before, "payments": []}
    assert shop.execute("select status from unwind.workflow_runs where id = 'r1'").fetchone() != (
        "COMPENSATED",
    )


@EVERY_WAY
def test_a_row_of_another_run_below_ones_own_refuses_it(
    shop: Connection, target: ways.Target, way: ways.Way
) -> None:
    shop.execute("update orders set copy_of = 1 where id = 2")
    before = contents(shop)
    with pytest.raises(ways.Refused, match="orders") as refused:
        way(target, ["r1"])
    assert refused.value.sqlstate == "UW007"
    after = contents(shop)
    assert {**after, "payments": []} == {**before, "payments": []}


@EVERY_WAY
def test_a_session_in_which_no_trigger_fires_undoes_nothing(
    shop: Connection, target: ways.Target, way: ways.Way
) -> None:
    """PostgreSQL would neither refuse, nor clear, nor delete what refers to a deleted row."""
    shop.execute("create table notes (order_id int references orders on delete restrict)")
    before = contents(shop)
    database = shop.info.dbname
    shop.execute(f'alter database "{database}" set session_replication_role = replica'.encode())
    with pytest.raises(ways.Refused, match="session_replication_role is replica") as refused:
        way(target, ["r1"])
    assert refused.value.sqlstate == "55000"
    assert contents(shop) == before


def test_a_sweep_in_such_a_session_holds_it_against_no_run(shop: Connection, connect: Any) -> None:
    for run in ("r1", "r2"):
        shop.execute("select unwind.fail_run(%s, 'as the test wants')", [run])
    shop.execute("select unwind_internal.begin_batches('r1', false, 'gone')")
    shop.execute(
        "update unwind.workflow_runs set lease_expires_at = now() - interval '1 hour' where id = 'r1'"
    )
    before = shop.execute("select r.* from unwind.workflow_runs as r order by id").fetchall()
    replica = connect(options="-c session_replication_role=replica")
    for _ in range(2):  # with a run for each way of the sweep, and then with the one in batches alone
        with pytest.raises(psycopg.Error, match="session_replication_role is replica"):
            replica.execute("call unwind.recover_runs()")
        assert shop.execute("select r.* from unwind.workflow_runs as r order by id").fetchall() == before
        shop.execute("select unwind.compensate_run('r2')")
        before = shop.execute("select r.* from unwind.workflow_runs as r order by id").fetchall()
