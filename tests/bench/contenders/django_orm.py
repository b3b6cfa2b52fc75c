"""Django: QuerySet.delete() with on_delete=CASCADE, collected and deleted by Django itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.apps import AppConfig
from django.conf import settings
from django.db import connection, models
from psycopg.conninfo import conninfo_to_dict

NAME = "Django: QuerySet.delete(), on_delete=CASCADE"


class App(AppConfig):
    """Django follows links only between models of an installed application."""

    name = __package__
    label = "bench"


settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}},
    INSTALLED_APPS=[f"{__name__}.App"],
    USE_TZ=True,
)
django.setup()


def _link(to: str, column: str, to_field: str) -> Any:
    return models.ForeignKey(
        to, models.CASCADE, db_column=column, to_field=to_field, db_constraint=False, related_name="+"
    )


def _table(name: str) -> type:
    return type("Meta", (), {"app_label": "bench", "managed": False, "db_table": name})


class Brief(models.Model):
    """A brief, and all that hangs on it."""

    id = models.CharField(primary_key=True)
    Meta = _table("onboarding_brief")


class Intake(models.Model):
    """The answers a brief was made of."""

    id = models.CharField(primary_key=True)
    brief = _link("Brief", "brief_id", "id")
    Meta = _table("onboarding_intake")


class Strategy(models.Model):
    """A strategy of a brief."""

    id = models.CharField(primary_key=True)
    brief = _link("Brief", "brief_id", "id")
    Meta = _table("strategy_document")


class Draft(models.Model):
    """A draft of a strategy."""

    id = models.IntegerField(primary_key=True)
    draft_id = models.CharField(unique=True)
    strategy = _link("Strategy", "strategy_id", "id")
    Meta = _table("production_drafts")


class Bundle(models.Model):
    """Assets of a draft."""

    id = models.IntegerField(primary_key=True)
    bundle_id = models.CharField(unique=True)
    draft = _link("Draft", "draft_id", "draft_id")
    Meta = _table("production_bundles")


class Asset(models.Model):
    """One asset of a bundle."""

    id = models.IntegerField(primary_key=True)
    bundle = _link("Bundle", "bundle_id", "bundle_id")
    Meta = _table("production_bundle_assets")


class Result(models.Model):
    """The verdict on a draft."""

    id = models.CharField(primary_key=True)
    draft = _link("Draft", "draft_id", "draft_id")
    Meta = _table("qc_results")


class Issue(models.Model):
    """What was found wrong with a draft."""

    id = models.IntegerField(primary_key=True)
    result = _link("Result", "result_id", "id")
    Meta = _table("qc_issues")


class Package(models.Model):
    """What the client receives."""

    id = models.IntegerField(primary_key=True)
    package_id = models.CharField(unique=True)
    draft = _link("Draft", "draft_id", "draft_id")
    Meta = _table("delivery_packages")


class Artifact(models.Model):
    """A file of a package."""

    id = models.IntegerField(primary_key=True)
    package = _link("Package", "package_id", "package_id")
    Meta = _table("delivery_artifacts")


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the delete."""
    parameters = conninfo_to_dict(dsn)
    connection.close()
    connection.settings_dict.update(
        NAME=parameters.pop("dbname"),
        USER="",
        OPTIONS=parameters | {"options": "-c search_path=client_to_delivery"},
    )
    try:
        yield lambda number: Brief.objects.filter(id=f"b{number}").delete()
    finally:
        connection.close()
