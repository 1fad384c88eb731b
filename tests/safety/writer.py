"""Processes that write until they are killed: `python -m tests.safety.writer`.

For each line LOG SEED BYTES on standard input a writer is forked and its process id printed. LOG
gets a line before each attempt (try ID ID) and one after the loop has returned (ack ID ID); BYTES
is the largest size a file may grow to, as on a full disk, or 0.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from yihu.commands import installation

installation.ready()

from django.db import Error, connections  # noqa: E402

from yihu import loop  # noqa: E402
from yihu.book import dictionary  # noqa: E402
from yihu.book.actions import NewEntry  # noqa: E402
from yihu.card.models import Household  # noqa: E402
from yihu.check.actions import reader  # noqa: E402


def main(log: Path, seed: int, most: int) -> None:
    """Write pairs of entries in two books each, for ever or until the disk is full."""
    homes = _homes()
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    chance = random.Random(seed)
    if most:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    tell(handle, "ready")
    refused = 0
    while refused < 5:
        ids = (uuid4(), uuid4())
        tell(handle, f"try {ids[0]} {ids[1]}")
        try:
            _write(chance, homes, ids)
        except Error as wrong:
            tell(handle, f"no {type(wrong).__name__}: {str(wrong).splitlines()[0]}")
            # The connection is lost or the disk full: whoever waits gets no answer and sends again.
            refused += bool(most)
            connections.close_all()
            continue
        tell(handle, f"ack {ids[0]} {ids[1]}")


def tell(handle: int, line: str) -> None:
    """A line that is in the file whatever happens next."""
    try:
        os.write(handle, f"{line}\n".encode())
    except OSError:
        os._exit(3)


def _homes() -> list[UUID]:
    return sorted(Household.objects.values_list("pk", flat=True))


def _write(chance: random.Random, homes: list[UUID], ids: tuple[UUID, UUID]) -> None:
    at = loop.this_moment()
    says: list[Callable[[], dict[str, object]]] = [
        lambda: {"household": {"people": chance.randrange(1, 9)}},
        lambda: {"household": {"phone": f"138{chance.randrange(10**8):08}"}},
        lambda: {"words": "x" * chance.randrange(3000)},
    ]
    entries = [
        NewEntry(
            id=id, book=home, kind="facts", says=chance.choice(says)(), seen_on=at.today,
            source="phone",
        )
        for id, home in zip(ids, chance.sample(homes, 2), strict=True)
    ]  # fmt: skip
    loop.write(entries, by=None, at=at)


def wait_for_lines() -> None:
    """Load what every writer needs once, and fork one for each line."""
    on = loop.this_moment().today
    reader(dictionary.active().hash, on)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _say("ready")
    for line in sys.stdin:
        log, seed, most = line.split()
        child = os.fork()
        if not child:
            main(Path(log), int(seed), int(most))
            os._exit(0)
        _say(str(child))


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    wait_for_lines()
