"""A batch knows rows by their keys: between two batches a row may move, and another lie in its place."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest

from templates import Address, Templates

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key);
insert into orders values ('mine'), ('theirs');
create table lines ({columns}){storage};
create index lines_order on lines (order_id);
{more};
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{{order_id}}', 'orders', '{{id}}', 'cascade');
{links};
select unwind.start_run('w', 'r1'), unwind.record_step('r1', 'order', 'mine');
insert into lines select {values}, case n % 2 when 0 then 'mine' else 'theirs' end
from generate_series(1, 40) as n;
"""
# Of each shape of table: its columns but order_id, a row of them for n, and what else it needs.
SHAPES: dict[str, dict[str, str]] = {
    "a number": {"columns": "id int primary key", "values": "n"},
    "text and a number": {
        "columns": "shop text, id int, primary key (shop, id)",
        "values": "'shop ' || n % 3, n",
        "more": "create index on lines (shop)",
    },
    "a uuid": {"columns": "id uuid primary key", "values": "md5(n::text)::uuid"},
    "unique and never null": {
        "columns": "id int not null, part int not null",
        "values": "n / 5, n % 5",
        "more": "create unique index on lines (part, id) include (order_id)",
    },
    "what prints as settings say": {
        "columns": "day date, t timestamptz, i interval, b bytea, f float8, primary key (day, t, i, b, f)",
        "values": "date '2001-02-03' + n, now() + n * interval '1 s', n * interval '-1 mon 2 h', "
        "decode(lpad(n::text, 4, '0'), 'hex'), n / 3.0",
    },
    "arrays and rows": {
        "columns": "a int[], c pair, primary key (a, c)",
        "values": "array[n, 1], row(n, 'x, \"y\"')::pair",
    },
    "a domain": {"columns": "id short primary key", "values": "'{' || n || '}'"},
    "no key": {"columns": "id int", "values": "n"},
    "a key that may be null": {"columns": "id int unique", "values": "nullif(n, 2)"},
    "a key checked late": {"columns": "id int primary key deferrable initially deferred", "values": "n"},
    "partitions": {
        "columns": "id int, primary key (id)",
        "storage": " partition by range (id)",
        "values": "n",
        "more": """create table lines_1 partition of lines for values from (1) to (21);
            create table lines_2 partition of lines for values from (21) to (1000);""",
    },
    "partitions without a key": {
        "columns": "id int",
        "storage": " partition by range (id)",
        "values": "n",
        "more": """create table lines_1 partition of lines for values from (1) to (21);
            create table lines_2 partition of lines for values from (21) to (1000);""",
    },
    "heirs": {
        "columns": "id int primary key",
        "values": "n",
        "more": """create table heirs (primary key (id)) inherits (lines); create index on heirs (order_id);
            insert into heirs select n, case n % 2 when 0 then 'mine' else 'theirs' end
            from generate_series(1, 20) as n;""",
    },
    "a tree": {
        "columns": "id int primary key, up int",
        "values": "n, case when n > 3 then n / 4 * 2 + n % 2 end",
        "links": "select unwind.declare_foreign_key('lines', '{up}', 'lines', '{id}', 'cascade')",
    },
    "a tree without a key": {
        "columns": "id int, up int",
        "values": "n, case when n > 3 then n / 4 * 2 + n % 2 end",
        "links": "select unwind.declare_foreign_key('lines', '{up}', 'lines', '{id}', 'cascade')",
    },
    "links that are cleared": {
        "columns": "id int primary key",
        "values": "n",
        "links": "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'set null')",
    },
    "links that are cleared without a key": {
        "columns": "id int",
        "values": "n",
        "links": "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'set null')",
    },
}
GATE = """
create function gate() returns trigger language plpgsql as $$
begin
    if exists (select from unwind_internal.batch_progress where rows_done > 0) or {opens_at_once} then
        perform pg_advisory_xact_lock_shared(1);
    end if;
    return new;
end $$;
create trigger gate before update on unwind.workflow_runs for each row
when (old.status = 'COMPENSATING' and new.status = 'COMPENSATING') execute function gate();
"""


TYPES = """
create domain short as text check (length(value) < 5);
create type pair as (n int, t text);
set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard';
set bytea_output = 'escape'; set extra_float_digits = 0;
"""


@pytest.fixture
def shape_template(templates: Templates, shape: str) -> Address:
    """A run that made the order 'mine', and 40 lines of this shape, half of them of that order."""
    parts = {"storage": "", "more": "", "links": "", **SHAPES[shape]}
    parts["columns"] += ", order_id text"
    heirs = ""
    if shape == "heirs":
        parts["more"], heirs = "", parts["more"]
    return templates(TYPES, SHOP.format(**parts), heirs)


@pytest.fixture
def shape() -> str:
    """The shape where a test names none."""
    return "a number"


@pytest.fixture
def conn(shape_template: Address, conn: Connection) -> Connection:
    """That, in a session that prints values as few do."""
    conn.execute(TYPES[TYPES.index("set datestyle") :])
    return conn


def rows(conn: Connection, of: str | None) -> list[Any]:
    return conn.execute(
        "select l::text from lines as l where order_id is not distinct from %s order by 1", [of]
    ).fetchall()


def between_batches(
    conn: Connection,
    connect: Any,
    wait_until_blocked: Any,
    in_background: Any,
    change: Any,
    first: bool = False,
) -> Any:
    """Undoes r1 by batches of three; after the first (or before) another session makes a change.

    The gate is where a batch renews the claim: it has touched no table yet.
    """
    conn.execute(GATE.format(opens_at_once=str(first).lower()).encode())
    keeper, undoer = connect(), connect()
    keeper.execute("select pg_advisory_lock(1)")
    undo = in_background(undoer.execute, "call unwind.compensate_run_in_batches('r1', 3)")
    wait_until_blocked(undoer, unless=undo)
    assert not undo.done(), undo.result()
    change()
    keeper.execute("select pg_advisory_unlock(1)")
    return undo


@pytest.mark.parametrize("move", ["vacuum full", "cluster"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_rows_of_others_stay_wherever_rows_are_moved_to(
    conn: Connection, connect: Any, wait_until_blocked: Any, in_background: Any, shape: str, move: str
) -> None:
    theirs, mine = rows(conn, "theirs"), rows(conn, "mine")
    cleared = "cleared" in shape

    def change() -> None:
        for (leaf,) in conn.execute(
            "select relid::regclass::text from pg_partition_tree('lines') where isleaf"
            " union select 'lines' where not exists (select from pg_partition_tree('lines'))"
        ).fetchall():
            if move == "vacuum full":
                conn.execute(f"vacuum full {leaf}")
            else:
                conn.execute(f"create index moved on {leaf} (order_id desc)")
                conn.execute(f"cluster {leaf} using moved; drop index moved")

    before = cleared or "without" in shape
    between_batches(conn, connect, wait_until_blocked, in_background, change, first=before).result()
    assert rows(conn, "theirs") == theirs
    assert rows(conn, "mine") == []
    assert len(rows(conn, None)) == (len(mine) if cleared else 0)
    assert conn.execute("select * from unwind.verify_run('r1')").fetchall() == []
    receipts = conn.execute(
        "select sum(rows_deleted) from unwind.compensations where table_name like '%lines'"
    )
    assert receipts.fetchone() == (None if cleared else len(mine),)


@pytest.mark.parametrize("shape", ["a number", "text and a number", "no key", "partitions"])
def test_what_was_found_goes_only_while_it_is_still_the_plans(
    conn: Connection, connect: Any, wait_until_blocked: Any, in_background: Any, shape: str
) -> None:
    """Between two batches rows are handed over, ours to others and theirs to us."""

    def change() -> None:
        conn.execute(
            "update lines set order_id = case when id > 20 and order_id = 'mine' then 'theirs'"
            " when id > 20 and order_id = 'theirs' then 'mine' else order_id end"
        )

    undo = between_batches(conn, connect, wait_until_blocked, in_background, change)
    theirs = rows(conn, "theirs")
    undo.result()
    assert rows(conn, "theirs") == theirs
    assert rows(conn, "mine") == []


@pytest.mark.parametrize("shape", ["partitions", "partitions without a key"])
def test_a_row_that_moves_to_another_partition_goes_too(
    conn: Connection, connect: Any, wait_until_blocked: Any, in_background: Any, shape: str
) -> None:
    theirs = rows(conn, "theirs")
    change = "update lines set id = id + 100 where order_id = 'mine' and id between 11 and 20"
    between_batches(conn, connect, wait_until_blocked, in_background, lambda: conn.execute(change)).result()
    assert (rows(conn, "theirs"), rows(conn, "mine")) == (theirs, [])


@pytest.mark.parametrize(
    "change",
    [
        "alter table lines alter order_id type varchar(9)",
        "alter table lines alter id type bigint",
        "alter table lines alter id type text",
        "alter table lines drop constraint lines_pkey",
        "alter table lines drop constraint lines_pkey; alter table lines add primary key (order_id, id)",
        "alter table lines drop column id cascade",
    ],
)
def test_after_a_change_of_the_table_it_stops_or_goes_on_and_takes_its_own_rows_alone(
    conn: Connection, connect: Any, wait_until_blocked: Any, in_background: Any, change: str
) -> None:
    undo = between_batches(
        conn, connect, wait_until_blocked, in_background, lambda: conn.execute(change.encode())
    )
    theirs = conn.execute("select count(*) from lines where order_id = 'theirs'").fetchone()
    try:
        undo.result()
    except psycopg.Error as error:
        assert error.sqlstate == "UW009", error
        conn.execute("select unwind.compile_workflow('w')")
        conn.execute("call unwind.compensate_run_in_batches('r1', 3)")
    assert conn.execute("select count(*) from lines where order_id = 'theirs'").fetchone() == theirs
    assert rows(conn, "mine") == []


@pytest.mark.parametrize("shape", ["text and a number"])
def test_a_row_is_looked_up_by_its_key_however_stale_the_statistics_are(conn: Connection) -> None:
    """Analyzed while each shop had one line, and each order: then one of either has them all."""
    conn.execute(
        "truncate lines; insert into lines select 'shop ' || n, n, n from generate_series(1, 30) as n"
    )
    conn.execute(
        "analyze lines; insert into lines select 'one', n, 'mine' from generate_series(1, 3000) as n"
    )
    query = conn.execute(
        """
        select format('select from %s as t, %s where %s', p.target, b.sources, b.condition)
        from unwind.plan_statements as p cross join unwind_internal.render_batch(p, 1000) as b
        where p.target = 'lines'::regclass and p.action = 'delete'
        """
    ).fetchone()
    assert query
    with conn.transaction():
        conn.execute("set local enable_seqscan = off; set local enable_hashjoin = off")
        conn.execute("set local enable_mergejoin = off; select unwind_internal.pin_wide_key()")
        conn.execute(f"prepare batch (text[]) as {query[0]}".encode())
        plan = conn.execute(
            "explain (costs off) execute batch (array['{mine,mine}', '{one,one}', '{1,2}'])"
        ).fetchall()
    lines = [line.strip(" ->") for (line,) in plan]
    assert "Index Cond: ((shop = k.r1) AND (id = k.r2))" in lines, lines
    assert "Tid Scan on lines t" in lines, lines


@pytest.mark.parametrize("shape", ["a number", "text and a number", "no key"])
def test_whatever_moves_rows_beside_many_batches_rows_of_others_stay(
    conn: Connection, connect: Any, in_background: Any, shape: str
) -> None:
    """60,000 rows of one INSERT, a third of them the run's, beside what rewrites the table, in turn."""
    deep = os.environ.get("PGUNWIND_DEEP") == "1"
    many, rounds, size = (60000, 20, 100) if deep else (3000, 1, 50)
    conn.execute("truncate lines; create index moved on lines (order_id desc)")
    conn.prepare_threshold = None  # a prepared SELECT ends with the type of its column
    mover, undoer = connect(), connect()
    commands = ["vacuum full lines", "cluster lines using moved"]
    moved = 0
    for number in range(rounds):
        conn.execute("delete from lines")
        key = "'shop ' || n % 7, n" if shape == "text and a number" else "n"
        conn.execute(
            f"insert into lines select {key}, (array['mine', 'theirs', 'nobodys'])[n % 3 + 1]"
            f" from generate_series(1, {many}) as n".encode()
        )
        run = f"r{number + 1}"
        if number:
            with conn.transaction():
                conn.execute(
                    "select unwind.start_run('w', %s), unwind.record_step(%s, 'order', 'mine')", [run, run]
                )
                conn.execute("insert into orders values ('mine')")
        call = f"call unwind.compensate_run_in_batches('{run}', {size})"
        undo = in_background(undoer.execute, call)
        until = moved + 9
        while not undo.done() and moved < until:
            turn = moved % 3
            moved += 1
            if turn < 2:
                mover.execute(commands[turn].encode())
                continue
            mover.execute(
                f"alter table lines alter order_id type {'varchar' if moved % 2 else 'text'}".encode()
            )
            mover.execute("select unwind.compile_workflow('w')")
            if undo.done() and undo.exception() is not None:
                assert getattr(undo.exception(), "sqlstate", None) == "UW009", undo.exception()
                undo = in_background(undoer.execute, call)
        try:
            undo.result()
        except psycopg.Error as error:
            assert error.sqlstate == "UW009", error
            conn.execute(call.encode())
        left = conn.execute("select order_id, count(*) from lines group by 1 order by 1").fetchall()
        assert left == [("nobodys", many // 3), ("theirs", many // 3)]
    assert moved >= rounds
