"""Captured runs on the command line: shown, undone beside changes of others, and their undo taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgunwind import Unwind

Run = Callable[..., Any]
CHANGED = (
    "update stock set amount = 9 where product = 'cup'",
    "delete from stock where product = 'pot'",
    "insert into stock values ('mug', 1)",
)
FOUND = {"cup": 10, "pot": 10, "jug": 10}
LEFT = {"cup": 9, "jug": 10, "mug": 1}


def words(text: str) -> list[str]:
    """The lines, with single blanks."""
    return [" ".join(line.split()) for line in text.splitlines()]


# What an undo would do ---------------------------------------------------------------------------


def test_preview_and_show_tell_what_would_be_restored(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    preview = pgunwind("preview", "r")
    assert preview.status == 0
    assert preview.output.splitlines()[1:] == [
        "  in captured tables",
        "    public.stock, deleted       1",
        "    public.stock, changed back  1",
        "    public.stock, put back      1",
        "  1 row would go, 2 be restored, in 1 table",
        "To undo: pgunwind undo r",
    ]
    show = words(pgunwind("show", "r").output)
    assert "What undoing it would do" in show
    assert {"public.stock 1 deleted", "public.stock 1 changed back", "public.stock 1 put back"} <= set(show)
    assert captured.stock() == LEFT


def test_a_conflict_is_named_and_refuses_unless_it_is_to_be_skipped(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    captured.conn.execute("update stock set amount = 5 where product = 'cup'")
    preview = pgunwind("preview", "r")
    assert preview.status == 1
    assert "CONFLICT (refuse): somebody else has changed since" in preview.output
    assert "public.stock (product=cup)" in preview.output
    assert "pgunwind undo r --on-conflict skip" in preview.output
    assert pgunwind("preview", "r", "--json").json[0]["conflicts"] == ["public.stock (product=cup)"]
    show = pgunwind("show", "r").output
    assert "CONFLICT" in show and "pgunwind preview r" in show
    refused = pgunwind("undo", "r", "--yes")
    assert (refused.status, captured.status("r")) == (1, "RUNNING")
    assert "somebody else has changed rows since; nothing is changed" in refused.errors
    assert "UW011, has the ways out" in refused.errors
    said = pgunwind("undo", "r", "--yes", "--on-conflict", "skip")
    assert said.status == 0
    assert "CONFLICT (skip)" in said.output
    assert "r is undone: 1 row deleted, 1 restored, 1 skipped" in said.output
    assert captured.stock() == {"cup": 5, "pot": 10, "jug": 10}


def test_preview_says_what_skipping_or_merging_would_come_to(captured: Any, pgunwind: Run) -> None:
    captured.conn.execute("alter table stock add note text")
    captured.change("r", *CHANGED, "update stock set amount = 8 where product = 'pot'")
    captured.conn.execute("update stock set note = 'mine' where product = 'cup'")
    captured.conn.execute("update stock set amount = 5 where product = 'mug'")
    refused = pgunwind("preview", "r")
    assert refused.status == 1
    skipping = pgunwind("preview", "r", "--on-conflict", "skip")
    assert skipping.status == 0
    assert skipping.output.splitlines()[-1] == "To undo: pgunwind undo r --on-conflict skip"
    merging = pgunwind("preview", "r", "--on-conflict", "merge", "--json")
    assert merging.status == 1, merging.json
    assert merging.json[0]["conflicts"] == ["public.stock (product=mug): amount"]
    for command in (("preview",), ("undo", "--yes")):
        said = pgunwind(*command, "r", "--on-conflict", "merge")
        assert said.status == 1
        assert "CONFLICT (merge): somebody else has changed since" in said.output
        assert "    public.stock (product=mug): amount" in said.output.splitlines()
        assert "(product=cup)" not in said.output
    captured.conn.execute("update stock set amount = 1 where product = 'mug'")
    merging = pgunwind("preview", "r", "--on-conflict", "merge")
    assert merging.status == 0, merging.output
    before = words(merging.output)
    assert "(1 merged)" in merging.output and "public.stock, changed back 1" in before
    told = next(line for line in merging.output.splitlines() if "be restored" in line)
    done = pgunwind("undo", "r", "--on-conflict", "merge", "--yes")
    assert done.status == 0 and told in done.output
    assert captured("select product, amount, note from stock order by 1") == [
        ("cup", 10, "mine"), ("jug", 10, None), ("pot", 10, None),
    ]  # fmt: skip


def test_an_incident_names_the_rows_that_refer_to_captured_ones(captured: Any, pgunwind: Run) -> None:
    captured.conn.execute("create table bills (id int primary key, order_id text references orders)")
    captured.conn.execute("create index on bills (order_id); select unwind.compile_workflow('shop')")
    captured("select unwind.start_run('shop', 'a')")
    captured.change("a", "select unwind.record_step('a', 'order', 'a')", "insert into orders values ('a')")
    captured("select unwind.fail_run('a', 'x')")
    captured.conn.execute("insert into bills values (7, 'a')")
    said = pgunwind("undo", "--workflow", "shop", "--yes", "--json")
    (skipped,) = said.json["skipped"]
    assert skipped["error"].endswith("[UW007]. Rows that are in the way: (id, order_id)=(7, a).")


def test_an_incident_that_merges_says_before_which_runs_cannot_be(captured: Any, pgunwind: Run) -> None:
    captured.conn.execute("alter table stock add note text")
    for run, product in (("a", "cup"), ("b", "pot")):
        captured.change(run, f"update stock set amount = 9 where product = '{product}'")
        captured("select unwind.fail_run(%s, 'x')", run)
    captured.conn.execute("update stock set amount = 5 where product = 'cup'")
    captured.conn.execute("update stock set note = 'mine' where product = 'pot'")
    dry = pgunwind("undo", "--workflow", "shop", "--on-conflict", "merge", "--json").json
    done = pgunwind("undo", "--workflow", "shop", "--on-conflict", "merge", "--yes", "--json").json
    assert dry["undone"] == done["undone"] == [{"run_id": "b", "rows": 1}]
    assert dry["skipped"][0]["error"] == "in conflict by public.stock (product=cup): amount"


def test_show_lists_what_a_run_changed_in_captured_tables(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    captured.conn.execute("update stock set amount = 5 where product = 'cup'")
    shown = words(pgunwind("show", "r", COLUMNS="140").output)
    place = shown.index("What it changed in captured tables")
    assert shown[place + 2 : place + 6] == [
        "public.stock product=cup updated: amount 10 -> 9, changed since by somebody else",
        "public.stock product=mug inserted",
        "public.stock product=pot deleted",
        "",
    ]
    changes = pgunwind("show", "r", "--json").json["changes"]
    assert (changes[0]["what"], changes[0]["in_conflict"]) == ("updated", True)
    assert changes[0]["before"]["amount"] == 10 and changes[0]["of_rows"] == 3
    captured.change("big", "insert into stock select 'p' || n, n from generate_series(1, 15) as n")
    assert "and 5 more rows: --json lists more" in words(pgunwind("show", "big").output)
    pgunwind("undo", "big", "--yes")
    assert "What it changed" not in pgunwind("show", "big").output, "that is undone: its receipts say what"


def test_runs_that_changed_the_same_row_are_named_to_be_undone_too(captured: Any, pgunwind: Run) -> None:
    captured.change("a", "update stock set amount = 9 where product = 'cup'")
    captured.change("b", "update stock set amount = 8 where product = 'cup'")
    (hint,) = re.findall(r"To undo their runs too: pgunwind (.*?);", pgunwind("undo", "a", "--yes").errors)
    assert hint == "undo a b"
    assert pgunwind(*hint.split(), "--yes").status == 0
    assert captured.stock() == FOUND


def test_an_incident_skips_conflicts_or_the_rows_in_conflict(captured: Any, pgunwind: Run) -> None:
    for run, product in (("a", "cup"), ("b", "pot")):
        captured.change(run, f"update stock set amount = 9 where product = '{product}'")
        captured("select unwind.fail_run(%s, 'x')", run)
    captured.conn.execute("update stock set amount = 5 where product = 'cup'")
    incident = ("undo", "--workflow", "shop")
    dry = pgunwind(*incident, "--json").json
    assert [run["run_id"] for run in dry["undone"]] == ["b"]
    assert dry["skipped"][0]["error"].startswith("in conflict by public.stock (product=cup)")
    said = pgunwind(*incident, "--yes")
    assert said.status == 4
    assert "1 run undone, 1 row; 1 skipped." in said.output and "[UW011]" in said.output
    assert "To take one back: pgunwind restore b" in said.output
    assert pgunwind(*incident, "--on-conflict", "skip").output.count("would be undone, 0 rows") == 1
    assert pgunwind(*incident, "--on-conflict", "skip", "--yes").status == 0
    assert captured.stock() == {"cup": 5, "pot": 10, "jug": 10}


def test_runs_of_an_incident_that_are_in_conflict_with_each_other_go_together(
    captured: Any, pgunwind: Run
) -> None:
    captured.change("a", "update stock set amount = 9 where product = 'cup'")
    captured.change("b", "update stock set amount = 8 where product = 'cup'")
    captured.change("b", "update stock set amount = 8 where product = 'pot'")
    captured.change("a", "update stock set amount = 9 where product = 'pot'")
    captured("select unwind.fail_run('a', 'x'), unwind.fail_run('b', 'x')")
    said = pgunwind("undo", "--workflow", "shop", "--yes")
    assert said.status == 0, said.output
    assert "2 runs undone, 2 rows; 0 skipped." in said.output
    assert "To take one back: pgunwind restore a b" in said.output
    assert captured.stock() == FOUND


def test_columns_that_only_somebody_else_has_changed_stay_where_it_merges(
    captured: Any, pgunwind: Run
) -> None:
    captured.conn.execute("alter table stock add note text")
    captured.change("r", "update stock set amount = 9 where product = 'cup'")
    captured.conn.execute("update stock set note = 'mine' where product = 'cup'")
    (hint,) = re.findall(r"pgunwind (undo .* merge)", pgunwind("preview", "r").output)
    assert pgunwind(*hint.split(), "--yes").status == 0
    assert captured("select amount, note from stock where product = 'cup'") == [(10, "mine")]
    captured.conn.execute("update stock set note = 'still mine' where product = 'cup'")
    assert pgunwind("restore", "r", "--yes").status == 1
    assert pgunwind("restore", "r", "--yes", "--on-conflict", "merge").status == 0
    assert captured("select amount, note from stock where product = 'cup'") == [(9, "still mine")]
    pgunwind("undo", "r", "--yes", "--on-conflict", "merge")
    captured.conn.execute("update stock set amount = 5 where product = 'cup'")
    refused = pgunwind("restore", "r", "--yes", "--on-conflict", "merge")
    assert refused.status == 1 and "public.stock (product=cup): amount" in refused.errors


# An undo taken back ------------------------------------------------------------------------------


def test_undo_says_how_to_take_it_back_and_that_does_it(captured: Any, pgunwind: Run) -> None:
    captured.start("r", "RUNNING")
    captured.change("r", *CHANGED)
    rows = captured.rows()
    for _ in range(2):
        undone = pgunwind("undo", "r", "--yes")
        assert "r is undone: 4 rows deleted, 2 restored, nothing left." in undone.output
        assert captured.stock() == FOUND
        (command,) = re.findall(r"To take it back: pgunwind (.*)", undone.output)
        said = pgunwind(*command.split(), "--yes")
        assert (said.status, said.errors) == (0, "")
        assert "r is restored: FAILED again, 1 row deleted, 5 restored." in said.output
        assert "To undo it after all: pgunwind undo r" in said.output
        assert (captured.stock(), captured.rows(), captured.status("r")) == (LEFT, rows, "FAILED")


def test_it_shows_before_what_would_come_back(captured: Any, pgunwind: Run) -> None:
    captured.start("r", "COMPLETED")
    captured("select * from unwind.compensate_run('r', force => true)")
    said = pgunwind("restore", "r", "--yes")
    assert words(said.output)[:4] == ["r", "put back", "public.lines 2", "public.orders 1"]
    assert "r is restored: COMPLETED again, 0 rows deleted, 3 restored." in said.output
    assert "after all" not in said.output, "sweeps leave it alone anyway"
    assert captured.rows() == 3


def test_again_it_says_the_same_and_asks_nothing(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    pgunwind("undo", "r", "--yes")
    first = pgunwind("restore", "r", "--yes").output
    again = pgunwind("restore", "r")
    assert again.status == 0
    assert again.output == first[first.index("r is restored") :]


def test_what_was_undone_together_comes_back_together_and_it_says_how(captured: Any, pgunwind: Run) -> None:
    captured.change("a b", "update stock set amount = 9 where product = 'cup'")
    captured.change("c", "update stock set amount = 8 where product = 'cup'")
    undone = pgunwind("undo", "a b", "c", "--yes")
    assert "To take it back: pgunwind restore 'a b' c" in undone.output
    refused = pgunwind("restore", "c", "--yes")
    assert refused.status == 1
    assert "run 'c' was undone together with 1 other; nothing is changed" in refused.errors
    assert "They come back together: pgunwind restore c 'a b'" in refused.errors
    said = pgunwind("restore", "c", "a b", "--yes", "--json")
    assert [one["run"]["status"] for one in said.json] == ["FAILED"] * 2
    assert captured.stock() == {**FOUND, "cup": 8}


def test_undos_one_after_the_other_come_back_at_once(captured: Any, pgunwind: Run) -> None:
    captured.change("a", "update stock set amount = 9 where product = 'cup'")
    captured.change("b", "update stock set amount = 8 where product = 'cup'")
    for run in ("b", "a"):
        assert pgunwind("undo", run, "--yes").status == 0
    assert pgunwind("restore", "a", "b", "--yes").status == 0
    assert captured.stock() == {**FOUND, "cup": 8}


def test_rows_that_somebody_else_has_changed_are_named_and_refuse_or_are_skipped(
    captured: Any, pgunwind: Run
) -> None:
    captured.change("r", *CHANGED)
    pgunwind("undo", "r", "--yes")
    captured.change("s", "update stock set amount = 5 where product = 'cup'")
    refused = pgunwind("restore", "r", "--yes")
    assert (refused.status, captured.status("r")) == (1, "COMPENSATED")
    assert "public.stock (product=cup): amount, by run s" in refused.errors
    assert "pgunwind restore r --on-conflict skip" in refused.errors
    said = pgunwind("restore", "r", "--yes", "--on-conflict", "skip")
    assert said.status == 0
    assert "1 restored, 1 skipped" in said.output
    assert captured.stock() == {"cup": 5, "jug": 10, "mug": 1}


def test_what_cannot_be_taken_back_says_why_before_it_asks(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    undone = pgunwind("undo", "r", "--yes", "--json").json
    assert undone[0]["restorable"] == ["r"]
    captured("select unwind.forget_images('{r}')")
    for command in (("undo", "r"), ("show", "r")):
        assert "restore r" not in pgunwind(*command).output
    said = pgunwind("restore", "r")
    assert said.status == 1
    assert "the undo of run 'r' cannot be taken back; nothing is changed" in said.errors
    assert "were dropped" in said.errors and "pgunwind show r" in said.errors


@pytest.mark.parametrize("outcome", ["FAILED", "COMPLETED"])
def test_a_run_that_is_not_undone_is_refused(captured: Any, pgunwind: Run, outcome: str) -> None:
    captured.start("r", outcome)
    said = pgunwind("restore", "r", "--yes")
    assert said.status == 1
    assert (
        f"run 'r' is not undone: it is {outcome} [55000]" in said.errors and "pgunwind show r" in said.errors
    )
    assert pgunwind("restore", "r9", "--yes").status == 1


def test_show_and_status_tell_a_restored_run_and_a_sweep_or_an_incident_leaves_it(
    captured: Any, pgunwind: Run
) -> None:
    captured.start("r", "RUNNING")
    captured.change("r", *CHANGED)
    pgunwind("undo", "r", "--yes")
    assert "To take its undo back: pgunwind restore r" in pgunwind("show", "r").output
    pgunwind("restore", "r", "--yes")
    show = pgunwind("show", "r").output
    assert "status FAILED, restored" in words(show)
    story = [line.split("  ", 1)[1] for line in show.splitlines() if line[:2] == "20"]
    assert story[-3:] == [
        f"undone by {captured.value('select current_user')}: 4 rows deleted, 2 restored",
        f"undo taken back by {captured.value('select current_user')}: 1 row deleted, 5 restored",
        "FAILED again: sweeps pass it by",
    ]
    assert "restore 1" in show and "undo 1" in show
    status = pgunwind("status")
    assert "Restored: 1 run that sweeps pass by" in status.output
    assert "pgunwind undo r" in status.output and "Stuck: " not in status.output
    assert pgunwind("recover").output == "recovered 0, failed 0\n"
    incident = pgunwind("undo", "--workflow", "shop", "--yes", "--json")
    assert (incident.status, incident.json["undone"]) == (4, [])
    assert "named" in incident.json["skipped"][0]["error"]
    assert captured.stock() == LEFT


def test_status_shows_conflicts_apart(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    captured("select unwind.fail_run('r', 'x')")
    captured.conn.execute("update stock set amount = 5 where product = 'cup'")
    captured.conn.execute("call unwind.recover_runs()")
    status = pgunwind("status")
    assert "In conflict: 1 run whose rows somebody else has changed since" in status.output
    assert "pgunwind preview r" in status.output and "Stuck: " not in status.output
    assert pgunwind("status", "--json").json["backlog"][0]["conflicts"] == 1
    assert max(map(len, status.output.splitlines())) <= 80


# Asking, and being broken off --------------------------------------------------------------------


def test_where_nobody_can_be_asked_it_says_how_to_agree(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    pgunwind("undo", "r", "--yes")
    said = pgunwind("restore", "r", typed="y\n")
    assert (said.status, captured.status("r")) == (2, "COMPENSATED")
    assert "add --yes" in said.errors
    assert pgunwind("restore", "r", "--json").status == 2
    assert pgunwind("restore").status == 2


@pytest.mark.parametrize(("answer", "status", "becomes"), [("y\n", 0, "FAILED"), ("\n", 1, "COMPENSATED")])
def test_on_a_terminal_it_asks(captured: Any, terminal: Any, answer: str, status: int, becomes: str) -> None:
    captured.change("r", *CHANGED)
    captured("select * from unwind.compensate_run('r')")
    with terminal("restore", "r") as started:
        started.until("Go on? [y/N]: ")
        assert "the undo of 1 run is taken back: 3 rows." in started.output
        started.type(answer)
        assert started.end().status == status
    assert captured.status("r") == becomes


def test_ctrl_c_while_it_waits_for_somebody_changes_nothing(
    captured: Any, terminal: Any, connect: Any
) -> None:
    captured.change("r", *CHANGED)
    captured("select * from unwind.compensate_run('r')")
    other = connect(autocommit=False)
    other.execute("select from stock for update")
    with terminal("restore", "r", "--yes") as started:
        while not captured(
            "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        ):
            pass
        said = started.interrupt()
    assert said.status == 130 and "nothing is changed" in said.output
    other.rollback()
    assert (captured.status("r"), captured.stock()) == ("COMPENSATED", FOUND)


def test_ctrl_c_that_comes_when_all_is_done_says_so(
    captured: Any, pgunwind: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore = Unwind.restore_run

    def interrupted(*arguments: Any, **named: Any) -> None:
        restore(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(Unwind, "restore_run", interrupted)
    captured.change("r", *CHANGED)
    captured("select * from unwind.compensate_run('r')")
    said = pgunwind("restore", "r", "--yes")
    assert (said.status, said.errors) == (130, "Error: interrupted: it is restored all the same\n")


def test_a_server_that_goes_away_leaves_all_or_nothing(captured: Any, pgunwind: Run) -> None:
    captured.change("r", *CHANGED)
    captured("select * from unwind.compensate_run('r')")
    captured.conn.execute("""
        create function end_session() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return old; end $$;
        create trigger t before delete on stock for each row execute function end_session();
    """)
    said = pgunwind("restore", "r", "--yes")
    assert said.status == 3
    assert "it is restored as a whole, or not at all" in said.errors
    assert (captured.status("r"), captured.stock()) == ("COMPENSATED", FOUND)


def test_hostile_ids_and_keys_are_printed_and_not_obeyed(captured: Any, pgunwind: Run) -> None:
    name = 'it\'s; "q" \\ %s\x1b[31m\n\u202e雪'
    captured.change(name, "update stock set amount = 9", f"insert into stock values ({quoted(name)}, 1)")
    for command in (("preview",), ("undo", "--yes"), ("show",)):
        said = pgunwind(*command, name)
        assert said.status == 0 and is_plain(said.output), said
    captured.conn.execute(f"insert into stock values ({quoted(name)}, 2)".encode())
    refused = pgunwind("restore", name, "--yes")
    assert refused.status == 1 and is_plain(refused.output + refused.errors)
    assert pgunwind("restore", name, "--yes", "--on-conflict", "skip").status == 0


def quoted(text: str) -> str:
    """It as a literal of SQL."""
    return psycopg.sql.Literal(text).as_string()


def is_plain(text: str) -> bool:
    """Tell whether a terminal would print all of it and obey none of it."""
    return all(character.isprintable() for line in text.split("\n") for character in line)
