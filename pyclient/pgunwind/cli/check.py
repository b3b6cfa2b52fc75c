"""pgunwind check: what would make an undo fail, or be slow."""

from __future__ import annotations

import click

from pgunwind._visible import visible
from pgunwind.results import Finding

from . import _views
from ._database import opened
from ._failures import Exit
from ._options import common, json_option
from ._screen import as_json, count, next_to_type, say


@click.command()
@click.argument("workflow", required=False)
@click.option("--fix", is_flag=True, help="Print the SQL that mends what was found, and nothing else.")
@common
@json_option
def check(workflow: str | None, fix: bool, in_json: bool) -> None:
    """Look for trouble in WORKFLOW, or in all.

    It finds what the role that asks would lack. Exit status 1 if there are errors.
    """
    with opened() as database:
        names = [workflow] if workflow else [row.workflow for row in database.ask(_views.workflows())]
        found = {name: database.unwind.check_workflow(name) for name in names}
    findings = [(name, finding) for name, listed in found.items() for finding in listed]
    if in_json:
        as_json(found)
    elif fix:
        for statement in dict.fromkeys(finding.fix for _, finding in findings if finding.fix):
            click.echo(
                statement if statement.lstrip().startswith("--") else f"{statement.rstrip().rstrip(';')};"
            )
    else:
        _show(names, findings)
    if any(finding.severity == "error" for _, finding in findings):
        raise SystemExit(Exit.REFUSED)


def _show(names: list[str], findings: list[tuple[str, Finding]]) -> None:
    for name, finding in sorted(findings, key=lambda one: (one[1].severity, one[0])):
        style = "bold red" if finding.severity == "error" else "yellow"
        say(
            f"{finding.severity}: {finding.code} of {visible(finding.object)}, workflow {visible(name)}",
            style,
        )
        say(f"  {visible(finding.message)}")
        if finding.fix:
            say(f"  fix: {visible(finding.fix)}")
    errors = sum(finding.severity == "error" for _, finding in findings)
    others = count(len(findings) - errors, "other finding")
    say(f"{count(len(names), 'workflow')}, {count(errors, 'error')}, {others}")
    if any(finding.fix for _, finding in findings):
        next_to_type("The SQL alone", "check", *(names if len(names) == 1 else ()), "--fix")
