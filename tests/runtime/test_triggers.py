"""User triggers fire, and what they keep or write is never taken for gone: the undo looks again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

import ways
from templates import Address, Templates, holding

Connection = psycopg.Connection[Any]

SCHEMA = """
create table doc (id int primary key, name text);
create table doc_history (doc_id int not null, what text);
create index on doc_history (doc_id);
create table ver (id int primary key, doc_id int not null);
create index on ver (doc_id);
create table chunk (ver_id int not null);
create index on chunk (ver_id);
create table mail (id int primary key);
create table mail_log (mail_id int not null);
create index on mail_log (mail_id);
create table calls (run text);
create function write_history() returns trigger language plpgsql as
$$ begin insert into doc_history values (old.id, 'deleted'); return old; end $$;
select unwind.define_workflow('w');
select unwind.define_step('w', 'begin', 'calls', 'run');
select unwind.define_step('w', 'doc', 'doc', 'id');
select unwind.define_step('w', 'mail', 'mail', 'id');
select unwind.declare_foreign_key('doc_history', '{doc_id}', 'doc', '{id}', 'cascade');
select unwind.declare_foreign_key('ver', '{doc_id}', 'doc', '{id}', 'cascade');
select unwind.declare_foreign_key('chunk', '{ver_id}', 'ver', '{id}', 'cascade');
select unwind.declare_foreign_key('mail_log', '{mail_id}', 'mail', '{id}', 'cascade');
"""
ROWS = """
select unwind.start_run('w', 'r' || n), unwind.record_step('r' || n, 'doc', n::text),
    unwind.record_step('r' || n, 'mail', n::text) from generate_series(1, 3) as n;
insert into doc select n, 'doc ' || n from generate_series(1, 4) as n;
insert into doc_history select n, 'made' from generate_series(1, 4) as n, generate_series(1, 3);
insert into ver select 10 * n + v, n from generate_series(1, 4) as n, generate_series(1, 3) as v;
insert into chunk select id from ver, generate_series(1, 3);
insert into mail select n from generate_series(1, 4) as n;
insert into mail_log select n from generate_series(1, 4) as n;
"""
TABLES = ("doc", "doc_history", "ver", "chunk", "mail", "mail_log", "note", "calls")


@dataclass(frozen=True)
class Case:
    """A schema in which code of the user's runs during an undo; rows of it, made after ROWS."""

    name: str
    sql: str
    rows: str = ""

    def __str__(self) -> str:
        return self.name


WRITES = [
    Case(
        "a row trigger",
        "create trigger t after delete on doc for each row execute function write_history()",
    ),
    Case(
        "a BEFORE trigger",
        "create trigger t before delete on doc for each row execute function write_history()",
    ),
    Case(
        "a statement trigger",
        """
        create function write_histories() returns trigger language plpgsql as
        $$ begin insert into doc_history select id, 'deleted' from gone; return null; end $$;
        create trigger t after delete on doc referencing old table as gone
        for each statement execute function write_histories()
        """,
    ),
    Case(
        "a deferred constraint trigger",
        """
        create constraint trigger t after delete on doc deferrable initially deferred
        for each row execute function write_history()
        """,
    ),
    Case(
        "a deferred trigger of the row that a trigger writes",
        """
        create trigger t after delete on doc for each row execute function write_history();
        create function write_chunk() returns trigger language plpgsql as
        $$ begin insert into chunk values (10 * new.doc_id + 1); return null; end $$;
        create constraint trigger t after insert on doc_history deferrable
        for each row when (new.what = 'deleted') execute function write_chunk()
        """,
    ),
    Case(
        "a rule",
        "create rule r as on delete to doc do also insert into doc_history values (old.id, 'deleted')",
    ),
    Case(
        "a trigger of a partition alone",
        """
        drop table doc cascade;
        create table doc (id int, name text) partition by range (id);
        create table doc_1 partition of doc for values from (0) to (2);
        create table doc_2 partition of doc for values from (2) to (9);
        create trigger t after delete on doc_2 for each row execute function write_history();
        delete from unwind.step_roots where root_table not in (select oid from pg_class);
        delete from unwind.logical_foreign_keys where parent_table not in (select oid from pg_class);
        select unwind.define_step('w', 'doc', 'doc', 'id');
        select unwind.declare_foreign_key('doc_history', '{doc_id}', 'doc', '{id}', 'cascade');
        select unwind.declare_foreign_key('ver', '{doc_id}', 'doc', '{id}', 'cascade')
        """,
    ),
    Case(
        "a trigger of a table that inherits",
        """
        create table special_doc () inherits (doc);
        create trigger t after delete on special_doc for each row execute function write_history()
        """,
        "delete from doc where id < 3; insert into special_doc values (1, 'x'), (2, 'x')",
    ),
    Case(
        "below a captured parent",
        """
        create function write_chunk() returns trigger language plpgsql as
        $$ begin insert into chunk values (old.id); return old; end $$;
        create trigger t after delete on ver for each row execute function write_chunk()
        """,
    ),
    Case(
        "an UPDATE trigger fired by PostgreSQL's own SET NULL",
        """
        create table note (doc_id int references doc on delete set null);
        create index on note (doc_id);
        create function write_old() returns trigger language plpgsql as
        $$ begin insert into doc_history values (old.doc_id, 'cleared'); return new; end $$;
        create trigger t after update on note for each row execute function write_old()
        """,
        "insert into note select id from doc",
    ),
    Case(
        "an UPDATE trigger fired by a declared set null",
        """
        create table note (doc_id int);
        create index on note (doc_id);
        select unwind.declare_foreign_key('note', '{doc_id}', 'doc', '{id}', 'set null');
        create function write_old() returns trigger language plpgsql as
        $$ begin insert into doc_history values (old.doc_id, 'cleared'); return new; end $$;
        create trigger t before update on note for each row execute function write_old()
        """,
        "insert into note select id from doc",
    ),
]
WRITES_FOR_ANOTHER_STEP = [
    Case(
        "a trigger",
        """
        create function write_log() returns trigger language plpgsql as
        $$ begin insert into mail_log values (old.doc_id); return old; end $$;
        create trigger t after delete on ver for each row execute function write_log()
        """,
    ),
    Case(
        "a custom step",
        """
        create table posts (run text);
        create function undo_post(run_ids text[]) 
        returns table (run_id text, table_name text, rows_deleted bigint) language sql as $$
            insert into mail_log select substr(r, 2)::int from unnest(run_ids) as r;
            insert into posts select r from unnest(run_ids) as r;
            select r, 'posts', 0::bigint from unnest(run_ids) as r
        $$;
        delete from unwind.step_roots where step = 'begin';
        select unwind.define_custom_step('w', 'begin', 'undo_post(text[])')
        """,
        "select unwind.record_step('r' || n, 'begin', 'x' || n) from generate_series(1, 3) as n",
    ),
]
REFUSES = [
    Case(
        "a BEFORE DELETE trigger that keeps a row",
        """
        create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger keeper before delete on ver for each row when (old.id = 11) execute function keep()
        """,
    ),
    Case(
        "a rule that keeps rows",
        "create rule keeper as on delete to ver where old.id = 11 do instead nothing",
    ),
    Case(
        "a trigger that writes the row again, for ever",
        """
        create function again() returns trigger language plpgsql as
        $$ begin insert into ver values (old.id, old.doc_id); return null; end $$;
        create trigger keeper after delete on ver for each row when (old.id = 11) execute function again()
        """,
    ),
    Case(
        "a BEFORE UPDATE trigger that keeps a link",
        """
        create table note (doc_id int);
        create index on note (doc_id);
        select unwind.declare_foreign_key('note', '{doc_id}', 'doc', '{id}', 'set null');
        create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger keeper before update on note for each row execute function keep()
        """,
        "insert into note values (1)",
    ),
]
# Where the table itself is another one, or what the trigger needs is a link, more than that is stale.
MADE_AFTER = [case for case in WRITES if "UPDATE" not in case.name and "partition" not in case.name]
TOGETHER = [way for way in ways.ALL if way.name != "compensate_step"]


COMPILE = "select unwind.compile_workflow('w')"
plain_template = holding(SCHEMA)


@pytest.fixture
def case_template(templates: Templates, case: Case) -> Address:
    """Three runs of a doc and a mail each, and as much that belongs to nobody; compiled."""
    return templates(SCHEMA, case.sql, COMPILE, ROWS, case.rows)


@pytest.fixture
def stale_template(templates: Templates, case: Case) -> Address:
    """The same, not compiled since the trigger was made."""
    return templates(SCHEMA, case.sql, ROWS, case.rows)


@pytest.fixture
def target(dsn: str, pg_bin: Path) -> ways.Target:
    return ways.Target(dsn, pg_bin)


def prepare(conn: Connection, case: Case) -> None:
    """The same for one test, on the schema alone."""
    for script in (case.sql, COMPILE, ROWS, case.rows):
        conn.execute(script.encode())


def contents(conn: Connection) -> dict[str, list[str]]:
    """Every row of every table."""
    found = {}
    for table in TABLES:
        if conn.execute("select to_regclass(%s)", [table]).fetchone() != (None,):
            rows = conn.execute(f"select t::text from {table} as t order by 1".encode()).fetchall()
            found[table] = [text for (text,) in rows]
    return found


def others(before: dict[str, list[str]], *keys: int) -> dict[str, list[str]]:
    """The rows of these keys alone; a link that was cleared is a row without."""
    kept = {}
    for table, rows in before.items():
        of_key = [[row for row in rows if row.strip("()").split(",")[0][:1] == str(key)] for key in keys]
        kept[table] = sorted(row for rows_of_key in of_key for row in rows_of_key)
        if table == "note":
            kept[table] += ["()"] * (len(rows) - len(kept[table]))
            kept[table].sort()
    return kept


def statuses(conn: Connection) -> dict[str, str]:
    return dict(conn.execute("select id, status from unwind.workflow_runs order by id").fetchall())


def receipts(conn: Connection, table: str) -> int:
    row = conn.execute(
        "select coalesce(sum(rows_deleted), 0) from unwind.compensations where table_name = %s",
        [f"public.{table}"],
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("way", ways.ALL, ids=str)
@pytest.mark.parametrize("case", WRITES, ids=str)
def test_what_users_code_writes_during_an_undo_goes_too(
    case_template: Address, conn: Connection, target: ways.Target, case: Case, way: ways.Way
) -> None:
    before = contents(conn)
    way(target, ["r1", "r2"])
    assert contents(conn) == others(before, 3, 4)
    assert statuses(conn) == {"r1": "COMPENSATED", "r2": "COMPENSATED", "r3": "RUNNING"}
    for run in ("r1", "r2"):
        assert conn.execute("select * from unwind.verify_run(%s)", [run]).fetchall() == []
    written = sum(receipts(conn, table) for table in ("doc_history", "chunk", "mail_log"))
    assert written > (3 + 9 + 1) * 2, "what was written is on the receipts"


@pytest.mark.parametrize("way", TOGETHER, ids=str)
@pytest.mark.parametrize("case", WRITES_FOR_ANOTHER_STEP, ids=str)
def test_what_an_early_step_writes_into_tables_of_a_later_one_goes_too(
    case_template: Address, conn: Connection, target: ways.Target, case: Case, way: ways.Way
) -> None:
    if way.name == "rewind_run" and "custom" in case.name:
        pytest.xfail("it is the first step, so its undo is a call of its own")
    before = contents(conn)
    way(target, ["r1", "r2"])
    assert contents(conn) == others(before, 3, 4)
    assert statuses(conn)["r1"] == "COMPENSATED"
    if "custom" in case.name:
        assert conn.execute("select run from posts order by 1").fetchall() == [("r1",), ("r2",)]


def test_what_a_step_writes_for_one_that_was_undone_before_is_shown_by_verify_run(
    plain_template: Address, conn: Connection, target: ways.Target
) -> None:
    """Its key is not the run's any more: whoever made the row, it is not for this undo to delete."""
    prepare(conn, WRITES_FOR_ANOTHER_STEP[0])
    conn.execute("select unwind.compensate_step('r1', 'mail')")
    ways.compensate_run(target, ["r1"])
    assert conn.execute("select * from unwind.verify_run('r1')").fetchall() == [("public.mail_log", 3)]


@pytest.mark.parametrize("way", ways.ALL, ids=str)
@pytest.mark.parametrize("case", REFUSES, ids=str)
def test_a_row_that_users_code_keeps_is_uw007_naming_table_and_trigger(
    case_template: Address, conn: Connection, target: ways.Target, case: Case, way: ways.Way
) -> None:
    before = contents(conn)
    with pytest.raises(ways.Refused) as refused:
        way(target, ["r1"])
    assert refused.value.sqlstate == "UW007"
    table = "note" if "link" in case.name else "ver"
    assert f"rows of public.{table} were not deleted" in str(refused.value)
    assert "keeper" in str(refused.value)
    assert statuses(conn)["r1"] != "COMPENSATED"
    if way.name in ("compensate_step", "rewind_run", "in_batches"):  # what went before is committed
        assert contents(conn)["doc"] == before["doc"]
        assert len(contents(conn)[table]) >= 1
    else:
        assert contents(conn) == before
        assert receipts(conn, "doc_history") == 0


def test_a_trigger_elsewhere_that_writes_rows_for_ever_is_named_too(
    plain_template: Address, conn: Connection, target: ways.Target
) -> None:
    prepare(
        conn,
        Case(
            "",
            """
            create function ping() returns trigger language plpgsql as
            $$ begin insert into chunk values (11); return null; end $$;
            create trigger ping after delete on chunk for each statement execute function ping();
            alter table chunk rename to chunks; alter table chunks rename to chunk;
            create function pong() returns trigger language plpgsql as
            $$ begin insert into doc_history values (1, 'deleted'); return null; end $$;
            create trigger pong after insert on chunk for each statement execute function pong();
            """,
        ),
    )
    with pytest.raises(ways.Refused, match=r"public\.(chunk|doc_history) were not deleted") as refused:
        ways.compensate_run(target, ["r1"])
    assert refused.value.sqlstate == "UW007"
    assert "ping" in str(refused.value)
    assert "chunk" in str(refused.value)


def test_where_a_table_has_none_the_hint_names_the_table_that_has(
    plain_template: Address, conn: Connection, target: ways.Target
) -> None:
    prepare(
        conn,
        Case(
            "",
            """
            create function ping() returns trigger language plpgsql as
            $$ begin insert into doc_history values (1, 'deleted'); return null; end $$;
            create trigger ping after delete on doc for each statement execute function ping();
            """,
        ),
    )
    with pytest.raises(ways.Refused, match=r"public\.doc_history were not deleted") as refused:
        ways.compensate_run(target, ["r1"])
    assert "Triggers and rules there: none." in str(refused.value)
    assert "Elsewhere, where they may write such rows: public.doc (" in str(refused.value)
    assert "another session" not in str(refused.value)
    assert "alter table public.doc disable trigger" in str(refused.value)


@pytest.mark.parametrize("way", ways.ALL, ids=str)
@pytest.mark.parametrize("case", MADE_AFTER, ids=str)
def test_a_trigger_made_after_compiling_makes_the_plan_stale_until_it_is_compiled(
    stale_template: Address, conn: Connection, target: ways.Target, case: Case, way: ways.Way
) -> None:
    before = contents(conn)
    with pytest.raises(ways.Refused) as refused:
        way(target, ["r1"])
    assert refused.value.sqlstate == "UW009"
    assert "triggers or rules of public" in str(refused.value)
    assert "select unwind.compile_workflow('w')" in str(refused.value) or way.name == "recover_runs"
    assert contents(conn)["doc_history"] == before["doc_history"]
    conn.execute("select unwind.compile_workflow('w')")
    conn.execute(
        "update unwind.workflow_runs set retry_at = null, claimed_by = null, lease_expires_at = null"
    )
    ways.compensate_run(target, ["r1"])
    assert conn.execute("select count(*) from doc_history where doc_id = 1").fetchone() == (0,)


def test_an_update_trigger_made_after_compiling_makes_the_plan_stale_too(
    plain_template: Address, conn: Connection, target: ways.Target
) -> None:
    [case] = [case for case in WRITES if "declared set null" in case.name]
    table, trigger = case.sql.split("create function")
    prepare(conn, Case("", table, case.rows))
    conn.execute(f"create function {trigger}".encode())
    with pytest.raises(ways.Refused, match=r"triggers or rules of public\.note are new: t") as refused:
        ways.compensate_run(target, ["r1"])
    assert refused.value.sqlstate == "UW009"
    conn.execute("select unwind.compile_workflow('w')")
    ways.compensate_run(target, ["r1"])
    assert conn.execute("select count(*) from doc_history where doc_id = 1").fetchone() == (0,)


def test_a_workflow_without_triggers_has_one_pass_and_no_look(
    plain_template: Address, conn: Connection
) -> None:
    prepare(conn, Case("", ""))
    assert conn.execute("select looks_again from unwind.workflows").fetchone() == (False,)
    [(body,)] = conn.execute("select prosrc from pg_proc where proname = 'compensate_many_w'").fetchall()
    assert "v_pass" not in body
    assert "v_left" not in body


@pytest.mark.parametrize(
    "trigger",
    [
        "create trigger t after insert on doc for each row execute function write_history()",
        "create trigger t after update on doc for each row execute function write_history()",
        "create trigger t after delete on doc for each row execute function write_history();"
        "alter table doc disable trigger t",
        "create table elsewhere (id int); create rule t as on delete to elsewhere do instead nothing",
    ],
)
def test_a_trigger_that_an_undo_does_not_fire_costs_nothing(
    plain_template: Address, conn: Connection, trigger: str
) -> None:
    conn.execute(f"{trigger}; select unwind.compile_workflow('w')".encode())
    assert conn.execute("select looks_again from unwind.workflows").fetchone() == (False,)


def test_deferred_triggers_are_deferred_again_after_the_undo(
    plain_template: Address, conn: Connection
) -> None:
    [case] = [case for case in WRITES if case.name == "a deferred constraint trigger"]
    prepare(conn, case)
    with conn.transaction():
        conn.execute("select * from unwind.compensate_run('r1')")
        conn.execute("delete from doc where id = 4")
        assert conn.execute("select count(*) from doc_history where what = 'deleted'").fetchone() == (0,)
    assert conn.execute("select doc_id from doc_history where what = 'deleted'").fetchall() == [(4,)]


def test_deferred_triggers_of_tables_that_an_undo_does_not_touch_stay_deferred(
    plain_template: Address, conn: Connection
) -> None:
    [case] = [case for case in WRITES if case.name == "a deferred constraint trigger"]
    conn.execute("""
        create table owners (id int primary key); insert into owners values (1);
        alter table doc add owner_id int default 1 references owners;
        create table noted (id int);
        create function note() returns trigger language plpgsql as
        $$ begin insert into noted values (new.id); return null; end $$;
        create constraint trigger noting after update on owners deferrable initially deferred
        for each row execute function note();
    """)
    prepare(conn, case)
    with conn.transaction():
        conn.execute("update owners set id = id")
        conn.execute("select * from unwind.compensate_run('r1')")
        assert conn.execute("select * from noted").fetchall() == []
    assert conn.execute("select * from noted").fetchall() == [(1,)]


def test_users_triggers_find_what_the_callers_search_path_has(
    plain_template: Address, conn: Connection
) -> None:
    [case] = [case for case in WRITES if case.name == "a deferred constraint trigger"]
    prepare(conn, case)
    conn.execute("create schema elsewhere; create table elsewhere.doc_history (doc_id int, what text)")
    conn.execute("set search_path = elsewhere, public")
    conn.execute("select * from unwind.compensate_run('r1')")
    assert conn.execute("select * from elsewhere.doc_history").fetchall() == [(1, "deleted")]


def test_children_of_a_row_that_is_gone_already_go_also_where_the_undo_looks_again(
    plain_template: Address, conn: Connection, target: ways.Target
) -> None:
    """A link to another column makes the parent captured; those by its key are still found by the key."""
    prepare(
        conn,
        Case(
            "",
            """
            create table label (doc_name text);
            create index on label (doc_name);
            select unwind.declare_foreign_key('label', '{doc_name}', 'doc', '{name}', 'cascade');
            create trigger t after delete on doc for each row execute function write_history()
            """,
        ),
    )
    conn.execute(
        "alter table doc disable trigger t; delete from doc where id = 1; alter table doc enable trigger t"
    )
    ways.compensate_run(target, ["r1"])
    for table, column in (("doc_history", "doc_id"), ("ver", "doc_id"), ("chunk", "ver_id / 10")):
        found = conn.execute(f"select count(*) from {table} where {column} = 1".encode()).fetchone()
        assert found == (0,), table
