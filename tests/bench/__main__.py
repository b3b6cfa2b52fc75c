"""`python -m bench [axis …] [--scale quick|full|smoke] [--output DIRECTORY]`, with tests/ on the path."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.console import Console

from . import axes, background, goals, report
from .bench import SCALES, server


@click.command()
@click.argument("axis", nargs=-1, type=click.Choice(list(axes.ALL)))
@click.option("--scale", type=click.Choice(list(SCALES)), default="quick", show_default=True)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports/bench"),
    show_default=True,
)
def main(axis: tuple[str, ...], scale: str, output: Path) -> None:
    """Measure pgunwind beside what its users would otherwise pick; fail where one leaves other rows."""
    console = Console(width=None if Console().is_terminal else 200)
    records, titles = [], {}
    with server(SCALES[scale]) as own:
        version = f"PostgreSQL {own.conn.info.parameter_status('server_version')}"
        console.print(f"{version}, {scale} scale, {own.scale.behind:,} runs of 22 rows behind\n")
        own.add_runs(own.scale.behind, *background.SCHEMAS)
        own.tidy()
        for name in axis or axes.ALL:
            started = time.monotonic()
            found = axes.ALL[name].measure(own)
            records += found
            titles[name] = axes.ALL[name].TITLE
            report.show_axis(titles[name], found, console)
            console.print(f"[dim]{name}: {time.monotonic() - started:.0f} s[/dim]\n")
    reached = goals.judge(records)
    report.show_goals(reached, console)
    console.print(f"written: {report.write(output, scale, version, records, reached)}")
    try:
        from . import plots
    except ImportError as error:
        console.print(f"no plots: {error}")
        return
    for name, title in titles.items():
        if path := plots.plot_axis(output, name, title, records):
            console.print(f"written: {path}")


if __name__ == "__main__":
    main()
