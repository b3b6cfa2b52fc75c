"""How the engine's files are laid out, and what its public objects say of themselves.

Each test lists all offenders. That the manifest names each file once is tested with the manifest.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, LiteralString

import psycopg
import pytest

from pgunwind import manifest

Connection = psycopg.Connection[Any]

FILES = [file for file in manifest.function_files() if PurePosixPath(file.path).parent.name != "engine"]
CREATE = re.compile(
    r"^create (?:or replace )?(?:temp |recursive )?(function|procedure|view|table|type|trigger|aggregate)\s+"
    r"(?:if not exists )?([\w.]+)",
    re.MULTILINE | re.IGNORECASE,
)
SCHEMAS = ("unwind", "unwind_internal")
# In these users' triggers fire, which find what they would find under the caller's own DELETE; or they ask
# which tables its names mean.
CALLERS_SEARCH_PATH = {
    "open_step",
    "record_entities",
    "record_step",
    "record_if_new",
    "adopt_entity",
    "compensate_run",
    "compensate_runs",
    "compensate_step",
    "rewind_run",
    "undo_workflow",
    "undo_by_ledger",
    "call_by_name",
    "undo_by_workflow",
    "undo_runs",
    "undo_steps",
    "recover_chunk",
    "recover_runs",
    "recover_together",
    "undo_together",
    "recover_in_batches",
    "compensate_run_in_batches",
    "run_batches",
    "commit_batch",
    "undo_part",
    "touch_batch",
    "fire_deferred_triggers",
    "undo_images_first",
    "undo_with_images",
    "captured_runs",
    "undo_apart",
    "restore_run",
    "restore_runs",
    "restore_together",
    "restore_undo",
    "undo_captured",
    "restore_rows",
    "restore_inserted",
    "undo_mirrored",
    "hear_user",
    "undo_run_with_images",
}
# Called on every undo or record, where setting search_path would cost more than what they do.
ON_THE_SHORT_WAY = {
    "acting_role",
    "acting_roles",
    "assert_may_delete",
    "assert_run_arguments",
    "assert_session",
    "assert_undoable",
    "begin_run",
    "clock",
    "complete_run",
    "finish_run",
    "hold_to_undo",
    "hold_workflow",
    "is_free",
    "is_meant",
    "lock_run",
    "mark_undone",
    "may_act",
    "open_books",
    "other_owner",
    "close_run",
    "speaker",
    "start_run",
    "workflow_lock",
}


def sqlstates(text: str) -> set[str]:
    return set(re.findall(r"\bUW\d{3}\b", text))


def test_a_file_holds_one_object_and_is_named_as_it() -> None:
    created = {file.path: [name for _, name in CREATE.findall(file.text)] for file in FILES}
    assert {
        path: names
        for path, names in created.items()
        if not any(names == [f"{schema}.{PurePosixPath(path).stem}"] for schema in SCHEMAS)
    } == {}


def test_a_file_begins_by_saying_what_it_is_for() -> None:
    assert [file.path for file in FILES if not re.match(r"-- [A-Z]\w*", file.text)] == []


def test_functions_pin_their_search_path_unless_users_triggers_fire_in_them() -> None:
    unpinned = {
        PurePosixPath(file.path).stem
        for file in FILES
        if not re.search(r"^set search_path = pg_catalog, pg_temp$", file.text, re.MULTILINE)
        and CREATE.findall(file.text)[0][0] != "view"
    }
    assert unpinned == CALLERS_SEARCH_PATH | ON_THE_SHORT_WAY


def test_the_database_agrees_on_who_pins_it(conn: Connection) -> None:
    rows = conn.execute(
        """
        select p.proname from pg_proc as p
        where p.pronamespace::regnamespace::text in ('unwind', 'unwind_internal')
            and not coalesce('search_path=pg_catalog, pg_temp' = any(p.proconfig), false)
        """
    ).fetchall()
    assert {name for (name,) in rows} == CALLERS_SEARCH_PATH | ON_THE_SHORT_WAY


@pytest.mark.parametrize(
    "query",
    [
        """select p.oid::regprocedure::text from pg_proc as p
        where p.pronamespace = 'unwind'::regnamespace and obj_description(p.oid, 'pg_proc') is null""",
        """select c.oid::regclass::text from pg_class as c
        where c.relnamespace = 'unwind'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
            and obj_description(c.oid, 'pg_class') is null""",
        """select t.oid::regtype::text from pg_type as t left join pg_class as c on c.oid = t.typrelid
        where t.typnamespace = 'unwind'::regnamespace and t.typelem = 0
            and (t.typrelid = 0 or c.relkind = 'c') and obj_description(t.oid, 'pg_type') is null""",
    ],
    ids=["functions", "tables", "types"],
)
def test_everything_public_has_a_comment(conn: Connection, query: LiteralString) -> None:
    assert conn.execute(query).fetchall() == []


def test_a_public_function_lists_in_its_comment_every_sqlstate_that_its_header_lists() -> None:
    offenders = {}
    for file in FILES:
        if re.search(r"^create or replace \w+ unwind\.", file.text, re.MULTILINE):
            header, _, rest = file.text.partition("create or replace")
            comment = rest.partition("\ncomment on ")[2]
            if differing := sqlstates(header) ^ sqlstates(comment):
                offenders[file.path] = differing
    assert offenders == {}


def test_every_sqlstate_raised_is_one_of_the_contracts() -> None:
    raised = {state for file in FILES for state in re.findall(r"errcode = '(UW\d{3})'", file.text)}
    assert raised <= {f"UW{n:03}" for n in range(1, 21)}
    assert raised


def test_every_error_of_ours_has_a_detail_and_a_hint() -> None:
    raises = [
        (file.path, text)
        for file in FILES
        for text in re.findall(r"using errcode = '\w+'.*?;\n", file.text, re.DOTALL)
    ]
    assert raises
    assert [found for found in raises if "detail = " not in found[1] or "hint = " not in found[1]] == []
