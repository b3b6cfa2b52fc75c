"""record_entities records many keys of a step at once, all or none."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


@pytest.fixture
def started(db: Any) -> Any:
    """A run that has recorded nothing."""
    db("select unwind.start_run('w', 'r')")
    return db


def record(db: Any, step: str, keys: str) -> Any:
    """How many of the keys are new to run r."""
    return db.value("select unwind.record_entities('r', %s, %s::text[])", step, keys)


def refused(db: Any, step: str, keys: str) -> psycopg.Error:
    """The error; nothing is recorded."""
    before = recorded(db)
    error: psycopg.Error = db.refused("select unwind.record_entities('r', %s, %s::text[])", step, keys)
    assert recorded(db) == before
    return error


def recorded(db: Any) -> list[tuple[str, list[str]]]:
    """What run r has in its ledger and owns."""
    found: list[tuple[str, list[str]]] = db(
        "select step, entity_key from unwind.run_steps"
        " where run_id = 'r' and compensated_at is null order by 1, 2"
    )
    owned = db("select entity_key from unwind.entity_owners where run_id = 'r'")
    assert {tuple(key) for _, key in found} == {tuple(key) for (key,) in owned}
    return found


@pytest.mark.parametrize("keys", ["{b,a}", "{{b},{a}}", "[0:1]={b,a}", "{a,b,a}"])
def test_an_array_is_so_many_keys_of_one_column_in_one_dimension_or_two(started: Any, keys: str) -> None:
    assert record(started, "order", keys) == 2
    assert recorded(started) == [("order", ["a"]), ("order", ["b"])]


def test_keys_of_two_columns_are_the_rows_of_an_array(started: Any) -> None:
    assert record(started, "parcel", "{{1,2},{1,03},{1,3}}") == 2
    assert recorded(started) == [("parcel", ["1", "2"]), ("parcel", ["1", "3"])]


def test_no_keys_are_no_keys(started: Any) -> None:
    assert record(started, "order", "{}") == 0
    assert recorded(started) == []


def test_what_was_recorded_before_is_not_counted_again(started: Any) -> None:
    started("select unwind.record_step('r', 'order', 'b')")
    started.conn.execute("insert into orders values ('b')")
    assert record(started, "order", "{a,b,c}") == 2
    assert record(started, "order", "{a,b,c}") == 0


def test_their_rows_are_undone_together(started: Any) -> None:
    keys = [f"o{number}" for number in range(1000)]
    assert started.value("select unwind.record_entities('r', 'order', %s)", keys) == 1000
    started.conn.execute("insert into orders select unnest(%s::text[])", [keys])
    started.conn.execute("insert into orders values ('stays')")
    assert started(
        "select rows_deleted from unwind.compensate_run('r') where table_name = 'public.orders'"
    ) == [(1000,)]
    assert started("select id from orders") == [("stays",)]


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ("{{1,2},{1,x},{y,1}}", "'x'"),
        ("{{1,2},{1,NULL}}", "null"),
        ("{1,2}", "2 values, not 1"),
        ("{}", None),
    ],
)
def test_the_first_key_that_is_none_is_named(started: Any, keys: str, named: str | None) -> None:
    if named is None:
        assert record(started, "parcel", keys) == 0
        return
    error = refused(started, "parcel", keys)
    assert error.sqlstate == "UW009"
    assert named in str(error)


@pytest.mark.parametrize("keys", ["{{{a}}}", None])
def test_what_is_no_list_of_keys_is_refused(started: Any, keys: Any) -> None:
    assert refused(started, "order", keys).sqlstate == "UW009"


def test_the_first_row_that_was_there_is_named_in_the_order_of_the_keys_given(started: Any) -> None:
    started.conn.execute("insert into orders values ('a'), ('b')")
    error = refused(started, "order", "{z,b,a}")
    assert error.sqlstate == "UW017"
    assert "(id)=(b)" in str(error)


def test_the_first_key_that_offends_is_named_whatever_the_offence(started: Any) -> None:
    started("select unwind.start_run('w', 'other'), unwind.record_step('other', 'order', 'theirs')")
    started.conn.execute("insert into orders values ('there'), ('theirs')")
    error = refused(started, "order", "{z,theirs,there}")
    assert error.sqlstate == "UW004"
    assert "(id)=(theirs)" in str(error)
    assert "'other'" in str(error)
    assert refused(started, "order", "{z,there,theirs}").sqlstate == "UW017"


def test_rows_that_this_transaction_wrote_are_no_offence(started: Any) -> None:
    with started.conn.transaction():
        started.conn.execute(
            "insert into orders values ('a'); savepoint s; insert into orders values ('b'); release s"
        )
        assert record(started, "order", "{a,b,c}") == 3
    with started.conn.transaction():
        started.conn.execute("insert into orders values ('d')")
        assert record(started, "order", "{a,b,c,d}") == 1


def test_keys_of_an_undone_run_or_step_are_free(started: Any) -> None:
    started("select unwind.start_run('w', 'old'), unwind.record_step('old', 'order', 'b')")
    started("select * from unwind.compensate_run('old')")
    started("select unwind.record_step('r', 'order', 'c')")
    started("select * from unwind.compensate_step('r', 'order')")
    assert record(started, "order", "{a,b,c}") == 3
    assert recorded(started) == [("order", [key]) for key in "abc"]


def test_what_another_step_of_the_run_recorded_may_be_there(started: Any) -> None:
    started("select unwind.define_step('w', 'again', 'orders', 'id')")
    started("select unwind.record_step('r', 'order', 'a')")
    started.conn.execute("insert into orders values ('a'), ('stray')")
    assert record(started, "again", "{b,a}") == 2
    assert refused(started, "again", "{c,stray,a}").sqlstate == "UW017"


@pytest.mark.parametrize(
    ("kind", "given", "kept", "there"),
    [
        ("numeric(8, 2)", "{1.50,2}", ["1.5", "2"], "2.00"),
        ("timestamptz", '{2024-02-01 12:00:00+02,"2024-02-01 11:00:00+00"}', None, "2024-02-01 13:00:00+02"),
        ("varchar(3)", "{abc,abd}", ["abc", "abd"], "abd"),
        ("varchar(3)[]", '{"{ a}","{b}"}', ["{a}", "{b}"], "{b}"),
        ("smallint", "{-7,007}", ["-7", "7"], "7"),
        ("bigint", "{12345678901,+8}", ["12345678901", "8"], "8"),
        ("code", "{x,y}", ["x", "y"], "y"),
        ("mood", "{good,bad}", ["bad", "good"], "bad"),
        ("interval", "{1 day,24:00:01}", None, "86401 seconds"),
    ],
)
def test_keys_of_any_type_are_recorded_as_the_type_writes_them(
    db: Any, kind: str, given: str, kept: list[str] | None, there: str
) -> None:
    db.conn.execute(
        "create domain code as text check (value <> ''); create type mood as enum ('good', 'bad');"
        f"create table things (id {kind} primary key)"
    )
    db("select unwind.define_step('w', 'thing', 'things', 'id')")
    db("select unwind.start_run('w', 'r'), unwind.start_run('w', 'next')")
    with db.conn.transaction(force_rollback=True):
        assert record(db, "thing", given) == 2
        found = [key for _, (key,) in db("select step, entity_key from unwind.run_steps order by entity_key")]
        assert kept is None or found == kept
        again = db.refused("select unwind.record_entities('next', 'thing', %s)", given)
        assert again.sqlstate == "UW004"
    db.conn.execute(f"insert into things values (%s::text::{kind})", [there])
    assert db.refused("select unwind.record_entities('r', 'thing', %s)", given).sqlstate == "UW017"


def test_every_root_of_the_step_is_owned_and_looked_at(db: Any) -> None:
    db.conn.execute("create table notes (order_id text)")
    db("select unwind.define_step('w', 'order', 'notes', 'order_id')")
    db("select unwind.start_run('w', 'r')")
    assert record(db, "order", "{a,b}") == 2
    assert db.value("select count(*) from unwind.entity_owners") == 4
    db.conn.execute("insert into notes values ('c')")
    assert refused(db, "order", "{d,c}").diag.table_name == "public.notes"


def test_a_custom_step_takes_keys_of_any_width(db: Any) -> None:
    db.conn.execute(
        "create function undo_it(run_ids text[]) "
        "returns table (run_id text, table_name text, rows_deleted bigint) "
        "language sql as 'select null::text, null::text, 0::bigint where false'"
    )
    db("select unwind.define_custom_step('w', 'own', 'undo_it(text[])')")
    db("select unwind.start_run('w', 'r')")
    assert record(db, "own", "{a,b}") == 2
    assert record(db, "own", "{{a,b},{c,d}}") == 2


def test_a_row_that_another_run_owns_by_other_columns_is_refused(db: Any) -> None:
    db.conn.execute("alter table orders add column code text")
    db("select unwind.define_workflow('by code'), unwind.define_step('by code', 'order', 'orders', 'code')")
    db("select unwind.start_run('w', 'r'), unwind.start_run('by code', 'c')")
    db("select unwind.record_step('c', 'order', 'x')")
    with db.conn.transaction(force_rollback=True):
        db.conn.execute("insert into orders values ('a', 'y'), ('b', 'x')")
        error = db.refused("select unwind.record_entities('r', 'order', '{a,b}')")
        assert error.sqlstate == "UW004"
        assert "'c'" in str(error)


def test_a_table_that_changed_since_it_was_planned_says_so(started: Any) -> None:
    started.conn.execute("alter table orders rename column id to number")
    error = refused(started, "order", "{a,b}")
    assert error.sqlstate == "UW009"
    assert "compiled anew" in str(error)


@pytest.mark.parametrize("second", ["{c,b,a}", "{b}"])
def test_two_runs_that_record_the_same_keys_at_once_do_not_deadlock(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any, second: str
) -> None:
    db("select unwind.start_run('w', 'r'), unwind.start_run('w', 'q')")
    one, two = connect(autocommit=False), connect(autocommit=False)
    one.execute("select unwind.record_entities('r', 'order', '{a,b,c}')")
    waiting = in_background(two.execute, f"select unwind.record_entities('q', 'order', '{second}')")
    wait_until_blocked(two)
    one.commit()
    with pytest.raises(psycopg.Error) as error:
        waiting.result()
    assert error.value.sqlstate == "UW004"


def test_keys_that_another_gives_up_while_they_are_waited_for_are_recorded(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    db("select unwind.start_run('w', 'r'), unwind.start_run('w', 'q')")
    one, two = connect(autocommit=False), connect(autocommit=False)
    one.execute("select unwind.record_entities('r', 'order', '{a,b,c}')")
    waiting = in_background(two.execute, "select unwind.record_entities('q', 'order', '{c,b,a}')")
    wait_until_blocked(two)
    one.rollback()
    assert waiting.result().fetchone() == (3,)


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ("select unwind.complete_run('r')", "UW002"),
        ("select unwind.claim_run('r', 'somebody')", "UW003"),
        ("delete from unwind.workflow_runs", "UW001"),
    ],
)
def test_the_run_has_to_be_the_callers_and_running(started: Any, change: str, sqlstate: str) -> None:
    started.conn.execute(change.encode())
    assert started.refused("select unwind.record_entities('r', 'order', '{a}')").sqlstate == sqlstate
