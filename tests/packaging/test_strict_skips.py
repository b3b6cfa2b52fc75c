"""PGUNWIND_STRICT_SKIPS: a skipped test fails the session unless it is listed with its reason."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest


def conftest(request: pytest.FixtureRequest) -> ModuleType:
    """Return tests/conftest.py as the module that pytest loaded."""
    for plugin in request.config.pluginmanager.get_plugins():
        if isinstance(plugin, ModuleType) and hasattr(plugin, "StrictSkips"):
            return plugin
    return sys.modules["conftest"]


def skip_report(nodeid: str, reason: str) -> pytest.TestReport:
    longrepr = ("file.py", 1, f"Skipped: {reason}")
    return pytest.TestReport(nodeid, ("file.py", 1, ""), {}, "skipped", longrepr, "setup")


LISTING = "# a comment\n\ntests/a/test_b.py -- no such extension\n"


@pytest.mark.parametrize(
    ("nodeid", "reason", "surprising"),
    [
        ("tests/a/test_b.py::test_c", "no such extension here", False),
        ("tests/a/test_b.py::test_c", "another reason", True),
        ("tests/a/test_x.py::test_c", "no such extension", True),
    ],
)
def test_only_listed_skips_pass(
    request: pytest.FixtureRequest, nodeid: str, reason: str, surprising: bool
) -> None:
    plugin: Any = conftest(request).StrictSkips(LISTING)
    plugin.pytest_runtest_logreport(skip_report(nodeid, reason))
    assert bool(plugin.surprises) is surprising
