"""However the engine comes into a database, the same thing is there afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from pgunwind import manifest, migrate

ROOT = Path(__file__).resolve().parents[2]

Dump = Callable[[str], str]
Psql = Callable[..., str]


@pytest.fixture
def expected(bare_dsn: str, dump: Dump) -> Iterator[str]:
    """Return the dump of an online upgrade, and leave the database empty again."""
    migrate.upgrade(bare_dsn)
    yield dump(bare_dsn)


def start_over(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("drop schema unwind, unwind_internal, unwind_compiled, unwind_captured cascade")


def test_the_offline_script_does_what_the_upgrade_does(
    bare_dsn: str, expected: str, dump: Dump, psql: Psql, tmp_path: Path
) -> None:
    start_over(bare_dsn)
    script = tmp_path / "upgrade.sql"
    script.write_text(migrate.offline_script())
    psql(bare_dsn, "-f", str(script))
    assert dump(bare_dsn) == expected


def test_psql_does_what_the_upgrade_does(bare_dsn: str, expected: str, dump: Dump, psql: Psql) -> None:
    start_over(bare_dsn)
    psql(bare_dsn, "-1", "-f", str(ROOT / "sql" / "install.sql"))
    assert dump(bare_dsn) == expected


def test_an_upgrade_adopts_what_psql_installed(bare_dsn: str, expected: str, dump: Dump, psql: Psql) -> None:
    start_over(bare_dsn)
    psql(bare_dsn, "-1", "-f", str(ROOT / "sql" / "install.sql"))
    migrate.upgrade(bare_dsn)
    assert dump(bare_dsn) == expected


def test_manifest_install_does_what_the_upgrade_does(bare_dsn: str, expected: str, dump: Dump) -> None:
    start_over(bare_dsn)
    with psycopg.connect(bare_dsn) as connection:
        manifest.install(connection)
    assert dump(bare_dsn) == expected


def test_down_and_up_again_is_up(bare_dsn: str, expected: str, dump: Dump) -> None:
    migrate.downgrade(bare_dsn)
    migrate.upgrade(bare_dsn)
    assert dump(bare_dsn) == expected


def test_the_script_of_a_checkout_is_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alembic", "upgrade", "head", "--sql"]
    script = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert script == migrate.offline_script()


def test_the_script_holds_every_file_once() -> None:
    script = migrate.offline_script()
    for file in manifest.engine_files():
        assert script.count(file.text.strip()) == 1, file.path


def test_upgrading_at_the_newest_revision_replaces_the_functions(
    bare_dsn: str, expected: str, dump: Dump
) -> None:
    with psycopg.connect(bare_dsn) as connection:
        connection.execute("drop function unwind.complete_run")
    migrate.upgrade(bare_dsn)
    assert dump(bare_dsn) == expected


def test_two_upgrades_at_once_are_one_after_the_other(bare_dsn: str, dump: Dump) -> None:
    with ThreadPoolExecutor(1) as other:
        # alembic's own state is per process, so the other one is a process.
        code = "import sys; from pgunwind import migrate; migrate.upgrade(sys.argv[1])"
        command = [sys.executable, "-c", code, bare_dsn]
        running = other.submit(subprocess.run, command, check=True)
        migrate.upgrade(bare_dsn)
        running.result()
    with psycopg.connect(bare_dsn) as connection:
        assert connection.execute("select version_num from unwind.alembic_version").fetchall() == [("0002",)]


@pytest.mark.parametrize("form", ["conninfo", "url"])
def test_a_dsn_is_whatever_libpq_takes(bare_dsn: str, form: str) -> None:
    dsn = bare_dsn if form == "conninfo" else as_url(bare_dsn)
    migrate.upgrade(dsn)
    with psycopg.connect(bare_dsn) as connection:
        assert connection.execute("select to_regclass('unwind.workflow_runs') is not null").fetchone() == (
            True,
        )


def as_url(dsn: str) -> str:
    """Write a conninfo string as a URL, full of percent signs."""
    from urllib.parse import quote, urlencode

    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    dbname = quote(str(parts.pop("dbname")))
    return f"postgresql:///{dbname}?{urlencode({**parts, 'application_name': '100%'}, quote_via=quote)}"


def test_looking_changes_nothing(bare_dsn: str, dump: Dump) -> None:
    from alembic import command

    before = dump(bare_dsn)
    command.current(migrate.config(bare_dsn))
    assert dump(bare_dsn) == before
