"""Every error of restore_run is reached here, says what and what next, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capture.test_errors import RAISE, RAISED_BY, everything

SQLSTATES = {"object_not_in_prerequisite_state": "55000", "lock_not_available": "55P03"}
ROOM = Path(__file__).parents[2] / "sql" / "engine" / "restore"
FIRST = "update orders set customer = 'Eve' where id = 1"
THEN = "update orders set customer = 'Fay' where id = 1"


def not_undone(shop: Any, connect: Any) -> str:
    shop.start("r")
    return "55000"


def undone_with_another(shop: Any, connect: Any) -> str:
    shop.write("r", FIRST)
    shop.write("s", THEN)
    shop.undo("r", "s")
    return "55000"


def not_captured(shop: Any, connect: Any) -> str:
    shop.record("r", "free", 1, "insert into free values (1)")
    shop.conn.execute("call unwind.compensate_run_in_batches('r')")
    return "UW018"


def heir_at_work(shop: Any, connect: Any) -> str:
    shop.write("r", FIRST)
    shop.write("s", THEN)
    shop.undo("r", on_conflict="skip")
    session = connect()
    session.execute("begin")
    session.execute("select * from unwind.compensate_run('s')")
    return "55P03"


CASES = [not_undone, undone_with_another, not_captured, heir_at_work]


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_and_what_next_and_changes_nothing(shop: Any, connect: Any, case: Any) -> None:
    state = case(shop, connect)
    before = everything(shop)
    error = shop.refused("select * from unwind.restore_run('r')")
    assert error.sqlstate == state
    assert error.diag.message_detail and error.diag.message_hint
    assert everything(shop) == before
    places = {
        (source[: found.start()].count("\n") + 1, SQLSTATES.get(found[1], found[1]))
        for name, source in shop("select p.oid::regproc::text, p.prosrc from pg_proc as p")
        for found in RAISE.finditer(source)
        if name == RAISED_BY.findall(error.diag.context or "")[0][0]
    }
    assert (int(RAISED_BY.findall(error.diag.context or "")[0][1]), state) in places


def test_every_place_that_raises_one_has_a_case(shop: Any) -> None:
    raising = [
        name
        for name, source in shop("select p.proname, p.prosrc from pg_proc as p")
        if name in {path.stem for path in ROOM.glob("*.sql")}
        for _ in RAISE.finditer(source)
    ]
    assert len(raising) == len(CASES)
