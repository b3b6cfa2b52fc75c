"""Templates: what many tests begin with is set up once, and each test gets a copy of it.

    shop_template = holding(SHOP)

    @pytest.fixture
    def shop(shop_template, conn):
        return conn

A copy takes some 30 milliseconds whatever it holds; a definition alone takes more. A fixture that asks for a
template is all that is needed: ``conn`` and ``dsn`` are then a copy of it. Its name has to end in ``_template``.
"""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg
from pytest_postgresql import factories


def holding(*scripts: str) -> Any:
    """Return a fixture: a template that holds the engine and what these scripts make, made once per worker."""

    def load(**target: Any) -> None:
        with psycopg.connect(**target) as connection:
            for script in scripts:
                connection.execute(script.encode())

    digest = hashlib.sha256("\0".join(scripts).encode()).hexdigest()[:12]
    return factories.postgresql_noproc(
        depends_on="engine_template", dbname=f"pgunwind_{digest}_", load=[load]
    )
