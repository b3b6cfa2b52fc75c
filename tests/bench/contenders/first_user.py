"""What pgunwind's first user had: a transaction per step, a statement per child row.

As there, the ids are in memory, so nothing is read; what was wrong there (see tests/reference) is not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from ..background import artifact_positions, asset_ids, bundle_ids, issue_ids
from . import FIRST_USER as NAME

__all__ = ["NAME", "opened"]

_SCHEMA = "client_to_delivery"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the five compensations, one after the other."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def delete(table: str, condition: str, *keys: object) -> None:
            conn.execute(f"delete from {_SCHEMA}.{table} where {condition}", keys)

        def undo(number: int) -> None:
            with conn.transaction():
                for position in artifact_positions():
                    delete("delivery_artifacts", "package_id = %s and position = %s", f"p{number}", position)
                delete("delivery_packages", "package_id = %s", f"p{number}")
            with conn.transaction():
                for issue in issue_ids(number):
                    delete("qc_issues", "id = %s", issue)
                delete("qc_results", "id = %s", f"q{number}")
            with conn.transaction():
                for asset in asset_ids(number):
                    delete("production_bundle_assets", "asset_id = %s", asset)
                for bundle in bundle_ids(number):
                    delete("production_bundles", "bundle_id = %s", bundle)
                delete("production_drafts", "draft_id = %s", f"d{number}")
            with conn.transaction():
                delete("strategy_document", "id = %s", f"s{number}")
            with conn.transaction():
                delete("onboarding_intake", "brief_id = %s", f"b{number}")
                delete("onboarding_brief", "id = %s", f"b{number}")

        yield undo
