"""Random runs among committed work of others are undone exactly, or refused when the judge says so."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from capture.histories import play
from capture.tables import TABLES, Database

EACH = 1250 if os.environ.get("PGUNWIND_DEEP") == "1" else 50
ENDS = {"undone", "UW007", "UW011", "UW014", "UW018", "restored", "rows handed on"}


@pytest.mark.parametrize("part", range(4))
def test_undoing_captured_runs(histories: Database, part: int) -> None:
    outcomes = Counter[str]()
    for seed in range(part * EACH, (part + 1) * EACH):
        outcomes += play(histories, seed)
    print(sorted(outcomes.items()))
    assert outcomes.keys() >= ENDS
    assert {outcome.split()[0] for outcome in outcomes} >= {table.name for table in TABLES}
