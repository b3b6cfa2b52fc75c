"""Recorded keys follow their columns to another type, or the compilation is refused; none is lost."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

Connection = psycopg.Connection[Any]
COMPILE = "select unwind.compile_workflow('w')"


def define(conn: Connection, kind: str, *keys: str, missing: str | None = None) -> None:
    """A table whose key is of a type, with rows; a COMPLETED run 'done' made the first of them."""
    conn.execute(f"create table orders (id {kind}, customer text)".encode())
    conn.execute("select unwind.define_workflow('w'); select unwind.define_step('w', 'o', 'orders', 'id')")
    record(conn, "done", keys[0])
    if missing is not None:
        conn.execute("select unwind.record_step('done', 'o', %s)", [missing])
    for number, key in enumerate(keys):
        conn.execute(f"insert into orders values (%s::text::{kind}, %s)".encode(), [key, str(number)])
    conn.execute("select unwind.complete_run('done')")


def record(conn: Connection, run: str, key: str) -> None:
    conn.execute("select unwind.start_run('w', %s)", [run])
    conn.execute("select unwind.record_step(%s, 'o', %s)", [run, key])


def keys(conn: Connection) -> list[str]:
    return [
        key for (key,) in conn.execute("select entity_key[1] from unwind.run_steps order by 1").fetchall()
    ]


def customers(conn: Connection) -> list[str]:
    return [name for (name,) in conn.execute("select customer from orders order by 1").fetchall()]


def findings(conn: Connection) -> list[tuple[str, str]]:
    rows = conn.execute("select code, fix from unwind.check_workflow('w')").fetchall()
    return [(code, fix) for code, fix in rows if code in ("stale_plan", "broken_definition", "cannot_plan")]


def refusal(conn: Connection, statement: LiteralString) -> psycopg.errors.Diagnostic:
    with pytest.raises(psycopg.Error) as refused:
        conn.execute(statement)
    assert refused.value.sqlstate == "UW009", refused.value
    return refused.value.diag


def undo(conn: Connection) -> None:
    conn.execute("select * from unwind.compensate_run('done', force => true)")
    assert conn.execute("select * from unwind.verify_run('done')").fetchall() == []


FOLLOWED: list[tuple[str, str, tuple[str, str], str]] = [
    ("int", "bigint", ("7", "8"), "7"),
    ("bigint", "smallint", ("7", "8"), "7"),
    ("int", "text", ("7", "8"), "7"),
    ("int", "numeric", ("7", "8"), "7"),
    ("text", "int using id::int", ("007", "8"), "7"),
    ("text", "varchar(4)", ("a", "b"), "a"),
    ("varchar(4)", "text", ("a", "b"), "a"),
    ("varchar(4)", "varchar(40)", ("a", "b"), "a"),
    ("text", "char(8)", ("a", "b"), "a"),
    (
        "text",
        "uuid using id::uuid",
        ("0E984725-C51C-4BF4-9960-E1C80E27ABA0", "1e984725c51c4bf49960e1c80e27aba0"),
        "0e984725-c51c-4bf4-9960-e1c80e27aba0",
    ),
    (
        "uuid",
        "text",
        ("0e984725-c51c-4bf4-9960-e1c80e27aba0", "1e984725-c51c-4bf4-9960-e1c80e27aba0"),
        "0e984725-c51c-4bf4-9960-e1c80e27aba0",
    ),
    ("text", "numeric using id::numeric", ("1.50", "2"), "1.5"),
    ("numeric", "numeric(10, 2)", ("1.5", "2"), "1.5"),
    ("date", "timestamp", ("2024-02-29", "2024-03-01"), "2024-02-29 00:00:00"),
    ("text", "date using id::date", ("20240229", "2024-03-01"), "2024-02-29"),
    ("text", "boolean using id::boolean", ("yes", "no"), "true"),
    ("text", "folded", ("Ada", "bob"), "Ada"),
    ("text", "text collate no_case", ("Ada", "bob"), "Ada"),
    ("text", "mood using id::mood", ("glad", "sad"), "glad"),
    ("mood", "text", ("glad", "sad"), "glad"),
]


@pytest.mark.parametrize(("former", "now", "values", "key"), FOLLOWED)
@pytest.mark.parametrize("compiled_by", ["the fixes", "compile_workflow"])
def test_keys_and_owners_are_written_as_the_new_type_writes_them(
    conn: Connection,
    request: pytest.FixtureRequest,
    former: str,
    now: str,
    values: tuple[str, str],
    key: str,
    compiled_by: str,
) -> None:
    conn.execute("""
        create type mood as enum ('glad', 'sad'); create domain folded as text check (value <> '');
    """)
    if "no_case" in now:
        request.getfixturevalue("no_case")
    define(conn, former, *values)
    conn.execute(f"alter table orders alter id type {now}".encode())
    if compiled_by == "the fixes":
        for _, fix in findings(conn):
            conn.execute(fix.encode())
    else:
        conn.execute(COMPILE)
    assert findings(conn) == []
    assert keys(conn) == [key]
    for spelling in {key, values[0]}:
        with pytest.raises(psycopg.Error, match="belongs to run 'done'") as refused, conn.transaction():
            record(conn, "another", spelling)
        assert refused.value.sqlstate == "UW004"
    undo(conn)
    assert customers(conn) == ["1"]


LOST: list[tuple[str, str, tuple[str, str], str]] = [
    ("int", "text using id::text || 'x'", ("7", "8"), "finds no row"),
    ("int", "text using case when id > 7 then id::text else 'x' end", ("7", "8"), "finds no row"),
    ("int", "uuid using md5(id::text)::uuid", ("7", "8"), "is no value of its columns"),
    ("text", "int using length(id)", ("a", "bb"), "is no value of its columns"),
    ("text", "varchar(2) using left(id, 2)", ("abc", "b"), "is no value of its columns"),
    ("numeric(10, 2)", "numeric(10, 1)", ("1.25", "2"), "is no value of its columns"),
    ("numeric(10, 1)", "numeric(12, 2) using id + 0.05", ("1.5", "2"), "finds no row"),
    (
        "timestamptz",
        "timestamptz(0)",
        ("2024-02-29 10:00:00.4+00", "2024-03-01"),
        "is no value of its columns",
    ),
    (
        "timestamptz",
        "timestamp using id at time zone 'Asia/Tokyo'",
        ("2024-02-29 10:00+00", "2024-03-01"),
        "finds no row",
    ),
    ("date", "text using to_char(id, 'DD.MM.YYYY')", ("2024-02-29", "2024-03-01"), "finds no row"),
    (
        "text",
        "mood using case id when 'a' then 'glad' else 'sad' end::mood",
        ("a", "b"),
        "is no value of its columns",
    ),
]


@pytest.mark.parametrize(("former", "now", "values", "says"), LOST)
def test_a_key_that_would_be_lost_is_refused_naming_run_step_and_key(
    conn: Connection, former: str, now: str, values: tuple[str, str], says: str
) -> None:
    conn.execute("create type mood as enum ('glad', 'sad')")
    define(conn, former, *values)
    [key] = keys(conn)
    conn.execute(f"alter table orders alter id type {now}".encode())
    diag = refusal(conn, COMPILE)
    assert f"key ({key}) of step 'o', recorded by run 'done', {says}" in (diag.message_primary or "")
    assert "compensate_run('done')" in (diag.message_hint or "")
    for statement in (
        "select * from unwind.compensate_run('done', force => true)",
        "select * from unwind.preview_run('done')",
        "call unwind.compensate_run_in_batches('done', force => true)",
    ):
        refusal(conn, statement)
    assert keys(conn) == [key]
    assert customers(conn) == ["0", "1"]


def test_what_the_hint_says_of_a_lost_key_works(conn: Connection) -> None:
    define(conn, "int", "7", "8")
    conn.execute("alter table orders alter id type text using id::text || 'x'")
    hint = refusal(conn, COMPILE).message_hint or ""
    update = hint.partition("say which: ")[2].partition(";")[0]
    with conn.transaction(force_rollback=True):
        conn.execute(update.replace("{…}", "{7x}").encode())
        conn.execute(COMPILE)
        undo(conn)
        assert customers(conn) == ["1"]
    with conn.transaction(force_rollback=True):
        conn.execute("alter table orders alter id type int using rtrim(id, 'x')::int")
        conn.execute(COMPILE)
        undo(conn)
        assert customers(conn) == ["1"]


def test_keys_whose_rows_are_gone_are_released_when_somebody_says_so(conn: Connection) -> None:
    define(conn, "int", "7", "8", missing="9")
    conn.execute("alter table orders alter id type text")
    diag = refusal(conn, COMPILE)
    assert "key (9) of step 'o', recorded by run 'done', finds no row any more" in (
        diag.message_primary or ""
    )
    conn.execute((diag.message_hint or "").partition("are gone: ")[2].encode())
    assert findings(conn) == []
    assert conn.execute("select action, run_id, entity_key from unwind.audit_log").fetchall() == [
        ("released", "done", ["9"])
    ]
    assert conn.execute("select entity_key from unwind.entity_owners").fetchall() == [(["7"],)]
    record(conn, "another", "9")


def test_what_was_released_is_nobodys_after_the_change_either(conn: Connection) -> None:
    define(conn, "int", "7", "8")
    conn.execute("select unwind.release_entity('done', 'o', '7')")
    conn.execute("alter table orders alter id type text")
    conn.execute(COMPILE)
    assert conn.execute("select entity_key, run_id from unwind.entity_owners").fetchall() == []


def test_a_row_that_is_still_to_come_is_waited_for(conn: Connection) -> None:
    define(conn, "int", "7", "8")
    record(conn, "running", "9")
    conn.execute("alter table orders alter id type text")
    assert "let the run end first" in (refusal(conn, COMPILE).message_hint or "")
    refusal(conn, "select unwind_internal.release_lost_keys('w')")
    conn.execute("insert into orders values ('9', 'nine')")
    conn.execute(COMPILE)


def test_within_a_family_of_types_a_key_may_be_recorded_ahead(conn: Connection) -> None:
    define(conn, "int", "7", "8")
    record(conn, "running", "9")
    conn.execute("alter table orders alter id type bigint")
    conn.execute("select unwind.record_step('running', 'o', '10')")
    conn.execute(COMPILE)
    conn.execute("insert into orders values (9, 'nine'), (10, 'ten')")
    conn.execute("select * from unwind.compensate_run('running')")
    assert customers(conn) == ["0", "1"]


@pytest.mark.parametrize(
    ("former", "now", "one", "another"),
    [
        ("text", "int using id::int", "7", "07"),
        ("text", "text collate no_case", "ada", "ADA"),
        ("numeric(10, 2)", "int", "7", "7.4"),
    ],
)
def test_two_keys_that_become_one_may_not_be_two_runs(
    conn: Connection, request: pytest.FixtureRequest, former: str, now: str, one: str, another: str
) -> None:
    if "no_case" in now:
        request.getfixturevalue("no_case")
    define(conn, former, one)
    record(conn, "second", another)
    conn.execute(f"insert into orders values ('{another}', 'second')".encode())
    conn.execute(f"alter table orders alter id type {now}".encode())
    diag = refusal(conn, COMPILE)
    if "numeric" in former:
        assert "key (7.4) of step 'o', recorded by run 'second', is no value" in (diag.message_primary or "")
    else:
        assert "would belong to two runs" in (diag.message_primary or "")
        assert "'done'" in (diag.message_primary or "")
        assert "'second'" in (diag.message_primary or "")


def test_two_keys_of_one_run_that_become_one_are_one(conn: Connection) -> None:
    define(conn, "text", "7", "8")
    record(conn, "r", "9")
    conn.execute("select unwind.record_step('r', 'o', '09')")
    conn.execute("insert into orders values ('9', 'nine')")
    recorded = "select recorded_at from unwind.run_steps where entity_key = '{9}'"
    at_first = conn.execute(recorded).fetchone()
    conn.execute("alter table orders alter id type int using id::int")
    conn.execute(COMPILE)
    assert keys(conn) == ["7", "9"]
    assert conn.execute(recorded).fetchone() == at_first, "it was not recorded again"
    conn.execute("select * from unwind.compensate_run('r')")
    assert customers(conn) == ["0", "1"]


def test_history_is_converted_where_it_can_be_and_left_where_not(conn: Connection) -> None:
    define(conn, "text", "7", "8")
    for run, key in (("one", "0009"), ("two", "nine")):
        record(conn, run, key)
        conn.execute("select * from unwind.compensate_run(%s)", [run])
    conn.execute("alter table orders alter id type int using id::int")
    conn.execute(COMPILE)
    assert keys(conn) == ["7", "9", "nine"]
    for run in ("one", "two", "done"):
        conn.execute("select * from unwind.verify_run(%s)", [run])
        conn.execute("select * from unwind.preview_run(%s)", [run])
    record(conn, "another", "9")
    undo(conn)


def test_a_step_undone_by_itself_is_history_too(conn: Connection) -> None:
    define(conn, "text", "7", "8")
    record(conn, "r", "nine")
    conn.execute("select * from unwind.compensate_step('r', 'o')")
    conn.execute("alter table orders alter id type int using id::int")
    conn.execute(COMPILE)
    conn.execute("select unwind.record_step('r', 'o', '9')")
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []


def test_every_workflow_of_the_table_follows_at_once(conn: Connection) -> None:
    define(conn, "text", "07", "8")
    conn.execute("select unwind.define_workflow('v'); select unwind.define_step('v', 'o', 'orders', 'id')")
    conn.execute("select unwind.start_run('v', 'r'), unwind.record_step('r', 'o', '09')")
    conn.execute("insert into orders values ('09', 'nine')")
    conn.execute("alter table orders alter id type int using id::int")
    conn.execute(COMPILE)
    assert keys(conn) == ["7", "9"]
    with pytest.raises(psycopg.Error, match="belongs to run 'r'"):
        record(conn, "another", "9")
    conn.execute("select * from unwind.compensate_run('r')")
    assert customers(conn) == ["0", "1"]


def test_a_key_of_several_roots_has_to_be_the_same_in_all(conn: Connection) -> None:
    conn.execute("""
        create table a (id text primary key); create table b (id text primary key);
        select unwind.define_workflow('w');
        select unwind.define_step('w', 'o', 'a', 'id'), unwind.define_step('w', 'o', 'b', 'id');
        select unwind.start_run('w', 'r'), unwind.record_step('r', 'o', '07');
        insert into a values ('07'); insert into b values ('07');
        alter table a alter id type int using id::int;
    """)
    assert "key (07) of step 'o', recorded by run 'r'" in (refusal(conn, COMPILE).message_primary or "")
    conn.execute("alter table b alter id type bigint using id::bigint")
    conn.execute(COMPILE)
    assert keys(conn) == ["7"]
    assert conn.execute("select table_name from unwind.compensate_run('r')").rowcount == 2


def test_a_type_and_a_name_may_change_together(conn: Connection) -> None:
    define(conn, "text", "07", "8")
    conn.execute("alter table orders alter id type int using id::int; alter table orders rename id to number")
    conn.execute(COMPILE)
    assert keys(conn) == ["7"]
    assert conn.execute("select key_columns, entity_key from unwind.entity_owners").fetchall() == [
        (["number"], ["7"])
    ]
    undo(conn)
    assert customers(conn) == ["1"]


def test_a_column_that_was_filled_beside_and_took_the_name_is_followed_by_the_rows(conn: Connection) -> None:
    # As a table is migrated without an outage.
    define(conn, "int", "7", "8")
    conn.execute("alter table orders add id_new bigint; update orders set id_new = id")
    conn.execute("alter table orders drop column id; alter table orders rename id_new to id")
    conn.execute(COMPILE)
    with pytest.raises(psycopg.Error, match="belongs to run 'done'"):
        record(conn, "another", "7")
    undo(conn)
    assert customers(conn) == ["1"]


def test_many_keys_follow_in_a_few_statements(conn: Connection) -> None:
    define(conn, "int", "1", "2")
    conn.execute("select unwind.start_run('w', 'big')")
    conn.execute(
        "insert into unwind_internal.ledger "
        "select 'big', 'o', array[n::text] from generate_series(3, 5000) as n"
    )
    conn.execute("insert into orders select n, n from generate_series(3, 5000) as n")
    conn.execute("alter table orders alter id type text")
    conn.execute(COMPILE)
    assert conn.execute("select count(*) from unwind.entity_owners").fetchone() == (4999,)
    conn.execute("select * from unwind.compensate_run('big')")
    assert customers(conn) == ["0", "1"]


def test_a_key_whose_collation_finds_more_rows_now_is_not_recorded_until_that_is_compiled(
    conn: Connection, no_case: None
) -> None:
    conn.execute(
        """create table people (name text primary key);
        select unwind.define_workflow('p'), unwind.define_step('p', 's', 'people', 'name');
        select unwind.start_run('p', 'r')"""
    )
    conn.execute("alter table people alter name type text collate no_case")
    with pytest.raises(psycopg.Error) as refused:
        conn.execute("select unwind.record_step('r', 's', 'Ada')")
    assert refused.value.sqlstate == "UW009"
    conn.execute("select unwind.compile_workflow('p'), unwind.record_step('r', 's', 'Ada')")
