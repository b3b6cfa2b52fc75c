"""pgunwind evidence writes a page on runs, and says whether a page is still true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def undone(shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs a and b, undone, and c, which completed; the working directory is an empty one."""
    for run, outcome in (("a", "FAILED"), ("b", "FAILED"), ("c", "COMPLETED")):
        shop.start(run, outcome)
    shop("select unwind.compensate_runs('{a,b}')")
    monkeypatch.chdir(tmp_path)
    return shop


def test_it_writes_a_page_of_its_own_name_and_says_where(undone: Any, pgunwind: Run) -> None:
    said = pgunwind("evidence", "a")
    assert (said.status, said.output) == (0, "evidence-a.html\n")
    assert "Evidence: run a" in Path("evidence-a.html").read_text()


def test_no_page_is_written_over_another_unless_told_to(undone: Any, pgunwind: Run) -> None:
    assert [pgunwind("evidence", "a").output for _ in range(3)] == [
        "evidence-a.html\n",
        "evidence-a-2.html\n",
        "evidence-a-3.html\n",
    ]
    Path("mine.html").write_text("old")
    assert pgunwind("evidence", "a", "-o", "mine.html").status == 0
    assert "Evidence: run a" in Path("mine.html").read_text()


@pytest.mark.parametrize(
    ("form", "ending", "begins"), [("markdown", "md", "# Evidence"), ("json", "json", "{")]
)
def test_other_formats_have_their_endings(
    undone: Any, pgunwind: Run, form: str, ending: str, begins: str
) -> None:
    pgunwind("evidence", "a", "--format", form)
    assert Path(f"evidence-a.{ending}").read_text().startswith(begins)


def test_a_dash_and_json_go_to_stdout(undone: Any, pgunwind: Run) -> None:
    assert pgunwind("evidence", "a", "-o", "-").output.startswith("<!doctype html>")
    runs = pgunwind("evidence", "b", "a", "--json").json["evidence"]["runs"]
    assert [run["record"]["run"]["id"] for run in runs] == ["b", "a"]
    assert list(Path().iterdir()) == []


def test_a_workflow_and_a_window_name_the_runs_oldest_first(undone: Any, pgunwind: Run) -> None:
    words = ("evidence", "--workflow", "shop", "--json", "--since", "1h")
    runs = pgunwind(*words).json["evidence"]["runs"]
    assert [run["record"]["run"]["id"] for run in runs] == ["a", "b"], "a good run is not what it is about"
    runs = pgunwind(*words, "--status", "COMPLETED").json["evidence"]["runs"]
    assert [run["record"]["run"]["id"] for run in runs] == ["c"]


def test_without_counting_there_is_no_proof(undone: Any, pgunwind: Run) -> None:
    assert "nothing was counted" in pgunwind("evidence", "a", "--no-count", "-o", "-").output


def test_a_page_that_is_true_is_said_to_be(undone: Any, pgunwind: Run) -> None:
    pgunwind("evidence", "a", "b")
    said = pgunwind("evidence", "--check", "evidence-a.html")
    assert (said.status, said.output) == (0, "It is as it was written, and the database says the same.\n")


def test_a_receipt_or_a_page_that_was_changed_is_named(undone: Any, pgunwind: Run) -> None:
    pgunwind("evidence", "a", "b")
    page = Path("evidence-a.html")
    page.write_text(page.read_text().replace("Rows deleted", "Rows kept"))
    undone.conn.execute("update unwind_internal.receipts set counts[1] = 9 where run_id = 'b'")
    said = pgunwind("evidence", "--check", "evidence-a.html")
    assert said.status == 1
    lines = said.output.splitlines()
    assert lines[0].startswith("file: line ") and "Rows kept" in lines[0]
    assert lines[-1] == "database: run 'b' is not what it was: receipts, line 1"
    (*_, last) = pgunwind("evidence", "--check", "evidence-a.html", "--json").json
    assert (last["where"], last["run_id"]) == ("database", "b")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("evidence",), 2, "Name runs, or a workflow"),
        (("evidence", "a", "--workflow", "shop"), 2, "Name runs, or a workflow"),
        (("evidence", "nothing"), 1, "run 'nothing' not found"),
        (("evidence", "--workflow", "shpo"), 1, "did you mean shop"),
        (("evidence", "--workflow", "shop", "--until", "2001-01-01"), 1, "there are no such runs"),
        (("evidence", "a", "-o", "nowhere/page.html"), 1, "nowhere/page.html: No such file or directory"),
        (("evidence", "--check", "none.html"), 2, "'none.html' does not exist"),
        (("evidence", "--check", "other.html"), 1, "other.html: this is no page of evidence"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    undone: Any, pgunwind: Run, words: tuple[str, ...], status: int, says: str
) -> None:
    Path("other.html").write_text("<html>")
    said = pgunwind(*words)
    assert said.status == status
    assert says in said.errors
    assert [path.name for path in Path().iterdir()] == ["other.html"]


@pytest.mark.parametrize("run", ["../../etc", "a/b", "-x", "né 'w", "x" * 300, "..."])
def test_a_file_lies_here_whatever_the_run_is_called(undone: Any, pgunwind: Run, run: str) -> None:
    undone("select unwind.start_run('shop', %s)", run)
    said = pgunwind("evidence", "--", run)
    assert said.status == 0
    (file,) = Path().iterdir()
    assert file.name.startswith("evidence-") and said.output.strip() == file.name
