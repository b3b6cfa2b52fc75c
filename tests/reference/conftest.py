"""The application under test, and a look into all of its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgunwind import Unwind, evidence
from pgunwind.demo.evidence import Snapshot, snapshot
from pgunwind.examples.client_to_delivery import ClientToDelivery


@pytest.fixture
def unwind(reference_dsn: str) -> Unwind:
    return Unwind(reference_dsn)


@pytest.fixture
def application(unwind: Unwind) -> ClientToDelivery:
    return ClientToDelivery(unwind)


@pytest.fixture
def look(reference_conn: psycopg.Connection[Any]) -> Callable[[], Snapshot]:
    """Counts and checksums of all ten tables, as of now."""
    return lambda: snapshot(reference_conn)


# Pages of evidence (make evidence) ---------------------------------------------------------------

PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep whether a test passed, for its page."""
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture(autouse=True)
def page(request: pytest.FixtureRequest) -> Iterator[None]:
    """After an acceptance test, where asked for: a page on its runs, and a line in the index."""
    folder = request.config.getoption("--evidence")
    name = request.node.name
    if folder is None or not name.startswith("test_acceptance"):
        yield
        return
    conn = request.getfixturevalue("reference_conn")
    yield
    assert request.node.stash[PASSED], "there is no page of a test that failed"
    runs = [
        run for (run,) in conn.execute("select id from unwind.workflow_runs order by created_at").fetchall()
    ]
    write_page(Path(folder), name.removeprefix("test_"), Unwind(conn).describe_runs(runs))


def write_page(folder: Path, name: str, document: Any) -> None:
    """Write the page, and the index of all pages there are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.html").write_text(evidence.write(document), encoding="utf-8")
    pages = sorted(page.stem for page in folder.glob("acceptance_*.html"))
    lines = [f'<li><a href="{stem}.html">{escape(stem.replace("_", " "))}</a></li>' for stem in pages]
    (folder / "index.html").write_text(
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>client_to_delivery</title>\n'
        "<h1>The acceptance tests of client_to_delivery that passed</h1>\n<ol>\n"
        + "\n".join(lines)
        + "\n</ol>\n</html>\n",
        encoding="utf-8",
    )
    print(f"\n{folder / name}.html")
