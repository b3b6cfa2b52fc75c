"""How the calls that end a run are made: each in a transaction of its own, on a connection that takes it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from . import _commands
from ._async_io import call_alone, cancel
from ._async_messages import call_in_message, read_answers
from ._async_sources import Source
from ._commands import Command, Patience, Script
from ._connections import in_transaction, is_busy, require_idle
from ._shield import PATIENCE, AsyncShield

T = TypeVar("T")


class Caller:
    """Makes the calls that end one run, under a shield."""

    def __init__(self, source: Source, worker: str, shield: AsyncShield) -> None:
        self._source = source
        self._worker = worker
        self._shield = shield
        self._asked: object = None
        """The connection of call_in_message, which may have been interrupted."""

    async def call(
        self,
        command: Command[T],
        patience: Callable[[], Patience],
        *,
        fresh: bool = False,
        roll_back: bool = False,
    ) -> T:
        """Carry out a command.

        Args:
            command: the command.
            patience: how long to wait for a lock; asked when what was left open is rolled back.
            fresh: on a connection that is known to be new.
            roll_back: roll back first what the caller left open; otherwise an open transaction is an error.

        """
        self._shield.go_on()
        fresh = fresh or (roll_back and not self._source.usable)
        async with self._source.connection(fresh=fresh) as connection:
            unread = connection is self._asked and is_busy(connection)
            if unread or not is_busy(connection):
                with self._shield.calling(connection):
                    if unread:
                        await read_answers(connection)
                    if roll_back and in_transaction(connection):
                        await connection.rollback()
                    require_idle(connection)
                    self._shield.go_on()
                    return await call_alone(connection, _commands.patient(command, patience()), self._worker)
            await cancel(connection, PATIENCE)  # an interrupted call: nobody will read its answer
            await connection.close()
        return await self.call(command, patience, fresh=True, roll_back=roll_back)

    async def call_in_message(self, script: Script) -> bool:
        """Carry out statements in one message; False if they cannot be, for whatever reason."""
        if not self._source.usable:
            return False
        with suppress(Exception):
            async with self._source.connection() as connection:
                if not in_transaction(connection):  # nor in the middle of a call
                    self._asked = connection
                    return await call_in_message(connection, script)
        return False

    async def call_apart(self, command: Command[T], patience: Patience) -> T:
        """Carry out a command beside the application's connections, even after the work was stopped."""
        async with await self._source.connect() as connection:
            return await call_alone(connection, _commands.patient(command, patience), self._worker)

    async def pause(self, seconds: float) -> None:
        await self._shield.pause(seconds)
