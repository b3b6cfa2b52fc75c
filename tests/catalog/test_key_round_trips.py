"""A key recorded in one session finds its row from another, whatever either has set; equal keys are one."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ways import undone

Connection = psycopg.Connection[Any]

TYPES = """
create domain positive as int check (value > 0);
create domain price as numeric(10, 2);
create domain tags as text[];
create type mood as enum ('glad', 'so so', 'sad');
create type point2 as (x int, y text);
"""
WRITTEN = ["set datestyle = 'German'", "set timezone = 'Asia/Tokyo'", "set intervalstyle = 'sql_standard'"]
READ = [
    "set datestyle = 'SQL, DMY'",
    "set timezone = 'America/New_York'",
    "set intervalstyle = 'iso_8601'",
    "set bytea_output = 'escape'",
    "set extra_float_digits = -10",
]
VALUES = {
    "smallint": ("-32768", "32767"),
    "int": ("0", "-1"),
    "bigint": ("9223372036854775807", "1"),
    "numeric": ("123456789012345678901234567890.12345678901234567890", "1e-300"),
    "numeric(12, 4)": ("1.5", "1.5001"),
    "double precision": ("0.1", "0.10000000000000002"),
    "real": ("3.4028235e+38", "1e-45"),
    'text collate "C"': ("Ä{\"', \\}\n", "a"),
    "text": ("", "NULL"),
    "varchar(5)": ("ÄÖÜ{}", "a"),
    "char(5)": ("a", "ab"),
    '"char"': ("a", "b"),
    "name": ("a b", "ab"),
    "uuid": ("0e984725-c51c-4bf4-9960-e1c80e27aba0", "1e984725-c51c-4bf4-9960-e1c80e27aba0"),
    "date": ("2024-02-01", "2024-01-02"),
    "time": ("12:00:00.000001", "12:00"),
    "timetz": ("12:00:00+02", "12:00:00+03"),
    "timestamp": ("2024-02-01 12:00:00.000001", "2024-01-02 12:00"),
    "timestamptz": ("2024-02-01 12:00:00.000001+02", "2024-02-01 12:00:00+02"),
    "timestamptz(0)": ("2024-02-01 12:00:00+02", "infinity"),
    "interval": ("1 mon -2 days +03:00:00.5", "-1 mon"),
    "bytea": (r"\x00ff5c27", r"\x"),
    "boolean": ("true", "false"),
    "inet": ("10.0.0.1/8", "10.0.0.1"),
    "macaddr": ("08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    "bit(4)": ("0101", "0111"),
    "mood": ("so so", "sad"),
    "positive": ("7", "8"),
    "price": ("1.50", "1.51"),
    "int[]": ("{1,NULL,2}", "{}"),
    "text[]": ('{"a,b","{}",NULL}', "{a}"),
    "timestamptz[]": ('{"2024-02-01 12:00:00+02"}', "{}"),
    "tags": ("{a,b}", "{b,a}"),
    "int4range": ("[1,3)", "[1,4)"),
    "tstzrange": ('["2024-02-01 12:00:00+02","2024-02-01 13:00:00+02")', "empty"),
    "datemultirange": ("{[2024-02-01,2024-02-03)}", "{}"),
    "point2": ('(1,"a,b")', "(1,a)"),
    "jsonb": ('{"a": [1, null]}', "{}"),
    "citext": ("Ada", "Bob"),
}

UNDO = ["select * from unwind.compensate_run('r')", "select * from unwind.compensate_runs('{r,empty}')"]


def define(conn: Connection, kind: str) -> None:
    """Parents found by their key; children by the parent's; grandchildren by a key of the child."""
    conn.execute(TYPES)
    if kind == "citext":
        conn.execute("create extension citext")
    conn.execute(
        f"""
        create table parents (id {kind} primary key);
        create table children (code {kind} unique, parent_id {kind} references parents);
        create table grandchildren (code {kind}, other {kind});
        select unwind.define_workflow('w');
        select unwind.define_step('w', 's', 'parents', 'id');
        select unwind.declare_foreign_key('children', '{{parent_id}}', 'parents', '{{id}}', 'cascade');
        select unwind.declare_foreign_key('grandchildren', '{{code}}', 'children', '{{code}}', 'cascade');
        select unwind.declare_foreign_key('grandchildren', '{{other}}', 'children', '{{code}}', 'cascade');
        select unwind.define_workflow('owning');
        select unwind.define_step('owning', 'child', 'children', 'code');
    """.encode()
    )


def canonical(conn: Connection, kind: str, value: str) -> Any:
    row = conn.execute(f"select (%s::{kind})::text".encode(), [value]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("kind", VALUES)
def test_a_key_of_any_type_finds_its_rows_from_a_session_with_other_settings(
    conn: Connection, connect: Any, kind: str
) -> None:
    define(conn, kind)
    mine, other = VALUES[kind]
    theirs = canonical(conn, kind, other)
    writer = connect()
    for setting in WRITTEN:
        writer.execute(setting)
    writer.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 'empty')")
    writer.execute("select unwind.record_step('r', 's', %s)", [canonical(conn, kind, mine)])
    for value in (mine, other):
        conn.execute(f"insert into parents values (%s::{kind})".encode(), [value])
        conn.execute(f"insert into children values (%s::{kind}, %s::{kind})".encode(), [value] * 2)
        conn.execute(
            f"insert into grandchildren values (%s::{kind}, null), (null, %s::{kind})".encode(), [value] * 2
        )
    reader = connect()
    for setting in READ:
        reader.execute(setting)
    expected = [("public.grandchildren", 2), ("public.children", 1), ("public.parents", 1)]
    summed = "select table_name, sum({0})::int from {1} group by table_name order by min(ordinal)"
    preview = summed.format("row_count", "unwind.preview_run('r')")
    rows = summed.format("rows_deleted", "unwind.compensations")
    assert reader.execute(preview.encode()).fetchall() == expected
    for undo in UNDO:
        with undone(reader, undo):
            assert reader.execute(rows.encode()).fetchall() == expected
            assert reader.execute("select * from unwind.verify_run('r')").fetchall() == []
            left = reader.execute(f"select id = %s::{kind} from parents".encode(), [theirs]).fetchall()
            assert left == [(True,)]


@pytest.mark.parametrize("kind", VALUES)
def test_another_runs_entity_of_any_type_is_guarded_from_a_session_with_other_settings(
    conn: Connection, connect: Any, kind: str
) -> None:
    define(conn, kind)
    mine, other = VALUES[kind]
    conn.execute("select unwind.start_run('w', 'r'), unwind.start_run('owning', 'owner')")
    conn.execute("select unwind.record_step('r', 's', %s)", [canonical(conn, kind, mine)])
    conn.execute("select unwind.record_step('owner', 'child', %s)", [canonical(conn, kind, other)])
    conn.execute(f"insert into parents values (%s::{kind})".encode(), [mine])
    conn.execute(f"insert into children values (%s::{kind}, %s::{kind})".encode(), [other, mine])
    reader = connect()
    for setting in READ:
        reader.execute(setting)
    with pytest.raises(psycopg.Error, match="belong to run 'owner'") as refused:
        reader.execute("select * from unwind.compensate_run('r')")
    assert refused.value.sqlstate == "UW007"
    assert reader.execute("select table_name, rows_left from unwind.verify_run('owner')").fetchall() == [
        ("public.children", 1)
    ]


@pytest.mark.parametrize(
    ("setting", "kind", "written", "key"),
    [
        ("set datestyle = 'German'", "date", "01.02.2003", "2003-02-01"),
        ("set datestyle = 'SQL, MDY'", "date", "01/02/2003", "2003-01-02"),
        ("set timezone = 'Asia/Tokyo'", "timestamptz", "2024-02-01 12:00", "2024-02-01 03:00:00+00"),
    ],
)
def test_a_value_is_read_as_the_session_writes_it_and_kept_as_every_session_reads_it(
    conn: Connection, setting: str, kind: str, written: str, key: str
) -> None:
    define(conn, kind)
    conn.execute(setting.encode())
    conn.execute("select unwind.start_run('w', 'r')")
    conn.execute("select unwind.record_step('r', 's', %s)", [written])
    assert conn.execute("select entity_key[1] from unwind.run_steps").fetchall() == [(key,)]


EQUAL = [
    ("numeric", "1.50", "1.5"),
    ("price", "1.5", "1.50"),
    ("numeric[]", "{1.50,2}", "{1.5,2.0}"),
    ("numrange", "[1.50,2)", "[1.5,2.00)"),
    ("char(5)", "a", "a  "),
    ("citext", "Ada", "ADA"),
    ("interval", "1 day", "24:00"),
    ("jsonb", '{"a": 1.0}', '{"a": 1}'),
    ("timestamptz", "2024-02-01 12:00+02", "2024-02-01 11:00+01"),
    ('text collate "no_case"', "Ada", "aDA"),
]


@pytest.mark.parametrize(("kind", "one", "another"), EQUAL)
def test_values_that_are_equal_but_print_differently_are_one_entity(
    conn: Connection, request: pytest.FixtureRequest, kind: str, one: str, another: str
) -> None:
    if "no_case" in kind:
        request.getfixturevalue("no_case")
    define(conn, kind)
    conn.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 'other')")
    conn.execute("select unwind.record_step('r', 's', %s)", [one])
    with pytest.raises(psycopg.Error, match="belongs to run 'r'") as refused:
        conn.execute("select unwind.record_step('other', 's', %s)", [another])
    assert refused.value.sqlstate == "UW004"
    conn.execute(f"insert into parents values (%s::{kind})".encode(), [another])
    conn.execute("select * from unwind.compensate_run('r')")
    assert conn.execute("select from parents").rowcount == 0
    # Free again, for another run to take; the first has nothing left then, for the row is not its own.
    conn.execute("select unwind.record_step('other', 's', %s)", [another])
    conn.execute(f"insert into parents values (%s::{kind})".encode(), [another])
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []


@pytest.mark.usefixtures("no_case")
def test_a_link_in_a_collation_of_its_own_is_followed(conn: Connection) -> None:
    define(conn, 'text collate "no_case"')
    conn.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 's', 'ada')")
    conn.execute("insert into parents values ('Ada'), ('Bob')")
    conn.execute("insert into children values ('X', 'ADA'), ('Y', 'bob')")
    conn.execute("insert into grandchildren values ('x', null), (null, 'x'), ('y', null)")
    conn.execute("select * from unwind.compensate_run('r')")
    assert conn.execute("select id from parents").fetchall() == [("Bob",)]
    assert conn.execute("select code from grandchildren").fetchall() == [("y",)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("varchar(5)", "abcdef"),
        ("char(5)", "abcdef"),
        ("numeric(12, 4)", "1.00001"),
        ("numeric(12, 4)", "1e12"),
        ("price", "1.501"),
        ("timestamptz(0)", "2024-02-01 12:00:00.5+02"),
        ("int[]", "{1"),
        ("int[]", "{a}"),
        ("int4range", "[3,1)"),
        ("bytea", r"\xzz"),
        ("inet", "10.0.0.256"),
        ("mood", "Glad"),
        ("jsonb", "{"),
        ("boolean", "perhaps"),
        ("interval", "soon"),
        ("bit(4)", "01011"),
    ],
)
def test_a_value_that_the_column_cannot_hold_is_refused_naming_column_and_type(
    conn: Connection, kind: str, value: str
) -> None:
    define(conn, kind)
    conn.execute("select unwind.start_run('w', 'r')")
    with pytest.raises(psycopg.Error, match=r"^value .* is no ") as refused:
        conn.execute("select unwind.record_step('r', 's', %s)", [value])
    assert refused.value.sqlstate == "UW009"
    detail = refused.value.diag.message_detail or ""
    assert "Column id of public.parents" in detail
    assert conn.execute("select from unwind.run_steps").rowcount == 0


def test_a_composite_key_of_many_types_finds_just_its_row_and_what_refers_to_all_of_it(
    conn: Connection, connect: Any
) -> None:
    conn.execute(TYPES)
    columns = "a int, b numeric(8, 2), c date, d timestamptz, e mood, f text[], g bytea"
    names = "a, b, c, d, e, f, g"
    conn.execute(
        f"""
        create table parents ({columns}, primary key ({names}));
        create table children (id int, {columns}, foreign key ({names}) references parents);
        select unwind.define_workflow('w');
        select unwind.define_step('w', 's', 'parents', 'g', 'f', 'e', 'd', 'c', 'b', 'a');
        select unwind.declare_foreign_key('children', '{{{names}}}', 'parents', '{{{names}}}', 'cascade');
    """.encode()
    )
    conn.execute("set datestyle = 'German'; set timezone = 'Asia/Tokyo'")
    conn.execute("select unwind.start_run('w', 'r')")
    conn.execute(
        "select unwind.record_step('r', 's', %s, '{a,b}', 'sad', %s, '01.02.2024', '1.50', '01')",
        [r"\x00", "01.02.2024 19:00"],
    )
    conn.execute(
        r"""
        insert into parents
        select 1, 1.5, '2024-02-01'::date, '2024-02-01 12:00+02'::timestamptz, e, f, g
        from unnest('{glad,sad}'::mood[]) as e, (values ('{a,b}'::text[]), ('{a}')) as f (f),
            unnest(array['\x00', '\x01']::bytea[]) as g;
        insert into children select 1, p.* from parents as p;
        insert into children select 2, a, b, c, d, null, f, g from parents;
        """
    )
    reader = connect()
    for setting in READ:
        reader.execute(setting)
    receipts = reader.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [("public.children", 1), ("public.parents", 1)]
    # A null in a composite link refers to nothing.
    assert conn.execute("select count(*) filter (where id = 2), count(*) from children").fetchone() == (8, 15)
