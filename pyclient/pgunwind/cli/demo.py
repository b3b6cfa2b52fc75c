"""pgunwind demo: runs that fail, and what is left of them."""

from __future__ import annotations

import click

from ._failures import Failure


@click.command()
def demo() -> None:
    """Play runs that fail, and undo them.

    In a database of its own. It starts a private PostgreSQL, unless PGUNWIND_DSN names a server, and leaves
    nothing behind.
    """
    try:
        from pgunwind.demo.__main__ import main
    except ModuleNotFoundError as error:
        raise Failure(f"{error.name} is missing: pip install 'pgunwind[demo]'") from error
    raise SystemExit(main())
