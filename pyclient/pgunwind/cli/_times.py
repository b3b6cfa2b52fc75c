"""Times as options take them: as PostgreSQL does, or an age."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_AGE = re.compile(r"(\d+)\s*(s|m|min|h|d|w|seconds?|minutes?|hours?|days?|weeks?)(\s+ago)?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def time_of(text: str) -> datetime | str:
    """An age becomes a time; anything else is for the server to read: '2026-11-25 13:00', 'yesterday'."""
    age = _AGE.fullmatch(text.strip())
    if age is None:
        return text
    try:
        return datetime.now(UTC) - timedelta(**{_UNITS[age[2][0]]: int(age[1])})
    except OverflowError:
        return "-infinity"


since_option = click.option(
    "--since", metavar="TIME", type=time_of, help="Started since then: '2026-11-25 13:00', yesterday, 2h."
)
until_option = click.option("--until", metavar="TIME", type=time_of, help="Started before then.")
