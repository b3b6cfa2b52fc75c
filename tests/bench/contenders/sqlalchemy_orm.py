"""SQLAlchemy's ORM: the brief is loaded and deleted, and "all, delete-orphan" takes its children along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

NAME = 'SQLAlchemy ORM: cascade="all, delete-orphan"'

_CASCADE = "all, delete-orphan"


class Base(DeclarativeBase):
    """The application's tables, with the links that its database knows nothing of."""

    __abstract__ = True


class Brief(Base):
    """A brief, and all that hangs on it."""

    __tablename__ = "onboarding_brief"
    id: Mapped[str] = mapped_column(primary_key=True)
    intakes: Mapped[list[Intake]] = relationship(cascade=_CASCADE)
    strategies: Mapped[list[Strategy]] = relationship(cascade=_CASCADE)


class Intake(Base):
    """The answers a brief was made of."""

    __tablename__ = "onboarding_intake"
    id: Mapped[str] = mapped_column(primary_key=True)
    brief_id: Mapped[str] = mapped_column(ForeignKey("onboarding_brief.id"))


class Strategy(Base):
    """A strategy of a brief."""

    __tablename__ = "strategy_document"
    id: Mapped[str] = mapped_column(primary_key=True)
    brief_id: Mapped[str] = mapped_column(ForeignKey("onboarding_brief.id"))
    drafts: Mapped[list[Draft]] = relationship(cascade=_CASCADE)


class Draft(Base):
    """A draft of a strategy."""

    __tablename__ = "production_drafts"
    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(unique=True)
    strategy_id: Mapped[str] = mapped_column(ForeignKey("strategy_document.id"))
    bundles: Mapped[list[Bundle]] = relationship(cascade=_CASCADE)
    results: Mapped[list[Result]] = relationship(cascade=_CASCADE)
    packages: Mapped[list[Package]] = relationship(cascade=_CASCADE)


class Bundle(Base):
    """Assets of a draft."""

    __tablename__ = "production_bundles"
    id: Mapped[int] = mapped_column(primary_key=True)
    bundle_id: Mapped[str] = mapped_column(unique=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("production_drafts.draft_id"))
    assets: Mapped[list[Asset]] = relationship(cascade=_CASCADE)


class Asset(Base):
    """One asset of a bundle."""

    __tablename__ = "production_bundle_assets"
    id: Mapped[int] = mapped_column(primary_key=True)
    bundle_id: Mapped[str] = mapped_column(ForeignKey("production_bundles.bundle_id"))


class Result(Base):
    """The verdict on a draft."""

    __tablename__ = "qc_results"
    id: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("production_drafts.draft_id"))
    issues: Mapped[list[Issue]] = relationship(cascade=_CASCADE)


class Issue(Base):
    """What was found wrong with a draft."""

    __tablename__ = "qc_issues"
    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[str] = mapped_column(ForeignKey("qc_results.id"))


class Package(Base):
    """What the client receives."""

    __tablename__ = "delivery_packages"
    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[str] = mapped_column(unique=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("production_drafts.draft_id"))
    artifacts: Mapped[list[Artifact]] = relationship(cascade=_CASCADE)


class Artifact(Base):
    """A file of a package."""

    __tablename__ = "delivery_artifacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[str] = mapped_column(ForeignKey("delivery_packages.package_id"))


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield a session that deletes the brief."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(dsn, options="-c search_path=client_to_delivery"),
    )

    def undo(number: int) -> None:
        with Session(engine) as session, session.begin():
            session.delete(session.get_one(Brief, f"b{number}"))

    try:
        yield undo
    finally:
        engine.dispose()
