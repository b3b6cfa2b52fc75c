"""Tables on the terminal, a machine-readable file, and plots."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from .contenders import OURS
from .goals import Goal
from .measure import Record

matplotlib.use("svg")


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


def write(
    directory: Path,
    scale: str,
    server: str,
    records: Sequence[Record],
    goals: Sequence[Goal],
    titles: Mapping[str, str],
) -> list[Path]:
    """Write figures and plots; return the files."""
    directory.mkdir(parents=True, exist_ok=True)
    figures = directory / "bench.json"
    content = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": scale,
        "server": server,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "records": [record.as_json() for record in records],
        "goals": [goal._asdict() for goal in goals],
    }
    figures.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return [
        figures,
        *(path for axis, title in titles.items() if (path := _plot(directory, axis, title, records))),
    ]


def _condition(record: Record) -> str:
    return ", ".join(f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}"
                     for name, value in record.conditions.items())  # fmt: skip


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


def _plot(directory: Path, axis: str, title: str, records: Sequence[Record]) -> Path | None:
    """Plot an axis's time or throughput over its numeric condition."""
    own = [record for record in records if record.axis == axis]
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    plot = figure.subplots()
    drawn: dict[str, list[tuple[float, float]]] = {}
    for record in own:
        x = _number_of(record.conditions)
        if x is not None and record.measure in ("seconds", "seconds a run"):
            drawn.setdefault(_series(record), []).append((x, record.value * 1e3))
    if not drawn:
        return None
    for name, points in drawn.items():
        plot.plot(*zip(*sorted(points), strict=True), marker="o", label=name)
    plot.set(title=title, xlabel=_name_of_number(own), ylabel="milliseconds, median", yscale="log")
    plot.set_xscale("symlog")
    plot.grid(visible=True, alpha=0.3)
    figure.legend(loc="outside lower center", fontsize="small", ncols=2)
    path = directory / f"{axis}.svg"
    figure.savefig(path)
    return path


def _number_of(conditions: Mapping[str, Any]) -> float | None:
    return next((float(value) for value in conditions.values() if isinstance(value, int)), None)


def _name_of_number(records: Sequence[Record]) -> str:
    names = (
        name for record in records for name, value in record.conditions.items() if isinstance(value, int)
    )
    return next(names, "")


def _series(record: Record) -> str:
    words = [f"{name} {value}" for name, value in record.conditions.items() if not isinstance(value, int)]
    return ", ".join([record.contender, *words])
