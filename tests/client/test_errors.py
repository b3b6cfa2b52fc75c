"""One exception for each SQLSTATE, made in one place."""

from __future__ import annotations

import pickle
from typing import Any

import psycopg
import pytest

import pgunwind
from pgunwind import CompensationPending, UnwindError
from pgunwind.errors import translate

BY_SQLSTATE = {
    "UW001": pgunwind.RunNotFound,
    "UW002": pgunwind.RunNotRunning,
    "UW003": pgunwind.ClaimLost,
    "UW004": pgunwind.EntityOwnedElsewhere,
    "UW005": pgunwind.RunCompleted,
    "UW006": pgunwind.RunClaimed,
    "UW007": pgunwind.DependentsExist,
    "UW008": pgunwind.NotDefined,
    "UW009": pgunwind.InvalidDefinition,
    "UW010": pgunwind.UnsupportedIsolation,
    "UW011": pgunwind.ChangedSince,
    "UW012": pgunwind.LaterStepLive,
    "UW013": pgunwind.DuplicateRun,
    "UW017": pgunwind.EntityExists,
    "UW019": pgunwind.TooManyRows,
    "UW020": pgunwind.UndoRefused,
}

RAISE = (
    "do $$ begin raise 'the message' using errcode = '{}', detail = 'the detail', hint = 'the hint'; end $$"
)


@pytest.mark.parametrize("sqlstate", BY_SQLSTATE)
def test_sqlstate_becomes_its_exception_with_detail_and_hint(
    sqlstate: str, conn: psycopg.Connection[Any]
) -> None:
    with pytest.raises(BY_SQLSTATE[sqlstate]) as caught, translate():
        conn.execute(RAISE.format(sqlstate).encode())
    error = caught.value
    assert type(error) is BY_SQLSTATE[sqlstate]
    assert error.sqlstate == sqlstate
    assert (error.message, error.detail, error.hint) == ("the message", "the detail", "the hint")
    assert isinstance(error.__cause__, psycopg.DatabaseError)
    assert str(error) == "the message\nDETAIL:  the detail\nHINT:  the hint"


def test_other_errors_pass_unchanged(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), translate():
        conn.execute("select 1 / 0")
    with pytest.raises(KeyError), translate():
        raise KeyError("x")


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(pgunwind.RunNotFound("m", "d", "h")))
    assert (error.message, error.detail, error.hint, error.sqlstate) == ("m", "d", "h", "UW001")
    pending = pickle.loads(pickle.dumps(CompensationPending("r1", [ValueError("x")])))
    assert (pending.run_id, str(pending.cause)) == ("r1", "x")


def test_every_exception_is_an_unwind_error() -> None:
    assert all(issubclass(cls, UnwindError) for cls in BY_SQLSTATE.values())
    assert issubclass(CompensationPending, UnwindError)
