"""The plan: which rows, by which way, in which order."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]


def plan(conn: Connection, workflow: str = "w", *actions: str) -> list[tuple[str, str, str]]:
    """Step, action and table of each statement that does something."""
    return conn.execute(
        """
        select step, action, target::text from unwind.plan_statements
        where workflow = %s and action = any(%s) order by ordinal
        """,
        [workflow, list(actions or ("refuse", "set null", "delete"))],
    ).fetchall()


def statements(conn: Connection) -> int:
    row = conn.execute("select count(*) from unwind.plan_statements").fetchone()
    assert row is not None
    return int(row[0])


def workflow(conn: Connection, ddl: str, *roots: str) -> None:
    """Tables, and a workflow 'w' of one step 's' with these roots, found by their id."""
    conn.execute(ddl.encode())
    conn.execute("select unwind.define_workflow('w')")
    for root in roots:
        conn.execute("select unwind.define_step('w', 's', %s, 'id')", [root])


def link(conn: Connection, child: str, column: str, parent: str, on_delete: str = "cascade") -> None:
    conn.execute(
        "select unwind.declare_foreign_key(%s, %s, %s, '{id}', %s)", [child, [column], parent, on_delete]
    )


def run(conn: Connection, key: str = "1") -> None:
    """A run to which rows belong that are there."""
    conn.execute("select unwind.start_run('w', 'r')")
    conn.execute("select unwind.adopt_entity('r', 's', %s)", [key])


def undo(conn: Connection) -> list[tuple[str, int]]:
    """Receipts without the schema's name."""
    rows = conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    return [(name.removeprefix("public."), count) for name, count in rows]


# Order ----------------------------------------------------------------------------------------------


def test_the_reference_workflow_goes_last_step_first_and_children_first(reference_conn: Connection) -> None:
    assert plan(reference_conn, "client_to_delivery", "delete") == [
        ("package", "delete", "delivery_artifacts"),
        ("package", "delete", "delivery_packages"),
        ("qc", "delete", "qc_issues"),
        ("qc", "delete", "qc_results"),
        ("draft", "delete", "production_bundle_assets"),
        ("draft", "delete", "production_bundles"),
        ("draft", "delete", "production_drafts"),
        ("strategy", "delete", "strategy_document"),
        ("brief", "delete", "onboarding_intake"),
        ("brief", "delete", "onboarding_brief"),
    ]


def test_each_refusal_comes_before_the_rows_it_protects(reference_conn: Connection) -> None:
    acts = plan(reference_conn, "client_to_delivery")
    for child, step, parent in [
        ("strategy_document", "brief", "onboarding_brief"),
        ("production_drafts", "strategy", "strategy_document"),
        ("qc_results", "draft", "production_drafts"),
        ("delivery_packages", "draft", "production_drafts"),
    ]:
        assert acts.index((step, "refuse", child)) < acts.index((step, "delete", parent))


def test_the_same_definitions_give_the_same_plan(reference_conn: Connection) -> None:
    query = b"select * from unwind.plan_statements order by workflow, ordinal"
    before = reference_conn.execute(query).fetchall()
    reference_conn.execute("select unwind.compile_workflow('client_to_delivery')")
    assert reference_conn.execute(query).fetchall() == before


# Real constraints -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("", [("s", "refuse", "children"), ("s", "delete", "parents")]),
        ("on delete no action", [("s", "refuse", "children"), ("s", "delete", "parents")]),
        ("on delete restrict", [("s", "refuse", "children"), ("s", "delete", "parents")]),
        ("on delete cascade", [("s", "delete", "children"), ("s", "delete", "parents")]),
        ("on delete set null", [("s", "delete", "parents")]),
        ("on delete set default", [("s", "delete", "parents")]),
        ("deferrable initially deferred", [("s", "refuse", "children"), ("s", "delete", "parents")]),
    ],
)
def test_a_real_constraint_counts_with_its_own_action(
    conn: Connection, action: str, expected: list[tuple[str, str, str]]
) -> None:
    workflow(
        conn,
        f"""create table parents (id int primary key);
        create table children (id int, parent_id int references parents {action});
        insert into parents values (1); insert into children values (1, 1), (2, null);""",
        "parents",
    )
    assert plan(conn) == expected
    run(conn)
    if ("s", "refuse", "children") in expected:
        with pytest.raises(psycopg.Error, match="children") as refused:
            undo(conn)
        assert refused.value.sqlstate == "UW007"
        return
    undo(conn)
    left = conn.execute("select id, parent_id from children order by id").fetchall()
    assert left == [(2, None)] if "cascade" in action else [(1, None), (2, None)]


def test_a_declared_restrict_over_a_real_cascade_refuses(conn: Connection) -> None:
    workflow(
        conn,
        """create table parents (id int primary key);
        create table children (id int, parent_id int references parents on delete cascade);
        insert into parents values (1); insert into children values (1, 1);""",
        "parents",
    )
    link(conn, "children", "parent_id", "parents", "restrict")
    run(conn)
    with pytest.raises(psycopg.Error, match="children") as refused:
        undo(conn)
    assert refused.value.sqlstate == "UW007"
    assert conn.execute("select count(*) from children").fetchone() == (1,)


@pytest.mark.parametrize("real", ["", "references parents", "references parents on delete cascade"])
def test_a_declared_set_null_clears_the_link_and_keeps_the_row(conn: Connection, real: str) -> None:
    workflow(
        conn,
        f"""create table parents (id int primary key);
        create table children (id int, parent_id int {real});
        insert into parents values (1), (2); insert into children values (1, 1), (2, 2);""",
        "parents",
    )
    link(conn, "children", "parent_id", "parents", "set null")
    run(conn)
    assert undo(conn) == [("parents", 1)]
    assert conn.execute("select * from children order by id").fetchall() == [(1, None), (2, 2)]


# Shapes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("several", [False, True])
def test_the_bottom_of_a_diamond_is_deleted_once_whichever_way_it_is_reached(
    conn: Connection, several: bool
) -> None:
    workflow(
        conn,
        """create table top (id int primary key);
        create table lefts (id int primary key, top_id int references top on delete cascade);
        create table rights (id int primary key, top_id int references top on delete cascade);
        create table bottoms (id int primary key, left_id int references lefts on delete cascade,
            right_id int references rights on delete cascade);
        insert into top values (1), (2);
        insert into lefts values (1, 1), (2, 2);
        insert into rights values (1, 1), (2, 2);
        insert into bottoms values
            (1, 1, 1), (2, 1, null), (3, null, 1), (4, 1, 2), (5, 2, 2), (6, null, null);""",
        "top",
    )
    run(conn)
    if several:
        conn.execute("select unwind.start_run('w', 'empty')")
        conn.execute("select * from unwind.compensate_runs('{r,empty}')")
    assert sorted(undo(conn)) == [("bottoms", 4), ("lefts", 1), ("rights", 1), ("top", 1)]
    assert conn.execute("select id from bottoms order by id").fetchall() == [(5,), (6,)]


def test_a_ladder_of_diamonds_keeps_the_plan_small(conn: Connection) -> None:
    tables, rows = ["create table j0 (id int primary key)"], ["insert into j0 values (1), (2)"]
    for n in range(1, 11):
        for side in "ab":
            tables.append(
                f"create table {side}{n} (id int primary key, up int references j{n - 1} on delete cascade)"
            )
            rows.append(f"insert into {side}{n} values (1, 1), (2, 2)")
        tables.append(
            f"create table j{n} (id int primary key, a int references a{n} on delete cascade, "
            f"b int references b{n} on delete cascade)"
        )
        rows.append(f"insert into j{n} values (1, 1, 1), (2, 2, 2)")
    workflow(conn, "; ".join(tables + rows), "j0")
    assert statements(conn) < 200
    run(conn)
    preview = conn.execute("select count(*), sum(row_count) from unwind.preview_run('r')").fetchall()
    assert preview == [(31, 31)]
    receipts = undo(conn)
    assert len(receipts) == 31
    assert {count for _, count in receipts} == {1}
    for n in range(11):
        assert conn.execute(f"select id from j{n}".encode()).fetchall() == [(2,)]


@pytest.mark.parametrize("declared", [False, True])
def test_a_chain_of_fourteen_tables_is_followed_to_its_end(conn: Connection, declared: bool) -> None:
    real = "" if declared else "references c{} on delete cascade"
    ddl = ["create table c0 (id int primary key); insert into c0 values (1), (2)"]
    for n in range(1, 14):
        ddl.append(f"create table c{n} (id int primary key, up int {real.format(n - 1)})")
        ddl.append(f"insert into c{n} values (1, 1), (2, 2), (3, 1)")
    workflow(conn, "; ".join(ddl), "c0")
    if declared:
        for n in range(1, 14):
            link(conn, f"c{n}", "up", f"c{n - 1}")
    run(conn)
    receipts = undo(conn)
    assert [name for name, _ in receipts] == [f"c{n}" for n in range(13, -1, -1)]
    assert [count for _, count in receipts] == [2] * 13 + [1]
    assert conn.execute("select id from c13").fetchall() == [(2,)]


@pytest.mark.parametrize("roots", [("parents", "children"), ("children", "parents"), ("parents", "notes")])
def test_a_step_with_two_roots_deletes_from_both_children_first(
    conn: Connection, roots: tuple[str, str]
) -> None:
    workflow(
        conn,
        """create table parents (id int primary key);
        create table children (id int primary key, parent_id int references parents on delete cascade);
        create table notes (id int primary key);
        insert into parents values (1), (2); insert into children values (1, 2), (3, 1), (4, 2);
        insert into notes values (1), (2);""",
        *roots,
    )
    run(conn)
    receipts = undo(conn)
    expected = {"parents": 1, "children": 2 if "children" in roots else 1}
    assert dict(receipts) == expected | ({"notes": 1} if "notes" in roots else {})
    names = [name for name, _ in receipts]
    assert names.index("children") < names.index("parents")
    assert conn.execute("select id from parents").fetchall() == [(2,)]


def test_one_table_may_be_the_root_of_two_steps(conn: Connection) -> None:
    workflow(
        conn, "create table parents (id int primary key); insert into parents values (1), (2), (3)", "parents"
    )
    conn.execute("select unwind.define_step('w', 'later', 'parents', 'id')")
    run(conn)
    conn.execute("select unwind.adopt_entity('r', 'later', '2')")
    receipts = conn.execute("select step, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("later", 1), ("s", 1)]
    assert conn.execute("select id from parents").fetchall() == [(3,)]


def test_a_table_two_steps_reach_is_planned_in_each(conn: Connection) -> None:
    workflow(
        conn,
        """create table orders (id int primary key); create table bills (id int primary key);
        create table notes (id int primary key, order_id int references orders on delete cascade,
            bill_id int references bills on delete cascade);
        insert into orders values (1); insert into bills values (1);
        insert into notes values (1, 1, null), (2, null, 1), (3, 1, 1), (4, null, null);""",
        "orders",
    )
    conn.execute("select unwind.define_step('w', 'bill', 'bills', 'id')")
    run(conn)
    conn.execute("select unwind.adopt_entity('r', 'bill', '1')")
    receipts = conn.execute(
        "select step, table_name, rows_deleted from unwind.compensate_run('r')"
    ).fetchall()
    assert receipts == [
        ("bill", "public.notes", 2),
        ("bill", "public.bills", 1),
        ("s", "public.notes", 1),
        ("s", "public.orders", 1),
    ]


def test_children_of_a_parent_row_that_is_gone_go_all_the_same(conn: Connection) -> None:
    workflow(
        conn,
        """create table parents (id int primary key); create table children (id int, parent_id int);
        insert into children values (1, 1), (2, 2);""",
        "parents",
    )
    link(conn, "children", "parent_id", "parents")
    conn.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 's', '1')")
    assert undo(conn) == [("children", 1)]


def test_a_partitioned_table_is_one_table(conn: Connection) -> None:
    workflow(
        conn,
        """create table parents (id int primary key);
        create table children (id int, parent_id int references parents on delete cascade)
            partition by hash (id);
        create table part_0 partition of children for values with (modulus 2, remainder 0);
        create table part_1 partition of children for values with (modulus 2, remainder 1);
        insert into parents values (1), (2); insert into children select n, 1 from generate_series(1, 9) n;
        insert into children values (10, 2);""",
        "parents",
    )
    assert plan(conn) == [("s", "delete", "children"), ("s", "delete", "parents")]
    run(conn)
    preview = conn.execute("select row_count from unwind.preview_run('r')").fetchall()
    assert preview == [(9,), (1,)]
    assert undo(conn) == [("children", 9), ("parents", 1)]
