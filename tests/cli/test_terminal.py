"""On a terminal: in colour, as wide as it is; and as plain as NO_COLOR asks for."""

from __future__ import annotations

import re
from typing import Any

import pytest

ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def lines(output: str) -> list[str]:
    """What is seen, line by line."""
    return ANSI.sub("", output).replace("\r\n", "\n").split("\n")


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize("words", [("status",), ("runs",), ("show", "r"), ("preview", "r"), ("check",)])
def test_what_is_printed_is_as_wide_as_the_terminal(
    shop: Any, terminal: Any, words: tuple[str, ...], columns: int
) -> None:
    shop.start("r")
    shop.block("r")
    shop.conn.execute("update unwind.workflow_runs set last_error = repeat('the card was declined ', 20)")
    with terminal(*words, columns=columns) as started:
        said = started.end()
    assert "\x1b[" in said.output or words == ("check",)
    widest = max(map(len, lines(said.output)))
    assert widest <= columns
    if words == ("runs",):
        assert widest > columns - 10, "a long error has all the room there is"


def test_no_colour_where_none_is_wanted(shop: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.start("r")
    monkeypatch.setenv("TERM", "dumb")
    with terminal("runs", TERM="dumb") as started:
        assert "\x1b" not in started.end().output
    with terminal("runs", NO_COLOR="1") as started:
        coloured = re.findall(r"\x1b\[[0-9;]*3\d[0-9;]*m", started.end().output)
    assert coloured == []


def test_a_pipe_that_is_closed_early_is_no_traceback(shop: Any, dsn: str) -> None:
    import subprocess
    import sys

    shop.start("r")
    command = f"PGUNWIND_DSN='{dsn}' {sys.executable} -m pgunwind runs --json --limit 1000 | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[", "")
