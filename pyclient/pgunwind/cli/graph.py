"""pgunwind graph: a workflow as a picture."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby

import click

from pgunwind._visible import visible

from . import _views
from ._database import Database, opened
from ._failures import Failure
from ._options import common, json_option
from ._screen import as_json, say


@click.command()
@click.argument("workflow")
@click.option("--mermaid", "form", flag_value="mermaid", help="As Mermaid, which GitHub draws.")
@click.option("--dot", "form", flag_value="dot", help="As DOT, for Graphviz.")
@click.option(
    "--svg", "form", flag_value="svg", help="As SVG, drawn by Graphviz, whose dot has to be installed."
)
@common
@json_option
def graph(workflow: str, form: str | None, in_json: bool) -> None:
    """Print the steps, tables and links of WORKFLOW, as a tree."""
    with opened() as database:
        # First of all: it compiles what is due, and says where there is no such workflow.
        text = database.unwind.describe_workflow(workflow, "dot" if form in ("svg", None) else form)
        if form is None or in_json:
            _show(database, workflow, in_json=in_json)
            return
    click.echo(_drawn(text) if form == "svg" else text)


def _show(database: Database, workflow: str, *, in_json: bool) -> None:
    tables, links = database.ask(_views.tables(workflow)), database.ask(_views.links(workflow))
    defined = next(row for row in database.ask(_views.workflows()) if row.workflow == workflow)
    if in_json:
        as_json({"workflow": workflow, "description": defined.description, "tables": tables, "links": links})
        return
    say(f"workflow {visible(workflow)}", "bold")
    if defined.description:
        say(f"  {visible(defined.description)}")
    for (position, step), of_step in groupby(tables, key=lambda table: (table.position, table.step)):
        say(f"step {position}. {visible(step)}", "bold")
        for line in _trees(tuple(of_step), links):
            say(line)


def _trees(tables: Sequence[_views.Table], links: Sequence[_views.Link]) -> Iterator[str]:
    """What is recorded, and below each parent its children; below a table once."""
    shown: set[str] = set()
    of_step = {table.table_name for table in tables}
    children = {link.child for link in links if link.parent in of_step and link.child != link.parent}
    for table in tables:
        if table.key_columns is not None or table.table_name not in children:
            keys = f" ({', '.join(table.key_columns)})" if table.key_columns else ""
            yield f"  {visible(table.table_name + keys)}"
            yield from _below(table.table_name, of_step, links, shown)


def _below(
    root: str, of_step: AbstractSet[str], links: Sequence[_views.Link], shown: set[str]
) -> Iterator[str]:
    """The children of a table, and theirs: without recursion, for a chain may be long."""
    shown.add(root)
    waiting = _children(root, links, "  ")
    while waiting:
        link, margin, branch = waiting.pop()
        again = link.child in shown and link.child in of_step
        what = f"{link.child} ({link.columns}): {link.on_delete}{', as above' if again else ''}"
        yield f"{margin}{branch} {visible(what)}"
        if link.child in of_step and not again:
            shown.add(link.child)
            waiting += _children(link.child, links, margin + ("|  " if branch == "|-" else "   "))


def _children(parent: str, links: Sequence[_views.Link], margin: str) -> list[tuple[_views.Link, str, str]]:
    """The links to a table, each with what it is drawn with; the last first, for it is taken last."""
    below = [link for link in reversed(links) if link.parent == parent]
    return [(link, margin, "|-" if place else "`-") for place, link in enumerate(below)]


def _drawn(dot: str) -> str:
    try:
        return subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise Failure(
            "Graphviz is missing: there is no program dot", "Install graphviz, or use --mermaid."
        ) from None
    except subprocess.CalledProcessError as error:
        raise Failure(
            f"Graphviz could not draw it: {error.stderr.strip()}", "Look at it with --dot."
        ) from error
