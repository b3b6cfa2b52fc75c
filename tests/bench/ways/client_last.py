"""pgunwind's client, where the last step says so and completes the run in its own commit."""

from __future__ import annotations

from functools import partial

from . import OURS_LAST as NAME
from .client import execute

__all__ = ["NAME", "opened"]

opened = partial(execute, last=True)
