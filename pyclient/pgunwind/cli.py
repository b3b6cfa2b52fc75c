"""The commands of ``python -m pgunwind``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from importlib.resources import as_file
from types import ModuleType

import click
import psycopg

from pgunwind import Unwind, UnwindError, manifest

dsn_option = click.option(
    "--dsn",
    envvar="PGUNWIND_DSN",
    show_envvar=True,
    metavar="CONNINFO",
    help="The database: a libpq conninfo string or a postgresql:// URL (SQLAlchemy's too).",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Undo failed workflow runs inside PostgreSQL."""


@main.command()
@dsn_option
@click.option("--revision", default="head", show_default=True, help="How far to go.")
@click.option("--sql", is_flag=True, help="Print the script instead of running it.")
def migrate(dsn: str | None, revision: str, sql: bool) -> None:
    """Install the engine, or upgrade it in place."""
    migrations = _migrations()
    address = "" if sql else _required(dsn)
    with _told_plainly(migrations):
        migrations.upgrade(address, revision, sql=sql)
    if not sql:
        click.echo(f"pgunwind is at revision {revision}.", err=True)


@main.command()
@dsn_option
@click.option("--revision", default="base", show_default=True, help="Where to go back to.")
@click.confirmation_option(prompt="This removes pgunwind's tables and all receipts in them. Go on?")
def downgrade(dsn: str | None, revision: str) -> None:
    """Go back to an older revision; base removes the engine. Refused while runs are live."""
    migrations = _migrations()
    with _told_plainly(migrations):
        migrations.downgrade(_required(dsn), revision)
    click.echo(f"pgunwind is at revision {revision}.", err=True)


@main.command()
@dsn_option
@click.option("--workflow", help="Only runs of this workflow.")
@click.option("--max-runs", default=1000, show_default=True, help="At most so many runs a sweep.")
@click.option("--max-retries", default=5, show_default=True, help="Tries before a run is left to a person.")
@click.option(
    "--every",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Sweep again and again, until SIGTERM or Ctrl-C.",
)
def recover(
    dsn: str | None, workflow: str | None, max_runs: int, max_retries: int, every: float | None
) -> None:
    """Undo failed and abandoned runs. Exit status 1 if some could not be undone: see unwind.stuck_runs."""
    unwind = Unwind(_required(dsn))
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    while True:
        try:
            sweep = unwind.recover_runs(workflow, max_runs, max_retries)
        except (psycopg.Error, UnwindError) as error:
            if every is None or isinstance(error, UnwindError):
                raise click.ClickException(str(error).strip()) from error
            click.echo(f"no sweep: {str(error).strip()}", err=True)  # the server may be back the next time
        else:
            click.echo(f"recovered {sweep.recovered}, failed {sweep.failed}")
            if every is None:
                raise SystemExit(1 if sweep.failed else 0)
        if stopped.wait(every):
            return


@main.command("install-sql")
def install_sql() -> None:
    """Print the path of install.sql, for psql -1 -v ON_ERROR_STOP=1 -f."""
    with as_file(manifest.root()) as tree:
        click.echo(tree / manifest.INSTALL)


@main.command()
def version() -> None:
    """Print the version of this package."""
    click.echo(installed_version("pgunwind"))


def _required(dsn: str | None) -> str:
    """Return the address, or say how to give one."""
    if not dsn:
        raise click.UsageError("which database? give --dsn or set PGUNWIND_DSN")
    return dsn


def _migrations() -> ModuleType:
    """Return pgunwind.migrate, or say which extra brings alembic."""
    try:
        from pgunwind import migrate as migrations
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is missing: pip install 'pgunwind[migrate]', or install without it: "
            'psql -1 -v ON_ERROR_STOP=1 -f "$(python -m pgunwind install-sql)"'
        ) from error
    return migrations


@contextmanager
def _told_plainly(migrations: ModuleType) -> Iterator[None]:
    """Show an error of the database as psql does, and one of alembic as it does: without a traceback."""
    try:
        yield
    except (psycopg.Error, migrations.CommandError) as error:
        # str() of a server's error already holds DETAIL and HINT.
        raise click.ClickException(str(error).strip()) from error
