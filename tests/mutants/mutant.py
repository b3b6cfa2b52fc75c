"""A small change to one source file, and how some are drawn out of all."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import python, sql
from .change import Change


@dataclass(frozen=True)
class Mutant:
    """A change, and the file in which it is made."""

    file: str
    source: str
    change: Change

    @property
    def text(self) -> str:
        """The file as it is then."""
        return self.change.applied(self.source)

    @property
    def line(self) -> int:
        """Where it begins, counted from one."""
        return self.source.count("\n", 0, self.change.start) + 1

    @property
    def before(self) -> str:
        """The lines that change, as they are."""
        return _one_line(self.source[self._first : self._last])

    @property
    def after(self) -> str:
        """The same, as they are then."""
        return _one_line(self.text[self._first : self._last + len(self.text) - len(self.source)])

    @property
    def _first(self) -> int:
        return self.source.rfind("\n", 0, self.change.start) + 1

    @property
    def _last(self) -> int:
        end = self.source.find("\n", self.change.end)
        return len(self.source) if end < 0 else end

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.change.operator}\n  - {self.before}\n  + {self.after}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def targets(root: Path) -> Iterator[Path]:
    """The engine, and the client but for what is made from another file, command line, demo and examples."""
    yield from sorted((root / "sql" / "engine").rglob("*.sql"))
    for path in sorted((root / "pyclient" / "pgunwind").glob("*.py")):
        if not path.read_text().startswith(python.GENERATED):
            yield path


def all_in(root: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of a file, among them some that are no program."""
    source = path.read_text()
    changes: Callable[[str], Iterable[Change]] = (
        python.changes
        if path.suffix == ".py"
        else lambda text: sql.changes(text, renders=path.stem.startswith("render_"))
    )
    for change in changes(source):
        yield Mutant(str(path.relative_to(root)), source, change)


def is_program(mutant: Mutant) -> bool:
    return (python if mutant.file.endswith(".py") else sql).is_program(mutant.text)


def draw(root: Path, seed: int, count: int, of: str = "") -> list[Mutant]:
    """As many as asked for, out of all that are programs; the same for the same seed and the same sources."""
    mutants = [mutant for path in targets(root) if of in str(path) for mutant in all_in(root, path)]
    random.Random(seed).shuffle(mutants)
    drawn: list[Mutant] = []
    for mutant in mutants:
        if len(drawn) == count:
            break
        if is_program(mutant):
            drawn.append(mutant)
    return drawn
