"""pgunwind graph: a workflow as a picture."""

from __future__ import annotations

import subprocess

import click

from ._database import opened
from ._failures import Failure
from ._options import common


@click.command()
@click.argument("workflow")
@click.option("--mermaid", "form", flag_value="mermaid", help="As Mermaid, which GitHub draws.")
@click.option("--dot", "form", flag_value="dot", help="As DOT, for Graphviz.")
@click.option(
    "--svg", "form", flag_value="svg", help="As SVG, drawn by Graphviz, whose dot has to be installed."
)
@common
def graph(workflow: str, form: str | None) -> None:
    """Print the steps, tables and links of WORKFLOW."""
    with opened() as database:
        text = database.unwind.describe_workflow(
            workflow, {None: "text", "svg": "dot"}.get(form, form or "text")
        )
    click.echo(_drawn(text) if form == "svg" else text)


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
