"""What tests of definitions ask for."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


@pytest.fixture
def no_case(conn: psycopg.Connection[Any]) -> None:
    """Make the collation no_case, to which 'ada' and 'ADA' are equal; not every server is built with ICU."""
    try:
        conn.execute(
            "create collation no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        )
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("this server has no ICU")
