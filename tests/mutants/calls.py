"""Who calls whom in the engine: names in its schemas; where SQL is rendered, also those in literals."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .sql import Code

BODY = re.compile(r"\$\w*\$")
NAME = re.compile(r"\bunwind(?:_internal)?\.(\w+)")


def _names(text: str, *, renders: bool) -> set[str]:
    """The functions and views that a text names."""
    names: set[str] = set()
    words: list[str] = []
    for token in Code(text).tokens:
        if BODY.match(token.word):
            fence = token.word.index("$", 1) + 1
            names |= _names(text[token.start + fence : token.end - fence], renders=renders)
        elif renders or not token.word.startswith(("'", "e'")):
            words.append(text[token.start : token.end])
    return names | set(NAME.findall(" ".join(words).replace(" . ", ".")))


@cache
def _callers(engine: Path) -> dict[str, set[str]]:
    callers: dict[str, set[str]] = {}
    for path in engine.rglob("*.sql"):
        for name in _names(path.read_text(), renders=path.stem.startswith("render_")):
            callers.setdefault(name, set()).add(path.stem)
    return callers


@cache
def leading_to(engine: Path, name: str) -> dict[str, int]:
    """A function, those that call it, those that call them: each with how many calls are between."""
    found = {name: 0}
    for callee in (queue := [name]):
        for caller in sorted(_callers(engine).get(callee, set()) - found.keys()):
            found[caller] = found[callee] + 1
            queue.append(caller)
    return found
