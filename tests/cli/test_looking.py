"""status, runs, show, preview: they say what is so, and change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


# status ------------------------------------------------------------------------------------------


def test_status_counts_runs_by_workflow_and_status(shop: Any, pgunwind: Run) -> None:
    for run, outcome in (("a", "FAILED"), ("b", "FAILED"), ("c", "COMPLETED"), ("d", "RUNNING")):
        shop.start(run, outcome)
    shop("select unwind.define_workflow('idle')")
    said = pgunwind("status")
    assert said.status == 0
    table = [line.split() for line in said.output.splitlines()]
    assert table[0] == ["workflow", "RUNNING", "FAILED", "COMPENSATING", "COMPLETED", "COMPENSATED"]
    assert ["shop", "1", "2", "0", "1", "0"] in table
    assert ["idle", "0", "0", "0", "0", "0"] in table
    assert ["shop", "2", "0", "0"] in [line[:4] for line in table], "what is due, pausing, stuck"
    assert "The oldest live run was started" in said.output


def test_status_names_what_a_person_has_to_decide_about(shop: Any, pgunwind: Run) -> None:
    shop.start("hopeless")
    shop.block("hopeless")
    shop.conn.execute("update unwind.workflow_runs set retry_count = 4")
    shop.conn.execute("call unwind.recover_runs()")
    said = pgunwind("status")
    assert "Stuck: 1 run" in said.output
    assert "gave up" in said.output and "rows of public.notes" in said.output
    assert "pgunwind show hopeless" in said.output
    [stuck] = pgunwind("status", "--json").json["stuck"]
    assert (stuck["run_id"], stuck["reason"], stuck["tries"]) == ("hopeless", "gave up", 5)


def test_status_of_a_database_without_workflows_says_how_to_begin(conn: Any, pgunwind: Run) -> None:
    said = pgunwind("status")
    assert said.status == 0
    assert "No workflow is defined" in said.output and "pgunwind suggest TABLE" in said.output


def test_status_is_calm_where_nothing_waits(shop: Any, pgunwind: Run) -> None:
    shop.start("well", "COMPLETED")
    assert "Nothing waits to be undone." in pgunwind("status").output


# runs --------------------------------------------------------------------------------------------


def ids(said: Any) -> list[str]:
    return [run["id"] for run in said.json]


def test_runs_are_found_by_what_is_known_of_them_the_newest_first(shop: Any, pgunwind: Run) -> None:
    for run, outcome in (("a", "FAILED"), ("b", "COMPLETED"), ("c", "FAILED")):
        shop.start(run, outcome)
    shop.conn.execute(
        "update unwind.workflow_runs set created_at = created_at - interval '3 hours' where id = 'a'"
    )
    assert ids(pgunwind("runs", "--json")) == ["c", "b", "a"]
    assert ids(pgunwind("runs", "--json", "--status", "failed")) == ["c", "a"]
    assert ids(pgunwind("runs", "--json", "--business-key", "basket b")) == ["b"]
    shop("select unwind.define_workflow('other')")
    assert ids(pgunwind("runs", "--json", "--workflow", "other")) == []
    assert ids(pgunwind("runs", "--json", "--since", "2h")) == ["c", "b"]
    assert ids(pgunwind("runs", "--json", "--until", "2 hours ago")) == ["a"]
    assert ids(pgunwind("runs", "--json", "--since", "-infinity", "--until", "tomorrow")) == ["c", "b", "a"]


def test_runs_of_a_workflow_that_there_is_not_are_no_all_clear(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("runs", "--workflow", "chop")
    assert (said.status, said.output) == (1, "")
    assert "[UW008]" in said.errors and "did you mean shop?" in said.errors


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("newest", "c b a"),
        ("oldest", "a b c"),
        ("updated", "b c a"),
        ("tries", "a c b"),
        ("workflow", "c a b"),
        ("business-key", "b c a"),
    ],
)
def test_runs_are_sorted_by_what_is_asked_for_on_every_page(
    shop: Any, pgunwind: Run, sort: str, found: str
) -> None:
    for run in "abc":
        shop.start(run)
    shop("select unwind.define_workflow('work')")
    shop.conn.execute("""
        update unwind.workflow_runs as r
        set workflow = n.workflow, business_key = n.business_key, retry_count = n.tries,
            updated_at = r.created_at + make_interval(hours => n.hours)
        from (values ('a', 'shop', 'z', 3, 1), ('b', 'work', 'x', 0, 3), ('c', 'shop', 'y', 1, 2))
            as n (id, workflow, business_key, tries, hours)
        where n.id = r.id
    """)
    assert " ".join(ids(pgunwind("runs", "--json", "--sort", sort))) == found
    pages = [ids(pgunwind("runs", "--json", "--sort", sort, "-n", "1", "--page", str(n))) for n in (1, 2, 3)]
    assert " ".join(run for [run] in pages) == found


def test_runs_are_paged(shop: Any, pgunwind: Run) -> None:
    for number in range(5):
        shop.start(f"r{number}")
    assert ids(pgunwind("runs", "--json", "--limit", "2")) == ["r4", "r3"]
    assert ids(pgunwind("runs", "--json", "--limit", "2", "--page", "3")) == ["r0"]
    first = pgunwind("runs", "--limit", "2")
    assert "There are more: --page 2" in first.output
    assert "There are more" not in pgunwind("runs", "--limit", "2", "--page", "3").output
    assert pgunwind("runs", "--page", "9").output == "No runs on page 9.\n"


def test_runs_show_what_they_are_about_and_why_they_failed(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    assert "basket r: why r failed" in pgunwind("runs").output


def test_a_time_that_is_none_is_said_to_be(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("runs", "--since", "the day before")
    assert said.status == 2
    assert 'invalid input syntax for type timestamp with time zone: "the day before"' in said.errors


# show --------------------------------------------------------------------------------------------


def test_show_tells_the_story_of_a_run_and_what_undoing_it_would_delete(shop: Any, pgunwind: Run) -> None:
    shop.start("r", worker="w1")
    said = pgunwind("show", "r")
    assert said.status == 0
    words = [" ".join(line.split()) for line in said.output.splitlines()]
    assert "status FAILED" in words and "error why r failed" in words and "about basket r" in words
    assert any(line.startswith("claimed by w1, until ") for line in words)
    story = [
        line.split("  ", 1)[1]
        for line in said.output.split("What happened\n")[1].splitlines()
        if line[:2] == "20"
    ]
    assert story == ["started", "order recorded: r", "FAILED: why r failed"]
    assert "order public.lines 2" in words and "order public.orders 1" in words
    assert shop.rows() == 3


def test_show_of_an_undone_run_has_its_receipts_and_the_proof(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    shop("select unwind.compensate_run('r')")
    said = pgunwind("show", "r")
    assert "undone by" in said.output and "3 rows" in said.output
    assert "Nothing is left of it." in said.output
    assert [row["rows_deleted"] for row in pgunwind("show", "r", "--json").json["receipts"]] == [2, 1]


def test_show_says_who_holds_a_run(shop: Any, connect: Any, pgunwind: Run) -> None:
    shop.start("r", "RUNNING")
    other = connect(autocommit=False, application_name="a slow worker")
    other.execute("select unwind.record_step('r', 'order', 'r9')")
    said = pgunwind("show", "r")
    assert "held by" in said.output and "a slow worker" in said.output


def test_show_names_a_released_entity_and_counts_many_keys(shop: Any, pgunwind: Run) -> None:
    shop.start("r", "RUNNING")
    shop(
        "select unwind.record_entities('r', 'order', array(select 'k' || n from generate_series(1, 9) as n))"
    )
    shop("select unwind.release_entity('r', 'order', 'k1')")
    said = pgunwind("show", "r")
    assert "order recorded: r, k1, k2 and 7 more" in said.output
    assert "order released by" in said.output


def test_show_goes_on_where_what_is_left_cannot_be_counted(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    shop.conn.execute("drop table notes, lines, orders")
    said = pgunwind("show", "r")
    assert said.status == 0
    assert "What is left of it cannot be counted" in said.output and "order recorded: r" in said.output


# preview -----------------------------------------------------------------------------------------


def test_preview_is_a_tree_of_tables_and_changes_nothing(shop: Any, pgunwind: Run) -> None:
    shop.start("r", lines=1200)
    said = pgunwind("preview", "r")
    assert said.status == 0
    assert said.output.splitlines() == [
        "r  FAILED  shop  basket r",
        "  order",
        "    public.lines   1,200",
        "    public.orders      1",
        "  1,201 rows of 2 tables would go",
        "To undo: pgunwind undo r",
    ]
    assert (shop.status("r"), shop.rows()) == ("FAILED", 1201)


def test_preview_names_the_rows_in_the_way_and_ends_with_1(shop: Any, pgunwind: Run) -> None:
    for run in ("r1", "r2"):
        shop.start(run)
    shop.block("r1")
    said = pgunwind("preview", "r1", "r2")
    assert said.status == 1
    assert "BLOCKED" in said.output and "public.notes" in said.output and "order_id" in said.output
    assert "To undo" not in said.output and "Undo their runs too" in said.output
    first, second = pgunwind("preview", "r1", "r2", "--json").json
    assert first["blocked_by"] and not second["blocked_by"]
    assert (first["run"]["id"], second["rows"]) == ("r1", 3)


@pytest.mark.parametrize("command", [["show", "r9"], ["preview", "r9"], ["undo", "r9", "--yes"]])
def test_a_run_that_is_not_there_is_one_line_and_a_hint(shop: Any, pgunwind: Run, command: list[str]) -> None:
    said = pgunwind(*command)
    assert (said.status, said.output) == (1, "")
    assert said.errors.startswith("Error: run 'r9' not found [UW001]\n")
    assert "Hint: pgunwind runs" in said.errors and "Traceback" not in said.errors
