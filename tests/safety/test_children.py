"""Processes that work beside another end with it, and say nothing of their own about Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

#: A command whose children sleep at their work; prints their ids.
PARENT = """
import os, signal, time
# A shell that runs the tests behind its back lets them, and so this, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
from yihu.commands import installation
from yihu.commands.ending import run_to_the_end
installation.ready()
from yihu.children import children
def work():
    with children(3) as pool:
        print(*pool._processes, flush=True)
        list(pool.map(time.sleep, [60] * 6))
os._exit(run_to_the_end(work))
"""


@pytest.fixture
def parent(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], text=True, start_new_session=True,
        env={**os.environ, "YIHU_HOME": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def children_of(parent: subprocess.Popen[str]) -> list[int]:
    assert parent.stdout
    return [int(id) for id in parent.stdout.readline().split()]


def runs(id: int) -> bool:
    try:
        os.kill(id, 0)
    except ProcessLookupError:
        return False
    return True


def true_soon(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not what() and time.monotonic() < until:
        time.sleep(0.02)
    return what()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_on_all_of_them_is_told_in_one_sentence(parent, sign):
    ids = children_of(parent)

    os.killpg(parent.pid, sign)

    _, told = parent.communicate(timeout=60)
    assert (parent.returncode, told.strip()) == (130, "已中断；原有结果未改动。")
    assert len(ids) == 3
    assert true_soon(lambda: not any(map(runs, ids)))


def test_children_end_when_their_parent_is_killed(parent):
    ids = children_of(parent)

    parent.kill()

    assert len(ids) == 3
    assert true_soon(lambda: not any(map(runs, ids)))
