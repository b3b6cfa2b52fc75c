"""client_to_delivery as many an application has it: layers that know nothing of runs, nor of each other.

Each makes connections and commits of its own, upserts what may be there, replaces children, and makes ids
that nobody hands back. There is nothing of pgunwind in here, and no way to tell afterwards what a call of
deliver() has done.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, MetaData, Table, create_engine, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

SCHEMA = "client_to_delivery"
ISSUES = [("major", "claims", "a figure without a source"), ("minor", "layout", "a heading without text")]


class Layers:
    """The application: two engines, for two teams wrote it."""

    def __init__(self, url: Any) -> None:
        self.content = create_engine(url)
        self.delivery = create_engine(url, poolclass=NullPool)
        tables = MetaData(schema=SCHEMA)
        tables.reflect(self.content)
        self.content.dispose()  # so that processes forked from here have no connection in common
        self.table = {table.name: table for table in tables.tables.values()}

    @property
    def engines(self) -> list[Engine]:
        """All there are."""
        return [self.content, self.delivery]

    def deliver(self, brief: str) -> None:
        """From a client's brief to a delivered package."""
        Briefs(self).normalize(brief)
        Strategies(self).generate(brief)
        Drafts(self).generate(brief)
        Checks(self).evaluate(brief)
        Checks(self).evaluate(brief)  # to be sure
        Packages(self).create(brief)


class Layer:
    """What layers share."""

    def __init__(self, layers: Layers) -> None:
        self.content, self.delivery, self.table = layers.content, layers.delivery, layers.table

    def __getitem__(self, name: str) -> Table:
        return self.table[name]


class Briefs(Layer):
    """Briefs and what they were made from."""

    def normalize(self, brief: str) -> None:
        """Make the brief, or bring the one that is there up to date."""
        with self.content.begin() as conn:
            values = {"client_id": "c1", "objectives": ["sign-ups"], "timeline_weeks": 6}
            made = upsert(self["onboarding_brief"]).values(id=brief, metadata={"version": 1}, **values)
            again = {"timeline_weeks": 4, "metadata": {"version": 2}, "updated_at": func.now()}
            conn.execute(made.on_conflict_do_update(index_elements=["id"], set_=again))
        with self.content.begin() as conn:
            conn.execute(
                insert(self["onboarding_intake"]).values(id=new_id(), brief_id=brief, client_id="c1")
            )


class Strategies(Layer):
    """Strategies, by version."""

    def generate(self, brief: str) -> None:
        """Make the next version; the ones before it are no longer approved."""
        documents = self["strategy_document"]
        with self.content.connect() as conn:
            old = conn.execute(
                select(func.coalesce(func.max(documents.c.version), 0)).where(documents.c.brief_id == brief)
            ).scalar_one()
            conn.execute(update(documents).where(documents.c.brief_id == brief).values(is_approved=False))
            conn.execute(
                insert(documents).values(
                    id=new_id(), brief_id=brief, version=old + 1, is_approved=True, kpis={"sign_ups": 500}
                )
            )
            conn.commit()


class Drafts(Layer):
    """The draft of a brief, and what belongs to it."""

    def generate(self, brief: str) -> None:
        """Write the draft, or rewrite the one that is there; its bundles are made anew."""
        drafts, bundles, assets = (
            self[name] for name in ("production_drafts", "production_bundles", "production_bundle_assets")
        )
        strategy = self._strategy(brief)
        with Session(self.content) as session:
            draft = session.execute(draft_of(self, brief)).scalar()
            if draft is None:
                session.execute(insert(drafts).values(draft_id=new_id(), strategy_id=strategy, body="First."))
            else:
                session.execute(
                    update(drafts)
                    .where(drafts.c.draft_id == draft)
                    .values(strategy_id=strategy, body=drafts.c.body + " Again.", updated_at=func.now())
                )
            session.commit()
            draft = session.execute(draft_of(self, brief)).scalar_one()
            mine = select(bundles.c.bundle_id).where(bundles.c.draft_id == draft)
            session.execute(
                delete(assets).where(assets.c.bundle_id.in_(mine)),
                execution_options={"synchronize_session": False},
            )
            session.execute(delete(bundles).where(bundles.c.draft_id == draft))
            session.commit()
        for _ in range(2):
            bundle = new_id()
            with self.content.begin() as conn:
                conn.execute(insert(bundles).values(bundle_id=bundle, draft_id=draft))
            with self.content.begin() as conn:
                conn.execute(
                    insert(assets),
                    [{"asset_id": new_id(), "bundle_id": bundle, "meta": {"n": n}} for n in range(2)],
                )

    def _strategy(self, brief: str) -> str:
        documents = self["strategy_document"]
        with self.content.connect() as conn:
            newest = select(documents.c.id).where(documents.c.brief_id == brief)
            return str(conn.execute(newest.order_by(documents.c.version.desc()).limit(1)).scalar_one())


class Checks(Layer):
    """Quality checks."""

    def evaluate(self, brief: str) -> None:
        """Check the draft: the result replaces an earlier one, with all its issues."""
        results, issues = self["qc_results"], self["qc_issues"]
        with self.delivery.begin() as conn:
            draft = conn.execute(draft_of(self, brief)).scalar_one()
            conn.execute(delete(results).where(results.c.draft_id == draft))
            result = new_id()
            conn.execute(insert(results).values(id=result, draft_id=draft, passed=True, score=0.9))
        with self.delivery.begin() as conn:
            last = conn.execute(select(func.coalesce(func.max(issues.c.id), 0))).scalar_one()
            for number, (severity, section, reason) in enumerate(ISSUES, last + 1):
                values = {"severity": severity, "section": section, "reason": reason}
                conn.execute(insert(issues).values(id=number, result_id=result, **values))


class Packages(Layer):
    """What the client receives."""

    def create(self, brief: str) -> None:
        """Make a package; those before it say so in their files' positions."""
        packages, artifacts = self["delivery_packages"], self["delivery_artifacts"]
        package = new_id()
        with self.delivery.connect() as conn:
            draft = conn.execute(draft_of(self, brief)).scalar_one()
            conn.execute(
                text(
                    f"update {SCHEMA}.delivery_artifacts as a set position = position + 10"
                    f" from {SCHEMA}.delivery_packages as p"
                    " where p.package_id = a.package_id and p.draft_id = :draft"
                ),
                {"draft": draft},
            )
            conn.execute(insert(packages).values(package_id=package, draft_id=draft))
            conn.commit()
            for position in range(3):
                conn.execute(
                    insert(artifacts).values(package_id=package, name=f"file {position}", position=position)
                )
                conn.commit()


def draft_of(layer: Layer, brief: str) -> Any:
    """Ask for the draft of a brief."""
    drafts, documents = layer["production_drafts"], layer["strategy_document"]
    return (
        select(drafts.c.draft_id)
        .join(documents, documents.c.id == drafts.c.strategy_id)
        .where(documents.c.brief_id == brief)
    )


def new_id() -> str:
    """An id that is made where it is needed."""
    return str(uuid4())
