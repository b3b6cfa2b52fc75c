"""pgunwind undoes a workflow run inside PostgreSQL: every row a failed run left behind, children first.

    from pgunwind import Unwind

    unwind = Unwind(pool)  # a psycopg connection, a pool, or a conninfo string
    with unwind.run("client_to_delivery", business_key="brief-7") as run:
        with run.step("brief", "brief-7") as connection:
            connection.execute("insert into onboarding_brief …")

AsyncUnwind is the same with await.
"""

from importlib.metadata import PackageNotFoundError, version

from ._async_capture_connection import AsyncCaptureConnection
from ._async_check import async_assert_compensates
from ._async_session import AsyncSession, async_session
from ._capture_connection import CaptureConnection
from ._check import assert_compensates
from ._commands import Key, Keys
from ._session import Session, session
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
    ImagesMissing,
    InvalidDefinition,
    LateHeartbeat,
    LaterStepLive,
    NotDefined,
    NothingRecorded,
    OtherRunEntered,
    RevertRefused,
    RunClaimed,
    RunCompleted,
    RunNotFound,
    RunNotRunning,
    RunRequired,
    SchemaTooOld,
    TooManyRows,
    TransactionMismatch,
    UndoRefused,
    UnsupportedIsolation,
    UnwindError,
    UnwindWarning,
)
from .results import (
    Change,
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
    "AsyncCaptureConnection",
    "AsyncRun",
    "AsyncSession",
    "AsyncUnwind",
    "CaptureConnection",
    "Change",
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
    "ImagesMissing",
    "InvalidDefinition",
    "Key",
    "Keys",
    "LateHeartbeat",
    "LaterStepLive",
    "Leftover",
    "NotDefined",
    "NothingRecorded",
    "Orphan",
    "OtherRunEntered",
    "PreviewLine",
    "Progress",
    "Receipt",
    "Recovery",
    "RevertRefused",
    "Run",
    "RunClaimed",
    "RunCompleted",
    "RunNotFound",
    "RunNotRunning",
    "RunRequired",
    "RunResult",
    "RunRow",
    "RunStatus",
    "RunTotal",
    "SchemaTooOld",
    "Session",
    "TooManyRows",
    "TransactionMismatch",
    "UndoRefused",
    "UnsupportedIsolation",
    "Unwind",
    "UnwindError",
    "UnwindWarning",
    "__version__",
    "assert_compensates",
    "async_assert_compensates",
    "async_session",
    "session",
]
