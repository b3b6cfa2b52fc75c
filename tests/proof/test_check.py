"""check_workflow finds what would fail at night, and its fix is the cure."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

Connection = psycopg.Connection[Any]


def check(conn: Connection) -> list[tuple[str, str, str, str, str]]:
    return conn.execute("select * from unwind.check_workflow('w')").fetchall()


def codes(conn: Connection) -> set[str]:
    return {code for _, code, *_ in check(conn)}


def mend(conn: Connection) -> None:
    """Do what the findings say, as often as they say something."""
    for _ in range(5):
        findings = check(conn)
        if not findings:
            return
        for *_, fix in findings:
            conn.execute(fix.encode())
    raise AssertionError(check(conn))


def test_nothing_is_found_where_nothing_is_wrong(shop: Connection) -> None:
    assert check(shop) == []


def test_looking_changes_nothing(shop: Connection) -> None:
    query: LiteralString = "select * from unwind.plan_statements order by workflow, ordinal"
    shop.execute("create table extras (order_id int references orders on delete cascade)")
    before = shop.execute(query).fetchall()
    assert codes(shop) == {"stale_plan", "missing_index"}
    assert shop.execute(query).fetchall() == before


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("drop index lines_order_id_idx", "lines(order_id)"),
        ("alter table payments drop constraint payments_pkey", "payments(id)"),
        ("drop index alerts_order_id_idx", "alerts(order_id)"),
        ("drop index orders_parent_id_idx", "orders(parent_id)"),
        (
            "drop index lines_order_id_idx; create index on lines (order_id) where price > 0",
            "lines(order_id)",
        ),
        ("drop index lines_order_id_idx; create index on lines (id, order_id)", "lines(order_id)"),
        ("drop index lines_order_id_idx; create index on lines ((order_id + 0))", "lines(order_id)"),
        (
            "drop index lines_order_id_idx; create index on lines (order_id) where order_id is null",
            "lines(order_id)",
        ),
    ],
)
def test_a_missing_index_comes_with_its_create_index(
    shop: Connection, change: LiteralString, found: str
) -> None:
    shop.execute(change)
    [(severity, name, fix)] = [
        (s, name, fix) for s, code, name, _, fix in check(shop) if code == "missing_index"
    ]
    assert (severity, name) == ("warning", f"public.{found}")
    assert fix.startswith("create index concurrently on public.")
    mend(shop)


@pytest.mark.parametrize(
    "index",
    [
        "create index on lines (order_id, id)",
        "create index on lines (order_id) where order_id is not null",
        "create index on lines using hash (order_id) where order_id is not null",
        "alter table lines rename order_id to \"a (b) AND c\"; select unwind.compile_workflow('w');"
        'create index on lines ("a (b) AND c") where "a (b) AND c" is not null',
    ],
)
def test_an_index_that_leads_with_the_link_is_enough(shop: Connection, index: LiteralString) -> None:
    shop.execute("drop index lines_order_id_idx")
    shop.execute(index)
    assert check(shop) == []


@pytest.mark.parametrize(
    ("index", "serves"),
    [
        ("(tenant, order_id) where tenant is not null", True),
        ("(tenant, order_id) where order_id is not null and tenant is not null", True),
        ("(tenant) where order_id is not null", True),
        ("(tenant, order_id) where tenant is not null and price is not null", False),
        ("(tenant, order_id) where tenant is not null and price > 0", False),
        ("(tenant, order_id) where tenant is null", False),
        ("(tenant, order_id) where not (tenant is not null)", False),
    ],
)
def test_a_partial_index_serves_where_it_leaves_out_only_what_refers_to_nothing(
    conn: Connection, index: LiteralString, serves: bool
) -> None:
    conn.execute("""
        create table orders (tenant int, id int, primary key (tenant, id));
        create table lines (tenant int, order_id int, price int);
        select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'tenant', 'id');
        select unwind.declare_foreign_key('lines', '{tenant,order_id}', 'orders', '{tenant,id}');
    """)
    conn.execute("create index on lines " + index)
    assert codes(conn) == (set() if serves else {"missing_index"})
    conn.execute("set enable_seqscan = off")
    plan = conn.execute("explain select from lines where tenant = 1 and order_id = 1").fetchall()
    assert ("Index" in str(plan)) is serves


def test_a_real_foreign_key_that_points_in_is_named_and_can_be_covered(shop: Connection) -> None:
    shop.execute("create table invoices (id int primary key, order_id int references orders)")
    shop.execute("create index on invoices (order_id)")
    found = {code: (severity, name, fix) for severity, code, name, _, fix in check(shop)}
    assert set(found) == {"stale_plan", "uncovered_foreign_key"}
    assert found["stale_plan"][0] == "error"
    assert found["uncovered_foreign_key"][:2] == ("warning", "public.invoices")
    shop.execute(found["stale_plan"][2].encode())
    assert codes(shop) == {"uncovered_foreign_key"}
    mend(shop)
    deleted = shop.execute(
        "select from unwind.plan_statements where target = 'invoices'::regclass and action = 'delete'"
    )
    assert deleted.rowcount == 1


def test_declaring_that_it_should_block_settles_it_too(shop: Connection) -> None:
    shop.execute("create table invoices (id int primary key, order_id int references orders)")
    shop.execute("create index on invoices (order_id)")
    shop.execute("select unwind.declare_foreign_key('invoices', '{order_id}', 'orders', '{id}', 'restrict')")
    assert check(shop) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("alter table lines drop column order_id", "public.lines"),
        ("alter table lines rename order_id to ordered", "public.lines"),
        ("alter table notes alter line_id type uuid using null", "public.notes"),
    ],
)
def test_a_link_whose_column_is_gone_or_changed_is_broken(
    shop: Connection, change: LiteralString, name: str
) -> None:
    shop.execute(change)
    [(severity, code, found, message, _)] = check(shop)
    assert (severity, code, found) == ("error", "broken_definition", name)
    assert message
    mend(shop)


def test_a_table_that_was_dropped_is_broken_and_its_links_can_be_taken_back(shop: Connection) -> None:
    shop.execute("drop table notes")
    findings = check(shop)
    assert {code for _, code, *_ in findings} == {"broken_definition"}
    assert len(findings) == 2
    assert all("does not exist" in message for *_, message, _ in findings)
    shop.execute("select unwind.compile_workflow('w')")
    mend(shop)


def test_a_root_whose_key_was_renamed_is_mended_by_the_update_it_says(shop: Connection) -> None:
    shop.execute("alter table payments rename id to payment_id")
    [(severity, code, name, message, fix)] = check(shop)
    assert (severity, code, name) == ("error", "broken_definition", "public.payments")
    assert "no column id" in message
    assert "{payment_id}" in fix
    shop.execute(fix.encode())
    assert check(shop) == []


def test_a_root_that_was_dropped_is_broken_and_cannot_be_compiled(shop: Connection) -> None:
    shop.execute("drop table payments")
    assert {code for _, code, *_ in check(shop)} == {"broken_definition"}
    with pytest.raises(psycopg.Error, match="does not exist") as refused:
        shop.execute("select unwind.compile_workflow('w')")
    assert refused.value.sqlstate == "UW009"
    shop.execute("create table payments (id text primary key)")
    shop.execute("update unwind.step_roots set root_table = 'payments' where step = 'payment'")
    mend(shop)


@pytest.mark.parametrize(
    "change",
    [
        "alter table lines rename to order_lines",
        "create schema archive; alter table lines set schema archive",
        "alter table payments alter id type varchar(10)",
        "alter table orders alter id type bigint",
        "select set_config('search_path', 'public', false); drop function unwind_compiled.compensate_one_w",
        "select set_config('search_path', 'public', false); drop function unwind_compiled.compensate_many_w",
    ],
)
def test_what_the_plan_holds_and_was_changed_is_stale_until_compiled_anew(
    shop: Connection, change: LiteralString
) -> None:
    shop.execute(change)
    assert [(severity, code) for severity, code, *_ in check(shop)] == [("error", "stale_plan")]
    mend(shop)


def test_a_new_column_or_row_is_nothing_to_worry_about(run: Connection) -> None:
    run.execute("alter table lines add extra int")
    run.execute("vacuum full lines")
    assert check(run) == []


def test_a_custom_function_that_is_gone_is_broken(shop: Connection) -> None:
    create: LiteralString = """
        create function {}(run_ids text[]) returns table(run_id text, table_name text, rows_deleted bigint)
        language sql as $$ select r, 'mail', 0::bigint from unnest(run_ids) r $$
    """
    shop.execute(create.format("undo_mail").encode())
    shop.execute("select unwind.define_custom_step('w', 'mail', 'undo_mail(text[])')")
    assert check(shop) == []
    shop.execute("drop function undo_mail")
    [(severity, code, name, _, fix)] = check(shop)
    assert (severity, code, name) == ("error", "broken_definition", "public.undo_mail(text[])")
    shop.execute(create.format("undo_post").encode())
    shop.execute(fix.replace("...", "undo_post(text[])").encode())
    assert check(shop) == []


CUSTOM = """
create type order_text as enum ('x');
create function undo_mail({}) returns table(run_id text, table_name text, rows_deleted bigint)
language sql as $$ select 'r', 'mail', 0::bigint $$;
"""


@pytest.mark.parametrize(
    "argument", ["run_ids order_text[]", "variadic run_ids text[]", "run_ids text", "run_ids _varchar"]
)
def test_a_custom_function_has_the_one_signature_that_is_called(shop: Connection, argument: str) -> None:
    shop.execute(CUSTOM.format(argument).encode())
    with pytest.raises(psycopg.Error, match="cannot compensate a step") as refused:
        shop.execute(
            "select unwind.define_custom_step('w', 'mail', oid) from pg_proc where proname = 'undo_mail'"
        )
    assert refused.value.sqlstate == "UW009"


@pytest.mark.parametrize(
    "disable", ["disable trigger all", "enable replica trigger"], ids=["disabled", "for replicas only"]
)
def test_a_foreign_key_whose_triggers_are_off_is_found(shop: Connection, disable: str) -> None:
    shop.execute("create table extras (order_id int references orders on delete set null)")
    shop.execute("create index on extras (order_id); select unwind.compile_workflow('w')")
    assert check(shop) == []
    triggers = shop.execute(
        "select tgname from pg_trigger where tgrelid = 'orders'::regclass and tgisinternal"
    ).fetchall()
    if "replica" in disable:
        for (name,) in triggers:
            shop.execute(f'alter table orders {disable} "{name}"'.encode())
    else:
        shop.execute(f"alter table orders {disable}".encode())
    [(severity, code, name, message, _)] = check(shop)
    assert (severity, code, name) == ("error", "disabled_foreign_key", "public.orders")
    assert "extras_order_id_fkey of public.extras is not enforced" in message
    mend(shop)
