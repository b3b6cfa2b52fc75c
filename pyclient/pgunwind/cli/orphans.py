"""pgunwind orphans: rows whose parent is gone."""

from __future__ import annotations

import click

from pgunwind._visible import visible

from ._database import opened
from ._failures import Exit
from ._options import common, json_option
from ._screen import as_json, say, short, table


@click.command()
@click.argument("workflow", required=False)
@common
@json_option
def orphans(workflow: str | None, in_json: bool) -> None:
    """Find rows whose parent is not there.

    Over every link of WORKFLOW, or of all. Reads the linked tables whole. Exit status 1 if there are any.
    """
    with opened() as database:
        found = database.unwind.find_orphans(workflow)
    if in_json:
        as_json(found)
    elif not found:
        say("No orphans.", "green")
    else:
        table(
            ("orphans", "in", "whose parent is not in", "some keys"),
            [
                (
                    one.orphans,
                    f"{one.child_table} ({', '.join(one.child_columns)})",
                    f"{one.parent_table} ({', '.join(one.parent_columns)})",
                    short(visible(", ".join(one.sample_keys)), 40),
                )
                for one in found
            ],
        )
    if found:
        raise SystemExit(Exit.REFUSED)
