"""Where the books are kept: SQLite in the data folder, or PostgreSQL by one setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

#: An acknowledged entry survives a power cut (FULL); readers never wait for the writer (WAL).
PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-65536;"
    "PRAGMA mmap_size=1073741824;PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;"
)
#: How PostgreSQL is asked. Values go beside the question, so that it can be kept planned; and no
#: question is compiled before it is answered: that took longer than any answer.
USUAL = {"server_side_binding": True, "options": "-c jit=off"}
#: Times a question is asked before its plan is kept.
AGAIN = 2


#: Signs of a name or password that end it in an address.
SPECIAL = "a name or password has one of / ? # in clear; write %2F, %3F, %23 (and %40 for @)"


class BadAddressError(ValueError):
    """A database address that is none; says what is wrong with it, without a password."""


def database(address: str, home: Path) -> dict[str, Any]:
    """Django's settings for a database address. Raises BadAddressError.

    >>> database("postgresql://yihu:p%40ss@db/county", Path("."))["PASSWORD"]
    'p@ss'
    """
    if not address:
        return _sqlite(home / "yihu.sqlite3")
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres"):
        raise BadAddressError(f"begins with {parts.scheme!r}")
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        # Cut at a sign of the password, the rest of it would stand for the host or the name.
        raise BadAddressError(SPECIAL)
    if not parts.path.lstrip("/"):
        raise BadAddressError("names no database")
    try:
        port = str(parts.port or "")
    except ValueError as wrong:
        raise BadAddressError("the port is no number") from wrong
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**USUAL, **dict(parse_qsl(parts.query, keep_blank_values=True))},
    }


def keep_plans(connection: Any) -> None:
    """Let a database plan a question once that is asked of it again and again.

    For who asks for a few rows by their ids, as phones do: a third of the database's work was to
    plan. A question over a whole county needs a plan for what it asks for; with one for all cases
    the ledger took twice as long. SQLite keeps all plans by itself.
    """
    if connection.vendor == "postgresql" and connection.connection is not None:
        connection.connection.prepare_threshold = AGAIN


def _sqlite(path: Path) -> dict[str, Any]:
    # IMMEDIATE: a writer that began as a reader cannot wait for its turn and fails at once.
    return {
        "ENGINE": "yihu.sqlite",
        "NAME": path,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": PRAGMAS},
        "TEST": {"NAME": ":memory:"},
    }
