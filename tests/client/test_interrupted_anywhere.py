"""A run that is interrupted anywhere in what begins and ends its blocks is ended, and leaves nothing open."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from clients import plain_connections
from pgunwind import Unwind
from pgunwind._open_steps import open_steps

Shop = psycopg.Connection[Any]

FILES = {"_block.py", "_step.py", "_messages.py", "_start.py", "_run_state.py", "_capture.py"}


class InterruptAt:
    """Within it the n-th call that is reached in FILES is interrupted, as by a signal, which is heeded there.

    Not where an error is on its way already, nor between a with and its block.
    """

    def __init__(self, number: int) -> None:
        self.left = number
        self.place = ""

    def __enter__(self) -> InterruptAt:
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        return self._line if Path(frame.f_code.co_filename).name in FILES else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        if event == "line" and "(" in text and not text.startswith(("with", "except", "raise", "return")):
            self.left -= 1
            if self.left == 0:
                self.place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}: {text}"
                raise KeyboardInterrupt
        return self._line


@pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")
@plain_connections
@pytest.mark.parametrize("last", [False, True])
def test_interrupted_anywhere(shop: Shop, connect: Callable[..., Shop], last: bool) -> None:
    places: list[str] = []
    while not places or places[-1]:
        connection = connect()
        unwind = Unwind(connection)
        unwind._known.add("shop")  # so that the run starts with its first step
        key = f"o{len(places)}"
        interrupt = InterruptAt(len(places) + 1)
        with suppress(KeyboardInterrupt), interrupt, unwind.run("shop") as run:
            with run.step("order", key) as own:
                own.execute("insert into orders (id) values (%s)", [key])
            with run.step("invoice", last=last) as own:
                own.execute("insert into invoices (order_id) values (%s)", [key])
        places.append(interrupt.place)
        if not connection.closed:  # as it is where a call on it was broken off
            assert connection.info.transaction_status == TransactionStatus.IDLE, places[-1]
            connection.execute("select 1")
            connection.commit()
            connection.close()
        assert open_steps.get() == (), places[-1]
        assert not unwind._heartbeats.get()._claims, places[-1]
    assert len(places) > 100
    running = "select count(*) from unwind.workflow_runs where status not in ('COMPLETED', 'COMPENSATED')"
    assert shop.execute(running).fetchone() == (0,)
