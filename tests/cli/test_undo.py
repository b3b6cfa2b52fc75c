"""undo: shows, asks, deletes, proves; and leaves all as it was where it is refused."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgunwind import Unwind
from pgunwind.cli import _database

from .conftest import PATIENCE

Run = Callable[..., Any]


def test_it_shows_what_goes_deletes_it_and_proves_it(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    said = pgunwind("undo", "r", "--yes")
    assert (said.status, said.errors) == (0, "")
    assert "3 rows of 2 tables would go" in said.output
    assert "r is undone: 3 rows deleted, nothing left." in said.output
    assert (shop.status("r"), shop.rows()) == ("COMPENSATED", 0)


def test_again_it_says_the_same_and_asks_nothing(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    pgunwind("undo", "r", "--yes")
    said = pgunwind("undo", "r")
    assert said.status == 0
    assert "r is undone: 3 rows deleted, nothing left." in said.output


def test_several_runs_go_in_one_transaction_though_each_is_in_the_others_way(
    shop: Any, pgunwind: Run
) -> None:
    shop.conn.execute(
        "alter table orders add replaces text;"
        "select unwind.declare_foreign_key('orders', '{replaces}', 'orders', '{id}', 'restrict')"
    )
    for run in ("r1", "r2"):
        shop.start(run)
    shop.conn.execute("update orders set replaces = case id when 'r1' then 'r2' else 'r1' end")
    refused = pgunwind("undo", "r1", "--yes")
    assert refused.status == 1 and "To undo their runs too: pgunwind undo r1 r2;" in refused.errors
    (hint,) = re.findall("To undo their runs too: pgunwind (.*)", pgunwind("preview", "r1").output)
    assert hint == "undo r1 r2"
    shown = pgunwind(*hint.split()).output
    assert shown.count("would go") == 2 and "BLOCKED" not in shown, "each is only in the other's way"
    said = pgunwind("undo", "r1", "r2", "r1", "--yes", "--json")
    assert [one["run"]["status"] for one in said.json] == ["COMPENSATED"] * 2
    assert [one["left"] for one in said.json] == [[], []]


def test_what_it_says_to_type_has_force_where_a_run_of_them_is_completed(shop: Any, pgunwind: Run) -> None:
    shop.conn.execute("alter table orders add replaces text references orders deferrable initially deferred")
    shop.conn.execute("create index on orders (replaces)")
    shop.conn.execute(
        "select unwind.declare_foreign_key('orders', '{replaces}', 'orders', '{id}', 'restrict')"
    )
    shop.start("old")
    shop.start("new", "COMPLETED")
    shop.conn.execute("update orders set replaces = 'old' where id = 'new'")
    refused = pgunwind("undo", "old", "--yes")
    (hint,) = re.findall(r"To undo their runs too: pgunwind (.*?);", refused.errors)
    assert hint == "undo old new --force"
    assert pgunwind(*hint.split(), "--yes").status == 0
    assert shop.rows() == 0


def test_a_blocked_run_is_left_alone_and_the_rows_in_its_way_are_named(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    shop.block("r")
    said = pgunwind("undo", "r", "--yes")
    assert said.status == 1
    assert "rows of others are in the way; nothing is changed" in said.errors
    assert "public.notes" in said.errors
    assert (shop.status("r"), shop.rows()) == ("FAILED", 3)


@pytest.mark.parametrize(("outcome", "worker"), [("COMPLETED", None), ("RUNNING", "somebody")])
def test_a_good_run_or_somebody_elses_needs_force(
    shop: Any, pgunwind: Run, outcome: str, worker: str | None
) -> None:
    shop.start("r", outcome, worker=worker)
    said = pgunwind("undo", "r", "--yes")
    assert said.status == 1 and "add --force" in said.errors
    assert (shop.status("r"), shop.rows()) == (outcome, 3)
    assert pgunwind("undo", "r", "--yes", "--force").status == 0
    assert (shop.status("r"), shop.rows()) == ("COMPENSATED", 0)


# Asking ------------------------------------------------------------------------------------------


def test_where_nobody_can_be_asked_it_says_how_to_agree(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    said = pgunwind("undo", "r", typed="y\n")
    assert said.status == 2
    assert "add --yes" in said.errors
    assert shop.status("r") == "FAILED"


@pytest.mark.parametrize(
    ("answer", "status", "becomes"), [("y\n", 0, "COMPENSATED"), ("n\n", 1, "FAILED"), ("\n", 1, "FAILED")]
)
def test_on_a_terminal_it_asks(shop: Any, terminal: Any, answer: str, status: int, becomes: str) -> None:
    shop.start("r")
    with terminal("undo", "r") as started:
        started.until("Go on? [y/N]: ")
        assert f"In database {shop.conn.info.dbname}, 3 rows of 1 run go." in started.output
        started.type(answer)
        said = started.end()
    assert said.status == status
    assert shop.status("r") == becomes


def test_more_than_ten_thousand_rows_are_asked_for_by_their_number(shop: Any, terminal: Any) -> None:
    shop.start("r", lines=10_000)
    for answer, status, becomes in (("y\n", 1, "FAILED"), ("10,001\n", 0, "COMPENSATED")):
        with terminal("undo", "r") as started:
            started.until("Type their number to go on: ")
            started.type(answer)
            assert started.end().status == status
        assert shop.status("r") == becomes


def test_without_a_terminal_many_rows_want_max_rows(shop: Any, pgunwind: Run) -> None:
    shop.start("r", lines=10_000)
    said = pgunwind("undo", "r", "--yes")
    assert said.status == 1 and "--max-rows 10001" in said.errors
    assert pgunwind("undo", "r", "--yes", "--max-rows", "10000").status == 1
    assert shop.status("r") == "FAILED"
    assert pgunwind("undo", "r", "--yes", "--max-rows", "10001").status == 0


def test_max_rows_is_held_to_by_the_database_too(
    shop: Any, pgunwind: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows may come between the look and the undo."""
    from pgunwind.cli.preview import Preview

    shop.start("r")
    monkeypatch.setattr(Preview, "rows", property(lambda self: 0))
    said = pgunwind("undo", "r", "--yes", "--max-rows", "2")
    assert said.status == 1 and "[UW019]" in said.errors and "--max-rows" in said.errors
    assert (shop.status("r"), shop.rows()) == ("FAILED", 3)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "which run?"),
        (["r", "--workflow", "shop"], "--workflow stands alone"),
        (["r", "--since", "1h"], "go with --workflow"),
        (["r1", "r2", "--batches"], "one run at a time"),
        (["r", "--json"], "wants --yes"),
    ],
)
def test_what_does_not_go_together_is_a_wrong_call(
    shop: Any, pgunwind: Run, words: list[str], told: str
) -> None:
    said = pgunwind("undo", *words)
    assert said.status == 2
    assert told in said.errors


def test_ctrl_c_at_the_question_changes_nothing(shop: Any, terminal: Any) -> None:
    shop.start("r")
    with terminal("undo", "r") as started:
        started.until("Go on? [y/N]: ")
        said = started.interrupt()
    assert said.status == 130
    assert "Error: interrupted: nothing is changed" in said.output and "Traceback" not in said.output
    assert shop.status("r") == "FAILED"


def test_ctrl_c_while_it_waits_for_somebody_changes_nothing(shop: Any, terminal: Any, connect: Any) -> None:
    shop.start("r")
    other = connect(autocommit=False)
    other.execute("select from unwind.workflow_runs where id = 'r' for update")
    with terminal("undo", "r", "--yes") as started:
        started.until("notice: ")  # who holds it
        said = started.interrupt()
    assert said.status == 130 and "nothing is changed" in said.output
    other.rollback()
    assert (shop.status("r"), shop.rows()) == ("FAILED", 3)


def test_ctrl_c_while_a_notice_is_written_is_not_lost(
    conn: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(_database, "tell", interrupted)
    conn.add_notice_handler(_database._hear)
    try:
        with pytest.raises(KeyboardInterrupt):
            conn.execute("do $$ begin raise notice 'who holds it'; end $$")
            threading.Event().wait(PATIENCE)
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_that_comes_when_all_is_done_says_so(
    shop: Any, pgunwind: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = Unwind.compensate_run

    def interrupted(*arguments: Any, **named: Any) -> None:
        undo(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(Unwind, "compensate_run", interrupted)
    shop.start("r")
    said = pgunwind("undo", "r", "--yes")
    assert (said.status, said.errors) == (130, "Error: interrupted: it is undone all the same\n")
    assert shop.status("r") == "COMPENSATED"


# In batches --------------------------------------------------------------------------------------


def test_batches_commit_one_after_the_other_until_nothing_is_left(shop: Any, pgunwind: Run) -> None:
    shop.start("r", lines=50)
    said = pgunwind("undo", "r", "--yes", "--batches", "--batch-size", "7")
    assert said.status == 0
    assert "r is undone: 51 rows deleted, nothing left." in said.output
    assert said.errors == "", "progress is a line now and then, where there is no terminal"
    assert shop.status("r") == "COMPENSATED"


SLOW = """
create function wait() returns trigger language plpgsql as
$$ begin
    perform pg_advisory_xact_lock_shared(7) where old.product = 'slow';
    return old;
end $$;
create trigger wait before delete on lines for each row execute function wait();
select unwind.compile_workflow('shop');
"""


def half_way(shop: Any, connect: Any) -> psycopg.Connection[Any]:
    """A run whose last lines cannot go while the connection holds its lock."""
    shop.start("r", lines=300)
    shop.conn.execute(SLOW)
    shop.conn.execute(
        "update lines set product = 'slow' where ctid in (select ctid from lines order by ctid desc limit 50)"
    )
    other = connect(autocommit=False)
    other.execute("select pg_advisory_xact_lock(7)")
    return other


def test_ctrl_c_stops_between_two_batches_and_the_same_command_goes_on_at_once(
    shop: Any, terminal: Any, connect: Any, pgunwind: Run
) -> None:
    other = half_way(shop, connect)
    with terminal("undo", "r", "--yes", "--batches", "--batch-size", "10") as started:
        started.until(" of 301 rows")
        while shop.rows() > 250:  # some batches are committed
            pass
        said = started.interrupt()
    assert said.status == 130
    assert "the run is COMPENSATING" in said.output and "Traceback" not in said.output
    assert "To go on: python -m pgunwind undo r --batches --batch-size 10 --yes" in said.output
    assert shop.status("r") == "COMPENSATING"
    other.rollback()
    again = pgunwind("undo", "r", "--batches", "--batch-size", "10", "--yes")
    assert again.status == 0, again.errors
    assert "r is undone: 301 rows deleted, nothing left." in again.output


def test_a_server_that_goes_away_leaves_what_was_deleted_deleted_and_it_goes_on_by_force(
    shop: Any, terminal: Any, connect: Any, pgunwind: Run
) -> None:
    other = half_way(shop, connect)
    with terminal("undo", "r", "--yes", "--batches", "--batch-size", "10") as started:
        started.until(" of 301 rows")
        while shop.rows() > 250:
            pass
        shop.conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'pgunwind'"
        )
        said = started.end()
    assert said.status == 3
    assert "the server went away after " in said.output and "Traceback" not in said.output
    other.rollback()
    assert shop.status("r") == "COMPENSATING"
    assert pgunwind("undo", "r", "--batches", "--force", "--yes").status == 0
    assert (shop.status("r"), shop.rows()) == ("COMPENSATED", 0)


def test_a_server_that_goes_away_in_an_undo_leaves_all_or_nothing(
    shop: Any, terminal: Any, connect: Any
) -> None:
    other = half_way(shop, connect)
    with terminal("undo", "r", "--yes") as started:
        started.until("301 rows of 2 tables would go")
        waiting = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        )
        while not shop(waiting):
            pass
        said = started.end()
    assert said.status == 3
    assert "it is undone as a whole, or not at all" in said.output
    other.rollback()
    assert (shop.status("r"), shop.rows()) == ("FAILED", 301)


def test_sigterm_ends_it_as_any_program(shop: Any, terminal: Any) -> None:
    shop.start("r")
    with terminal("undo", "r") as started:
        started.until("Go on? [y/N]: ")
        started.signal(signal.SIGTERM)
        assert started.end().status == -signal.SIGTERM
    assert shop.status("r") == "FAILED"
