"""Modules of what is measured, where what they need is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from types import ModuleType


def load_modules(package: str, names: Iterable[str]) -> tuple[dict[str, ModuleType], dict[str, str]]:
    """Return the modules that can be imported here, and why the others cannot."""
    found, missing = {}, {}
    for name in names:
        try:
            found[name] = importlib.import_module(f".{name}", package)
        except ImportError as error:
            missing[name] = str(error)
    return found, missing
