"""Installations of their own for processes that are killed, and what must hold of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    """A data folder, and the address of its database where that is PostgreSQL."""

    home: Path
    address: str = ""

    @property
    def database(self) -> str:
        """The name of its database in PostgreSQL; the address may end with a socket's folder."""
        return urlsplit(self.address).path.lstrip("/")

    @property
    def env(self) -> dict[str, str]:
        """The environment of its processes."""
        own = {"YIHU_HOME": str(self.home), "YIHU_DATABASE": self.address, "YIHU_LANG": "en"}
        kept = {k: v for k, v in os.environ.items() if not k.startswith("YIHU_")}
        return {**kept, **own, "PYTHONPATH": str(ROOT), "YIHU_TODAY": "2020-10-17"}

    def start(self, *words: object) -> subprocess.Popen[str]:
        """A process of it: `python -m …`."""
        return subprocess.Popen(
            [sys.executable, "-m", *map(str, words)], env=self.env, cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """A process of it, to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def yihu(self, *words: object) -> subprocess.CompletedProcess[str]:
        """A command of yihu."""
        return self.run("yihu.commands", *words)

    def audit(self) -> dict[str, object]:
        """What `yihu audit` says."""
        done = self.yihu("audit", "--json", "--processes", 1)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def script(self, lines: str) -> str:
        """What a few lines of Python print."""
        done = subprocess.run(
            [sys.executable, "-c", lines], env=self.env, cwd=self.home, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def entries(self) -> set[UUID]:
        """Ids of all entries."""
        found = self.script(
            "from yihu.commands import installation as i; i.ready();"
            "from yihu.book.models import Entry;"
            "print(*Entry.objects.values_list('pk', flat=True))"
        )
        return {UUID(id) for id in found.split()}


class Writers:
    """Writers of an installation, forked from one process that has loaded what they need."""

    def __init__(self, of: Installation, folder: Path) -> None:
        self.folder = folder
        self.logs: list[Path] = []
        self.running: dict[Path, int] = {}
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.safety.writer"], env=of.env, cwd=of.home, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self._nursery.stdout
        return self._nursery.stdout.readline().strip()

    def start(self, most: int = 0) -> Path:
        """One more writer; returns its log. most: bytes a file may grow to."""
        log = self.folder / f"log-{len(self.logs)}"
        log.touch()
        assert self._nursery.stdin
        self._nursery.stdin.write(f"{log} {len(self.logs)} {most}\n")
        self._nursery.stdin.flush()
        self.logs.append(log)
        self.running[log] = int(self._answer())
        return log

    def wait(self, log: Path, word: str, least: int = 1) -> None:
        """Until the writer has said a word so many times."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if len(re.findall(rf"^{word}\b", log.read_text(), re.MULTILINE)) >= least:
                return
            time.sleep(0.01)
        raise AssertionError(f"{log.name} did not say {word} {least} times in two minutes")

    def kill(self, log: Path) -> None:
        """Kill a writer as a power cut would; one that ended itself is gone already."""
        with suppress(ProcessLookupError):
            os.kill(self.running.pop(log), signal.SIGKILL)

    def end(self) -> None:
        """Kill all that still run."""
        for log in list(self.running):
            self.kill(log)
        self._nursery.communicate()


def fresh_address(like: str = "template1") -> str:
    """A PostgreSQL database beside the one tests use, empty unless like another; "" with SQLite."""
    if connection.vendor != "postgresql":
        return ""
    name = f"yihu_{uuid4().hex[:12]}"
    # On a connection of its own: a test may hold a transaction open, and this runs in none.
    with psycopg.connect(os.environ["YIHU_DATABASE"], autocommit=True) as own:
        own.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return urlsplit(os.environ["YIHU_DATABASE"])._replace(path=f"/{name}").geturl()


def make(home: Path, *, sqlite: bool = False) -> Installation:
    """A small installation with households, in the database of this run or in SQLite."""
    home.mkdir(parents=True, exist_ok=True)
    made = Installation(home, "" if sqlite else fresh_address())
    done = made.run("tests.safety.prepare")
    assert done.returncode == 0, done.stderr
    return made


def again(of: Installation, home: Path) -> Installation:
    """A copy of an installation nobody uses."""
    shutil.copytree(of.home, home)
    return Installation(home, fresh_address(like=of.database) if of.address else "")


@contextmanager
def writers(of: Installation, folder: Path) -> Iterator[Writers]:
    """Writers, all killed at the end."""
    made = Writers(of, folder)
    try:
        yield made
    finally:
        made.end()


def require_nothing_lost(of: Installation, logs: list[Path]) -> int:
    """All that was acknowledged is there, nothing is half there; returns how many pairs."""
    there, pairs = of.entries(), 0
    for log in logs:
        for line in log.read_text().splitlines():
            word, *rest = line.split()
            if word not in ("try", "ack") or len(rest) != 2:
                continue
            found = [UUID(id) in there for id in rest]
            assert found[0] == found[1], f"half of a pair was written: {line}"
            assert word == "try" or all(found), f"acknowledged and lost: {line}"
            pairs += word == "ack"
    said = of.audit()
    assert said["whole"], said
    return pairs
