"""Writers of one SQLite database wait in a queue, not in a lottery.

SQLite itself lets a waiting writer sleep up to a tenth of a second and try again. Whoever just
finished is back before the sleeper wakes: with three busy processes one of them waited for twenty
seconds and was refused. A lock of the system on a file beside the database wakes the next in line
at once, and is free again when its holder is killed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base

#: What reads, or begins and ends transactions, needs no turn of its own.
_NO_TURN = ("SELECT", "PRAGMA", "EXPLAIN", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose single writes, outside of a transaction, stand in line too."""

    turn_of: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        """Run a statement, in its turn."""
        with self.turn_of.turn_for(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run a statement for each of many, in its turn."""
        with self.turn_of.turn_for(query):
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that stands in line before it begins a transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: int | None = None

    def create_cursor(self, name: Any = None) -> Cursor:
        """A cursor that knows whose turn it takes."""
        made: Cursor = self.connection.cursor(factory=Cursor)
        made.turn_of = self
        return made

    @contextmanager
    def turn_for(self, query: str) -> Iterator[None]:
        """Hold a turn for one statement, where it writes and no transaction holds one."""
        if self.in_atomic_block or query.lstrip().upper().startswith(_NO_TURN):
            yield
            return
        self._take_turn()
        try:
            yield
        finally:
            self._give_turn()

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        # A commit that fails leaves the transaction open: Django rolls back, which ends the turn.
        super()._commit()  # type: ignore[misc]
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _take_turn(self) -> None:
        if self._turn is not None or self.is_in_memory_db():
            return
        path = f"{self.settings_dict['NAME']}-turn"
        turn = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        except BaseException:
            os.close(turn)
            raise
        self._turn = turn

    def _give_turn(self) -> None:
        if self._turn is not None:
            # Said, not only closed: a process forked meanwhile has the file open too.
            fcntl.flock(self._turn, fcntl.LOCK_UN)
            os.close(self._turn)
            self._turn = None
