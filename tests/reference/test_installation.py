"""The reference workflow installs from psql and from Python, into any schema, as often as one likes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg

from pgunwind import manifest
from pgunwind.examples.client_to_delivery import TABLES, install

Connection = psycopg.Connection[Any]


def tables(conn: Connection, schema: str) -> set[str]:
    return {row[0] for row in conn.execute("select tablename from pg_tables where schemaname = %s", [schema])}


def definition(conn: Connection) -> list[Any]:
    return (
        conn.execute(
            "select step, root_table::text, key_columns from unwind.step_roots order by 1, 2"
        ).fetchall()
        + conn.execute(
            "select child_table::text, child_columns, parent_table::text, parent_columns, on_delete"
            " from unwind.logical_foreign_keys order by 1, 2"
        ).fetchall()
    )


def test_ten_tables_and_nothing_else(reference_conn: Connection) -> None:
    assert tables(reference_conn, "client_to_delivery") == set(TABLES)


def test_installing_again_changes_nothing(reference_conn: Connection) -> None:
    before = definition(reference_conn)

    install(reference_conn)

    assert definition(reference_conn) == before


def test_installing_leaves_the_callers_settings_alone(reference_conn: Connection) -> None:
    with reference_conn.transaction():
        before = reference_conn.execute("show search_path").fetchone()
        install(reference_conn)
        assert reference_conn.execute("show search_path").fetchone() == before


def test_psql_installs_the_same(reference_dsn: str, reference_conn: Connection, pg_bin: Path) -> None:
    before = definition(reference_conn)

    done = run_installer(pg_bin / "psql", reference_dsn)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "client_to_delivery is installed" in done.stdout
    assert definition(reference_conn) == before


def test_psql_installs_into_the_schema_named(
    reference_dsn: str, reference_conn: Connection, pg_bin: Path
) -> None:
    reference_conn.execute("select unwind.drop_workflow('client_to_delivery')")

    done = run_installer(pg_bin / "psql", reference_dsn, "-v", "schema=Other Place")

    assert done.returncode == 0, done.stderr
    assert tables(reference_conn, "Other Place") == set(TABLES)


def test_the_missing_index_is_reported_with_its_cure(reference_conn: Connection) -> None:
    findings = reference_conn.execute(
        "select object, fix from unwind.check_workflow('client_to_delivery') where code = 'missing_index'"
    ).fetchall()

    assert len(findings) == 1
    table, fix = findings[0]
    assert "onboarding_intake" in table
    reference_conn.execute(fix)
    assert not reference_conn.execute(
        "select from unwind.check_workflow('client_to_delivery') where code = 'missing_index'"
    ).fetchall()


def run_installer(psql: Path, dsn: str, *options: str) -> subprocess.CompletedProcess[str]:
    installer = str(manifest.root() / "workflows" / "client_to_delivery" / "install.sql")
    return subprocess.run(
        [psql, "--no-psqlrc", "--dbname", dsn, *options, "--file", installer],
        capture_output=True,
        text=True,
        check=False,
    )
