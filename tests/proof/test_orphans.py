"""find_orphans: child rows whose parent is gone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]


def orphans(conn: Connection, workflow: str | None = None) -> list[Any]:
    return conn.execute("select * from unwind.find_orphans(%s)", [workflow]).fetchall()


def test_rows_with_their_parents_are_none(run: Connection) -> None:
    assert orphans(run) == []


def test_a_compensation_leaves_none(run: Connection) -> None:
    run.execute("select * from unwind.compensate_run('r')")
    assert orphans(run) == []


def test_each_link_is_listed_with_its_count_and_keys(run: Connection) -> None:
    run.execute("delete from orders where id = 9")
    assert orphans(run, "w") == [
        ("public.alerts", ["order_id"], "public.orders", ["id"], 1, ["9"]),
        ("public.lines", ["order_id"], "public.orders", ["id"], 1, ["9"]),
        ("public.notes", ["order_id"], "public.orders", ["id"], 1, ["9"]),
        ("public.payments", ["order_id"], "public.orders", ["id"], 1, ["9"]),
    ]


def test_five_sample_keys_are_shown_in_order(shop: Connection) -> None:
    shop.execute("insert into lines select n, n + 100 from generate_series(20, 1, -1) n")
    [(_, _, _, _, count, samples)] = orphans(shop)
    assert count == 20
    assert samples == ["101", "102", "103", "104", "105"]


def test_a_null_link_is_no_orphan(shop: Connection) -> None:
    shop.execute("insert into lines values (1, null); insert into notes values (1, null, null)")
    assert orphans(shop) == []


def test_a_composite_link_with_any_null_is_no_orphan(conn: Connection) -> None:
    conn.execute("create table parents (a int, b text, primary key (a, b))")
    conn.execute("create table children (b_id text, a_id int)")
    conn.execute("select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents', 'a', 'b')")
    conn.execute("select unwind.declare_foreign_key('children', '{b_id,a_id}', 'parents', '{b,a}')")
    conn.execute("insert into parents values (1, 'x'), (2, 'y')")
    conn.execute("insert into children values ('x', 1), ('x', 2), ('x', null), (null, 3), (null, null)")
    [(child, _, parent, _, count, samples)] = orphans(conn, "w")
    assert (child, parent, count, samples) == ("public.children", "public.parents", 1, ["2, x"])


def test_a_self_reference_can_dangle_too(shop: Connection) -> None:
    shop.execute("insert into orders values (1, 7)")
    assert orphans(shop) == [("public.orders", ["parent_id"], "public.orders", ["id"], 1, ["7"])]


def test_a_workflow_sees_only_links_to_its_own_tables(run: Connection) -> None:
    run.execute("create table far (id int primary key); create table near (far_id int)")
    run.execute("select unwind.declare_foreign_key('near', '{far_id}', 'far', '{id}')")
    run.execute("insert into near values (1)")
    assert orphans(run, "w") == []
    assert [row[0] for row in orphans(run)] == ["public.near"]


def test_a_real_constraint_is_looked_at_only_while_it_is_not_valid(shop: Connection) -> None:
    shop.execute("create table extras (order_id int); insert into extras values (7)")
    shop.execute("alter table extras add constraint late foreign key (order_id) references orders not valid")
    assert [row[0] for row in orphans(shop, "w")] == ["public.extras"]
    shop.execute("delete from extras; alter table extras validate constraint late")
    assert orphans(shop, "w") == []


def test_an_unknown_workflow_is_not_defined(shop: Connection) -> None:
    with pytest.raises(psycopg.Error) as refused:
        orphans(shop, "nothing")
    assert refused.value.sqlstate == "UW008"


BASES = """
create table base (id int, t int, primary key (id, t));
create table middle (
    m_id int, m_t int, primary key (m_id, m_t), foreign key (m_t, m_id) references base (t, id)
);
create table sub (s_id int, s_t int, primary key (s_id, s_t), foreign key (s_id, s_t) references middle);
select unwind.define_workflow('v'), unwind.define_step('v', 's', 'sub', 's_id', 's_t');
"""


@pytest.mark.parametrize("between", [False, True])
def test_a_row_of_a_base_table_that_belongs_to_another_subclass_is_no_orphan(
    conn: Connection, between: bool
) -> None:
    """The undo of a subclass's row takes the base row along: a link that runs against the real key."""
    conn.execute(BASES)
    parent, columns = ("sub", "{s_t,s_id}") if between else ("middle", "{m_t,m_id}")
    conn.execute("select unwind.declare_foreign_key('base', '{t,id}', %s, %s)", [parent, columns])
    conn.execute("insert into base values (1, 1), (2, 1); insert into middle values (1, 1)")
    assert orphans(conn) == []


def test_a_link_between_the_same_tables_by_other_columns_can_dangle(conn: Connection) -> None:
    conn.execute(BASES)
    conn.execute("alter table base add newest int, add newest_t int")
    conn.execute("select unwind.declare_foreign_key('base', '{newest,newest_t}', 'middle', '{m_id,m_t}')")
    conn.execute("insert into base values (1, 1, 9, 9)")
    assert [row[:3] for row in orphans(conn)] == [("public.base", ["newest", "newest_t"], "public.middle")]
    # Nor is a link excused by a key that leads back to other columns of its child.
    conn.execute("select unwind.declare_foreign_key('base', '{id,t}', 'middle', '{m_t,m_id}')")
    assert [row[1] for row in orphans(conn)] == [["id", "t"], ["newest", "newest_t"]]
