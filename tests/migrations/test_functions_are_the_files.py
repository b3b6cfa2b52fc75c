"""Every function is made by a file, which can be run again, and none is in the catalog that no file makes."""

from __future__ import annotations

import re

import psycopg

from pgunwind import manifest

CREATES = re.compile(
    r"^create (?:or replace )?(?:function|procedure)\s+(unwind\w*\.\w+)", re.MULTILINE | re.IGNORECASE
)
ONLY_ONCE = re.compile(r"^create (?:function|procedure)", re.MULTILINE | re.IGNORECASE)
FILES = [file for file in manifest.function_files() if CREATES.search(file.text)]


def test_every_file_can_be_run_again() -> None:
    assert [file.path for file in FILES if ONLY_ONCE.search(file.text)] == []


def test_the_catalog_holds_the_files_functions_and_no_more(conn: psycopg.Connection[tuple[str]]) -> None:
    rows = conn.execute(
        """
        select p.pronamespace::regnamespace || '.' || p.proname
        from pg_proc as p
        where p.pronamespace::regnamespace::text in ('unwind', 'unwind_internal')
        """
    ).fetchall()
    assert sorted(name for (name,) in rows) == sorted(
        name for file in FILES for name in CREATES.findall(file.text)
    )
