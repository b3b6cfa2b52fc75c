"""Pages of evidence: what became of runs, on one page that can be checked.

Needs ``pip install 'pgunwind[evidence]'``. `Unwind.describe_runs` gives the document, `write` makes a page of
it, and `check` compares a page with itself and with the database. Defined by unwind.describe_runs in
sql/engine/evidence/describe_runs.sql.
"""

from __future__ import annotations

from .check import Difference, NotEvidence, check
from .page import FORMATS, Document, write

__all__ = ["FORMATS", "Difference", "Document", "NotEvidence", "check", "write"]
