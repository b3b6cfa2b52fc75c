"""python -m pgunwind: what it prints and how it fails."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from pgunwind import __main__, cli

runner = CliRunner()


def test_version_is_the_package_s() -> None:
    assert runner.invoke(cli.main, ["version"]).output.strip() == version("pgunwind")


def test_sql_needs_no_database() -> None:
    result = runner.invoke(cli.main, ["migrate", "--sql"])
    assert result.exit_code == 0
    assert "unwind.workflow_runs" in result.output


@pytest.mark.parametrize("command", [["migrate"], ["downgrade", "--yes"]])
def test_without_a_dsn_it_says_how_to_give_one(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGUNWIND_DSN", raising=False)
    result = runner.invoke(cli.main, command)
    assert result.exit_code == 2
    assert "--dsn or set PGUNWIND_DSN" in result.output


def test_an_error_of_the_database_comes_without_a_traceback() -> None:
    result = runner.invoke(cli.main, ["migrate", "--dsn", "host=/nonexistent"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: connection")


def test_an_error_of_alembic_comes_without_a_traceback(bare_dsn: str) -> None:
    result = runner.invoke(cli.main, ["migrate", "--dsn", bare_dsn, "--revision", "9999"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: Can't locate revision")


def test_an_address_may_be_sqlalchemys(bare_dsn: str) -> None:
    given = conninfo_to_dict(bare_dsn)
    url = f"postgresql+psycopg://{given['user']}@/{given['dbname']}?host={given['host']}&port={given['port']}"
    assert runner.invoke(cli.main, ["migrate", "--dsn", url]).exit_code == 0
    assert runner.invoke(cli.main, ["recover", "--dsn", url]).output == "recovered 0, failed 0\n"


def test_a_migration_ends_with_one_line(bare_dsn: str) -> None:
    result = runner.invoke(cli.main, ["migrate", "--dsn", bare_dsn])
    assert (result.exit_code, result.output) == (0, result.stderr) == (0, "pgunwind is at revision head.\n")
    result = runner.invoke(cli.main, ["downgrade", "--dsn", bare_dsn, "--yes"])
    assert (result.exit_code, result.output) == (0, result.stderr) == (0, "pgunwind is at revision base.\n")


def test_without_alembic_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "alembic", "pgunwind.migrate")
    result = runner.invoke(cli.main, ["migrate", "--dsn", "x"])
    assert result.exit_code == 1
    assert "pip install 'pgunwind[migrate]'" in result.output


def test_without_click_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "click", "pgunwind.cli")
    with pytest.raises(SystemExit, match=r"pip install 'pgunwind\[cli\]'"):
        __main__.main()


def hide(monkeypatch: pytest.MonkeyPatch, package: str, importer: str) -> None:
    """Make a package look not installed to a module that imports it."""
    import builtins
    import sys

    import pgunwind

    real_import = builtins.__import__

    def importing(name: str, *rest: object) -> object:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real_import(name, *rest)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, importer, raising=False)
    monkeypatch.delattr(pgunwind, importer.split(".")[1], raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)
