"""Each call of the client names a function of schema unwind, by its own name and with its own arguments.

Three are procedures beside them, for the messages of a run that goes well.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import psycopg
import pytest

from pgunwind import AsyncUnwind, Unwind, _commands

NO_CALLS = {"LOCK_TIMEOUT", "READ_COMMITTED", "RUN_STEP", "RUN_STEPS", "SET_LOCK_TIMEOUT", "SET_WORKER"}
PROCEDURES = {"BEGIN_RUN", "FINISH_RUN", "OPEN_STEP"}
STATEMENTS = {name: sql for name, sql in vars(_commands).items() if name.isupper() and isinstance(sql, str)}
CALLS = {name: sql for name, sql in STATEMENTS.items() if name not in NO_CALLS}

SIGNATURE = """
select array(
    select a.name from unnest(proargnames, coalesce(proargmodes, '{}')) with ordinality as a (name, mode, n)
    where a.n <= pronargs and coalesce(a.mode, 'i') in ('i', 'v') order by a.n
), provariadic <> 0, proargnames[pronargs + 1:]
from pg_catalog.pg_proc
where pronamespace = %s::regnamespace and proname = %s
"""


@pytest.mark.parametrize("name", CALLS)
def test_call_passes_every_argument_by_name(name: str, conn: psycopg.Connection[Any]) -> None:
    sql = CALLS[name]
    schema = "unwind_internal" if name in PROCEDURES else "unwind"
    assert f"{schema}.{name.lower()}(" in sql
    rows = conn.execute(SIGNATURE, [schema, name.lower()]).fetchall()
    assert len(rows) == 1, "one function, no overloads"
    arguments, variadic, columns = rows[0]
    assert re.findall(r"(\w+) =>", sql) == arguments
    assert re.findall(r"%\((\w+)\)s::pg_catalog\.", sql) == arguments, "each is cast"
    assert ("variadic" in sql) == variadic
    if columns:
        selected = re.match(r"\s*select (.+)\s", sql)
        assert selected is not None
        assert selected[1].split(", ") == columns


@pytest.mark.parametrize("client", [Unwind, AsyncUnwind])
def test_every_call_but_the_version_has_a_method_of_its_name(client: type) -> None:
    methods = {name for name in dir(client) if not name.startswith("_")} - {"run", "attach"}
    assert methods == {name.lower() for name in CALLS.keys() - PROCEDURES} - {"schema_version"}


@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_is_looked_up_in_the_sessions_search_path(name: str) -> None:
    sql = STATEMENTS[name]
    for called in re.findall(r"([\w.]+)\(", sql):
        assert re.match(r"(unwind|unwind_internal|pg_catalog)\.|operator$", called), called
    assert sql.count("::") == sql.count("::pg_catalog.")
    if not sql.startswith("set local"):
        assert not re.search(
            r"\s(=|<>|<|>|<=|>=|\|\||like|in)\s", sql.replace("operator(pg_catalog.=)", "")
        ), "operators"


def test_no_cast_is_added_to_what_goes_in_one_message(shop: psycopg.Connection[Any]) -> None:
    lease = datetime.timedelta(minutes=1)
    key = ['a"\\', "", "{b,c}", "NULL", "'"]
    for command in (
        _commands.record_step("r1", "order", key),
        _commands.compensate_runs(["r1", "r2"], force=True, on_conflict="skip", max_rows=7),
        _commands.claim_run("r1", "w", lease),
        _commands.start_run("shop", "r1", None, {"a": 1}, "w", lease),
    ):
        patient = _commands.patient(_commands.spoken(command, "w"), _commands.Patience(1))
        sent = psycopg.ClientCursor(shop).mogrify(patient.sql, patient.parameters)
        casts = set(re.findall(r"::([\w.]+)", sent))
        # A word of the grammar, so always the built-in one.
        assert all(cast.startswith("pg_catalog.") for cast in casts - {"interval"}), casts
    row = shop.execute(
        "select %(entity_key)s::text[]", _commands.record_step("r", "s", key).parameters
    ).fetchone()
    assert row == (key,)
