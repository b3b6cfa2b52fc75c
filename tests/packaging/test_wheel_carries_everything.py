"""The wheel holds both trees besides the Python, and works without a checkout or an ini file."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
TREES = {"pyclient/pgunwind": "pgunwind", "sql": "pgunwind/sql", "migrations": "pgunwind/migrations"}
CARRIED = {".py", ".sql", ".mako", ".md", ".typed", ".html", ".css"}


@pytest.mark.parametrize("source", TREES)
def test_every_file_of_a_tree_is_in_the_wheel(wheel: Path, source: str) -> None:
    tree = ROOT / source
    files = [path for path in tree.rglob("*") if path.suffix in CARRIED and "__pycache__" not in path.parts]
    expected = {f"{TREES[source]}/{path.relative_to(tree).as_posix()}" for path in files}
    assert expected
    assert expected <= set(zipfile.ZipFile(wheel).namelist())


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"pgunwind", "pgunwind-0.1.0.dist-info"}


def in_wheel(installed: Path, folder: Path, *arguments: str, **environment: str) -> str:
    """Run Python with the installed wheel, away from the checkout."""
    result = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(installed), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_installed_wheel_is_the_one_that_runs(installed: Path, tmp_path: Path) -> None:
    where = in_wheel(installed, tmp_path, "-c", "import pgunwind.manifest as m; print(m.__file__, m.root())")
    assert where.count(str(installed)) == 2


def test_it_upgrades_a_database_without_an_ini_file(installed: Path, tmp_path: Path, bare_dsn: str) -> None:
    in_wheel(installed, tmp_path, "-m", "pgunwind", "migrate", PGUNWIND_DSN=bare_dsn)
    with psycopg.connect(bare_dsn) as connection:
        assert connection.execute("select count(*) from unwind.workflow_runs").fetchone() == (0,)


def test_it_prints_its_install_sql(installed: Path, tmp_path: Path) -> None:
    path = Path(in_wheel(installed, tmp_path, "-m", "pgunwind", "install-sql").strip())
    assert path.is_file()
    assert installed in path.parents
