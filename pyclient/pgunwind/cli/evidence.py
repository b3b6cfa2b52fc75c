"""pgunwind evidence: one page on what became of runs; and whether such a page is still true."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click

from pgunwind._visible import visible
from pgunwind.results import RunStatus

from ._database import Database, opened
from ._failures import Exit, Failure
from ._incident import Window
from ._options import common, json_option
from ._screen import as_json, say, typed
from ._times import since_option, until_option

ENDINGS = {"html": "html", "markdown": "md", "json": "json"}
UNDONE = ("FAILED", "COMPENSATING", "COMPENSATED")
"""What an incident is about: beside these a window has good runs, whose rows are to stay."""


@click.command()
@click.argument("run_ids", metavar="[RUN]...", nargs=-1)
@click.option("--workflow", "-w", metavar="NAME", help="Of all runs of this workflow, in a window of time.")
@click.option(
    "--status",
    "-s",
    type=click.Choice(get_args(RunStatus), case_sensitive=False),
    help="Of a workflow those in this status.  [default: what was undone, or is to be]",
)
@since_option
@until_option
@click.option(
    "--format", "form", type=click.Choice(list(ENDINGS)), default="html", show_default=True, help="As what."
)
@click.option("--output", "-o", metavar="FILE", help="Where to; - for here. Else a file of a new name.")
@click.option("--no-count", is_flag=True, help="Leave out the proof, for which whole tables are counted.")
@click.option(
    "--check",
    "checked",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare a page with what it was and with the database. Exit status 1 if anything differs.",
)
@common
@json_option
def evidence(
    run_ids: tuple[str, ...],
    workflow: str | None,
    status: RunStatus | None,
    since: Any,
    until: Any,
    form: str,
    output: str | None,
    no_count: bool,
    checked: Path | None,
    in_json: bool,
) -> None:
    """Write a page of evidence on RUNs, or on a workflow's."""
    pages = _pages()
    if checked is not None:
        _check(pages, checked, in_json)
        return
    if bool(run_ids) == bool(workflow):
        raise click.UsageError("Name runs, or a workflow with --workflow.")
    with opened() as database:
        chosen = run_ids or _runs_of(database, Window(str(workflow), status, since, until))
        document = database.unwind.describe_runs(chosen, not no_count)
    page = pages.write(document, "json" if in_json else form)
    if in_json or output == "-":
        click.echo(page, nl=False)
        return
    path = Path(output) if output else _new_file(chosen, workflow, ENDINGS[form])
    try:
        with path.open("w" if output else "x", encoding="utf-8", newline="\n") as file:
            file.write(page)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", "Say where to: --output FILE.") from error
    say(visible(str(path)))


def _pages() -> Any:
    try:
        from pgunwind import evidence
    except ImportError as error:
        raise Failure("pages take jinja2", "pip install 'pgunwind[cli]'", Exit.USAGE) from error
    return evidence


def _runs_of(database: Database, window: Window) -> Sequence[str]:
    found = [run for run in window.runs(database) if window.status or run.status in UNDONE]
    if not found:
        raise Failure(
            "there are no such runs", f"To find some: {typed('runs', '--workflow', window.workflow)}"
        )
    return [run.id for run in reversed(found)]


def _new_file(chosen: Sequence[str], workflow: str | None, ending: str) -> Path:
    """Return a name that no file has, made of what the page is of."""
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in workflow or chosen[0])[:60].strip(".")
    paths = (
        Path(f"evidence-{name}{number}.{ending}") for number in ("", *(f"-{n}" for n in range(2, 10_000)))
    )
    return next(path for path in paths if not path.exists())


def _check(pages: Any, file: Path, in_json: bool) -> None:
    try:
        text = file.read_bytes().decode("utf-8")
        with opened() as database:
            differences = pages.check(text, database.unwind)
    except (pages.NotEvidence, UnicodeDecodeError) as error:
        raise Failure(f"{file}: this is no page of evidence, or its data is damaged") from error
    if in_json:
        as_json(differences)
    elif not differences:
        say("It is as it was written, and the database says the same.", "green")
    for difference in () if in_json else differences:
        say(visible(str(difference)), "bold red")
    if differences:
        sys.exit(Exit.REFUSED)
