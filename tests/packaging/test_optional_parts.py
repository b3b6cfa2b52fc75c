"""What is optional is imported by those who use it alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def python(folder: Path, *arguments: str) -> str:
    """Run Python away from the checkout."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("package", ["sqlalchemy", "django", "pytest", "psycopg_pool", "click", "alembic"])
def test_importing_the_package_does_not_import(package: str, tmp_path: Path) -> None:
    assert python(tmp_path, "-c", f"import sys, pgunwind; print({package!r} in sys.modules)") == "False\n"


@pytest.mark.parametrize("package", ["sqlalchemy", "django", "pytest"])
def test_a_part_does_not_take_itself_for_the_package_it_is_named_after(package: str, tmp_path: Path) -> None:
    script = f"import pgunwind.{package}, {package}; print({package}.__name__)"
    assert python(tmp_path, "-c", script) == f"{package}\n"


def test_pytest_finds_the_fixture_by_itself(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(unwind_check):\n    assert unwind_check()\n")
    assert "1 passed" in python(tmp_path, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
