"""What psycopg does not document, and one module of the client uses: it is there, and does what it should."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import generators
from psycopg.pq import ExecStatus, TransactionStatus

import pgunwind
from clients import Client, plain_connections
from pgunwind import _messages

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

UNDOCUMENTED = re.compile(
    r"\bgenerators\b|\bas_literal\b|\._num_transactions\b|\bconnection\.wait\(|\berror_from_result\b"
    r"|\b_get_tx_start_command\b"
)


def test_one_module_uses_it() -> None:
    package = Path(pgunwind.__file__).parent
    using = {path.name for path in package.glob("*.py") if UNDOCUMENTED.search(path.read_text())}
    assert using == {"_async_messages.py", "_messages.py"}


@plain_connections
def test_several_statements_are_one_message_with_an_answer_each(connect: Connect) -> None:
    connection = connect()
    assert _messages.can_send_messages(connection)
    connection.pgconn.send_query(b"begin; select 'a'; commit; begin; select 1 / 0; select 2")
    answers = connection.wait(generators.execute(connection.pgconn))
    assert [answer.status for answer in answers] == [
        ExecStatus.COMMAND_OK,
        ExecStatus.TUPLES_OK,
        ExecStatus.COMMAND_OK,
        ExecStatus.COMMAND_OK,
        ExecStatus.FATAL_ERROR,
    ]
    error = psycopg.errors.error_from_result(answers[-1], encoding="utf-8")
    assert isinstance(error, psycopg.errors.DivisionByZero)
    assert connection.info.transaction_status == TransactionStatus.INERROR


@plain_connections
def test_the_count_of_transactions_is_what_refuses_a_commit(connect: Connect) -> None:
    connection = connect()
    assert connection._num_transactions == 0
    with connection.transaction():
        assert connection._num_transactions == 1


@plain_connections
def test_it_says_how_a_connection_begins_its_transactions(connect: Connect) -> None:
    connection = connect()
    assert connection._get_tx_start_command() == b"BEGIN"
    connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    connection.read_only = connection.deferrable = True
    assert connection._get_tx_start_command() == b"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE"


def test_pipeline_mode_has_no_messages_of_several_statements(client: Client, connect: Connect) -> None:
    connection = connect()
    with connection.pipeline():
        assert not _messages.can_send_messages(connection)


HOSTILE = [
    "'",
    "\\",
    "\\'",
    "'; drop table orders; --",
    "%s",
    "%(step)s",
    "{",
    '"',
    "$1",
    "é",
    "\U0001f600",
    "",
]


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1"])
@pytest.mark.parametrize("conforming", ["on", "off"])
def test_literals_are_quoted(
    client: Client, shop: Connection, connect: Connect, encoding: str, conforming: str
) -> None:
    connection = connect(client_encoding=encoding)
    connection.execute(f"set standard_conforming_strings = {conforming}".encode())
    connection.execute("set escape_string_warning = off")
    keys = [key for key in HOSTILE if key.encode(encoding.lower(), "ignore").decode(encoding.lower()) == key]
    with client.Unwind(connection).run("shop", worker="it's a \\ worker") as run:
        for key in keys:
            with run.step("order", key) as own:
                assert own.execute("select current_setting('unwind.worker')").fetchone() == (run.worker,)
        assert {key for (key,) in run.recorded("order")} == set(keys)


@pytest.mark.parametrize("value", ["a\x00b", "\x00"])
def test_nul_is_refused_and_never_cut_off(client: Client, shop: Connection, value: str) -> None:
    with client.Unwind(shop).run("shop") as run:
        with pytest.raises(psycopg.DataError), run.step("order", value):
            pytest.fail("the step was opened")
        with run.step("order", "o1"):
            pass
    with pytest.raises(psycopg.DataError), client.Unwind(shop).run("shop", worker=value):
        pytest.fail("the run was started")


def test_rows_are_what_the_connection_makes_of_them(
    client: Client, shop: Connection, connect: Connect
) -> None:
    connection = connect(row_factory=psycopg.rows.dict_row)
    with client.Unwind(connection).run("shop") as run, run.step("order", "o1", last=True) as own:
        assert own.execute("select 1 as one").fetchone() == {"one": 1}
    assert run.completed


def test_prepared_statements_of_the_users_go_on(client: Client, shop: Connection, connect: Connect) -> None:
    connection = connect(prepare_threshold=0)
    unwind = client.Unwind(connection)
    for number in range(3):
        with (
            pytest.raises(ValueError, match="boom"),
            unwind.run("shop") as run,
            run.step("order", f"o{number}"),
        ):
            connection.execute("insert into orders (id) values (%s)", [f"o{number}"])
            raise ValueError("boom")
    assert shop.execute("select from orders").rowcount == 0
