"""The rows that each step writes, one function a step. It knows tables, and nothing of runs or undoing.

Every function gets the connection whose transaction is the step's. Names are qualified by schema, so nothing
depends on the session: it works behind a pooler that gives every transaction another server connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Json

SCHEMA = "client_to_delivery"

TABLES = (
    "delivery_artifacts",
    "delivery_packages",
    "qc_issues",
    "qc_results",
    "production_bundle_assets",
    "production_bundles",
    "production_drafts",
    "strategy_document",
    "onboarding_intake",
    "onboarding_brief",
)
"""The ten tables, children first."""

ISSUES = (
    ("major", "claims", "a figure without a source"),
    ("major", "tone", "addresses the wrong audience"),
    ("minor", "layout", "a heading without text"),
)
"""What a quality check can find: severity, section, reason."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The entity keys of one run. They are known before any row is written."""

    brief: str
    strategy: str
    draft: str
    qc_result: str
    package: str

    @classmethod
    def new(cls, brief: str | None = None) -> Ids:
        """Keys for a new run; the brief's may be given."""
        return cls(brief or new_id("brief"), *map(new_id, ("strategy", "draft", "qc", "package")))


@dataclass(frozen=True, slots=True)
class Rows:
    """Writes rows into the tables of one schema, in the transaction that the connection is in."""

    conn: psycopg.Connection[Any]
    schema: str = SCHEMA

    def brief(self, ids: Ids, client_id: str) -> None:
        """One brief, and the intake it was made from."""
        now = datetime.now(UTC)
        brief = {
            "id": ids.brief,
            "client_id": client_id,
            "deliverables": Json(["article", "two banners"]),
            "exclusions": Json(["competitors' names"]),
            "timeline_weeks": 6,
            "objectives": Json(["sign-ups"]),
            "target_audience": "people who run databases",
            "brand_guidelines": Json({"voice": "plain"}),
            "metadata": Json({"source": "intake form"}),
            "normalized_at": now,
        }
        intake = {
            "id": new_id("intake"),
            "brief_id": ids.brief,
            "client_id": client_id,
            "responses": Json({"budget": "small"}),
            "attachments": Json([]),
            "submitted_at": now,
        }
        self._insert("onboarding_brief", [brief])
        self._insert("onboarding_intake", [intake])

    def strategy(self, ids: Ids) -> None:
        """One strategy for the brief."""
        strategy = {
            "id": ids.strategy,
            "brief_id": ids.brief,
            "version": 1,
            "kpis": Json({"sign_ups": 500}),
            "channels": Json(["search", "mail"]),
            "timeline": Json({"draft": "week 2", "delivery": "week 6"}),
            "executive_summary": "One article, found by those who search for it.",
            "is_approved": True,
            "approved_at": datetime.now(UTC),
        }
        self._insert("strategy_document", [strategy])

    def draft(self, ids: Ids, bundles: int = 2, assets: int = 2) -> None:
        """One draft, its bundles, and so many assets in each."""
        draft = {
            "draft_id": ids.draft,
            "strategy_id": ids.strategy,
            "content_type": "article",
            "body": "What to do when step four of five fails.",
            "meta": Json({"words": 1200}),
        }
        bundle_ids = [new_id("bundle") for _ in range(bundles)]
        now = datetime.now(UTC)
        self._insert("production_drafts", [draft])
        self._insert(
            "production_bundles",
            [{"bundle_id": bundle, "draft_id": ids.draft, "assembled_at": now} for bundle in bundle_ids],
        )
        self._insert(
            "production_bundle_assets",
            [_asset(bundle, number) for bundle in bundle_ids for number in range(1, assets + 1)],
        )

    def qc(self, ids: Ids, passed: bool, issues: int) -> None:
        """One result for the draft, whether it passed or not, and the first so many issues."""
        result = {
            "id": ids.qc_result,
            "draft_id": ids.draft,
            "passed": passed,
            "score": 0.92 if passed else 0.41,
            "evaluated_at": datetime.now(UTC),
        }
        self._insert("qc_results", [result])
        self._qc_issues(ids, issues)

    def package(self, ids: Ids) -> None:
        """One package and the three files in it."""
        package = {"package_id": ids.package, "draft_id": ids.draft}
        artifacts = [
            {
                "package_id": ids.package,
                "name": f"{name}.{suffix}",
                "url": f"https://delivery.example/{ids.package}/{name}.{suffix}",
                "format": suffix,
                "position": position,
            }
            for position, (name, suffix) in enumerate(
                (("article", "html"), ("article", "pdf"), ("banners", "zip"))
            )
        ]
        self._insert("delivery_packages", [package])
        self._insert("delivery_artifacts", artifacts)

    def _qc_issues(self, ids: Ids, issues: int) -> None:
        """qc_issues.id is a bare integer: its writers number the rows, one writer at a time.

        The lock comes in a statement of its own, for the highest id must be read by a later snapshot than
        the one that waited. It ends with the transaction, so poolers do not mind.
        """
        if not issues:
            return
        self.conn.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{self.schema}.qc_issues"]
        )
        severities, sections, reasons = zip(*ISSUES[:issues], strict=True)
        self.conn.execute(
            sql.SQL(
                "insert into {issues} (id, result_id, severity, section, reason)"
                " select (select coalesce(max(id), 0) from {issues}) + number, %s, severity, section, reason"
                " from unnest(%s::text[], %s::text[], %s::text[]) with ordinality"
                " as issue (severity, section, reason, number)"
            ).format(issues=self._name("qc_issues")),
            [ids.qc_result, list(severities), list(sections), list(reasons)],
        )

    def _insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """One statement, however many rows. They all have the same columns."""
        columns = list(rows[0])
        row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
        statement = sql.SQL("insert into {table} ({columns}) values {rows}").format(
            table=self._name(table),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            rows=sql.SQL(", ").join([row] * len(rows)),
        )
        self.conn.execute(statement, [row[column] for row in rows for column in columns])

    def _name(self, table: str) -> sql.Identifier:
        return sql.Identifier(self.schema, table)


def new_id(kind: str) -> str:
    """A key nobody else has, even within the same second."""
    return f"{kind}-{uuid4()}"


def _asset(bundle_id: str, number: int) -> dict[str, object]:
    return {
        "asset_id": new_id("asset"),
        "bundle_id": bundle_id,
        "asset_type": "image",
        "url": f"https://assets.example/{bundle_id}/{number}.png",
        "meta": Json({"number": number}),
    }
