"""Of a link of several columns, set null clears those that it names, or that the real key clears."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ways import undone

Connection = psycopg.Connection[Any]

SETUP = """
create table authors (tenant int, id int, primary key (tenant, id));
create table posts (
    tenant int not null, id int, author_id int, "Odd, ""1"" one" int,
    primary key (tenant, id){link}
);
create index on posts (tenant, author_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'author', 'authors', 'tenant', 'id');
"""
LINK = ", constraint written foreign key (tenant, author_id) references authors on delete "
DECLARE = "select unwind.declare_foreign_key('posts', '{tenant,author_id}', 'authors', '{tenant,id}', %s)"
ROWS = """
select unwind.start_run('w', 'r'), unwind.record_step('r', 'author', '1', '5');
select unwind.start_run('w', 's'), unwind.record_step('s', 'author', '2', '6');
insert into authors values (1, 5), (1, 4), (2, 6);
insert into posts values (1, 1, 5), (1, 2, 4), (2, 3, 6), (2, 4, null);
"""
CLEARED = [(1, 1, None), (1, 2, 4), (2, 3, 6), (2, 4, None)]
COMPENSATE = "select * from unwind.compensate_run('r')"
UNDO = [
    COMPENSATE,
    "select * from unwind.compensate_runs(array['r'])",
    "select * from unwind.compensate_step('r', 'author')",
    "call unwind.compensate_run_in_batches('r', 1)",
]


def posts(conn: Connection) -> list[Any]:
    return conn.execute("select tenant, id, author_id from posts order by id").fetchall()


def refused(conn: Connection, query: str, *values: Any) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as error:
        conn.execute(query.encode(), values or None)
    return error.value


@pytest.mark.parametrize(
    ("link", "action"),
    [
        ("", "set null (author_id)"),
        (LINK + "no action", "set null (author_id)"),
        (LINK + "cascade", "set null (author_id)"),
        (LINK + "set null", "set null (author_id)"),
        (LINK + "set null (author_id)", "set null"),
        (LINK + "set null (author_id)", "set null (author_id)"),
        (LINK + "set default (author_id)", "set null"),
        (LINK + "set null (author_id)", None),
    ],
)
def test_the_tenant_of_a_strangers_row_is_kept(conn: Connection, link: str, action: str | None) -> None:
    conn.execute(SETUP.format(link=link).encode())
    if action is not None:
        conn.execute(DECLARE, [action])
    conn.execute(ROWS)
    assert conn.execute("select * from unwind.check_workflow('w')").fetchall() == []
    for undo in UNDO:
        with undone(conn, undo):
            assert posts(conn) == CLEARED


def test_several_runs_in_one_call(conn: Connection) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute(DECLARE, ["set null (author_id)"])
    conn.execute(ROWS)
    conn.execute("select * from unwind.compensate_runs(array['r', 's'])")
    assert posts(conn) == [(1, 1, None), (1, 2, 4), (2, 3, None), (2, 4, None)]


@pytest.mark.parametrize(
    ("action", "stored"),
    [
        ("set null (author_id)", ["author_id"]),
        ("set null(AUTHOR_ID)", ["author_id"]),
        ('set null ( "author_id" , Tenant )', ["author_id", "tenant"]),
        ('set null ("Odd, ""1"" one")', ['Odd, "1" one']),
        ("set null", None),
    ],
)
def test_columns_are_written_as_identifiers_are_in_sql(
    conn: Connection, action: str, stored: list[str] | None
) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute("alter table authors add other int")
    conn.execute(
        "select unwind.declare_foreign_key('posts', %s, 'authors', '{tenant,id,other}', %s)",
        [["tenant", "author_id", 'Odd, "1" one'], action],
    )
    assert conn.execute("select on_delete, set_columns from unwind.logical_foreign_keys").fetchall() == [
        ("set null", stored)
    ]


def test_a_quoted_column_is_cleared(conn: Connection) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute('create index on posts (tenant, "Odd, ""1"" one")')
    conn.execute(
        "select unwind.declare_foreign_key('posts', %s, 'authors', '{tenant,id}', %s)",
        [["tenant", 'Odd, "1" one'], 'set null ("Odd, ""1"" one")'],
    )
    conn.execute(ROWS)
    conn.execute("""update posts set "Odd, ""1"" one" = author_id""")
    conn.execute(COMPENSATE)
    assert conn.execute("select * from posts where id = 1").fetchall() == [(1, 1, 5, None)]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("set null (id)", "cannot clear column id"),
        ('set null (author_id, "Author_id")', 'cannot clear column "Author_id"'),
        ("set null (author_id, author_id)", "cannot clear column author_id"),
        ("set null ()", "cannot have the action"),
        ("set null (author_id", "cannot have the action"),
        ("set null (author_id) ; drop table posts", "cannot have the action"),
        ("set null (1)", "cannot have the action"),
        ("set null (posts.author_id)", "cannot have the action"),
        ("cascade (author_id)", "cannot have the action"),
        ("delete", "cannot have the action"),
    ],
)
def test_what_is_no_column_of_the_link_is_refused(conn: Connection, action: str, said: str) -> None:
    conn.execute(SETUP.format(link="").encode())
    error = refused(conn, DECLARE, action)
    assert error.sqlstate == "UW009"
    assert said in str(error)
    assert "set null" in str(error.diag.message_hint)
    assert conn.execute("select * from unwind.logical_foreign_keys").fetchall() == []


def test_the_real_keys_columns_are_followed_when_they_change(conn: Connection) -> None:
    conn.execute(SETUP.format(link=LINK + "set null (author_id)").encode())
    conn.execute(DECLARE, ["set null"])
    conn.execute("alter table posts drop constraint posts_pkey, alter tenant drop not null")
    conn.execute("alter table posts drop constraint written")
    conn.execute(f"alter table posts add {LINK[2:]} set null".encode())
    conn.execute(ROWS)
    assert refused(conn, COMPENSATE).sqlstate == "UW009"
    [(code, message)] = conn.execute(
        "select code, message from unwind.check_workflow('w') where message like '%%new%%'"
    ).fetchall()
    assert code == "stale_plan"
    assert message.endswith("on delete set null")
    conn.execute("select unwind.compile_workflow('w')")
    conn.execute(COMPENSATE)
    assert posts(conn)[0] == (None, 1, None)


def test_declaring_again_changes_the_columns(conn: Connection) -> None:
    conn.execute(SETUP.format(link="").encode())
    query = "select columns from unwind.plan_statements where action = 'set null'"
    for action, columns in [
        ("set null (author_id)", ["author_id"]),
        ("set null", ["author_id", "tenant"]),
        ("set null (author_id)", ["author_id"]),
    ]:
        conn.execute(DECLARE, [action])
        assert conn.execute(query.encode()).fetchall() == [(columns,)]
    conn.execute("select unwind.drop_foreign_key('posts', '{tenant,author_id}', 'authors', '{tenant,id}')")
    assert conn.execute(query.encode()).fetchall() == []


@pytest.mark.parametrize("function", ["declare", "drop"])
def test_a_link_is_the_same_in_whatever_order_its_columns_are_named(conn: Connection, function: str) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute(DECLARE, ["set null"])
    columns = "'posts', '{author_id,tenant}', 'authors', '{id,tenant}'"
    action = ", 'restrict'" if function == "declare" else ""
    conn.execute(f"select unwind.{function}_foreign_key({columns}{action})".encode())
    assert conn.execute(
        "select on_delete from unwind_internal.foreign_keys where is_declared"
    ).fetchall() == ([("restrict",)] if function == "declare" else [])


def test_preview_description_and_suggestion_name_the_columns(conn: Connection) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute(DECLARE, ["set null (author_id)"])
    conn.execute(ROWS)
    [(statement,)] = conn.execute(
        "select statement from unwind.preview_run('r') where statement like 'update%%'"
    ).fetchall()
    assert "set author_id = null" in statement
    assert "tenant = null" not in statement
    for function, lines in {
        "describe_workflow('w')": "posts (author_id, tenant) -> public.authors: set null (author_id)",
        "describe_workflow('w', 'mermaid')": "set null (author_id)",
        "describe_workflow('w', 'dot')": "set null (author_id)",
        "suggest_workflow('authors')": "declared 'set null (author_id)', needs no line",
    }.items():
        said = conn.execute(f"select * from unwind.{function}".encode()).fetchall()
        assert lines in "\n".join(line for (line,) in said)


@pytest.mark.parametrize("link", ["", LINK + "no action", LINK + "set null"])
def test_a_primary_keys_column_is_not_asked_to_become_null(conn: Connection, link: str) -> None:
    conn.execute(SETUP.format(link=link).encode())
    if "set null" not in link:
        conn.execute(DECLARE, ["set null"])
    else:
        conn.execute("select unwind.compile_workflow('w')")
    [(code, fix)] = conn.execute("select code, fix from unwind.check_workflow('w')").fetchall()
    assert code == "not_null_link"
    assert fix.endswith("'set null (author_id)');")
    conn.execute(fix.encode())
    assert conn.execute("select * from unwind.check_workflow('w')").fetchall() == []
    conn.execute(ROWS)
    conn.execute(COMPENSATE)
    assert posts(conn) == CLEARED


def test_a_declared_set_null_clears_where_the_real_key_would_set_a_default(conn: Connection) -> None:
    conn.execute("""
        create table parents (id int primary key);
        insert into parents values (0), (1);
        create table kids (id int, up int not null default 0 references parents on delete set default);
        create index on kids (up);
        select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents', 'id')
    """)
    assert conn.execute("select code from unwind.check_workflow('w')").fetchall() == []
    conn.execute("select unwind.declare_foreign_key('kids', '{up}', 'parents', '{id}', 'set null')")
    assert conn.execute("select code from unwind.check_workflow('w')").fetchall() == [("not_null_link",)]


@pytest.mark.parametrize("column", ["id int primary key", "id int generated always as identity"])
def test_where_no_column_can_be_cleared_the_link_refuses(conn: Connection, column: str) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute("create table numbers (id int primary key)")
    conn.execute("select unwind.define_step('w', 'n', 'numbers', 'id')")
    conn.execute(f"create table parts ({column}); create index on parts (id)".encode())
    conn.execute("select unwind.declare_foreign_key('parts', '{id}', 'numbers', '{id}', 'set null')")
    [(code, fix)] = conn.execute("select code, fix from unwind.check_workflow('w')").fetchall()
    assert code == "not_null_link"
    assert "'restrict'); -- or 'cascade'" in fix
    conn.execute(fix.encode())
    assert conn.execute("select * from unwind.check_workflow('w')").fetchall() == []


def test_a_cycle_that_is_cut_by_one_column(conn: Connection) -> None:
    conn.execute(
        """
        create table teams (tenant int not null, id int, lead_id int, primary key (tenant, id));
        create table people (tenant int not null, id int, team_id int, primary key (tenant, id),
            foreign key (tenant, team_id) references teams);
        alter table teams add foreign key (tenant, lead_id) references people;
        create index on people (tenant, team_id);
        create index on teams (tenant, lead_id);
        select unwind.define_workflow('t');
        select unwind.define_step('t', 'team', 'teams', 'tenant', 'id');
        select unwind.declare_foreign_key('people', '{tenant,team_id}', 'teams', '{tenant,id}');
        select unwind.declare_foreign_key(
            'teams', '{tenant,lead_id}', 'people', '{tenant,id}', 'set null (lead_id)');
        select unwind.start_run('t', 'r'), unwind.record_step('r', 'team', '1', '1');
        insert into teams values (1, 1, null), (1, 2, null);
        insert into people values (1, 7, 1), (1, 8, 2);
        update teams set lead_id = 7;
        """
    )
    conn.execute(COMPENSATE)
    assert conn.execute("select * from teams").fetchall() == [(1, 2, None)]
    assert conn.execute("select * from people").fetchall() == [(1, 8, 2)]


def test_a_column_of_the_link_that_is_not_cleared_is_watched_too(conn: Connection) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute(DECLARE, ["set null (author_id)"])
    conn.execute(ROWS)
    conn.execute("alter table posts rename tenant to client")
    assert refused(conn, COMPENSATE).sqlstate == "UW009"
    assert "column tenant of public.posts is called client now" in str(refused(conn, COMPENSATE))


@pytest.mark.parametrize("renamed", ["author_id", "tenant"])
def test_renamed_columns_are_followed_by_the_fix(conn: Connection, renamed: str) -> None:
    conn.execute(SETUP.format(link="").encode())
    conn.execute(DECLARE, ["set null (author_id)"])
    conn.execute(f"alter table posts rename {renamed} to other".encode())
    for _ in range(2):
        for (fix,) in conn.execute("select fix from unwind.check_workflow('w')").fetchall():
            conn.execute(fix.encode())
    assert conn.execute("select * from unwind.check_workflow('w')").fetchall() == []
    cleared = "other" if renamed == "author_id" else "author_id"
    assert conn.execute(
        "select columns from unwind.plan_statements where action = 'set null'"
    ).fetchall() == [([cleared],)]
