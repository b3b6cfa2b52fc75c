"""Whatever an application does that knows nothing of runs, and wherever it ends, capture takes it back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEEP = os.environ.get("PGUNWIND_DEEP") == "1"


@pytest.mark.parametrize(("by", "stride"), [("kill", 6), ("error", 10), ("connection", 10)])
def test_every_table_is_byte_by_byte_what_it_was_before(reference_dsn: str, by: str, stride: int) -> None:
    arguments = ["--dsn", reference_dsn, "--by", by, "--stride", "1" if DEEP else str(stride)]
    ended = subprocess.run(
        [sys.executable, HERE / "statement_kills.py", *arguments],
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    print(ended.stdout, ended.stderr)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = re.search(r"ended at (\d+) and (\d+) moments: every table as before", ended.stdout)
    assert found is not None
    assert min(map(int, found.groups())) >= 100 // (1 if DEEP else stride)
