"""Definitions: what they refuse, and that each takes effect in its own transaction."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

SCHEMA = """
create table orders (id text primary key, code text, made date);
create table lines (id text primary key, order_id text, order_code text, product uuid);
create index on lines (order_id);
create view order_view as select * from orders;
create sequence numbers;
select unwind.define_workflow('shop', 'A shop.');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
"""
COMPENSATION = """
create function undo_mail(run_ids text[]) returns table(run_id text, table_name text, rows_deleted bigint)
language sql as $$ select r, 'mail', 0::bigint from unnest(run_ids) r $$
"""


shop_template = holding(SCHEMA)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """A workflow of one step with one link."""
    return conn


def refused(conn: Connection, call: LiteralString, says: str, sqlstate: str = "UW009") -> psycopg.Error:
    """The error of a call that has to fail, with detail and hint."""
    with pytest.raises(psycopg.Error, match=says) as caught:
        conn.execute(call)
    assert caught.value.sqlstate == sqlstate
    assert caught.value.diag.message_detail
    assert caught.value.diag.message_hint
    return caught.value


def catalog(conn: Connection) -> list[Any]:
    """Everything that definitions write, and the generated function."""
    queries: list[LiteralString] = [
        "select workflow, description, compensation from unwind.workflows order by 1",
        "select * from unwind.workflow_steps order by 1, 2",
        "select * from unwind.step_roots order by 1, 2, 3",
        "select * from unwind.logical_foreign_keys order by 1, 2, 3, 4",
        "select * from unwind.plan_statements order by 1, 2",
        "select oid::regproc, prosrc from pg_proc where oid::regproc::text ~ 'compiled.comp' order by 1",
    ]
    return [conn.execute(query).fetchall() for query in queries]


def source(conn: Connection) -> str:
    row = conn.execute("select prosrc from pg_proc where proname = 'compensate_many_shop'").fetchone()
    assert row is not None
    return str(row[0])


# Again ---------------------------------------------------------------------------------------------


def test_defining_the_same_again_changes_nothing(shop: Connection) -> None:
    shop.execute(COMPENSATION)
    definitions: LiteralString = """
        select unwind.define_workflow('shop', 'A shop.');
        select unwind.define_workflow('shop');
        select unwind.define_step('shop', 'order', 'orders', 'id');
        select unwind.define_custom_step('shop', 'mail', 'undo_mail(text[])');
        select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
        select unwind.compile_workflow('shop');
    """
    shop.execute(definitions)
    before = catalog(shop)
    shop.execute(definitions)
    assert catalog(shop) == before


def test_a_new_description_replaces_the_old_one(shop: Connection) -> None:
    shop.execute("select unwind.define_workflow('shop', 'Another.')")
    assert shop.execute("select description from unwind.workflows").fetchall() == [("Another.",)]


def test_declaring_a_link_again_changes_its_action(shop: Connection) -> None:
    shop.execute("select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'restrict')")
    assert shop.execute("select on_delete from unwind.logical_foreign_keys").fetchall() == [("restrict",)]


def test_steps_are_ordered_by_their_first_definition(shop: Connection) -> None:
    shop.execute("select unwind.define_step('shop', 'line', 'lines', 'id')")
    shop.execute("select unwind.define_step('shop', 'order', 'orders', 'code')")
    steps = shop.execute("select step from unwind.workflow_steps order by position").fetchall()
    assert steps == [("order",), ("line",)]


# What is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("select unwind.define_step('shop', 'order', 'lines', 'id', 'order_id')", "keys of 1 columns, not 2"),
        ("select unwind.define_step('shop', 'x', 'orders', 'nope')", "no column nope"),
        ("select unwind.define_step('shop', 'x', 'orders', 'id', 'id')", "no column id to use here"),
        ("select unwind.define_step('shop', 'x', 'orders', 'ctid')", "no column ctid"),
        ("select unwind.define_step('shop', 'x', 'orders', variadic '{}')", "no columns given"),
        ("select unwind.define_step('shop', 'x', 'orders', variadic null)", "no columns given"),
        ("select unwind.define_step('shop', 'x', 'orders', variadic '{null}')", "no column null"),
        ("select unwind.define_step('shop', 'x', 'order_view', 'id')", "order_view is not a table"),
        ("select unwind.define_step('shop', 'x', 'numbers', 'last_value')", "numbers is not a table"),
        ("select unwind.define_step('shop', 'x', null, 'id')", "table null does not exist"),
        ("select unwind.define_step('shop', 'x', 1::oid::regclass, 'id')", "table 1 does not exist"),
    ],
)
def test_a_root_needs_a_table_and_columns_that_are_there(
    shop: Connection, call: LiteralString, says: str
) -> None:
    before = catalog(shop)
    refused(shop, call, says)
    assert catalog(shop) == before


def test_a_table_name_that_does_not_exist_is_postgresqls_own_error(shop: Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        shop.execute("select unwind.define_step('shop', 'x', 'nowhere', 'id')")


@pytest.mark.parametrize("name", ["''", "null"])
def test_names_may_not_be_empty(shop: Connection, name: LiteralString) -> None:
    refused(shop, f"select unwind.define_workflow({name})", "needs a name")
    refused(shop, f"select unwind.define_step('shop', {name}, 'orders', 'id')", "needs a name")


@pytest.mark.parametrize(
    "call",
    [
        "select unwind.define_step('other', 'x', 'orders', 'id')",
        "select unwind.define_step(null, 'x', 'orders', 'id')",
        "select unwind.define_custom_step('other', 'x', null)",
        "select unwind.compile_workflow('other')",
        "select unwind.describe_workflow('other')",
        "select unwind.drop_workflow('other')",
        "select unwind.check_workflow('other')",
        "select unwind.start_run('other')",
    ],
)
def test_an_unknown_workflow_is_not_defined(shop: Connection, call: LiteralString) -> None:
    refused(shop, call, "is not defined", "UW008")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("'lines', '{order_id}', 'orders', '{id}', 'delete'", "cannot have the action 'delete'"),
        ("'lines', '{order_id}', 'orders', '{id}', 'CASCADE'", "cannot have the action 'CASCADE'"),
        ("'lines', '{order_id}', 'orders', '{id}', null", "cannot have the action null"),
        ("'lines', '{order_id}', 'orders', '{id,code}'", "1 columns on one side and 2 on the other"),
        ("'lines', '{}', 'orders', '{}'", "no columns given"),
        ("'lines', '{nope}', 'orders', '{id}'", "no column nope"),
        ("'lines', '{order_id}', 'orders', '{nope}'", "no column nope"),
        ("'lines', '{order_id}', 'order_view', '{id}'", "is not a table"),
        ("null, '{order_id}', 'orders', '{id}'", "table null does not exist"),
    ],
)
def test_a_link_needs_two_ends_that_match_and_a_known_action(
    shop: Connection, call: LiteralString, says: str
) -> None:
    before = catalog(shop)
    refused(shop, f"select unwind.declare_foreign_key({call})", says)
    assert catalog(shop) == before


@pytest.mark.parametrize(
    ("child", "parent"),
    [("uuid", "integer"), ("text", "integer"), ("date", "bigint"), ("uuid", "text"), ("uuid[]", "text[]")],
)
def test_columns_that_cannot_be_compared_cannot_be_linked(conn: Connection, child: str, parent: str) -> None:
    conn.execute(f"create table parents (id {parent}); create table children (parent_id {child})".encode())
    error = refused(
        conn,
        "select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}')",
        "cannot be compared",
    )
    assert f"{child} and {parent}" in (error.diag.message_detail or "")


@pytest.mark.parametrize(
    "function",
    [
        "f(run_ids text) returns table(run_id text, table_name text, rows_deleted bigint)",
        "f() returns table(run_id text, table_name text, rows_deleted bigint)",
        "f(a text[], b text[]) returns table(run_id text, table_name text, rows_deleted bigint)",
        "f(run_ids text[]) returns table(run_id text, table_name text, rows_deleted int)",
        "f(run_ids text[]) returns table(run_id text, gone text, rows_deleted bigint)",
        "f(run_ids text[]) returns setof record",
        "f(run_ids text[]) returns bigint",
    ],
)
def test_a_custom_function_needs_the_one_signature(shop: Connection, function: str) -> None:
    shop.execute(COMPENSATION)  # one that has it is there, and is not the one
    shop.execute(f"create function {function} language plpgsql as $$ begin end $$".encode())
    refused(
        shop,
        "select unwind.define_custom_step('shop', 'c', 'f'::regproc::oid::regprocedure)",
        "cannot compensate a step",
    )


def test_a_custom_function_may_call_its_argument_as_it_likes(shop: Connection) -> None:
    shop.execute(COMPENSATION.replace("run_ids", "those"))
    shop.execute("select unwind.define_custom_step('shop', 'mail', 'undo_mail(text[])')")


def test_a_procedure_or_no_function_is_no_compensation(shop: Connection) -> None:
    shop.execute("create procedure p(run_ids text[]) language sql as ''")
    refused(shop, "select unwind.define_custom_step('shop', 'c', 'p(text[])')", "cannot compensate")
    refused(shop, "select unwind.define_custom_step('shop', 'c', null)", "cannot compensate")


def test_a_step_has_roots_or_a_function_and_not_both(shop: Connection) -> None:
    shop.execute(COMPENSATION)
    refused(shop, "select unwind.define_custom_step('shop', 'order', 'undo_mail(text[])')", "has root tables")
    shop.execute("select unwind.define_custom_step('shop', 'mail', 'undo_mail(text[])')")
    refused(shop, "select unwind.define_step('shop', 'mail', 'orders', 'id')", "compensation of its own")


def test_what_was_never_declared_cannot_be_dropped(shop: Connection) -> None:
    shop.execute("create table notes (order_id text references orders)")
    refused(
        shop,
        "select unwind.drop_foreign_key('notes', '{order_id}', 'orders', '{id}')",
        r"no foreign key was declared from public\.notes\(order_id\) to public\.orders\(id\)",
    )
    shop.execute("select unwind.drop_foreign_key('lines', '{order_id}', 'orders', '{id}')")
    refused(
        shop, "select unwind.drop_foreign_key('lines', '{order_id}', 'orders', '{id}')", "no foreign key was"
    )
    refused(
        shop,
        "select unwind.drop_foreign_key(null, '{a,null}', null, '{b}')",
        r"no foreign key was declared from null\(a, null\) to null\(b\)",
    )


# Overriding a real constraint ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("child_columns", "parent_columns"), [("{a_id,b_id}", "{a,b}"), ("{b_id,a_id}", "{b,a}")]
)
def test_a_declared_link_overrides_the_constraint_on_the_same_columns_in_either_order(
    conn: Connection, child_columns: str, parent_columns: str
) -> None:
    conn.execute("create table parents (a int, b int, primary key (a, b))")
    conn.execute("create table children (a_id int, b_id int, foreign key (a_id, b_id) references parents)")
    link = ["children", child_columns, "parents", parent_columns]
    conn.execute("select unwind.declare_foreign_key(%s, %s, %s, %s, 'cascade')", link)
    found: LiteralString = """
        select on_delete, is_declared from unwind_internal.foreign_keys
        where parent_table = 'parents'::regclass
    """
    assert conn.execute(found).fetchall() == [("cascade", True)]
    conn.execute("select unwind.drop_foreign_key(%s, %s, %s, %s)", link)
    assert conn.execute(found).fetchall() == [("restrict", False)]


def test_the_same_columns_of_other_tables_are_other_links(conn: Connection) -> None:
    for table in ("one", "two", "three"):
        conn.execute(f"create table {table} (a int, b int, unique (a, b))".encode())
    for table, columns in (("one", "{a,b}"), ("two", "{b,a}"), ("three", "{b,a}")):
        for parent in ("one", "two"):
            if table != parent:
                link = [table, columns, parent, columns]
                conn.execute("select unwind.declare_foreign_key(%s, %s, %s, %s)", link)
    declared = "select count(*) from unwind.logical_foreign_keys"
    assert conn.execute(declared).fetchone() == (4,)
    conn.execute("select unwind.declare_foreign_key('three', '{a,b}', 'one', '{a,b}')")
    conn.execute("select unwind.declare_foreign_key('one', '{b,a}', 'two', '{b,a}')")
    assert conn.execute(declared).fetchone() == (4,)


def test_a_link_that_pairs_the_columns_otherwise_is_another_link(conn: Connection) -> None:
    conn.execute("create table parents (a int, b int, primary key (a, b))")
    conn.execute("create table children (a_id int, b_id int, foreign key (a_id, b_id) references parents)")
    conn.execute("select unwind.declare_foreign_key('children', '{a_id,b_id}', 'parents', '{b,a}')")
    found = conn.execute(
        """
        select on_delete from unwind_internal.foreign_keys
        where parent_table = 'parents'::regclass order by 1
        """
    )
    assert found.fetchall() == [("cascade",), ("restrict",)]


# In the same transaction ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "select unwind.declare_foreign_key('lines', '{order_code}', 'orders', '{code}')",
        "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'restrict')",
        "select unwind.drop_foreign_key('lines', '{order_id}', 'orders', '{id}')",
        "select unwind.define_step('shop', 'line', 'lines', 'id')",
        "select unwind.define_step('shop', 'order', 'orders', 'code')",
        "select unwind.define_custom_step('shop', 'mail', 'undo_mail(text[])')",
    ],
)
def test_a_definition_compiles_in_its_own_transaction(shop: Connection, change: LiteralString) -> None:
    shop.execute(COMPENSATION)
    before = catalog(shop)
    old = source(shop)
    with shop.transaction(force_rollback=True):
        shop.execute(change)
        assert source(shop) == old
        shop.execute("set constraints all immediate")  # as a commit would
        assert source(shop) != old
    assert catalog(shop) == before
    shop.execute(change)
    new = source(shop)
    shop.execute("select unwind.compile_workflow('shop')")
    assert source(shop) == new


def test_a_link_recompiles_every_workflow_that_reaches_its_parent(shop: Connection) -> None:
    shop.execute("select unwind.define_workflow('other')")
    shop.execute("select unwind.define_step('other', 'order', 'orders', 'id')")
    shop.execute("select unwind.drop_foreign_key('lines', '{order_id}', 'orders', '{id}')")
    for workflow in ("shop", "other"):
        assert shop.execute("select code from unwind.check_workflow(%s)", [workflow]).fetchall() == []
        deleted = shop.execute(
            "select target::text from unwind.plan_statements where workflow = %s and action = 'delete'",
            [workflow],
        )
        assert deleted.fetchall() == [("orders",)]


# Dropping ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "COMPENSATING"])
def test_a_workflow_with_live_runs_cannot_be_dropped(shop: Connection, status: str) -> None:
    shop.execute("select unwind.start_run('shop', 'r')")
    shop.execute("update unwind.workflow_runs set status = %s", [status])
    before = catalog(shop)
    error = refused(shop, "select unwind.drop_workflow('shop')", "has 1 live runs", "55006")
    assert catalog(shop) == before
    shop.execute((error.diag.message_hint or "").encode())
    shop.execute("select unwind.drop_workflow('shop')")


@pytest.mark.parametrize("status", ["COMPLETED", "COMPENSATED"])
def test_dropping_a_workflow_drops_its_function_and_keeps_its_history(shop: Connection, status: str) -> None:
    shop.execute("select unwind.start_run('shop', 'r'), unwind.record_step('r', 'order', 'o')")
    shop.execute("update unwind.workflow_runs set status = %s", [status])
    shop.execute("select unwind.drop_workflow('shop')")
    workflows, steps, roots, _, plan, functions = catalog(shop)
    assert (workflows, steps, roots, plan, functions) == ([], [], [], [], [])
    assert shop.execute("select id from unwind.workflow_runs").fetchall() == [("r",)]
    assert shop.execute("select step from unwind.run_steps").fetchall() == [("order",)]


# Describing -------------------------------------------------------------------------------------------


def describe(conn: Connection, output: str) -> str:
    row = conn.execute("select unwind.describe_workflow('shop', %s)", [output]).fetchone()
    assert row is not None
    return str(row[0])


def test_text_names_steps_tables_keys_and_links(shop: Connection) -> None:
    assert describe(shop, "text").splitlines() == [
        "workflow shop",
        "  A shop.",
        "step 1. order",
        "  delete public.lines",
        "  delete public.orders by (id)",
        "links",
        "  public.lines (order_id) -> public.orders: cascade",
    ]


def test_mermaid_has_a_subgraph_per_step_and_an_arrow_per_link(shop: Connection) -> None:
    lines = describe(shop, "mermaid").splitlines()
    assert lines[0] == "flowchart LR"
    assert lines[1] == '  subgraph s1["1. order"]'
    assert lines[4] == "  end"
    assert sum('-- "cascade" -->' in line for line in lines) == 1


def test_dot_has_a_cluster_per_step_and_an_arrow_per_link(shop: Connection) -> None:
    lines = describe(shop, "dot").splitlines()
    assert lines[0] == "digraph workflow {"
    assert "  subgraph cluster_1 {" in lines
    assert lines[-1] == "}"
    assert sum(" -> " in line for line in lines) == 1


@pytest.mark.parametrize("output", ["text", "mermaid", "dot"])
def test_a_workflow_without_steps_can_be_described(conn: Connection, output: str) -> None:
    conn.execute("select unwind.define_workflow('shop')")
    assert describe(conn, output)


@pytest.mark.parametrize("output", ["'svg'", "''", "null"])
def test_another_format_is_refused(shop: Connection, output: LiteralString) -> None:
    refused(shop, f"select unwind.describe_workflow('shop', {output})", "no format")
