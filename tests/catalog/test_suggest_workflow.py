"""suggest_workflow proposes a script that runs as it is, and says what it leaves to a person."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pgunwind import Unwind
from processor import seconds
from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key);
create table lines (order_id text not null references orders, line int, primary key (order_id, line));
create table parts (id int primary key, order_id text not null, line int not null,
    foreign key (order_id, line) references lines on delete cascade);
create table gifts (id int primary key, order_id text references orders);
create table cards (id int primary key, gift_id int not null references gifts);
create table alerts (id int primary key, order_id text references orders on delete set null);
create table payments (id text primary key, order_id varchar(20) not null, amount numeric);
create table elsewhere (id int primary key);
create table below_elsewhere (id int primary key references elsewhere);
"""
ROWS = """
insert into orders values ('1'), ('2');
insert into lines values ('1', 1), ('1', 2), ('2', 1);
insert into parts values (1, '1', 1), (2, '1', 2), (9, '2', 1);
insert into alerts values (1, '1'), (9, '2');
insert into payments values ('p1', '1', 5), ('p9', '2', 5);
"""


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """A link of each kind, and two tables that nothing leads to."""
    return conn


def suggest(conn: Connection, root: str, *key: str) -> list[str]:
    rows = conn.execute(
        "select unwind.suggest_workflow(%s::text::regclass, variadic %s::text[])", [root, list(key)]
    )
    return [line for (line,) in rows.fetchall()]


def live(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith("--")]


def suggested_links(lines: list[str]) -> list[str]:
    """The lines that are left to a person, by the child and its columns."""
    return [
        line.split("(")[1].split(", 'public.")[0]
        for line in lines
        if line.startswith("-- select unwind.declare_foreign_key")
    ]


def run_script(conn: Connection, lines: list[str]) -> None:
    conn.execute("\n".join(lines).encode())


def state(conn: Connection) -> list[tuple[str, str]]:
    return conn.execute(
        "select child_table::text, on_delete from unwind.logical_foreign_keys order by 1"
    ).fetchall()


def test_the_script_runs_as_it_is_and_undoes_one_entity_and_no_other(shop: Connection) -> None:
    run_script(shop, suggest(shop, "orders"))
    assert state(shop) == [("lines", "cascade")]
    shop.execute("select unwind.start_run('orders', 'r'), unwind.record_step('r', 'orders', '1')")
    shop.execute(ROWS)
    receipts = shop.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("public.parts", 2), ("public.lines", 2), ("public.orders", 1)]
    assert shop.execute("select * from unwind.verify_run('r')").fetchall() == []
    assert shop.execute("select id from orders").fetchall() == [("2",)]
    assert shop.execute("select order_id, line from lines").fetchall() == [("2", 1)]


def test_psql_can_run_what_psql_printed(shop: Connection, dsn: str, pg_bin: Path, tmp_path: Path) -> None:
    psql = [str(pg_bin / "psql"), "-X", "-v", "ON_ERROR_STOP=1", "-d", dsn]
    query = "select unwind.suggest_workflow('orders')"
    printed = subprocess.run([*psql, "-At", "-c", query], capture_output=True, check=True, timeout=60)
    (tmp_path / "orders.sql").write_bytes(printed.stdout)
    subprocess.run(
        [*psql, "-1", "-f", str(tmp_path / "orders.sql")], capture_output=True, check=True, timeout=60
    )
    assert state(shop) == [("lines", "cascade")]


def test_suggesting_changes_nothing(shop: Connection) -> None:
    suggest(shop, "orders")
    assert state(shop) == []
    assert shop.execute("select * from unwind.workflows").fetchall() == []


def test_a_key_that_cascades_or_clears_needs_no_line_and_the_script_says_so(shop: Connection) -> None:
    lines = suggest(shop, "orders")
    settled = [line for line in lines if line.endswith("needs no line")]
    assert [line.split()[1] for line in settled] == ["public.alerts", "public.parts"]
    assert "ON DELETE CASCADE" in settled[1]
    assert not any("declare_foreign_key('public.parts'" in line for line in lines)


def test_a_key_that_may_be_null_is_left_to_a_person_with_the_reason(shop: Connection) -> None:
    lines = suggest(shop, "orders")
    (reason,) = [line for line in lines if "its rows can do without" in line]
    assert reason.startswith("-- public.gifts (order_id)")
    assert "'public.gifts', '{order_id}'" in suggested_links(lines)


def test_a_key_that_may_not_be_null_is_taken_in_whatever_other_tables_call_theirs(conn: Connection) -> None:
    conn.execute("""
        create table orders (id int primary key);
        create table bills (id int primary key, order_id int not null references orders);
        create table gifts (id int primary key, order_id int references orders);
    """)
    lines = suggest(conn, "orders")
    assert [line for line in live(lines) if "declare_foreign_key" in line and "'public.bills'" in line]
    assert not [line for line in live(lines) if "'public.gifts'" in line]


@pytest.mark.parametrize(
    ("constraint", "is_part"),
    [
        ("unique (order_id, name)", True),
        ("unique (name, order_id)", True),
        ("unique (order_id)", False),
        ("unique (name)", False),
    ],
)
def test_a_key_that_is_unique_together_with_others_tells_the_rows_of_one_parent_apart(
    conn: Connection, constraint: str, is_part: bool
) -> None:
    conn.execute("create table orders (id int primary key)")
    conn.execute(f"create table tags (order_id int references orders, name text, {constraint})".encode())
    lines = suggest(conn, "orders")
    assert any("declare_foreign_key" in line for line in live(lines)) == is_part
    assert (suggested_links(lines) == []) == is_part


def test_what_hangs_below_a_line_that_is_taken_in_follows_when_suggesting_again(shop: Connection) -> None:
    lines = suggest(shop, "orders")
    assert not any("cards" in line for line in lines)
    run_script(shop, [line.removeprefix("-- ") if "key('public.gifts'" in line else line for line in lines])
    again = suggest(shop, "orders")
    assert any("declare_foreign_key('public.cards'" in line for line in live(again))
    assert any("gifts" in line and "declared 'cascade'" in line for line in again)
    run_script(shop, again)
    assert state(shop) == [("cards", "cascade"), ("gifts", "cascade"), ("lines", "cascade")]
    assert [line for line in live(suggest(shop, "orders")) if "declare" in line] == []


def test_what_was_declared_to_block_is_not_suggested_again(shop: Connection) -> None:
    shop.execute("select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'restrict')")
    lines = suggest(shop, "orders")
    assert not any("declare_foreign_key('public.lines'" in line for line in lines)
    assert not any("parts" in line for line in lines), "nothing below it is reached"


def test_only_what_is_reachable_is_named(shop: Connection) -> None:
    assert not any("elsewhere" in line for line in suggest(shop, "orders"))


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        ("brief (id text primary key); create table notes (brief_id text)", ["notes.brief_id"]),
        ("brief (id text primary key); create table notes (brief_id varchar(9))", ["notes.brief_id"]),
        ("brief (id int primary key); create table notes (brief_id bigint)", ["notes.brief_id"]),
        ("brief (id int primary key); create table notes (brief_id text)", []),
        ("brief (id int primary key); create table notes (brief_id int references brief)", []),
        ("brief (id int primary key); create table notes (other_id int)", []),
        ("brief (id int primary key, brief_id int)", ["brief.brief_id"]),
        ("brief (code text primary key); create table notes (brief_code text)", ["notes.brief_code"]),
        ("brief (code text primary key); create table notes (brief_id text)", ["notes.brief_id"]),
        (
            "brief (id int primary key, brief_id text unique); create table notes (brief_id text)",
            ["notes.brief_id"],
        ),
        ("brief (id int); create table notes (brief_id int)", []),
        ('brief (id int primary key); create table "Notes" ("briefId" int)', ['"Notes".briefId']),
        (
            "brief (id int primary key); create table notes (brief_id int) partition by list (brief_id);"
            "create table notes_1 partition of notes for values in (1)",
            ["notes.brief_id"],
        ),
        (
            "brief (id int primary key); create table old_brief (brief_id int primary key)",
            ["old_brief.brief_id"],
        ),
        ("brief (id int primary key); create view v as select id as brief_id from brief", []),
    ],
)
def test_a_column_named_after_a_table_is_suggested_where_it_compares_and_has_no_key(
    conn: Connection, tables: str, found: list[str]
) -> None:
    conn.execute(f"create table {tables}".encode())
    lines = suggest(conn, "brief", "code" if "code" in tables else "id")
    reasons = [line.split(" is named after")[0].split() for line in lines if " is named after " in line]
    names = [table.removeprefix("public.") + "." + column.strip("()") for _, table, column in reasons]
    assert names == found
    run_script(conn, lines)
    run_script(conn, [line.removeprefix("-- ") for line in lines if line.startswith("-- select unwind.decl")])


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("orders", "order_id"),
        ("companies", "company_id"),
        ("addresses", "address_id"),
        ("boxes", "box_id"),
        ("sales_orders", "order_id"),
        ("sales_orders", "sales_order_id"),
        ("strategy_document", "strategy_id"),
        ("OrderLines", "order_line_id"),
    ],
)
def test_a_table_is_known_by_its_singular_and_by_parts_of_its_name(
    conn: Connection, table: str, column: str
) -> None:
    conn.execute(f'create table "{table}" (id int primary key)'.encode())
    conn.execute(f"create table notes ({column} int)".encode())
    assert suggested_links(suggest(conn, f'"{table}"')) == [f"'public.notes', '{{{column}}}'"]


def test_a_column_belongs_to_the_table_that_it_fits_best(conn: Connection) -> None:
    conn.execute("create table orders (id int primary key)")
    conn.execute("create table order_lines (id int primary key, order_id int)")
    conn.execute("create table notes (order_id int)")
    assert suggested_links(suggest(conn, "order_lines")) == []
    assert len(suggested_links(suggest(conn, "orders"))) == 2


def test_tenants_with_a_schema_each_are_not_mixed_up(conn: Connection) -> None:
    for tenant in ("a", "b"):
        conn.execute(f"create schema {tenant}".encode())
        conn.execute(f"create table {tenant}.orders (id int primary key)".encode())
        conn.execute(f"create table {tenant}.notes (order_id int)".encode())
    lines = suggest(conn, "a.orders")
    assert any("'a.notes'" in line for line in lines)
    assert not any("b." in line for line in lines if "declare" in line)


def test_missing_indexes_are_named_and_the_fix_is_the_cure(shop: Connection) -> None:
    lines = suggest(shop, "orders")
    fixes = [line.removeprefix("-- ") for line in lines if line.startswith("-- create index")]
    assert len(fixes) == 3
    run_script(shop, lines)
    assert shop.execute("select code from unwind.check_workflow('orders')").fetchall() != []
    for fix in fixes:
        shop.execute(fix.encode())
    assert not any(line.startswith("-- create index") for line in suggest(shop, "orders"))


def test_key_columns_can_be_named(shop: Connection) -> None:
    shop.execute("alter table orders add number int unique")
    run_script(shop, suggest(shop, "orders", "number"))
    assert shop.execute("select key_columns from unwind.step_roots").fetchall() == [(["number"],)]


def test_the_primary_key_is_the_key_in_its_own_order(conn: Connection) -> None:
    conn.execute("create table parcels (number int, depot int, primary key (depot, number))")
    run_script(conn, suggest(conn, "parcels"))
    assert conn.execute("select key_columns from unwind.step_roots").fetchall() == [(["depot", "number"],)]


def test_a_name_that_another_workflow_has_is_not_taken(shop: Connection) -> None:
    shop.execute("select unwind.define_workflow('orders')")
    shop.execute("select unwind.define_step('orders', 'first', 'payments', 'id')")
    run_script(shop, suggest(shop, "orders"))
    steps = shop.execute("select workflow, step from unwind.workflow_steps order by 1").fetchall()
    assert steps == [("orders", "first"), ("public.orders", "public.orders")]


def test_cycles_and_self_references_end(conn: Connection) -> None:
    conn.execute("create table a (id int primary key, b int not null, self int references a)")
    conn.execute("create table b (id int primary key, a int not null references a)")
    conn.execute("alter table a add foreign key (b) references b deferrable initially deferred")
    lines = suggest(conn, "a")
    assert sum("declare_foreign_key" in line for line in live(lines)) == 2
    run_script(conn, lines)


@pytest.mark.parametrize(
    "name",
    [
        "it's",
        'a "quoted" name',
        "line\nbreak",
        "carriage\rreturn",
        "vertical\vtab",
        "x'; drop table bystanders; --",
        "line\n; drop table bystanders; --",
        "back\\slash\nand break",
        ":colon",
        "{brace,comma}",
        "%I %s",
        "Größe 表 🙂",
    ],
)
def test_a_strange_name_is_quoted_in_every_line(
    conn: Connection, dsn: str, pg_bin: Path, tmp_path: Path, name: str
) -> None:
    conn.execute("create table bystanders (id int)")
    parts = {
        "schema": sql.Identifier(name),
        "parent": sql.Identifier(name, name),
        "child": sql.Identifier(name, "c" + name),
        "loose": sql.Identifier(name, "l" + name),
        "like": sql.Identifier(name, "k" + name),
        "id": sql.Identifier(name),
        "named": sql.Identifier(f"{name}_id"),
    }
    conn.execute(
        sql.SQL(
            """
            create schema {schema};
            create table {parent} ({id} text primary key);
            create table {child} ({id} text not null references {parent});
            create table {loose} ({id} text references {parent});
            create table {like} ({named} text);
            """
        ).format(**parts)
    )
    lines = suggest(conn, parts["parent"].as_string(conn))
    assert not any("\n" in line or "\r" in line for line in lines)
    taken_in = [line.removeprefix("-- ") if "declare_foreign" in line else line for line in lines]
    (tmp_path / "script.sql").write_text("\n".join(taken_in), newline="")
    subprocess.run(
        [str(pg_bin / "psql"), "-X", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-f", str(tmp_path / "script.sql")],
        env={"PGCLIENTENCODING": "UTF8"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert len(state(conn)) >= 2
    assert conn.execute("select root_table::text, key_columns from unwind.step_roots").fetchall() == [
        (parts["parent"].as_string(conn), [name])
    ]
    assert conn.execute("select count(*) from bystanders").fetchone() == (0,)


def test_the_client_returns_the_script(shop: Connection) -> None:
    unwind = Unwind(shop)
    assert unwind.suggest_workflow("orders") == "".join(f"{line}\n" for line in suggest(shop, "orders"))
    assert "'order_id', 'line'" in unwind.suggest_workflow("lines", "order_id", "line")


def test_a_schema_of_a_thousand_tables_takes_seconds(conn: Connection) -> None:
    conn.execute(
        """
        do $$
        begin
            for i in 0..999 loop
                execute format('create table t%s (id int primary key, a int not null, b int, t%s_id int)',
                    i, (i * 31) % 1000);
            end loop;
            for i in 1..999 loop
                execute format('alter table t%s add foreign key (a) references t%s', i, (i - 1) / 4);
                execute format('alter table t%s add foreign key (b) references t%s', i, (i * 7919) % i);
            end loop;
        end
        $$
        """
    )
    assert seconds(conn, "select unwind.suggest_workflow('t0')") < 10
    lines = suggest(conn, "t0")
    assert sum("declare_foreign_key" in line for line in live(lines)) == 999
