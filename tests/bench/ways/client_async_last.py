"""pgunwind's asynchronous client, where the last step says so and completes the run in its own commit."""

from __future__ import annotations

from functools import partial

from . import ASYNC, OURS_LAST
from .client_async import execute

NAME = OURS_LAST + ASYNC

opened = partial(execute, last=True)
