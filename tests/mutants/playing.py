"""Playing a mutant: it is written into a copy of the tree, and the tests are run there until one fails."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .mutant import Mutant
from .rooms import files_for

ROOT = Path(__file__).parents[2]
COPIED = ["pyclient", "sql", "migrations", "tests", "docs", "pyproject.toml", "alembic.ini", ".sqlfluff"]
HANGS = 60
"""Seconds for one test; one that takes longer has noticed something."""
PYTEST = [
    *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0"),
    *("-o", f"faulthandler_timeout={HANGS}", "-o", "faulthandler_exit_on_timeout=true"),
]
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?\.py(?:::\S.*?)?)(?: - .*)?$", re.MULTILINE)
HUNG = re.compile(r'/(tests/\S+?\.py)", line \d+ in (test_\w+)')


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    verdict: str
    """killed, survived, not viable (not installed, not imported), unclear (its test fails without it)."""
    by: str = ""
    """The test that noticed it."""


@dataclass(frozen=True)
class Copy:
    """A copy of the tree, in which one mutant after the other is played."""

    tree: Path
    patience: float
    """Seconds for all tests of a mutant; what nobody noticed until then has survived."""
    passing: set[str] = field(default_factory=set)
    """Tests that were seen to pass without a change, after one had failed with it."""

    def play(self, mutant: Mutant) -> Outcome:
        """Run the tests until one notices."""
        files = [str(path.relative_to(self.tree)) for path in files_for(self.tree / "tests", mutant.file)]
        target = self.tree / mutant.file
        target.write_text(mutant.text)
        try:
            self._make_twins(mutant)
            said = self._pytest(files)
        except subprocess.CalledProcessError:
            return Outcome(mutant, "not viable")
        finally:
            target.write_text(mutant.source)
            self._make_twins(mutant)
        if said is None:
            return Outcome(mutant, "survived")
        test = _noticed_by(said)
        if "::" not in test or f"in {mutant.file.removeprefix('sql/')}" in said:
            return Outcome(mutant, "not viable")
        return Outcome(mutant, "killed" if self._passes_without(test) else "unclear", test)

    def _passes_without(self, test: str) -> bool:
        if test not in self.passing and self._pytest([test]) is None:
            self.passing.add(test)
        return test in self.passing

    def _make_twins(self, mutant: Mutant) -> None:
        if "_async_" in mutant.file or "/async_" in mutant.file:
            command = [sys.executable, "pyclient/async_to_sync.py"]
            subprocess.run(command, cwd=self.tree, check=True, capture_output=True)

    def _pytest(self, tests: list[str]) -> str | None:
        """What pytest says of the first failure; None if all pass."""
        with subprocess.Popen(
            [*PYTEST, *tests],
            cwd=self.tree,
            env={**os.environ, "PYTHONPATH": str(self.tree / "pyclient"), "PYTHONDONTWRITEBYTECODE": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # an interrupt ends the playing, not the test
        ) as running:
            try:
                said, _ = running.communicate(timeout=self.patience)
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGINT)  # it stops its server
                running.communicate()
                return None
        return said if running.returncode else None


def _noticed_by(said: str) -> str:
    """The test that failed or hung; a file alone where it could not even be imported."""
    if failed := FAILED.search(said):
        return failed[1]
    hung = HUNG.search(said)
    return f"{hung[1]}::{hung[2]}" if hung else ""


@contextmanager
def copy(patience: float) -> Iterator[Copy]:
    """A copy of this tree, whose package is found before the one that is installed."""
    with tempfile.TemporaryDirectory(prefix="pgunwind-mutants-") as directory:
        tree = Path(directory)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, tree / name)
        for part in ("sql", "migrations"):
            (tree / "pyclient" / "pgunwind" / part).symlink_to(tree / part)
        yield Copy(tree, patience)
