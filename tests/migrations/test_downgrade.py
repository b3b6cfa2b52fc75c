"""Removing the engine: all of it, or, while live runs need it, nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.util import CommandError

from pgunwind import migrate

Dump = Callable[[str], str]
Psql = Callable[..., str]


@pytest.fixture
def migrated_dsn(bare_dsn: str) -> str:
    migrate.upgrade(bare_dsn)
    return bare_dsn


def add_run(dsn: str, status: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into unwind.workflow_runs (id, workflow, status) values ('it''s r1', 'w', %s)", [status]
        )


def test_nothing_is_left(bare_dsn: str, dump: Dump) -> None:
    before = dump(bare_dsn)
    migrate.upgrade(bare_dsn)
    migrate.downgrade(bare_dsn)
    assert dump(bare_dsn) == before


def test_plain_alembic_leaves_nothing_either(bare_dsn: str, dump: Dump) -> None:
    before = dump(bare_dsn)
    config = migrate.config(bare_dsn)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    assert dump(bare_dsn) == before


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "COMPENSATING"])
def test_a_live_run_prevents_it(migrated_dsn: str, dump: Dump, status: str) -> None:
    before = dump(migrated_dsn)
    add_run(migrated_dsn, status)
    with pytest.raises(psycopg.errors.ObjectInUse) as caught:
        migrate.downgrade(migrated_dsn)
    assert "1 of its runs are live" in str(caught.value)
    assert "unwind.compensate_run('it''s r1')" in str(caught.value.diag.message_hint)
    assert dump(migrated_dsn) == before


@pytest.mark.parametrize("status", ["COMPLETED", "COMPENSATED"])
def test_an_ended_run_does_not(migrated_dsn: str, status: str) -> None:
    add_run(migrated_dsn, status)
    migrate.downgrade(migrated_dsn)


def test_the_offline_script_does_the_same(bare_dsn: str, dump: Dump, psql: Psql, tmp_path: Path) -> None:
    before = dump(bare_dsn)
    migrate.upgrade(bare_dsn)
    config = migrate.config()
    config.output_buffer = io.StringIO()
    command.downgrade(config, "head:base", sql=True)
    script = tmp_path / "downgrade.sql"
    script.write_text(config.output_buffer.getvalue())
    psql(bare_dsn, "-f", str(script))
    assert dump(bare_dsn) == before


def test_without_an_engine_nothing_comes_of_it(bare_dsn: str, dump: Dump) -> None:
    before = dump(bare_dsn)
    migrate.downgrade(bare_dsn)
    assert dump(bare_dsn) == before


def test_an_engine_from_psql_is_not_silently_kept(dsn: str) -> None:
    with pytest.raises(CommandError, match="upgrade first"):
        migrate.downgrade(dsn)
    migrate.upgrade(dsn)
    migrate.downgrade(dsn)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select to_regnamespace('unwind')").fetchone() == (None,)
