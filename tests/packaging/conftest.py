"""A wheel, built once and unpacked, which for a wheel of pure Python is what installing means."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pyclient", "sql", "migrations")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Build the wheel, from a copy, for setuptools writes beside the sources; once for all workers."""
    shared = tmp_path_factory.getbasetemp() / "wheel"
    if worker_id != "master":
        shared = tmp_path_factory.getbasetemp().parent / "wheel"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = list(shared.glob("*.whl"))
        return built[0] if built else build_wheel(shared)


def build_wheel(target: Path) -> Path:
    """Copy what a wheel is made of and build it."""
    source = target / "source"
    source.mkdir()
    junk = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for tree in SOURCES:
        shutil.copytree(ROOT / tree, source / tree, ignore=junk)
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source)
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source))
    return next(target.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into a folder, for PYTHONPATH; dependencies come from where the tests run."""
    target = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(target)
    return target


def run(*arguments: str) -> None:
    """Run Python, and show what it said if it fails."""
    result = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
