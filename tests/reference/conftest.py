"""The application under test, and a look into all of its tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgunwind import Unwind
from pgunwind.demo.evidence import Snapshot, snapshot
from pgunwind.examples.client_to_delivery import ClientToDelivery


@pytest.fixture
def unwind(reference_dsn: str) -> Unwind:
    return Unwind(reference_dsn)


@pytest.fixture
def application(unwind: Unwind) -> ClientToDelivery:
    return ClientToDelivery(unwind)


@pytest.fixture
def look(reference_conn: psycopg.Connection[Any]) -> Callable[[], Snapshot]:
    """Counts and checksums of all ten tables, as of now."""
    return lambda: snapshot(reference_conn)
