"""Random runs among committed work of others are undone exactly, or refused when the judge says so."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest

from capture.histories import play

EACH = 625 if os.environ.get("PGUNWIND_DEEP") == "1" else 25


@pytest.mark.parametrize("part", range(8))
def test_undoing_captured_runs(histories: psycopg.Connection[Any], part: int) -> None:
    for seed in range(part * EACH, (part + 1) * EACH):
        play(histories, seed)
