"""Random runs among committed work of others are undone exactly, or refused when the judge says so."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, given, settings

from capture.histories import PLANS, play

EXAMPLES = 5_000 if os.environ.get("PGUNWIND_DEEP") == "1" else 200


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=[Phase.reuse, Phase.generate],
)
@given(PLANS)
def test_undoing_captured_runs(histories: psycopg.Connection[Any], plan: Any) -> None:
    play(histories, plan)
