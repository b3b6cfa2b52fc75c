"""undo --workflow: the runs of a window, each by itself; what is refused is skipped and listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
INCIDENT = ("undo", "--workflow", "shop")


def statuses(shop: Any) -> dict[str, str]:
    return dict(shop("select id, status from unwind.workflow_runs"))


def test_without_yes_it_only_shows_what_would_be_done(shop: Any, pgunwind: Run) -> None:
    for run in ("r1", "r2", "r3"):
        shop.start(run)
    shop.block("r2")
    said = pgunwind(*INCIDENT)
    assert said.status == 0
    assert "Would be skipped: 1 run" in said.output and "public.notes" in said.output
    assert "2 runs would be undone, 6 rows; 1 skipped." in said.output
    assert "Nothing is changed. To undo them, add --yes." in said.output
    assert set(statuses(shop).values()) == {"FAILED"} and shop.rows() == 9


def test_what_is_refused_is_skipped_and_listed_with_the_reason(shop: Any, pgunwind: Run) -> None:
    for run in ("r1", "r2", "r3"):
        shop.start(run)
    shop.block("r2")
    said = pgunwind(*INCIDENT, "--yes")
    assert said.status == 4
    assert "2 runs undone, 6 rows; 1 skipped." in said.output
    assert "rows of public.notes" in said.output and "[UW007]" in said.output
    assert "pgunwind preview r2" in said.output
    assert statuses(shop) == {"r1": "COMPENSATED", "r2": "FAILED", "r3": "COMPENSATED"}
    again = pgunwind(*INCIDENT, "--yes", "--json")
    assert (again.status, again.json["undone"]) == (4, [])
    assert [(one["run_id"], "notes" in one["error"]) for one in again.json["skipped"]] == [("r2", True)]


def test_only_runs_of_the_window_and_the_status_are_meant(shop: Any, pgunwind: Run) -> None:
    for run, outcome in (("old", "FAILED"), ("new", "FAILED"), ("well", "COMPLETED"), ("busy", "RUNNING")):
        shop.start(run, outcome)
    shop.conn.execute(
        "update unwind.workflow_runs set created_at = now() - interval '2 days' where id = 'old'"
    )
    assert pgunwind(*INCIDENT, "--since", "1h", "--yes").status == 0
    assert statuses(shop) == {"old": "FAILED", "new": "COMPENSATED", "well": "COMPLETED", "busy": "RUNNING"}
    assert pgunwind(*INCIDENT, "--until", "yesterday", "--yes").status == 0
    assert statuses(shop)["old"] == "COMPENSATED"


def test_completed_runs_want_to_be_named_and_forced(shop: Any, pgunwind: Run) -> None:
    shop.start("well", "COMPLETED")
    said = pgunwind(*INCIDENT, "--status", "completed")
    assert "wants --force" in said.output and "0 runs would be undone" in said.output
    assert pgunwind(*INCIDENT, "--status", "completed", "--yes").status == 4
    assert statuses(shop) == {"well": "COMPLETED"}
    assert pgunwind(*INCIDENT, "--status", "completed", "--force", "--yes").status == 0
    assert statuses(shop) == {"well": "COMPENSATED"}


def test_runs_that_are_in_each_others_way_go_together(shop: Any, pgunwind: Run) -> None:
    shop.conn.execute(
        "alter table orders add replaces text;"
        "select unwind.declare_foreign_key('orders', '{replaces}', 'orders', '{id}', 'restrict')"
    )
    for run in ("r1", "r2", "r3"):
        shop.start(run)
    shop.conn.execute("update orders set replaces = case id when 'r1' then 'r2' else 'r1' end")
    said = pgunwind(*INCIDENT, "--yes")
    assert said.status == 0, said.output
    assert "3 runs undone" in said.output
    assert set(statuses(shop).values()) == {"COMPENSATED"}


def test_it_stops_before_the_run_with_which_more_than_max_rows_would_go(shop: Any, pgunwind: Run) -> None:
    shop.start("r1", lines=6000)
    shop.start("r2", lines=6000)
    said = pgunwind(*INCIDENT, "--yes")
    assert said.status == 4
    assert (
        "more than 10,000 rows would go: 1 of 2 runs are undone, the others are as they were" in said.errors
    )
    assert statuses(shop) == {"r1": "FAILED", "r2": "COMPENSATED"}
    assert pgunwind(*INCIDENT, "--yes", "--max-rows", "6000").status == 4
    assert statuses(shop)["r1"] == "FAILED"
    assert pgunwind(*INCIDENT, "--yes", "--max-rows", "6001").status == 0
    assert set(statuses(shop).values()) == {"COMPENSATED"}


def test_a_dry_run_looks_at_the_newest_and_says_so(
    shop: Any, pgunwind: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgunwind.cli._incident.LOOKED_AT", 2)
    for run in ("r1", "r2", "r3"):
        shop.start(run)
    assert "Looked at the newest 2 of 3 runs." in pgunwind(*INCIDENT).output
    said = pgunwind(*INCIDENT, "--json").json
    assert (said["found"], [run["run_id"] for run in said["undone"]]) == (3, ["r3", "r2"])


def test_a_workflow_that_there_is_not_is_no_all_clear(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("undo", "--workflow", "shopp")
    assert said.status == 1
    assert "workflow 'shopp' is not defined" in said.errors and "did you mean shop?" in said.errors
    assert pgunwind(*INCIDENT).output.startswith("No FAILED runs of shop")


def test_ctrl_c_keeps_what_is_undone_and_the_same_command_goes_on(
    shop: Any, terminal: Any, connect: Any, pgunwind: Run
) -> None:
    for number in range(6):
        shop.start(f"r{number}")
    other = connect(autocommit=False)
    other.execute("select from unwind.workflow_runs where id = 'r2' for update")
    with terminal(*INCIDENT, "--yes") as started:
        started.until("notice: ")  # the newest three are undone, and it waits
        said = started.interrupt()
    assert said.status == 130
    assert (
        "3 of 6 runs are undone, the others are as they were" in said.output
        and "Traceback" not in said.output
    )
    other.rollback()
    assert list(statuses(shop).values()).count("COMPENSATED") == 3
    assert pgunwind(*INCIDENT, "--yes").status == 0
    assert set(statuses(shop).values()) == {"COMPENSATED"}


def test_what_ails_the_server_ends_it_at_once(shop: Any, pgunwind: Run) -> None:
    shop.conn.execute("""
        create function full_disk() returns trigger language plpgsql as
        $$ begin
            if old.id = 'r1' then raise 'no space left' using errcode = 'disk_full'; end if;
            return old;
        end $$;
        create trigger full_disk before delete on orders for each row execute function full_disk();
        select unwind.compile_workflow('shop');
    """)
    for run in ("r0", "r1", "r2"):
        shop.start(run)
    said = pgunwind(*INCIDENT, "--yes")
    assert said.status == 4
    assert "no space left [53100]: 1 of 3 runs are undone, the others are as they were" in said.errors
    assert statuses(shop) == {"r0": "FAILED", "r1": "FAILED", "r2": "COMPENSATED"}


def test_on_a_terminal_a_bar_counts_the_runs(shop: Any, terminal: Any) -> None:
    for number in range(20):
        shop.start(f"r{number}")
    with terminal(*INCIDENT, "--yes") as started:
        said = started.end()
    assert said.status == 0
    assert "Undoing" in said.output and "20 of 20 runs" in said.output
