"""Plots, by matplotlib, which only `make bench` installs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from .measure import Record


def plot_axis(directory: Path, axis: str, title: str, records: Sequence[Record]) -> Path | None:
    """Plot an axis's times over its numeric condition; return the file, or None where there is none."""
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
