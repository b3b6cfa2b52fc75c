"""Whether the database has a schema that this client can use."""

from __future__ import annotations

from typing import Final

import psycopg

from .errors import SchemaTooOld

NEEDED_SCHEMA_VERSION: Final = 2


def schema_missing(error: psycopg.Error) -> SchemaTooOld | None:
    """The error of a database without schema unwind, or without its version function; else None."""
    if not isinstance(error, (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName)):
        return None
    return _too_old("the database has no pgunwind schema", str(error))


def assert_schema_version(version: int) -> None:
    """Refuse a schema that is older than this client."""
    if version < NEEDED_SCHEMA_VERSION:
        raise _too_old(
            "the pgunwind schema of the database is too old",
            f"It is version {version}; this client needs {NEEDED_SCHEMA_VERSION} or later.",
        )


def _too_old(message: str, detail: str) -> SchemaTooOld:
    return SchemaTooOld(message, detail, "python -m pgunwind migrate")
