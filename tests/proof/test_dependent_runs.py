"""Where other runs are in the way, all that have to go together are named, and one call undoes them."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

# A chain of workflows: a post refers to a topic, a reply to a post, a vote to a reply; and a mail to none.
SETUP = """
create table topics (id text primary key);
create table posts (id text primary key, topic text references topics);
create table replies (id text primary key, post text references posts);
create table votes (id int generated always as identity primary key, reply text references replies);
create table mails (id text primary key);
create index on posts (topic);
create index on replies (post);
create index on votes (reply);
select unwind.define_workflow(w), unwind.define_step(w, 's', t, 'id')
from (values
    ('topic', 'topics'::regclass), ('post', 'posts'), ('reply', 'replies'), ('vote', 'votes'),
    ('mail', 'mails')
) as x (w, t);
"""
FOUND = "select run_id, workflow, status, reason from unwind.find_dependent_runs(%s)"

forum_template = holding(SETUP)


@pytest.fixture
def forum(forum_template: Any, conn: Connection) -> Connection:
    """A run of each workflow, called after it, each below the one before; all FAILED but the reply's."""
    for workflow, table, parent in [
        ("topic", "topics", None),
        ("post", "posts", "topic"),
        ("reply", "replies", "post"),
        ("mail", "mails", None),
    ]:
        conn.execute("select unwind.start_run(%s, %s)", [workflow, workflow])
        conn.execute("select unwind.record_step(%s, 's', %s)", [workflow, workflow])
        conn.execute(
            f"insert into {table} values (%s{', %s' if parent else ''})".encode(),
            [workflow, *([parent] if parent else [])],
        )
    conn.execute("select unwind.fail_run(r, 'as planned') from unnest('{topic,post,mail}'::text[]) as r")
    return conn


def hinted(conn: Connection, run: str) -> str:
    with pytest.raises(psycopg.Error) as refused:
        conn.execute("select * from unwind.compensate_run(%s)", [run])
    assert refused.value.sqlstate == "UW007"
    [call] = re.findall(
        r"select \* from unwind\.compensate_runs\(.*\);", str(refused.value.diag.message_hint)
    )
    return str(call)


def left(conn: Connection) -> list[str]:
    return [
        row[0]
        for row in conn.execute(
            "select id from topics union select id from posts union select id from replies"
            " union select id from mails union select 'vote' from votes order by 1"
        ).fetchall()
    ]


def test_runs_are_found_transitively_each_with_its_reason(forum: Connection) -> None:
    assert forum.execute(FOUND, ["topic"]).fetchall() == [
        ("post", "post", "FAILED", "its rows of public.posts refer to those of run 'topic'"),
        ("reply", "reply", "RUNNING", "its rows of public.replies refer to those of run 'post'"),
    ]
    assert forum.execute(FOUND, ["reply"]).fetchall() == []
    assert forum.execute(FOUND, ["mail"]).fetchall() == []


def test_the_hint_of_a_refusal_undoes_all_of_them_and_no_other(forum: Connection) -> None:
    call = hinted(forum, "topic")
    assert "force" not in call
    forum.execute(call.encode())
    assert left(forum) == ["mail"]


def test_it_has_force_where_a_run_of_them_takes_it(forum: Connection) -> None:
    forum.execute("select unwind.complete_run('reply')")
    call = hinted(forum, "topic")
    assert call.endswith(", force => true);")
    forum.execute(call.encode())
    assert left(forum) == ["mail"]


def test_it_has_force_where_a_worker_claims_one(forum: Connection) -> None:
    forum.execute("select unwind.claim_run('reply', 'elsewhere', '1 hour')")
    call = hinted(forum, "topic")
    assert call.endswith(", force => true);")
    forum.execute(call.encode())
    assert left(forum) == ["mail"]


def test_a_run_of_the_chain_that_is_undone_ends_it(forum: Connection) -> None:
    forum.execute("select unwind.compensate_run('reply')")
    assert [row[0] for row in forum.execute(FOUND, ["topic"]).fetchall()] == ["post"]
    forum.execute("select unwind.compensate_run('post')")
    assert forum.execute(FOUND, ["topic"]).fetchall() == []


def test_of_hundreds_of_runs_each_is_in_the_call_once(forum: Connection) -> None:
    forum.execute(
        """
        select unwind.start_run('post', 'p' || n), unwind.record_step('p' || n, 's', 'p' || n)
        from generate_series(1, 300) as n;
        insert into posts select 'p' || n, 'topic' from generate_series(1, 300) as n;
        """
    )
    found = [row[0] for row in forum.execute(FOUND, ["topic"]).fetchall()]
    assert len(found) == len(set(found)) == 302
    forum.execute(hinted(forum, "topic").encode())
    assert left(forum) == ["mail"]


def test_runs_whose_rows_would_go_too_are_found(conn: Connection) -> None:
    """By a cascade link into a table of another step's roots."""
    conn.execute(
        """
        create table orders (id text primary key);
        create table parcels (id text primary key, order_id text references orders);
        create index on parcels (order_id);
        select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id'),
            unwind.define_step('w', 'parcel', 'parcels', 'id');
        select unwind.declare_foreign_key('parcels', '{order_id}', 'orders', '{id}', 'cascade');
        select unwind.start_run('w', 'a'), unwind.start_run('w', 'b'),
            unwind.record_step('a', 'order', 'o'), unwind.record_step('b', 'parcel', 'p');
        insert into orders values ('o');
        insert into parcels values ('p', 'o');
        """
    )
    assert conn.execute(FOUND, ["a"]).fetchall() == [
        ("b", "w", "RUNNING", "its rows of public.parcels would go with those of run 'a'")
    ]
    conn.execute(hinted(conn, "a").encode())
    assert conn.execute("select from orders union all select from parcels").fetchall() == []


def test_a_ring_of_runs_comes_to_an_end(conn: Connection) -> None:
    conn.execute(
        """
        create table swaps (id text primary key, other text);
        create index on swaps (other);
        select unwind.define_workflow('w'), unwind.define_step('w', 's', 'swaps', 'id');
        select unwind.declare_foreign_key('swaps', '{other}', 'swaps', '{id}', 'restrict');
        select unwind.start_run('w', r), unwind.record_step(r, 's', r) from unnest('{a,b,c}'::text[]) as r;
        insert into swaps values ('a', 'b'), ('b', 'c'), ('c', 'a');
        """
    )
    assert [row[0] for row in conn.execute(FOUND, ["a"]).fetchall()] == ["c", "b"]
    conn.execute(hinted(conn, "a").encode())
    assert conn.execute("select from swaps").fetchall() == []


def test_a_row_of_nobody_leaves_the_runs_as_they_are_found(forum: Connection) -> None:
    forum.execute("insert into votes (reply) values ('reply')")
    assert [row[0] for row in forum.execute(FOUND, ["topic"]).fetchall()] == ["post", "reply"]
    with pytest.raises(psycopg.Error) as refused:
        forum.execute(hinted(forum, "topic").encode())
    assert refused.value.sqlstate == "UW007" and "votes" in str(refused.value)


@pytest.mark.parametrize("run", ["nothing", None])
def test_an_unknown_run_is_named(forum: Connection, run: str | None) -> None:
    with pytest.raises(psycopg.Error) as refused:
        forum.execute(FOUND, [run])
    assert refused.value.sqlstate == "UW001"


@pytest.fixture
def account(conn: Connection) -> Connection:
    """A captured row that runs a, b and c have changed one after the other, and another that d has."""
    conn.execute(
        """
        create table accounts (id int primary key, amount int);
        insert into accounts values (1, 0), (2, 0);
        select unwind.define_workflow('w'), unwind.capture_table('accounts');
        """
    )
    for run, account, amount in [("a", 1, 10), ("b, with c", 1, 20), ("c", 1, 30), ("d", 2, 10)]:
        with conn.transaction():
            conn.execute("select unwind.start_run('w', %s), unwind.enter_run(%s)", [run, run])
            conn.execute("update accounts set amount = %s where id = %s", [amount, account])
    return conn


def amounts(conn: Connection) -> list[tuple[int, int]]:
    return conn.execute("select id, amount from accounts order by id").fetchall()


def refused_for_changes(conn: Connection, run: str) -> str:
    with pytest.raises(psycopg.Error) as refused:
        conn.execute("select * from unwind.compensate_run(%s)", [run])
    assert refused.value.sqlstate == "UW011"
    [call] = re.findall(
        r"select \* from unwind\.compensate_runs\(.*\);", str(refused.value.diag.message_hint)
    )
    return str(call)


def test_runs_that_changed_captured_rows_since_are_found_transitively(account: Connection) -> None:
    reason = "it has changed rows of public.accounts since"
    assert account.execute(FOUND, ["a"]).fetchall() == [
        ("b, with c", "w", "RUNNING", reason),
        ("c", "w", "RUNNING", reason),
    ]
    assert account.execute(FOUND, ["c"]).fetchall() == []


def test_the_hint_of_a_conflict_undoes_all_of_them_and_no_other(account: Connection) -> None:
    account.execute("select unwind.complete_run('c')")
    call = refused_for_changes(account, "a")
    assert call.endswith(", force => true);")
    account.execute(call.encode())
    assert amounts(account) == [(1, 0), (2, 10)]


def test_a_run_that_changed_them_and_is_undone_is_not_found(account: Connection) -> None:
    account.execute("select unwind.compensate_run('c')")
    assert [row[0] for row in account.execute(FOUND, ["a"]).fetchall()] == ["b, with c"]


def test_rows_in_the_way_lead_to_runs_that_changed_them_since(conn: Connection) -> None:
    """From a recorded key over a row that refers to it, of a run whose captured row another has changed."""
    conn.execute(
        """
        create table orders (id text primary key);
        create table parcels (id text primary key, order_id text references orders, weight int);
        create index on parcels (order_id);
        select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
        select unwind.define_workflow('x'), unwind.define_step('x', 'parcel', 'parcels', 'id');
        select unwind.declare_foreign_key('parcels', '{order_id}', 'orders', '{id}', 'restrict');
        select unwind.capture_table('parcels');
        select unwind.start_run('w', 'a'), unwind.start_run('x', 'b'), unwind.start_run('x', 'c');
        select unwind.record_step('a', 'order', 'o');
        insert into orders values ('o');
        begin;
        select unwind.enter_run('b'), unwind.record_step('b', 'parcel', 'p');
        insert into parcels values ('p', 'o', 1);
        commit;
        begin;
        select unwind.enter_run('c');
        update parcels set weight = 2;
        commit;
        """
    )
    assert conn.execute(FOUND, ["a"]).fetchall() == [
        ("b", "x", "RUNNING", "its rows of public.parcels refer to those of run 'a'"),
        ("c", "x", "RUNNING", "it has changed rows of public.parcels since"),
    ]
    conn.execute(hinted(conn, "a").encode())
    assert conn.execute("select from orders union all select from parcels").fetchall() == []
