"""install, migrate, grant, uninstall: the engine comes and goes, and who is let in."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import pgunwind as package
from pgunwind import __main__

Run = Callable[..., Any]


@pytest.fixture
def bare(invoke: Run, bare_dsn: str) -> Run:
    """What runs a command against an empty database."""
    return lambda *words, **options: invoke(*words, PGUNWIND_DSN=bare_dsn, **options)


@pytest.fixture
def role(server_dsn: str, conn: psycopg.Connection[Any]) -> Iterator[str]:
    """A role that can log in, whose name has to be quoted."""
    name = f'it\'s "{uuid4().hex[:8]}"'
    quoted = '"{}"'.format(name.replace('"', '""')).encode()
    conn.execute(b"create role " + quoted + b" login")
    yield name
    conn.execute(b"drop owned by " + quoted)
    conn.execute(b"drop role " + quoted)


def schemas(dsn: str) -> int:
    with psycopg.connect(dsn) as conn:
        return conn.execute("select from pg_namespace where nspname like 'unwind%'").rowcount


def test_version_is_the_package_s(invoke: Run) -> None:
    assert invoke("--version").output == f"pgunwind {version('pgunwind')}\n"


def test_install_installs_upgrades_and_needs_no_alembic(
    bare: Run, bare_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, "alembic", "pgunwind.migrate")
    for _ in range(2):
        said = bare("install")
        assert (said.status, said.errors) == (0, "")
        assert said.output.startswith("pgunwind is installed in ") and said.output.count("\n") == 1
    assert schemas(bare_dsn) == 4
    assert bare("status").status == 0


def test_uninstall_asks_and_leaves_nothing(bare: Run, bare_dsn: str) -> None:
    bare("install")
    said = bare("uninstall", typed="n\n")
    assert said.status == 1 and "nothing is changed" in said.errors and schemas(bare_dsn) == 4
    assert bare("uninstall", typed="y\n").status == 0
    assert schemas(bare_dsn) == 0


def test_uninstall_is_refused_while_runs_are_live(shop: Any, pgunwind: Run, dsn: str) -> None:
    shop.start("r")
    said = pgunwind("uninstall", "--yes")
    assert said.status == 1
    assert "1 of its runs are live" in said.errors and "[55006]" in said.errors
    assert (schemas(dsn), shop.status("r")) == (4, "FAILED")


def test_uninstall_takes_what_alembic_installed(bare: Run, bare_dsn: str) -> None:
    assert bare("migrate").status == 0
    assert bare("uninstall", "--yes").status == 0
    assert schemas(bare_dsn) == 0


def test_grant_lets_a_role_in_which_then_may_look(
    shop: Any, pgunwind: Run, invoke: Run, role: str, dsn: str
) -> None:
    shop.start("r")
    theirs = {"PGUNWIND_DSN": psycopg.conninfo.make_conninfo(dsn, user=role)}
    said = invoke("runs", **theirs)
    assert (said.status, said.output) == (1, "")
    assert "permission denied" in said.errors and "pgunwind grant ROLE --as viewer" in said.errors
    said = pgunwind("grant", role, "--as", "viewer")
    assert (said.status, said.output.endswith("as viewer.\n")) == (0, True)
    assert "why r failed" in invoke("runs", **theirs).output
    refused = invoke("recover", **theirs)
    assert refused.status == 1 and "permission denied" in refused.errors


def test_grant_to_a_role_that_there_is_not(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("grant", "nobody here", "--as", "viewer")
    assert said.status == 1 and 'role "nobody here" does not exist' in said.errors
    assert pgunwind("grant", "postgres", "--as", "god").status == 2


# migrate -----------------------------------------------------------------------------------------


def test_sql_needs_no_database(invoke: Run) -> None:
    said = invoke("migrate", "--sql")
    assert said.status == 0
    assert "unwind.workflow_runs" in said.output


def test_a_migration_ends_with_one_line(bare: Run) -> None:
    said = bare("migrate")
    assert (said.status, said.output, said.errors) == (0, "", "pgunwind is at revision head.\n")


def test_an_error_of_alembic_comes_without_a_traceback(bare: Run) -> None:
    said = bare("migrate", "--revision", "9999")
    assert said.status == 1
    assert said.errors.startswith("Error: Can't locate revision")


# What is not installed ---------------------------------------------------------------------------


def test_without_alembic_migrate_names_the_extra_and_what_does_without(
    invoke: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, "alembic", "pgunwind.migrate")
    said = invoke("migrate", "--dsn", "x")
    assert said.status == 1
    assert "pip install 'pgunwind[migrate]'" in said.errors and "pgunwind install" in said.errors


def test_without_the_demos_parts_it_names_the_extra(invoke: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "sqlalchemy", "pgunwind.demo.__main__", "pgunwind.demo.database", "pgunwind.migrate")
    said = invoke("demo")
    assert said.status == 1 and "pip install 'pgunwind[demo]'" in said.errors


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_own_extra_it_is_one_line(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = [name for name in sys.modules if name.startswith("pgunwind.cli")]
    hide(monkeypatch, missing, *ours)
    with pytest.raises(SystemExit, match=rf"^{missing} is missing: pip install 'pgunwind\[cli\]'$"):
        __main__.main()


def hide(monkeypatch: pytest.MonkeyPatch, missing: str, *importers: str) -> None:
    """Make a package look not installed to modules that import it."""
    real_import = builtins.__import__

    def importing(name: str, *rest: object) -> object:
        if name.split(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return real_import(name, *rest)  # type: ignore[arg-type]

    for importer in importers:
        monkeypatch.delitem(sys.modules, importer, raising=False)
        if importer.count(".") == 1:
            monkeypatch.delattr(package, importer.split(".")[1], raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)
