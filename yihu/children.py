"""Processes of one's own that work beside this one, and end when it does, however it ends.

Ctrl-C goes to every process of a terminal at once, and so does the end of a service: each child
would tell of it in a page of its own, or leave a lock behind that this process then waits for. And
where this process is killed, children would wait for work for ever. So children hear neither, and
watch a pipe that only this process holds open.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context

from django.db import connections

#: What may end this process politely; children never hear it.
_ENDS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def children(many: int, begin: Callable[[], object] | None = None) -> Iterator[ProcessPoolExecutor]:
    """Forked processes that know what this one knows; begin: what each does first.

    They open their own connections to the database: this process's are closed before.
    """
    connections.close_all()
    watched, held = os.pipe()
    others = set(active_children())
    pool = ProcessPoolExecutor(many, get_context("fork"), _begin, (watched, held, begin))
    try:
        _fork(pool)
        yield pool
    except BaseException:
        # What waits is taken back before the children end: the pool's own thread fails over work
        # that was taken back once it has missed a child.
        pool.shutdown(wait=False, cancel_futures=True)
        os.close(held)
        held = -1
        for child in set(active_children()) - others:
            child.join()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        os.close(watched)
        if held >= 0:
            os.close(held)


def _fork(pool: ProcessPoolExecutor) -> None:
    """Begin all of them now, deaf to what ends this process: they keep what is blocked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        pool.submit(os.getpid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(watched: int, held: int, begin: Callable[[], object] | None) -> None:
    os.close(held)
    threading.Thread(target=_end_with_parent, args=(watched,), daemon=True).start()
    connections.close_all()
    if begin is not None:
        begin()


def _end_with_parent(watched: int) -> None:
    os.read(watched, 1)
    os._exit(1)
