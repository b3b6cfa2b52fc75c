"""The engine's folders are rooms: each calls only those before it, in the order of the manifest's sections.

A call is a name of schema unwind or unwind_internal, as PostgreSQL's scanner reads it: a view counts as a
function; what stands in a comment or in a string literal (a hint, the text of a generated function) does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import PurePosixPath

from pglast.parser import scan

from pgunwind import manifest

ROOM = {
    path.stem: path.parent.name
    for path in (PurePosixPath(file.path) for file in manifest.function_files())
    if path.parent.name != "engine"
}
ORDER = list(dict.fromkeys(ROOM.values()))
SCHEMAS = {"unwind", "unwind_internal"}


def words(sql: str) -> Iterator[str]:
    """Yield the words of a text without comments; those of a function's body too, in place."""
    before = ""
    for token in scan(sql):
        word = sql[token.start : token.end + 1]
        if before == "as" and word.startswith("$$"):
            yield from words(word.strip("$"))
        elif token.name not in {"SQL_COMMENT", "C_COMMENT"}:
            yield word
            before = word


def called(sql: str) -> set[str]:
    """Return the functions and views of the engine that a file names."""
    text = list(words(sql))
    return {
        name
        for schema, dot, name in zip(text, text[1:], text[2:], strict=False)
        if schema in SCHEMAS and dot == "." and name in ROOM
    }


def backward(caller: str, sql: str) -> list[str]:
    """Return the calls of a file into rooms that come after its own."""
    later = ORDER[ORDER.index(ROOM[caller]) + 1 :]
    return [
        f"{ROOM[caller]}/{caller} calls {ROOM[name]}/{name}"
        for name in sorted(called(sql))
        if ROOM[name] in later
    ]


def test_no_room_calls_one_after_it() -> None:
    files = [(PurePosixPath(file.path).stem, file.text) for file in manifest.function_files()]
    assert [call for name, sql in files if name in ROOM for call in backward(name, sql)] == []


def test_a_room_is_one_section_of_the_manifest() -> None:
    assert [room for room, _ in groupby(ROOM.values())] == ORDER


def test_a_call_is_told_from_what_is_only_text() -> None:
    body = "create function f() returns text as $$ select unwind.start_run({}) /* unwind.act_as */ $$"
    assert called(body.format("'unwind.fail_run()'")) == {"start_run"}
    assert called(body.format("unwind_internal.clock()")) == {"start_run", "clock"}


def test_a_call_into_a_later_room_is_found() -> None:
    sql = "select unwind.compile_workflow('w'), unwind_internal.kin('t')"
    assert backward("record_step", sql) == ["runtime/record_step calls definition/compile_workflow"]
