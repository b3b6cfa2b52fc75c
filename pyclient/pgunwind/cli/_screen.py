"""What commands print: tables that fit the terminal, plain text where there is none, and JSON."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, timedelta
from datetime import datetime as Moment
from typing import Any

import click
from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pgunwind._visible import visible

PLAIN_WIDTH = 80
GAP = 2
"""Blanks between two columns."""
UUID = 36
"""How long the ids of most runs are, which are to stay in one piece."""
MOST = 20
"""Where names of workflows are folded, beside a run."""
_NUMBER = re.compile(r"-?[\d,]*")
LIVE = ("RUNNING", "FAILED", "COMPENSATING")
STYLES = {
    "RUNNING": "cyan",
    "COMPLETED": "green",
    "FAILED": "bold red",
    "COMPENSATING": "yellow",
    "COMPENSATED": "dim",
    "error": "bold red",
    "warning": "yellow",
}


def console(*, err: bool = False) -> Console:
    """The terminal; where there is none, as wide as COLUMNS says, and without colour."""
    stream = sys.stderr if err else sys.stdout
    wide = {} if stream.isatty() else {"width": _plain_width(), "color_system": None}
    return Console(file=stream, markup=False, highlight=False, emoji=False, **wide)  # type: ignore[arg-type]


def _plain_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) > 20 else PLAIN_WIDTH


# Words -------------------------------------------------------------------------------------------


def one_line(text: str | None) -> str:
    """The first line of a text."""
    return visible((text or "").strip().partition("\n")[0])


def short(text: str, most: int = 70) -> str:
    """The text, cut where it is long."""
    return text if cell_len(text) <= most else f"{set_cell_size(text, most - 3).rstrip()}..."


def typed(*words: str) -> str:
    """A command of ours as a shell takes it, whatever is in its words."""
    program = click.get_current_context().find_root().info_name or "pgunwind"
    return " ".join([program, *(_shell_word(word) for word in words)])


def _shell_word(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(_escape(c) for c in word)
    return f"$'{escaped}'"


def _escape(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def count(number: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(at: Moment | None) -> str:
    """A time as lists have it, in the session's zone."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def exact(at: Moment | None) -> str:
    """A time as a record has it."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S%z}"


def lasting(span: timedelta | None) -> str:
    """How long, to its two largest units."""
    if span is None:
        return ""
    seconds = max(0, round(span.total_seconds()))
    for unit, size, less, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {rest} {less}" if rest else "")
    return f"{seconds} s"


# Shapes ------------------------------------------------------------------------------------------


def say(text: str, style: str | None = None) -> None:
    """A line, or several where it is too long for one."""
    _print(Text(text, style=style or ""))


def next_to_type(text: str, *words: str) -> None:
    """A command of ours and what it is for; on a line of its own where both are too long for one."""
    command = typed(*words)
    fits = cell_len(text) + 2 + cell_len(command) <= console().width
    separator = " " if fits else "\n  "
    console().print(f"{text}:{separator}{command}", soft_wrap=True)


def heading(text: str) -> None:
    """A line that begins a part."""
    click.echo()
    say(text, "bold")


def tell(text: str) -> None:
    """One line about what happens, apart from what is printed."""
    click.echo(text, err=True)


def cell(value: object, style: str | None = None) -> Text:
    """A value as a cell has it."""
    if isinstance(value, Text):
        return value
    text = "" if value is None else f"{value:,}" if isinstance(value, int) else visible(str(value))
    return Text(text, style=style or STYLES.get(text, ""))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table: numbers to the right, and what does not fit folded."""
    lines = [[cell(value) for value in row] for row in rows]
    shape = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for place, column in enumerate(columns):
        of_numbers = bool(lines) and all(_NUMBER.fullmatch(line[place].plain) for line in lines)
        shape.add_column(
            column,
            justify="right" if of_numbers else "left",
            overflow="fold",
            no_wrap=of_numbers,
        )
    for line in lines:
        shape.add_row(*line)
    _print(shape)


def runs_table(
    columns: Sequence[str], rows: Iterable[tuple[str, str | None, str | None, Sequence[object]]]
) -> None:
    """Runs: of each its id, and more beside it; below, over all columns, what it is about and its error."""
    shown = [(run_id, about, error, [cell(value) for value in more]) for run_id, about, error, more in rows]
    widths = [
        max(cell_len(name), *(min(more[place].cell_len, MOST) for *_, more in shown))
        for place, name in enumerate(columns)
    ]
    room = console().width - sum(width + GAP for width in widths)
    longest = max(cell_len("run"), *(cell(run_id).cell_len for run_id, *_ in shown))
    widths = [max(UUID // 2, min(longest, room)), *widths]
    lines: list[RenderableType] = [_row(widths, [Text(name, "bold") for name in ("run", *columns)])]
    for run_id, about, error, more in shown:
        lines.append(_row(widths, [cell(run_id), *more]))
        below = ": ".join(filter(None, (visible(about or ""), one_line(error))))
        if below:
            lines.append(Text(f"  {short(below, console().width - 2)}", "dim"))
    _print(Group(*lines))


def _row(widths: Sequence[int], cells: Sequence[Text]) -> Table:
    row = Table.grid(padding=(0, GAP, 0, 0))
    for width in widths:
        row.add_column(width=width, overflow="fold")
    row.add_row(*cells)
    return row


def _print(shape: RenderableType) -> None:
    """Print it; without a terminal, no line ends with blanks."""
    terminal = console()
    if terminal.is_terminal:
        terminal.print(shape)
        return
    with terminal.capture() as capture:
        terminal.print(shape)
    click.echo("\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n")))


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, a line each; what has no value is left out."""
    shape = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    shape.add_column(style="bold", no_wrap=True)
    shape.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, ""):
            shape.add_row(name, cell(value))
    _print(shape)


def events(happened: Iterable[tuple[Moment, str]]) -> None:
    """Times and what happened then."""
    shape = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    shape.add_column(no_wrap=True)
    shape.add_column(overflow="fold")
    for at, what in happened:
        shape.add_row(exact(at), Text(what))
    _print(shape)


def as_json(value: object) -> None:
    """A document of JSON."""
    click.echo(json.dumps(value, default=_in_json, indent=2))


def _in_json(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"no JSON for a {type(value).__name__}")


def tree(branches: Iterable[tuple[str, Sequence[tuple[str, int | None]]]]) -> None:
    """Branches, and below each its leaves with their counts in one column."""
    shown = list(branches)
    widest = max((cell_len(name) for _, leaves in shown for name, _ in leaves), default=0)
    numbers = max((len(f"{number:,}") for _, leaves in shown for _, number in leaves if number), default=1)
    column = min(widest, console().width - 6 - numbers)
    for name, leaves in shown:
        say(f"  {name}")
        for leaf, number in leaves:
            room = " " * max(0, column - cell_len(leaf))
            say(f"    {leaf}{room}  {'' if number is None else f'{number:,}':>{numbers}}".rstrip())
