"""The demo keeps its promises, and says so in plain text where nobody watches a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from pgunwind import Receipt
from pgunwind.demo.__main__ import decide
from pgunwind.demo.checks import judge, judge_incident
from pgunwind.demo.database import demo_database
from pgunwind.demo.display import Screen
from pgunwind.demo.evidence import Snapshot
from pgunwind.demo.incident import Incident
from pgunwind.demo.scenario import Chapter, Story

# Interrupted ---------------------------------------------------------------------------------------


INTERRUPTIBLE = """
import signal, sys, uuid
from pgunwind.demo import database
from pgunwind.demo.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
database.uuid4 = lambda: uuid.UUID(sys.argv[1])
sys.exit(main())
"""


@pytest.mark.parametrize("line", ["A  runs", "B  stores", "D  two steps", "$ pgunwind undo"])
def test_ctrl_c_ends_it_without_a_traceback_and_leaves_no_database(server_dsn: str, line: str) -> None:
    chosen = uuid4()
    with subprocess.Popen(
        [sys.executable, "-u", "-c", INTERRUPTIBLE, str(chosen)],
        env={**os.environ, "PGUNWIND_DSN": server_dsn},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        while line not in process.stdout.readline():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted: nothing is left of it\n")
    with psycopg.connect(server_dsn) as conn:
        database = [f"pgunwind_demo_{chosen.hex[:12]}"]
        assert conn.execute("select from pg_database where datname = %s", database).rowcount == 0


def test_the_process_that_is_killed_is_silent_where_the_demo_ends_before_it_has_begun() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pgunwind.demo.victim"], input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


# The whole demo, against the tests' server -----------------------------------------------------


@pytest.fixture(scope="module")
def demo(server_dsn: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pgunwind.demo"],
        env={**os.environ, "PGUNWIND_DSN": server_dsn},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_exits_with_status_zero(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr


def test_undoes_the_incident_by_a_command_that_it_shows(demo: subprocess.CompletedProcess[str]) -> None:
    shown = demo.stdout.index("$ pgunwind undo --workflow client_to_delivery --since 1h --yes\n")
    assert "200 runs undone, 2,000 rows; 0 skipped.\n" in demo.stdout[shown:]


def test_takes_one_undo_back_and_undoes_it_again(demo: subprocess.CompletedProcess[str]) -> None:
    lines = demo.stdout.splitlines()
    told = lines[lines.index("The undo of one is taken back, and done again:") :]
    assert [line.split()[2] for line in told[1:5:2]] == ["restore", "undo"]
    (named,) = {line.split()[3] for line in told[1:5:2]}
    assert f"To take one back: pgunwind restore {named}" in lines
    assert told[2:6:2] == [
        "10 rows are back, the run is FAILED",
        "10 rows are gone, the run is COMPENSATED",
    ]


def test_an_incident_that_wrote_nothing_is_found_not_to_be_so() -> None:
    findings = judge_incident(replace(AFTERMATH, during=AFTERMATH.before, taken_back=AFTERMATH.before))
    assert [finding.instead for finding in findings if not finding.so] == ["0 more rows, or others"]


def test_fits_eighty_columns_but_for_what_is_typed(demo: subprocess.CompletedProcess[str]) -> None:
    lines = [line for line in demo.stdout.splitlines() if not line.startswith("select")]
    assert max(map(len, lines)) <= 80
    assert "| production_bundle_assets |" in demo.stdout, "no name is folded"


def test_writes_nothing_to_stderr(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.stderr == ""


def test_is_plain_ascii_where_there_is_no_terminal(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.stdout.isascii()
    assert "\x1b" not in demo.stdout


@pytest.mark.parametrize(
    "promise",
    [
        "A is COMPLETED",
        "B is COMPENSATED",
        "C is COMPENSATED",
        "D is COMPENSATED",
        "D's process was at work until it was killed",
        "verify_run finds no row of B",
        "verify_run finds no row of C",
        "verify_run finds no row of D",
        "no orphans",
        "every table has as many rows as before B, C and D",
        "A's 16 rows are what they were, byte for byte",
        "compensating D again returns the same receipts",
        "the 200 runs of the incident are COMPENSATED",
        "every table is what it was, byte for byte, and 2,000 rows had come",
        "an undo that was taken back had brought back 10 rows",
    ],
)
def test_keeps_its_promise(demo: subprocess.CompletedProcess[str], promise: str) -> None:
    assert f"  yes     {promise}" in demo.stdout.splitlines()


@pytest.mark.parametrize("function", ["preview_run", "compensate_run", "verify_run"])
def test_shows_the_sql_to_type(demo: subprocess.CompletedProcess[str], function: str) -> None:
    assert f"from unwind.{function}('" in demo.stdout


def test_ends_with_version_and_time(demo: subprocess.CompletedProcess[str]) -> None:
    last = demo.stdout.splitlines()[-1]
    assert last.startswith("PostgreSQL 1")
    assert last.endswith(" s")


# Its own database ------------------------------------------------------------------------------


def test_works_in_a_database_of_its_own_and_drops_it(
    server_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGUNWIND_DSN", server_dsn)

    with demo_database() as dsn, psycopg.connect(dsn) as conn:
        name = conn.info.dbname

    with psycopg.connect(server_dsn) as conn:
        assert conn.info.dbname != name
        assert not conn.execute("select from pg_database where datname = %s", [name]).fetchall()


# Broken promises -------------------------------------------------------------------------------

SNAPSHOT = Snapshot({"t": 1}, {"t": "checksum"})
RECEIPT = Receipt(1, "draft", "t", 2)


def chapter(label: str, expected: str) -> Chapter:
    receipts, rows_left = ((RECEIPT,), 0) if expected == "COMPENSATED" else ((), None)
    return Chapter(label, "", "id", expected, expected, None, receipts, rows_left)


STORY = Story(
    chapters=(chapter("A", "COMPLETED"), chapter("D", "COMPENSATED")),
    typed=(),
    killed=True,
    before=SNAPSHOT,
    after=SNAPSHOT,
    orphans=0,
    repeated=(RECEIPT,),
)


def test_a_story_without_fault_is_found_to_be_so() -> None:
    assert all(finding.so for finding in judge(STORY))


@pytest.mark.parametrize(
    ("fault", "instead"),
    [
        ({"killed": False}, "it had ended by itself"),
        ({"orphans": 2}, "2 orphans"),
        ({"after": Snapshot({"t": 2}, {"t": "checksum"})}, "t 1 -> 2"),
        ({"after": Snapshot({"t": 1}, {"t": "other"})}, "changed in t"),
        ({"repeated": ()}, "1 receipts, then 0"),
        (
            {"chapters": (replace(STORY.chapters[0], status="RUNNING"), STORY.chapters[1])},
            "A is RUNNING",
        ),
        ({"chapters": (replace(STORY.chapters[1], rows_left=3),)}, "3 rows are left"),
    ],
)
def test_whatever_is_not_so_is_said(fault: dict[str, object], instead: str) -> None:
    story = replace(STORY, **fault)  # type: ignore[arg-type]
    assert [finding.instead for finding in judge(story) if not finding.so] == [instead]


AFTERMATH = Incident(
    ("a", "b"),
    Snapshot({"t": 1}, {"t": "a"}),
    Snapshot({"t": 9}, {"t": "b"}),
    Snapshot({"t": 5}, {"t": "d"}),
    Snapshot({"t": 1}, {"t": "a"}),
    {"COMPENSATED": 2},
)


def test_an_incident_that_is_undone_is_found_to_be_so() -> None:
    assert all(finding.so for finding in judge_incident(AFTERMATH))


@pytest.mark.parametrize(
    ("fault", "instead"),
    [
        ({"statuses": {"COMPENSATED": 1, "FAILED": 1}}, "they are {'COMPENSATED': 1, 'FAILED': 1}"),
        ({"after": Snapshot({"t": 3}, {"t": "c"})}, "2 more rows, or others"),
        ({"taken_back": AFTERMATH.before}, "0 rows were back"),
    ],
)
def test_whatever_is_not_so_of_an_incident_is_said(fault: dict[str, object], instead: str) -> None:
    aftermath = replace(AFTERMATH, **fault)  # type: ignore[arg-type]
    assert [finding.instead for finding in judge_incident(aftermath) if not finding.so] == [instead]


def test_a_story_with_a_fault_ends_with_another_status_and_says_which(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert decide(judge(STORY), Screen()) == 0
    assert decide(judge(replace(STORY, orphans=2)), Screen()) == 1
    assert "  NOT SO  no orphans: 2 orphans" in capsys.readouterr().out.splitlines()
