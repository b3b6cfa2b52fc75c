"""A page tells whether it was changed, and whether the database was."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg
import pytest

from pgunwind import Unwind, evidence
from pgunwind.evidence import page as pages

from .conftest import RUN

Connection = psycopg.Connection[Any]
FORMS = pytest.mark.parametrize("form", ["html", "json"])


@pytest.fixture
def page(unwind: Unwind, shop: Connection, form: str) -> str:
    """The page of r1, undone, and r2, not."""
    shop.execute(RUN.format(run="r2").encode())
    return evidence.write(unwind.describe_runs(["r1", "r2"]), form)


def found(text: str, unwind: Unwind) -> list[str]:
    return [str(difference) for difference in evidence.check(text, unwind)]


@FORMS
def test_what_was_not_changed_is_as_it_was(page: str, unwind: Unwind) -> None:
    assert found(page, unwind) == []


def test_numbers_that_python_writes_otherwise_are_as_they_were(unwind: Unwind, shop: Connection) -> None:
    numbers = '{"price": 1.10, "much": 1e400, "fine": 0.12345678901234567890}'
    shop.execute("update unwind.workflow_runs set metadata = %s", [numbers])
    page = evidence.write(unwind.describe_runs(["r1"]))
    assert found(page, unwind) == []
    shop.execute("update unwind.workflow_runs set last_error = 'another'")
    (difference,) = found(page, unwind)
    assert difference.startswith("database: ")


@FORMS
def test_a_word_changed_on_the_page_is_found_by_its_line(page: str, unwind: Unwind) -> None:
    changed = page.replace("out of stock", "sold out", 1)
    assert changed != page
    (difference,) = found(changed, unwind) if "<html" in page else found(changed, unwind)[-1:]
    assert difference.startswith("file: ")


def test_a_number_changed_on_the_page_alone_is_found(unwind: Unwind) -> None:
    page = evidence.write(unwind.describe_runs(["r1"]))
    changed = page.replace("<dt>Rows deleted</dt><dd>3</dd>", "<dt>Rows deleted</dt><dd>4</dd>")
    (difference,) = found(changed, unwind)
    assert re.fullmatch(r"file: line \d+ was changed: .*<dd>4</dd>.*", difference)


def test_lines_taken_away_or_added_are_found(unwind: Unwind) -> None:
    page = evidence.write(unwind.describe_runs(["r1"]))
    assert found(page + "more\n", unwind) == [f"file: line {len(page.splitlines()) + 1} was changed: 'more'"]
    assert "(missing)" in found("\n".join(page.splitlines()[:-1]), unwind)[-1]


def test_a_record_changed_together_with_the_page_does_not_give_its_digest(unwind: Unwind) -> None:
    document = unwind.describe_runs(["r1"])
    document["runs"][0]["record"]["receipts"][0]["rows_deleted"] = 1
    assert found(evidence.write(document), unwind) == [
        "file: the record of run 'r1' does not give its sha256"
    ]


def test_nor_does_one_with_a_digest_of_its_own_agree_with_the_database(unwind: Unwind) -> None:
    document = unwind.describe_runs(["r1"])
    run = document["runs"][0]
    run["record"]["receipts"][0]["rows_deleted"] = 1
    run["sha256"] = unwind.evidence_digest(run["record"])
    assert found(evidence.write(document), unwind) == [
        "database: run 'r1' is not what it was: receipts, line 1"
    ]


@FORMS
def test_a_receipt_changed_in_the_database_is_named(page: str, unwind: Unwind, shop: Connection) -> None:
    shop.execute("update unwind_internal.receipts set counts[2] = 7 where run_id = 'r1'")
    assert found(page, unwind) == ["database: run 'r1' is not what it was: receipts, line 2"]


@FORMS
def test_a_run_that_went_on_since_is_named_with_what_changed(
    page: str, unwind: Unwind, shop: Connection
) -> None:
    shop.execute("select unwind.compensate_run('r2')")
    (difference,) = found(page, unwind)
    assert difference.startswith(
        "database: run 'r2' is not what it was: status was 'FAILED', is 'COMPENSATED'"
    )
    assert "ledger, line 1" in difference and "receipts, line 1" in difference


@FORMS
def test_a_run_that_was_purged_is_named(page: str, unwind: Unwind, shop: Connection) -> None:
    shop.execute("update unwind.workflow_runs set updated_at = now() - interval '2 days' where id = 'r1'")
    shop.execute("select unwind.purge_runs('1 day')")
    assert found(page, unwind) == ["database: run 'r1' is not there any more: purged, or not yours"]


def test_of_a_page_by_another_version_the_data_alone_is_checked(
    unwind: Unwind, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "written_by", lambda: "pgunwind 0.0.9")
    page = evidence.write(unwind.describe_runs(["r1"])).replace("Rows deleted", "Deleted rows")
    monkeypatch.undo()
    assert found(page, unwind) == []
    shop.execute("update unwind_internal.receipts set counts[2] = 7")
    assert len(found(page, unwind)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "{",
        "[]",
        json.dumps({"written_by": "x", "evidence": {"runs": [{}]}}),
        '<script type="application/gzip" id="pgunwind-evidence">AAAA</script>',
        '<script type="application/gzip" id="pgunwind-evidence">H4sIAAAA</script>',
        '<script type="application/gzip" id="pgunwind-evidence">A</script>' * 2,
    ],
)
def test_what_is_no_evidence_is_refused(text: str, unwind: Unwind) -> None:
    with pytest.raises(evidence.NotEvidence, match="no page of evidence, or its data is damaged"):
        evidence.check(text, unwind)
