"""Looking executes no function of anybody's: no default, no cast, no domain's constraint, no view."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

EVIL = """
create sequence executed;
create function evil() returns int language sql as $$ select nextval('public.executed')::int $$;
create function evil(text) returns boolean language sql as $$ select nextval('public.executed') > 0 $$;
create domain checked as text check (evil(value));
create type mood as enum ('glad', 'sad');
create function mood_text(mood) returns text language sql as $$ select nextval('public.executed')::text $$;
create cast (mood as text) with function mood_text(mood);
create function text_mood(text) returns mood language sql
as $$ select case when nextval('public.executed') > 0 then 'glad'::public.mood end $$;
create cast (text as mood) with function text_mood(text);
create table orders (id int primary key, feeling mood unique, code checked unique);
create table moods (n int, feeling mood);
create table codes (n int, code checked);
create index on moods (feeling);
create index on codes (code);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'mood', 'orders', 'feeling');
select unwind.define_step('w', 'code', 'orders', 'code');
select unwind.declare_foreign_key('moods', '{feeling}', 'orders', '{feeling}', 'restrict');
select unwind.declare_foreign_key('codes', '{code}', 'orders', '{code}');
"""
ROWS = """
insert into orders values (1, 'glad', 'a'), (2, 'sad', 'b');
insert into moods values (1, 'sad'), (2, null);
insert into codes values (1, 'a'), (2, 'lost');
"""
DEFAULTS = {
    "nextval('executed')": "default_not_checked",
    "evil()": "default_not_checked",
    "(evil() + 1) * 2": "default_not_checked",
    "case when public.evil('x') then 1 end": "default_not_checked",
    "length(current_user)": "default_not_checked",
    "1": None,
    "77": "default_without_row",
    "'77'": "default_without_row",
    "77::bigint::int": "default_without_row",
    "null": None,
}
LOOKS = [
    "select * from unwind.check_workflow('w')",
    "select unwind.suggest_workflow('orders')",
    "select unwind.suggest_workflow('orders', 'code')",
    "select unwind.describe_workflow('w')",
    "select * from unwind.find_orphans('w')",
    "select * from unwind.find_orphans()",
    "select * from unwind.preview_run('r')",
    "select * from unwind.preview_run('q')",
    "select unwind.compile_workflow('w')",
]


@pytest.fixture
def evil(conn: Connection) -> Connection:
    conn.execute(EVIL)
    conn.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 'q')")
    # Keys of one row: that another run owns it is seen only where it is there.
    conn.execute("select unwind.record_step('r', 'order', '1'), unwind.record_step('q', 'code', 'a')")
    conn.execute(ROWS)
    conn.execute("select setval('executed', 1, false)")
    return conn


def executed(conn: Connection) -> bool:
    row = conn.execute("select is_called from executed").fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize("look", LOOKS)
def test_casts_and_domains_are_left_alone(evil: Connection, look: str) -> None:
    evil.execute(look.encode())
    assert not executed(evil)


@pytest.mark.parametrize(("default", "finding"), DEFAULTS.items())
def test_only_a_constant_default_is_looked_for(evil: Connection, default: str, finding: str | None) -> None:
    table = f"create table extras (order_id int default {default} references orders on delete set default)"
    evil.execute(table.encode())
    evil.execute("create index on extras (order_id)")
    evil.execute("select unwind.compile_workflow('w')")
    found = evil.execute(
        "select code from unwind.check_workflow('w') where object = 'public.extras'"
    ).fetchall()
    assert found == ([(finding,)] if finding else [])
    assert not executed(evil)


def test_recording_does_not_put_a_domains_constraint_to_a_key(evil: Connection) -> None:
    evil.execute("select unwind.record_step('r', 'code', 'c')")
    assert not executed(evil)


def test_an_undo_that_is_refused_shows_the_key_without_a_cast(evil: Connection) -> None:
    evil.execute("select unwind.start_run('w', 's')")
    evil.execute("select unwind.adopt_entity('s', 'order', '2')")
    with pytest.raises(psycopg.Error, match=r"rows of public\.moods") as refused:
        evil.execute("select * from unwind.compensate_run('s')")
    assert refused.value.sqlstate == "UW007"
    assert "sad" in str(refused.value.diag.message_detail)
    assert not executed(evil)
