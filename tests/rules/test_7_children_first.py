"""Rule 7: children go before their parents, whether the foreign keys are real, declared or both."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize("links", [REAL, LOGICAL, MIXED], ids=["real", "logical", "mixed"])
def test_tables_are_emptied_from_the_leaves_up(conn: Any, links: dict[str, str]) -> None:
    conn.execute(LOG.format(**links))
    conn.execute(ROWS)
    conn.execute("select * from unwind.compensate_run('r')")
    order = [name for (name,) in conn.execute("select name from log order by n").fetchall()]
    assert list(dict.fromkeys(order)) == ["d", "c", "b", "a"]
    for table in "abcd":
        assert conn.execute(f"select id from {table}").fetchall() == [(2,)]


def test_the_last_step_is_undone_first(shop: Any) -> None:
    shop.whole_run("r")
    receipts = shop.rows("select ordinal, step, table_name from unwind.compensate_run('r')")
    assert receipts == [
        (1, "payment", "public.payments"),
        (2, "order", "public.lines"),
        (3, "order", "public.orders"),
    ]
