r"""Manifests: psql's \ir lines, read without psql."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from pgunwind import manifest

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a maker of little SQL trees."""

    def make(**texts: str) -> Path:
        for name, text in texts.items():
            path = tmp_path / (name.replace("__", "/") + ".sql")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return make


def test_files_come_in_the_order_of_their_lines(tree: Tree) -> None:
    files = manifest.read(
        tree=tree(install="-- first the tables\n\\ir b.sql\n\n\\ir a.sql\n", a="select 1;", b="select 2;")
    )
    assert files == [("b.sql", "select 2;"), ("a.sql", "select 1;")]


def test_a_manifest_may_include_another_and_paths_are_relative_to_it(tree: Tree) -> None:
    files = manifest.read(
        tree=tree(
            install="\\ir part/all.sql", part__all="\\ir one.sql\n\\ir ../two.sql", part__one="1", two="2"
        )
    )
    assert [file.path for file in files] == ["part/one.sql", "two.sql"]


@pytest.mark.parametrize("line", ["select 1;", "\\i a.sql", "\\ir", "\\ir a.sql b.sql", "begin;"])
def test_anything_else_is_refused_with_file_and_line(tree: Tree, line: str) -> None:
    with pytest.raises(manifest.ManifestError, match=r"^install\.sql:2: expected"):
        manifest.read(tree=tree(install=f"\\ir a.sql\n{line}\n", a="select 1;"))


def test_a_missing_file_is_named_with_the_manifest_that_wants_it(tree: Tree) -> None:
    with pytest.raises(manifest.ManifestError, match=r"^install\.sql: there is no file gone\.sql"):
        manifest.read(tree=tree(install="\\ir gone.sql"))


def test_a_path_may_not_leave_the_tree(tree: Tree) -> None:
    with pytest.raises(manifest.ManifestError, match=r"install\.sql:1: .* leaves the SQL tree"):
        manifest.read(tree=tree(install="\\ir ../elsewhere.sql"))


def test_a_manifest_may_not_include_itself(tree: Tree) -> None:
    with pytest.raises(manifest.ManifestError, match="includes itself"):
        manifest.read(tree=tree(install="\\ir a.sql", a="\\ir install.sql"))


def test_a_file_that_needs_psql_is_refused(tree: Tree) -> None:
    with pytest.raises(manifest.ManifestError, match=r"^a\.sql:2: a psql command"):
        manifest.read(tree=tree(install="\\ir a.sql", a="select 1;\n\\echo done\n"))


def test_the_engine_is_a_lock_and_then_steps_and_then_functions() -> None:
    lock, *functions = manifest.function_files()
    assert [lock, *manifest.step_files(), *functions] == manifest.engine_files()
    assert lock.path == "engine/lock.sql"
    assert manifest.step_files()[0].path == "engine/steps/0001_tables.sql"


def test_psql_pins_its_search_path_first_and_puts_it_back_last() -> None:
    paths = [file.path for file in manifest.read()]
    assert [paths[0], paths[-1]] == ["engine/pin_path.sql", "engine/restore_path.sql"]


@pytest.mark.parametrize("outer", [True, False], ids=["in a transaction", "by itself"])
def test_an_installation_leaves_the_search_path_as_it_was(
    bare_dsn: str, connect: Callable[..., psycopg.Connection[object]], outer: bool
) -> None:
    connection = connect(bare_dsn, autocommit=not outer)
    connection.execute('create schema "Mine"')
    connection.execute('set search_path = "Mine", public')
    if outer:
        connection.commit()
        connection.execute('set local search_path = public, "Mine"')
    before = connection.execute("show search_path").fetchone()
    manifest.install(connection)
    assert connection.execute("show search_path").fetchone() == before
    if outer:
        connection.commit()
        assert connection.execute("show search_path").fetchone() == ('"Mine", public',)


def test_every_engine_file_is_in_the_manifest_once() -> None:
    listed = [file.path for file in manifest.read()]
    root = Path(str(manifest.root()))
    there = [path.relative_to(root).as_posix() for path in root.joinpath("engine").rglob("*.sql")]
    assert sorted(listed) == sorted(there)


def test_install_is_all_or_nothing(bare_dsn: str, connect: Callable[..., psycopg.Connection[object]]) -> None:
    connection = connect(bare_dsn)
    broken = [manifest.SqlFile("a.sql", "create table a ();"), manifest.SqlFile("b.sql", "no sql")]
    with pytest.raises(psycopg.errors.SyntaxError) as caught:
        manifest.execute(connection, broken)
    assert caught.value.__notes__ == ["in b.sql"]
    assert connection.execute("select to_regclass('a')").fetchone() == (None,)


def test_installing_again_changes_nothing(conn: psycopg.Connection[object]) -> None:
    manifest.install(conn)
