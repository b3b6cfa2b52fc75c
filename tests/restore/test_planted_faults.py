"""A fault put into what takes an undo back, one at a time, is found by what is said here."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from capture.test_planted_faults import Edit


def gives_a_key_to_one_run_alone(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.undo("r")
    shop.record("s", "order", 5)
    with pytest.raises(psycopg.Error):
        shop.restore("r")


def holds_what_it_restores(shop: Any) -> None:
    shop.write("r", "insert into orders values (5)")
    shop.undo("r")
    shop.restore("r")
    shop.conn.execute("call unwind.recover_runs()")
    assert shop.status("r") == "FAILED"


def believes_no_number_that_anybody_sets(shop: Any) -> None:
    shop.start("r")
    with shop.conn.transaction():
        shop.conn.execute("select set_config('unwind.run', (-number)::text, true) from unwind.workflow_runs")
        shop.conn.execute("insert into orders values (5)")
    assert shop.images("orders") == []


def restores_no_part_of_what_was_undone_together(shop: Any) -> None:
    shop.write("r", "insert into orders values (5)")
    shop.write("s", "insert into orders values (6)")
    shop.undo("r", "s")
    with pytest.raises(psycopg.Error):
        shop.restore("r")


def takes_nothing_back_that_was_not_kept(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.record("r", "free", 1, "insert into free values (1)")
    shop.undo("r")
    with pytest.raises(psycopg.Error):
        shop.restore("r")


def goes_back_and_forth_beside_a_skipped_row(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'Eve'")
    shop.undo("r")
    shop.conn.execute("update orders set customer = 'Fay' where id = 1")
    shop.restore("r", on_conflict="skip")
    shop.conn.execute("update orders set customer = 'Ada' where id = 1")
    shop.conn.execute("update orders set price = 9 where id = 2")
    shop.undo("r", on_conflict="merge")
    assert shop("select customer from orders order by id") == [("Ada",), ("Bob",)]
    shop.restore("r", on_conflict="merge")
    assert shop("select customer from orders order by id") == [("Eve",), ("Eve",)]


FAULTS = {
    "images of rows beside a skipped one": (
        Edit("settle_images", 'where l."~run" = any($1) and', "where false and"),
        goes_back_and_forth_beside_a_skipped_row,
    ),
    "ownership": (Edit("own_again", "where v_places <> '{}'", "where false"), gives_a_key_to_one_run_alone),
    "held_at": (Edit("due_runs", "held_at IS NULL", "held_at IS NULL OR true"), holds_what_it_restores),
    "held_at, when it is restored": (
        Edit("close_restore", "held_at = case when r.completed_at is null then now() end", "held_at = null"),
        holds_what_it_restores,
    ),
    "forged numbers": (
        Edit("is_entered", "return exists (", "return true or exists ("),
        believes_no_number_that_anybody_sets,
    ),
    "runs undone together": (
        Edit("undos_to_restore", "not v_run.together <@ run_ids", "false"),
        restores_no_part_of_what_was_undone_together,
    ),
    "lost tables": (
        Edit("note_lost_tables", "set lost_tables = l.lost_tables", "set lost_tables = '{}'"),
        takes_nothing_back_that_was_not_kept,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("is_planted", [False, True])
def test_what_is_said_holds_until_a_fault_is_planted(shop: Any, name: str, is_planted: bool) -> None:
    edit, holds = FAULTS[name]
    if not is_planted:
        holds(shop)
        return
    if edit.function == "due_runs":
        [(text,)] = shop("select pg_get_viewdef('unwind_internal.due_runs'::regclass)")
        assert edit.was in text
        text = text.replace(edit.was, edit.becomes)
        shop.conn.execute(f"create or replace view unwind_internal.due_runs as {text}".encode())
    else:
        edit.make(shop.conn)
    with pytest.raises((AssertionError, pytest.fail.Exception, psycopg.Error)):
        holds(shop)
