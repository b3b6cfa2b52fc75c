"""Rule 7: children go before their parents, whether the foreign keys are real, declared or both."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

LOG = """
create table log (n int generated always as identity, name text);
create function note() returns trigger language plpgsql as $$
begin
    insert into log (name) values (tg_table_name);
    return null;
end
$$;
create table a (id int primary key);
create table b (id int primary key, a_id int {real_b});
create table c (id int primary key, b_id int {real_c});
create table d (id int primary key, c_id int {real_d}, b_id int);
create trigger note after delete on a for each statement execute function note();
create trigger note after delete on b for each statement execute function note();
create trigger note after delete on c for each statement execute function note();
create trigger note after delete on d for each statement execute function note();
select unwind.define_workflow('w');
select unwind.define_step('w', 's', 'a', 'id');
select unwind.declare_foreign_key('b', '{{a_id}}', 'a', '{{id}}');
select unwind.declare_foreign_key('c', '{{b_id}}', 'b', '{{id}}');
select unwind.declare_foreign_key('d', '{{c_id}}', 'c', '{{id}}');
select unwind.declare_foreign_key('d', '{{b_id}}', 'b', '{{id}}');
"""
ROWS = """
select unwind.start_run('w', 'r');
select unwind.record_step('r', 's', '1');
insert into a values (1), (2);
insert into b values (1, 1), (2, 2);
insert into c values (1, 1), (2, 2);
insert into d values (1, 1, null), (2, 2, null), (3, null, 1);
"""
REAL = {"real_b": "references a", "real_c": "references b on delete restrict", "real_d": "references c"}
LOGICAL = {"real_b": "", "real_c": "", "real_d": ""}
MIXED = {"real_b": "references a", "real_c": "", "real_d": "references c on delete cascade"}


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs('{r, other}')"])
@pytest.mark.parametrize("links", [REAL, LOGICAL, MIXED], ids=["real", "logical", "mixed"])
def test_tables_are_emptied_from_the_leaves_up(conn: Any, links: dict[str, str], call: str) -> None:
    conn.execute(LOG.format(**links))
    conn.execute(ROWS)
    conn.execute("select unwind.start_run('w', 'other')")
    conn.execute(f"select * from unwind.{call}")
    order = [name for (name,) in conn.execute("select name from log order by n").fetchall()]
    assert list(dict.fromkeys(order)) == ["d", "c", "b", "a"]
    for table in "abcd":
        assert conn.execute(f"select id from {table}").fetchall() == [(2,)]


def test_the_last_step_is_undone_first(shop: Any) -> None:
    shop.whole_run("r")
    receipts = shop("select ordinal, step, table_name from unwind.compensate_run('r')")
    assert receipts == [
        (1, "payment", "public.payments"),
        (2, "order", "public.lines"),
        (3, "order", "public.orders"),
    ]


CYCLE = """
create table teams (id int primary key, lead_id int);
create table people (id int primary key, team_id int references teams);
alter table teams add foreign key (lead_id) references people;
select unwind.define_workflow('w');
select unwind.declare_foreign_key('teams', '{lead_id}', 'people', '{id}', 'set null');
select unwind.declare_foreign_key('people', '{team_id}', 'teams', '{id}');
select unwind.define_step('w', 'team', 'teams', 'id');
select unwind.start_run('w', 'r');
select unwind.record_step('r', 'team', '1');
insert into teams values (1), (2);
insert into people values (1, 1), (2, 1), (3, 2);
update teams set lead_id = case id when 1 then 1 else 3 end;
"""


def test_two_tables_that_refer_to_each_other_go_once_one_link_is_set_null(conn: Any) -> None:
    conn.execute(CYCLE)
    receipts = conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("public.people", 2), ("public.teams", 1)]
    assert conn.execute("select * from teams").fetchall() == [(2, 3)]
    assert conn.execute("select * from people").fetchall() == [(3, 2)]


WATCHED = """
create table counters (name text primary key, gone int default 0);
create table a (id text primary key);
create table b (id text primary key);
create table gone (place int generated always as identity, tbl text, id text);
create function note() returns trigger language plpgsql as $$
begin
    insert into gone (tbl, id) values (tg_table_name, old.id);
    return old;
end $$;
create trigger note before delete on a for each row execute function note();
create trigger note before delete on b for each row execute function note();
select unwind.define_workflow(w), unwind.define_step(w, 's', t::regclass, 'id')
from (values ('first', 'a'), ('second', 'b'), ('third', 'a')) as d (w, t);
"""


def test_rows_of_several_runs_go_in_the_order_of_their_keys(conn: psycopg.Connection[Any]) -> None:
    """Two undos at once meet what triggers lock for their rows in one order, whoever recorded which key."""
    conn.execute(WATCHED)
    conn.execute("select unwind.start_run('first', 'r1'), unwind.start_run('first', 'r2')")
    for run, key in (("r1", "k8"), ("r1", "k2"), ("r2", "k5"), ("r2", "k1"), ("r1", "k9"), ("r2", "k3")):
        conn.execute("select unwind.record_step(%s, 's', %s)", [run, key])
        conn.execute("insert into a values (%s)", [key])
    conn.execute("select * from unwind.compensate_runs('{r2, r1}')")
    gone = conn.execute("select id from gone order by place").fetchall()
    assert gone == [("k1",), ("k2",), ("k3",), ("k5",), ("k8",), ("k9",)]


def test_workflows_go_the_newest_first(conn: psycopg.Connection[Any]) -> None:
    conn.execute(WATCHED)
    for workflow in ("second", "third", "first"):
        conn.execute("select unwind.start_run(%s, %s)", [workflow, workflow])
        conn.execute("select unwind.record_step(%s, 's', %s)", [workflow, workflow])
        conn.execute(f"insert into {'b' if workflow == 'second' else 'a'} values (%s)".encode(), [workflow])
    conn.execute("select * from unwind.compensate_runs('{first, second, third}')")
    assert conn.execute("select id from gone order by place").fetchall() == [
        ("first",),
        ("third",),
        ("second",),
    ]
