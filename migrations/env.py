"""How alembic changes a database: numbered steps once each, then all functions anew.

Steps make tables and are immutable; functions are files that are simply run again. Both are the files that
psql installs, in the order of sql/install.sql. The last step, the functions and the version that says so are
one transaction. The version table lives in schema unwind, which therefore comes before the first revision
and goes after the last.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy
from alembic import context
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from pgunwind import manifest, migrate
from pgunwind._connections import conninfo_of

CREATE_SCHEMA = f"create schema if not exists {migrate.SCHEMA};"
DROP_SCHEMA = f"drop schema if exists {migrate.SCHEMA} cascade;"

# One upgrade at a time per database; the number is this project's own and means nothing else.
LOCK = b"select pg_catalog.pg_advisory_xact_lock(7238446091132154721)"


class Outcome:
    """What the migrations of this command came to; alembic reports each as it is applied."""

    def __init__(self) -> None:
        self.functions_replaced = False
        self.stamped = False
        self.at_base = False

    def on_version_apply(self, *, ctx: MigrationContext, step: Any, heads: set[str], **_: Any) -> None:
        """Finish a migration inside its own transaction: at the newest, functions; at base, the schema."""
        self.stamped = self.stamped or step.is_stamp
        self.at_base = not heads and not step.is_stamp
        if step.is_stamp:
            return
        if heads == newest_heads():
            self.replace_functions()
        elif self.at_base and not ctx.as_sql:
            migrate.run_sql(DROP_SCHEMA)

    def replace_functions(self) -> None:
        """Run every file that is not a step."""
        migrate.run_pinned(*(file.text for file in manifest.function_files()))
        self.functions_replaced = True


def newest_heads() -> set[str]:
    """Return the revisions at which the functions of this version belong."""
    return set(context.script.get_heads())


def configure(outcome: Outcome, **target: Any) -> MigrationContext:
    """Tell alembic what is the same online and offline."""
    context.configure(
        version_table=migrate.VERSION_TABLE,
        version_table_schema=migrate.SCHEMA,
        transaction_per_migration=True,
        on_version_apply=outcome.on_version_apply,
        **target,
    )
    return context.get_context()


def run_offline() -> None:
    """Print the script."""
    outcome = Outcome()
    configure(outcome, dialect_name="postgresql")
    migrate.run_sql("set default_transaction_isolation = 'read committed';")  # definitions want no other
    migrate.run_sql(CREATE_SCHEMA)
    context.run_migrations()
    if outcome.at_base:
        # Not with the migration: older alembics end the script by dropping the version table themselves.
        migrate.run_sql(DROP_SCHEMA)


def run_online() -> None:
    """Change the database, or, for commands like ``alembic current``, only look at it."""
    dsn = address()
    # No prepared statements: a transaction-mode pooler may be in between. No look for hstore, which would go
    # by whatever operators the search_path finds.
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(dsn, prepare_threshold=None),
        isolation_level="READ COMMITTED",
        poolclass=sqlalchemy.NullPool,
        use_native_hstore=False,
    )
    # What alembic itself looks up, it looks up as whoever migrates.
    sqlalchemy.event.listen(engine, "begin", lambda began: began.exec_driver_sql(manifest.PIN_PATH))
    with engine.connect() as connection:
        outcome = Outcome()
        ctx = configure(outcome, connection=connection)
        if ctx.opts.get("dont_mutate", False):
            context.run_migrations()
            return
        with locked(dsn):
            change(connection, ctx, outcome)


def change(connection: sqlalchemy.Connection, ctx: MigrationContext, outcome: Outcome) -> None:
    """Run the migrations; with none to run, still replace the functions, which may be newer."""
    migrate.run_sql(CREATE_SCHEMA)
    connection.commit()
    context.run_migrations()
    heads = set(ctx.get_current_heads())
    if not outcome.stamped:
        if heads == newest_heads() and not outcome.functions_replaced:
            outcome.replace_functions()
        elif not heads:
            leave_nothing(connection)
    connection.commit()


def leave_nothing(connection: sqlalchemy.Connection) -> None:
    """At base, take the schema away again, unless psql put an engine there that alembic knows nothing of."""
    if (
        connection.exec_driver_sql("select pg_catalog.to_regclass('unwind.workflow_runs')").scalar()
        is not None
    ):
        raise CommandError(
            "psql installed this engine, so alembic knows no revision to go back from: "
            "upgrade first (that adopts it and keeps all data), then downgrade"
        )
    migrate.run_sql(DROP_SCHEMA)


@contextmanager
def locked(dsn: str) -> Iterator[None]:
    """Hold the upgrade lock on a second connection.

    Each migration has its own transaction, so its lock would end too early; a session lock would be lost
    behind a transaction-mode pooler. A transaction that only waits does for both.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        connection.execute(LOCK)
        yield


def address() -> str:
    """Return the database to change: from pgunwind.migrate, else PGUNWIND_DSN; empty: what libpq finds."""
    dsn = context.config.attributes.get("dsn", os.environ.get("PGUNWIND_DSN") or None)
    if dsn is None:
        raise CommandError("which database? set PGUNWIND_DSN to a conninfo string or a postgresql:// URL")
    return conninfo_of(str(dsn))


if context.is_offline_mode():
    run_offline()
else:
    run_online()
