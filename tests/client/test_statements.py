"""What a statement means for its transaction is known by its first words, whatever stands around them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

from pgunwind import TransactionMismatch
from pgunwind._statements import kind_of, text_of


@pytest.mark.parametrize(
    "text",
    [
        "begin",
        "BEGIN;",
        "Start transaction isolation level serializable",
        "commit and chain",
        "END",
        "rollback to savepoint s",
        "abort",
        "prepare transaction 'x'",
        " /* one; two */ -- three; four\n\tcommit ; ; ",
    ],
)
def test_what_begins_or_ends_a_transaction_is_control(text: str) -> None:
    assert kind_of(text) == "control"


@pytest.mark.parametrize(
    "text", ["set jit = off", "SET LOCAL jit = off", "reset all", "show jit", "discard all"]
)
def test_what_may_have_to_come_first_is_a_setting(text: str) -> None:
    assert kind_of(text) == "setting"


@pytest.mark.parametrize(
    "text",
    [
        "insert into t values ('; commit')",
        "update t set a = $$; commit; $$",
        "update t set a = $b$; $$ ; commit; $b$; select 1",
        "update t set a = E'\\'; commit; '",
        'select 1 as "; commit"',
        "select 'it''s'; select '; rollback'",
        "select 1 -- ; commit",
        "select 1; set jit = off",
        "set jit = off; select 1",
        "savepoint s",
        "release s",
        "prepare p as select 1",
        "beginning",
        "create procedure p() begin atomic select 1; end",
        "",
        "do $$ begin perform 1; end $$",
    ],
)
def test_everything_else_is_work(text: str) -> None:
    assert kind_of(text) == "work"


@pytest.mark.parametrize("text", ["begin; select 1", "select 1; commit", "/* x */ commit; select ';'"])
def test_several_of_which_one_ends_a_transaction_are_refused(text: str) -> None:
    with pytest.raises(TransactionMismatch) as refused:
        kind_of(text)
    assert refused.value.detail and refused.value.hint


def test_the_text_is_known_of_whatever_psycopg_takes(conn: psycopg.Connection[Any]) -> None:
    template = type("Template", (), {"strings": ("commit ", "")})()
    for query in ("commit", b"commit", sql.SQL("commit"), sql.SQL("commit {}").format(sql.SQL("")), template):
        assert kind_of(text_of(query, conn)) == "control"
