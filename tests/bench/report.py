"""Tables on the terminal, and a machine-readable file."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .contenders import OURS
from .goals import Goal
from .measure import Record


def show_axis(title: str, records: Sequence[Record], console: Console) -> None:
    """Print a table for each measure: a row a contender, a column a condition, ratios to compensate_run."""
    for measure in dict.fromkeys(record.measure for record in records):
        own = [record for record in records if record.measure == measure]
        columns = list(dict.fromkeys(_condition(record) for record in own))
        table = Table(title=f"{title}: {measure}", title_justify="left", title_style="bold", pad_edge=False)
        table.add_column()
        for column in columns:
            table.add_column(column, justify="right")
        for name in dict.fromkeys(record.contender for record in own):
            cells = {_condition(record): record for record in own if record.contender == name}
            ours = {_condition(record): record.value for record in own if record.contender == OURS}
            table.add_row(name, *(_cell(cells.get(column), ours.get(column)) for column in columns))
        console.print(table)


def show_goals(goals: Sequence[Goal], console: Console) -> None:
    """Print each goal with what was measured."""
    table = Table(title="Goals", title_justify="left", title_style="bold", pad_edge=False)
    for heading in ("", "goal", "measured", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for goal in goals:
        table.add_row(
            goal.text, f"{goal.limit:g}", f"{goal.measured:.2f}", "reached" if goal.reached else "missed"
        )
    console.print(table)


def write(directory: Path, scale: str, server: str, records: Sequence[Record], goals: Sequence[Goal]) -> Path:
    """Write all figures; return the file."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "bench.json"
    content = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": scale,
        "server": server,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "records": [record.as_json() for record in records],
        "goals": [goal._asdict() for goal in goals],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def _condition(record: Record) -> str:
    pairs = record.conditions.items()
    return ", ".join(
        f"{value:,} {name}" if isinstance(value, int) else f"{name} {value}" for name, value in pairs
    )


def _cell(record: Record | None, ours: float | None) -> str:
    if record is None:
        return ""
    ratio = f"  {record.value / ours:5.2f}x" if ours else ""
    return f"{_readable(record.value, record.measure)}{ratio}"


def _readable(value: float, measure: str) -> str:
    if "second" in measure and measure != "per second":
        return f"{value * 1e6:,.0f} us" if value < 0.01 else f"{value * 1e3:,.0f} ms"
    if "bytes" in measure and value >= 1e6:
        return f"{value / 1e6:,.1f} MB"
    return f"{value:,.0f}"
