"""Templates: what many tests begin with is set up once, and each test gets a copy of it.

    shop_template = holding(SHOP)

    @pytest.fixture
    def shop(shop_template, conn):
        return conn

A copy takes some 30 milliseconds whatever it holds; one definition takes more. To ask for a template is all
that is needed: ``conn`` and ``dsn`` are then a copy of it. The fixture's name has to end in ``_template``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from pytest_postgresql.janitor import DatabaseJanitor


@dataclass(frozen=True)
class Address:
    """A template, and the server that has it, in the form in which pytest-postgresql asks for them."""

    host: str
    port: int
    user: str
    password: str
    options: str
    maintenance_dbname: str
    dbname: str = ""
    template_dbname: str | None = None


class Templates:
    """Templates by the scripts that made them: the last few, for each is as big as a database."""

    KEPT = 16

    def __init__(self, base: Address) -> None:
        self.base = base
        self.made: OrderedDict[tuple[str, ...], DatabaseJanitor] = OrderedDict()
        self.numbers = count(1)

    def __call__(self, *scripts: str) -> Address:
        """Return the template that holds what the base holds and what these scripts make."""
        if scripts not in self.made:
            self.made[scripts] = self.make(scripts)
            if len(self.made) > self.KEPT:
                self.made.popitem(last=False)[1].drop()
        self.made.move_to_end(scripts)
        return replace(self.base, template_dbname=self.made[scripts].dbname)

    def make(self, scripts: tuple[str, ...]) -> DatabaseJanitor:
        """Make it: each script in a transaction of its own, as psql would."""
        janitor = DatabaseJanitor(
            user=self.base.user,
            host=self.base.host,
            port=self.base.port,
            password=self.base.password,
            maintenance_dbname=self.base.maintenance_dbname,
            dbname=f"{self.base.dbname}_{next(self.numbers)}",
            template_dbname=self.base.template_dbname,
            as_template=True,
        )
        janitor.drop()
        janitor.init()
        with janitor.cursor(janitor.dbname) as cursor:
            for script in scripts:
                cursor.execute(script.encode())
        return janitor

    def drop(self) -> None:
        """Drop them all."""
        for janitor in self.made.values():
            janitor.drop()


def holding(*scripts: str) -> Any:
    """Return a fixture: the template with the engine that holds what these scripts make."""

    @pytest.fixture
    def template(templates: Templates) -> Address:
        return templates(*scripts)

    return template
