"""Writers of one SQLite database wait in a queue, not in a lottery.

SQLite itself lets a waiting writer sleep up to a tenth of a second and try again. Whoever just
finished is back before the sleeper wakes: with three busy processes one of them waited for twenty
seconds and was refused. A lock of the system on a file beside the database wakes the next in line
at once, and is free again when its holder is killed.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

#: A statement that may write. One that only reads and has such a word in it waits for nothing else.
_MAY_WRITE = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|VACUUM|REINDEX|ANALYZE)\b"
    r"|\s*WITH\b.*\b(INSERT|UPDATE|DELETE|REPLACE)\b",
    re.IGNORECASE | re.DOTALL,
)


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose single writes, outside of a transaction, stand in line too.

    What such a write returns (RETURNING) is read at once, in its turn: SQLite commits it only when
    the last row was read, and until then nobody else could write.
    """

    turn_of: DatabaseWrapper
    _returned: Iterator[Any] | None = None

    def execute(self, query: str, params: Any = None) -> Any:
        """Run a statement, in its turn."""
        self._returned = None
        if not self.turn_of.needs_turn(query):
            return super().execute(query, params)
        with self.turn_of.turn():
            super().execute(query, params)
            if self.description is not None:
                self._returned = iter(super().fetchall())
        return self

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run a statement for each of many, in its turn."""
        self._returned = None
        if not self.turn_of.needs_turn(query):
            return super().executemany(query, param_list)
        with self.turn_of.turn():
            return super().executemany(query, param_list)

    def __next__(self) -> Any:
        """The next row."""
        return super().__next__() if self._returned is None else next(self._returned)

    def fetchone(self) -> Any:
        """The next row, or None."""
        return super().fetchone() if self._returned is None else next(self._returned, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows, as many as asked."""
        size = self.arraysize if size is None else size
        if self._returned is None:
            return super().fetchmany(size)
        return list(islice(self._returned, size))

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return super().fetchall() if self._returned is None else list(self._returned)


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

    def needs_turn(self, query: str) -> bool:
        """Whether a statement may write and no transaction holds a turn for it."""
        return not self.in_atomic_block and _MAY_WRITE.match(query) is not None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a turn for one statement."""
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
        turn = _opened(Path(self.settings_dict["NAME"]))
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


def _opened(database: Path) -> int:
    """The file to stand in line at; whoever may write the database may stand there too."""
    path = f"{database}-turn"
    with suppress(FileNotFoundError):
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    turn = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # Made by an administrator's command, it must not shut out the account the desk runs as.
    if os.geteuid() == 0 and database.exists():
        owner = database.stat()
        os.fchown(turn, owner.st_uid, owner.st_gid)
        os.fchmod(turn, owner.st_mode & 0o666)
    return turn
