"""What a statement means for the transaction it is in, by its first words."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from psycopg import sql

from ._connections import AnyConnection
from .errors import TransactionMismatch

Kind = Literal["work", "setting", "control"]
"""Control begins or ends a transaction, or goes back to a savepoint; a setting may have to come first."""

NO_WORDS: Final = re.compile(
    r"""
    --[^\n]* | /\*.*?\*/
    | [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | \$(\w*)\$.*?\$\1\$
    """,
    re.DOTALL | re.VERBOSE,
)
"""Comments, literals and quoted names."""

CONTROL: Final = re.compile(r"(begin|start|commit|end|rollback|abort|prepare\s+transaction)\b", re.IGNORECASE)
SETTING: Final = re.compile(r"(set|reset|show|discard)\b", re.IGNORECASE)
ROUTINE: Final = re.compile(r"create\b", re.IGNORECASE)
"""Its body may hold several statements, and BEGIN and END."""


def kind_of(text: str) -> Kind:
    """Return what a query is, one statement or several.

    Raises: TransactionMismatch, if it is several of which one begins or ends a transaction: those behind it
    would be outside the run, and nobody would notice.
    """
    statements = [part for part in NO_WORDS.sub(" ", text).split(";") if part.strip()]
    kinds = [_kind(statement.lstrip()) for statement in statements]
    if "control" not in kinds:
        return "setting" if kinds == ["setting"] else "work"
    if len(kinds) == 1:
        return "control"
    if ROUTINE.match(statements[0].lstrip()):
        return "work"
    raise TransactionMismatch(
        "one string holds several statements, and one of them begins or ends a transaction",
        "What follows it would not be captured: a transaction enters the run before its first statement.",
        "Execute them one by one, or within connection.transaction().",
    )


def _kind(statement: str) -> Kind:
    if CONTROL.match(statement):
        return "control"
    return "setting" if SETTING.match(statement) else "work"


def text_of(query: Any, connection: AnyConnection) -> str:
    """Return the text of a query, whatever psycopg takes for one."""
    if isinstance(query, bytes):
        return query.decode(connection.info.encoding, "replace")
    if isinstance(query, sql.Composable):
        return query.as_string(connection)
    return query if isinstance(query, str) else " ".join(query.strings)  # a template string
