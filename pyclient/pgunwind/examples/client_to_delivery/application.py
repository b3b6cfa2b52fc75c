"""The application: five steps, each one transaction, and two ways to fail on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pgunwind import Run, Unwind
from pgunwind.examples.client_to_delivery.result import SAGA_NAMES, Result, compensated_steps
from pgunwind.examples.client_to_delivery.rows import ISSUES, SCHEMA, Ids, Rows

WORKFLOW = "client_to_delivery"

StepHook = Callable[[str, str], None]
"""Called with run id and step, inside the step's transaction, when its rows are written."""


class StepFailed(Exception):
    """A step decided that this run cannot be delivered."""


class QcFailed(StepFailed):
    """The draft did not pass. Its result is already stored by then."""


class DeliveryFailed(StepFailed):
    """The package could not be delivered. The step's transaction ends with this."""


class ClientToDelivery:
    """Runs client_to_delivery against the tables of one schema."""

    def __init__(self, unwind: Unwind, *, schema: str = SCHEMA, on_step: StepHook | None = None) -> None:
        self._unwind = unwind
        self._schema = schema
        self._on_step = on_step

    def execute(
        self,
        brief_id: str | None = None,
        *,
        client_id: str = "client-1",
        issues: int | None = None,
        force_qc_fail: bool = False,
        force_delivery_fail: bool = False,
    ) -> Result:
        """One run, from brief to package.

        A step that decides to fail makes the run fail; what it left is undone and the result says so. Any
        other error, one of the compensation's included, is the caller's to see.

        `issues` is how many issues the quality check finds, 0 to 3: one by default, three in a draft that
        fails.
        """
        if issues is None:
            issues = len(ISSUES) if force_qc_fail else 1
        error: StepFailed | None = None
        ids = Ids.new(brief_id)
        completed: list[str] = []
        try:
            with self._unwind.run(WORKFLOW, business_key=ids.brief) as run:
                steps = _Steps(run, ids, self._schema, self._on_step)
                steps.brief(client_id)
                completed.append(SAGA_NAMES["brief"])
                steps.strategy()
                completed.append(SAGA_NAMES["strategy"])
                steps.draft()
                completed.append(SAGA_NAMES["draft"])
                steps.qc(issues, fail=force_qc_fail)
                completed.append(SAGA_NAMES["qc"])
                steps.package(fail=force_delivery_fail)
                completed.append(SAGA_NAMES["package"])
        except StepFailed as failure:
            error = failure
        return _result(run, completed, error)


class _Steps:
    """The steps of one run. Each records its key before it writes its rows, in the same transaction."""

    def __init__(self, run: Run, ids: Ids, schema: str, on_step: StepHook | None) -> None:
        self._run = run
        self._ids = ids
        self._schema = schema
        self._on_step = on_step

    def brief(self, client_id: str) -> None:
        with self._step("brief", self._ids.brief) as rows:
            rows.brief(self._ids, client_id)

    def strategy(self) -> None:
        with self._step("strategy", self._ids.strategy) as rows:
            rows.strategy(self._ids)

    def draft(self) -> None:
        with self._step("draft", self._ids.draft) as rows:
            rows.draft(self._ids)

    def qc(self, issues: int, *, fail: bool) -> None:
        """Stores and commits what it found before it decides: a failed check leaves committed rows."""
        with self._step("qc", self._ids.qc_result) as rows:
            rows.qc(self._ids, passed=not fail, issues=issues)
        if fail:
            raise QcFailed(f"QC found {issues} issues: draft {self._ids.draft} did not pass")

    def package(self, *, fail: bool) -> None:
        """Fails, if it has to, with its rows written but not committed: none of them remain."""
        with self._step("package", self._ids.package) as rows:
            rows.package(self._ids)
            if fail:
                raise DeliveryFailed(f"delivery was refused: package {self._ids.package}")

    @contextmanager
    def _step(self, step: str, key: str) -> Iterator[Rows]:
        with self._run.step(step, key) as conn:
            yield Rows(conn, self._schema)
            if self._on_step is not None:
                self._on_step(self._run.id, step)


def _result(run: Run, completed: list[str], error: StepFailed | None) -> Result:
    ended = run.result
    return Result(
        success=error is None,
        run_id=ended.run_id,
        status=ended.status,
        completed_steps=tuple(completed),
        compensated_steps=compensated_steps(ended.receipts),
        receipts=ended.receipts,
        error=None if error is None else str(error),
    )
