"""pgunwind undoes a workflow run inside PostgreSQL: every row a failed run left behind, children first.

    from pgunwind import Unwind

    unwind = Unwind(pool)  # a psycopg connection, a pool, or a conninfo string
    with unwind.run("client_to_delivery", business_key="brief-7") as run:
        with run.step("brief", "brief-7") as connection:
            connection.execute("insert into onboarding_brief …")

AsyncUnwind is the same with await.
"""

from importlib.metadata import PackageNotFoundError, version

from ._commands import Key, Keys
from .async_client import AsyncRun, AsyncUnwind
from .client import Run, Unwind
from .errors import (
    ChangedSince,
    ClaimLost,
    CompensationPending,
    DependentsExist,
    DuplicateRun,
    EntityExists,
    EntityOwnedElsewhere,
    InvalidDefinition,
    LateHeartbeat,
    LaterStepLive,
    NotDefined,
    NothingRecorded,
    RunClaimed,
    RunCompleted,
    RunNotFound,
    RunNotRunning,
    SchemaTooOld,
    TooManyRows,
    TransactionMismatch,
    UndoRefused,
    UnsupportedIsolation,
    UnwindError,
    UnwindWarning,
)
from .results import (
    DependentRun,
    Finding,
    Holder,
    Leftover,
    Orphan,
    PreviewLine,
    Progress,
    Receipt,
    Recovery,
    RunResult,
    RunRow,
    RunStatus,
    RunTotal,
)

try:
    __version__ = version("pgunwind")
except PackageNotFoundError:  # run from a source tree
    __version__ = "0+unknown"

__all__ = [
    "AsyncRun",
    "AsyncUnwind",
    "ChangedSince",
    "ClaimLost",
    "CompensationPending",
    "DependentRun",
    "DependentsExist",
    "DuplicateRun",
    "EntityExists",
    "EntityOwnedElsewhere",
    "Finding",
    "Holder",
    "InvalidDefinition",
    "Key",
    "Keys",
    "LateHeartbeat",
    "LaterStepLive",
    "Leftover",
    "NotDefined",
    "NothingRecorded",
    "Orphan",
    "PreviewLine",
    "Progress",
    "Receipt",
    "Recovery",
    "Run",
    "RunClaimed",
    "RunCompleted",
    "RunNotFound",
    "RunNotRunning",
    "RunResult",
    "RunRow",
    "RunStatus",
    "RunTotal",
    "SchemaTooOld",
    "TooManyRows",
    "TransactionMismatch",
    "UndoRefused",
    "UnsupportedIsolation",
    "Unwind",
    "UnwindError",
    "UnwindWarning",
    "__version__",
]
