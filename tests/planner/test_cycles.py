"""Tables that refer to each other in a cycle, in one step or across steps, go in one statement."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ways import undone

Connection = psycopg.Connection[Any]
LINKS = {
    "cascade": "references {parent} on delete cascade",
    "no action": "references {parent}",
    "restrict": "references {parent} on delete restrict",
    "deferred": "not null references {parent} deferrable initially deferred",
    "logical": "",
}
UNDO = [
    "select * from unwind.compensate_run('r1')",
    "select * from unwind.compensate_runs('{r1}')",
    "call unwind.compensate_run_in_batches('r1', 1)",
]


def cycle(conn: Connection, length: int, link: str) -> list[str]:
    """Tables c0 -> c1 -> ... -> c0; things hang below c1, orders stand above c0.

    The rows of o1 are a cycle and a chain below it, those of o2 a cycle.
    """
    tables = [f"c{n}" for n in range(length)]
    conn.execute("create table orders (id text primary key)")
    for table in tables:
        conn.execute(f"create table {table} (id int primary key, up int, order_id text references orders)")
        conn.execute(f"create index on {table} (up); create index on {table} (order_id)")
    conn.execute("create table things (id int primary key, up int references c1)")
    conn.execute("create index on things (up)")
    conn.execute("select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id')")
    conn.execute("select unwind.declare_foreign_key('c0', '{order_id}', 'orders', '{id}')")
    conn.execute("select unwind.declare_foreign_key('things', '{up}', 'c1', '{id}')")
    for n, table in enumerate(tables):
        parent = tables[(n + 1) % length]
        conn.execute(f"select unwind.declare_foreign_key('{table}', '{{up}}', '{parent}', '{{id}}')")
    conn.execute("insert into orders values ('o1'), ('o2')")
    for n, table in enumerate(tables):
        last = 1 if n == length - 1 else 2
        mine, others = ("'o1'", "'o2'") if n == 0 else ("null", "null")
        conn.execute(f"insert into {table} values (1, 1, {mine}), (2, {last}, null), (9, 9, {others})")
    conn.execute("insert into things values (1, 1), (2, 2), (9, 9)")
    for n, table in enumerate(tables):
        references = LINKS[link].format(parent=tables[(n + 1) % length])
        if references:
            kind = "not null " if references.startswith("not null") else ""
            conn.execute(f"alter table {table} add foreign key (up) {references.removeprefix(kind)}")
            if kind:
                conn.execute(f"alter table {table} alter up set not null")
    conn.execute("select unwind.compile_workflow('w')")
    for run in ("1", "2"):
        conn.execute(
            f"select unwind.start_run('w', 'r{run}'), unwind.adopt_entity('r{run}', 'order', 'o{run}')"
        )
    return tables


def ids(conn: Connection, table: str) -> list[Any]:
    return [row[0] for row in conn.execute(f"select id from {table} order by 1").fetchall()]


@pytest.mark.parametrize("link", list(LINKS))
@pytest.mark.parametrize("length", [2, 3, 5])
def test_all_of_a_cycle_goes_and_nothing_else(conn: Connection, length: int, link: str) -> None:
    tables = cycle(conn, length, link)
    preview = conn.execute(
        "select table_name, sum(row_count) from unwind.preview_run('r1') group by 1 order by 1"
    ).fetchall()
    assert dict(preview) == {f"public.{table}": 2 for table in (*tables, "things")} | {"public.orders": 1}
    for undo in UNDO:
        with undone(conn, undo):
            assert {table: ids(conn, table) for table in tables} == {table: [9] for table in tables}
            assert (ids(conn, "things"), ids(conn, "orders")) == ([9], ["o2"])
            receipts = conn.execute(
                "select table_name, sum(rows_deleted) from unwind.compensations group by 1 order by 1"
            ).fetchall()
            assert receipts == preview
            assert conn.execute("select * from unwind.verify_run('r1')").fetchall() == []
    conn.execute("select * from unwind.compensate_run('r2')")
    assert all(ids(conn, table) == [] for table in (*tables, "things", "orders"))


def test_several_runs_at_once_have_their_own_receipts(conn: Connection) -> None:
    cycle(conn, 3, "no action")
    conn.execute("select * from unwind.compensate_runs('{r1, r2}')")
    assert conn.execute(
        "select run_id, sum(rows_deleted) from unwind.compensations group by 1 order by 1"
    ).fetchall() == [("r1", 9), ("r2", 5)]


def test_a_cycle_that_reaches_the_rows_of_another_run_is_refused(conn: Connection) -> None:
    cycle(conn, 2, "no action")
    conn.execute("select unwind.define_step('w', 'piece', 'c1', 'id')")
    conn.execute("select unwind.adopt_entity('r2', 'piece', '2')")
    with pytest.raises(psycopg.Error, match=r"c1.*r2") as refused:
        conn.execute("select * from unwind.compensate_run('r1')")
    assert refused.value.sqlstate == "UW007"
    assert ids(conn, "c0") == [1, 2, 9]


def test_somebody_elses_row_that_refers_into_a_cycle_is_named(conn: Connection) -> None:
    cycle(conn, 2, "no action")
    conn.execute("create table notes (id int, c1_id int references c1)")
    conn.execute("insert into notes values (7, 2)")
    conn.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.Error, match="notes") as refused:
        conn.execute("select * from unwind.compensate_run('r1')")
    assert refused.value.sqlstate == "UW007"


def test_a_row_that_a_trigger_keeps_in_a_cycle_is_noticed(conn: Connection) -> None:
    cycle(conn, 2, "logical")
    conn.execute(
        """create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger keep before delete on c1 for each row when (old.id = 2) execute function keep();
        select unwind.compile_workflow('w');"""
    )
    with pytest.raises(psycopg.Error, match=r"public\.c1.*trigger") as refused:
        conn.execute("select * from unwind.compensate_run('r1')")
    assert refused.value.sqlstate == "UW007"
    assert ids(conn, "c0") == [1, 2, 9]


@pytest.mark.parametrize("link", ["references nodes", "references nodes on delete cascade", ""])
def test_rows_of_one_table_that_hang_together_by_two_links(conn: Connection, link: str) -> None:
    conn.execute(
        f"""create table nodes (id int primary key, up int {link}, after int {link}, owner text);
        create index on nodes (up); create index on nodes (after);
        create table owners (id text primary key);
        select unwind.define_workflow('w'), unwind.define_step('w', 's', 'owners', 'id');
        select unwind.declare_foreign_key('nodes', '{{owner}}', 'owners', '{{id}}');
        select unwind.declare_foreign_key('nodes', '{{up}}', 'nodes', '{{id}}');
        select unwind.declare_foreign_key('nodes', '{{after}}', 'nodes', '{{id}}');
        insert into owners values ('a'), ('b');
        insert into nodes values (1, null, null, 'a'), (2, 1, null, null), (3, null, 2, null), (4, 3, 3, 'a'),
            (9, null, null, 'b');
        update nodes set after = 4 where id = 1;
        select unwind.start_run('w', 'r'), unwind.adopt_entity('r', 's', 'a');"""
    )
    receipts = conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("public.nodes", 4), ("public.owners", 1)]
    assert ids(conn, "nodes") == [9]


@pytest.mark.parametrize("link", ["", "on delete restrict", "deferrable initially deferred"])
def test_a_cycle_of_links_that_only_refuse_goes_by_what_stands_above_it(conn: Connection, link: str) -> None:
    conn.execute(
        f"""create table owners (id text primary key);
        create table a (id int primary key, b_id int, owner text references owners on delete cascade);
        create table b (id int primary key, a_id int references a {link},
            owner text references owners on delete cascade);
        alter table a add foreign key (b_id) references b {link};
        select unwind.define_workflow('w'), unwind.define_step('w', 's', 'owners', 'id');
        insert into owners values ('x'), ('y'); insert into a values (1, null, 'x'), (9, null, 'y');
        insert into b values (1, 1, 'x'), (9, 9, 'y'); update a set b_id = id;
        select unwind.start_run('w', 'r'), unwind.adopt_entity('r', 's', 'x');"""
    )
    conn.execute("select * from unwind.compensate_run('r')")
    assert (ids(conn, "a"), ids(conn, "b"), ids(conn, "owners")) == ([9], [9], ["y"])


ACROSS = """
create table teams (id int primary key, lead_id int);
create table people (id int primary key, team_id int references teams);
create table badges (id int primary key, person_id int references people);
alter table teams add foreign key (lead_id) references people;
create index on teams (lead_id); create index on people (team_id); create index on badges (person_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'team', 'teams', 'id');
select unwind.define_step('w', 'person', 'people', 'id');
select unwind.define_step('w', 'badge', 'badges', 'id');
insert into teams values (1), (2); insert into people values (1, 1), (2, 1), (9, 2);
insert into badges values (1, 1), (9, 9);
update teams set lead_id = case id when 1 then 2 else 9 end;
select unwind.start_run('w', 'r');
select unwind.adopt_entity('r', 'team', '1'), unwind.adopt_entity('r', 'person', '1'),
    unwind.adopt_entity('r', 'person', '2'), unwind.adopt_entity('r', 'badge', '1');
"""


@pytest.mark.parametrize(
    "undo", ["select * from unwind.compensate_run", "call unwind.compensate_run_in_batches"]
)
def test_a_cycle_across_steps_goes_as_a_whole(conn: Connection, undo: str) -> None:
    conn.execute(ACROSS)
    conn.execute(f"{undo}('r')")
    assert [ids(conn, table) for table in ("teams", "people", "badges")] == [[2], [9], [9]]
    assert conn.execute(
        "select step, table_name, rows_deleted from unwind.compensations where run_id = 'r' order by ordinal"
    ).fetchall() == [
        ("badge", "public.badges", 1),
        ("person", "public.people", 2),
        ("team", "public.teams", 1),
    ]


def test_one_step_of_a_cycle_alone_is_refused_while_the_other_refers_to_it(conn: Connection) -> None:
    conn.execute(ACROSS)
    conn.execute("select * from unwind.compensate_step('r', 'badge')")
    with pytest.raises(psycopg.Error, match="teams") as refused:
        conn.execute("select * from unwind.compensate_step('r', 'person')")
    assert refused.value.sqlstate == "UW007"
    assert ids(conn, "people") == [1, 2, 9]


def test_a_row_of_an_earlier_step_that_refers_to_a_later_one_goes_first(conn: Connection) -> None:
    conn.execute(
        """create table invoices (id int primary key);
        create table orders (id int primary key, invoice_id int references invoices);
        select unwind.define_workflow('w');
        select unwind.define_step('w', 'order', 'orders', 'id');
        select unwind.define_step('w', 'invoice', 'invoices', 'id');
        insert into orders values (1), (2); insert into invoices values (1);
        update orders set invoice_id = 1 where id = 1;
        select unwind.start_run('w', 'r');
        select unwind.adopt_entity('r', 'order', '1'), unwind.adopt_entity('r', 'invoice', '1');"""
    )
    receipts = conn.execute("select step, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("order", 1), ("invoice", 1)]


def test_a_cycle_is_broken_by_declaring_one_link_set_null(conn: Connection) -> None:
    conn.execute(ACROSS)
    conn.execute("select unwind.declare_foreign_key('teams', '{lead_id}', 'people', '{id}', 'set null')")
    conn.execute("select * from unwind.compensate_step('r', 'badge')")
    conn.execute("select * from unwind.compensate_step('r', 'person')")
    assert conn.execute("select id, lead_id from teams order by 1").fetchall() == [(1, None), (2, 9)]


PARTITIONED = """
create table orders (id text primary key);
create table heads (id int primary key, part_id int, order_id text);
create table parts (id int, head_id int) partition by range (id);
create table parts_1 partition of parts for values from (0) to (100);
create table parts_2 partition of parts for values from (100) to (200);
create index on heads (part_id); create index on heads (order_id);
create index on parts (id); create index on parts (head_id);
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('heads', '{order_id}', 'orders', '{id}');
select unwind.declare_foreign_key('parts', '{head_id}', 'heads', '{id}');
select unwind.declare_foreign_key('heads', '{part_id}', 'parts', '{id}');
insert into orders values ('o1'), ('o2');
insert into heads values (1, 1, 'o1'), (2, 101, 'o2');
insert into parts values (1, 1), (101, 2);
select unwind.start_run('w', 'r1'), unwind.start_run('w', 'r2');
select unwind.adopt_entity('r1', 'order', 'o1'), unwind.adopt_entity('r2', 'order', 'o2');
"""


@pytest.mark.parametrize("undo", UNDO)
def test_a_row_at_the_same_place_of_another_partition_stays(conn: Connection, undo: str) -> None:
    conn.execute(PARTITIONED)
    places = conn.execute("select ctid::text from parts").fetchall()
    assert places == [("(0,1)",), ("(0,1)",)]
    conn.execute(undo.encode())
    assert ids(conn, "parts") == [101]
    assert ids(conn, "heads") == [2]


@pytest.mark.parametrize("undo", UNDO)
@pytest.mark.parametrize("row", ["c0 set up = up where id = 2", "c1 set order_id = null where id = 1"])
def test_a_row_that_is_updated_while_the_undo_begins_goes_all_the_same(
    conn: Connection, connect: Any, wait_until_blocked: Any, in_background: Any, undo: str, row: str
) -> None:
    tables = cycle(conn, 2, "logical")
    other, undoer = connect(autocommit=False), connect()
    other.execute(f"update {row}".encode())
    undoing = in_background(undoer.execute, undo)
    wait_until_blocked(undoer, unless=undoing)
    assert not undoing.done()
    other.commit()
    undoing.result(timeout=20)
    assert {table: ids(conn, table) for table in tables} == {"c0": [9], "c1": [9]}
