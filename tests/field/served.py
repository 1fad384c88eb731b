"""The real desk in processes of its own: killed at will, back on its port, updated while it serves.

The program it serves from is a folder of links to this one, so that another build of the app can be
put into it as an update does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.safety.installations import ROOT, Installation

#: What a desk's books hold of phones, read by a process of its own.
BOOKS = """
from yihu.commands import installation as i; i.ready()
import json
from tests.sync.phones import faults_in
from yihu.book.files import is_whole
from yihu.book.models import Book, Entry, StoredFile
from yihu.sync.models import Arrival
sent = Entry.objects.filter(source="phone")
books = list(Book.objects.exclude(household=None).values_list("pk", flat=True))
print(json.dumps({
    "entries": [str(id) for id in sent.values_list("pk", flat=True)],
    "words": list(sent.filter(kind="visit").values_list("says__words", flat=True)),
    "photos": sorted(row for row in StoredFile.objects.values_list("sha256", flat=True)),
    "whole": all(is_whole(row) for row in StoredFile.objects.values_list("sha256", flat=True)),
    "awaited": sorted(sent.filter(kind="evidence").values_list("says__sha256", flat=True)),
    "aside": Arrival.objects.exclude(state="taken").count(),
    "faults": [str(each) for each in faults_in(*books)],
}))
"""


@dataclass
class Served:
    """An installation with families of some helpers, and the desk that serves it."""

    installation: Installation
    program: Path
    port: int
    _server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it stands, also while it is stopped."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def files(self) -> Path:
        """The build of the app it serves."""
        return self.program / "yihu" / "web" / "field_files"

    def start(self) -> None:
        """Serve, on the same port as before; returns when it answers."""
        words = ["-m", "yihu.commands", "serve", "--port", str(self.port), "--workers", "1"]
        env = self.installation.env | {"PYTHONPATH": f"{self.program}:{ROOT}"}
        with (self.installation.home / "serve.log").open("ab") as said:
            self._server = subprocess.Popen(
                [sys.executable, *words], env=env, cwd=self.installation.home, stdout=said,
                stderr=said, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as line:
                    line.request("GET", "/health")
                    line.getresponse().read()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError((self.installation.home / "serve.log").read_text()[-2000:])

    def kill(self) -> None:
        """SIGKILL to the desk and all its processes: the power is gone."""
        if self._server:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(30)
            self._server = None

    def books(self) -> dict[str, Any]:
        """What its books hold of phones."""
        found: dict[str, Any] = json.loads(self.installation.script(BOOKS).splitlines()[-1])
        return found


def linked(folder: Path) -> Path:
    """A program made of links to this one, but for the app's files, which are its own."""
    web = folder / "yihu" / "web"
    web.mkdir(parents=True)
    for source, place in ((ROOT / "yihu", folder / "yihu"), (ROOT / "yihu" / "web", web)):
        for each in source.iterdir():
            if each.name not in ("web", "field_files", "__pycache__"):
                (place / each.name).symlink_to(each)
    shutil.copytree(ROOT / "yihu" / "web" / "field_files", web / "field_files")
    return folder


def served(folder: Path, families: int, *helpers: str) -> Iterator[Served]:
    """A desk with so many families of each helper, serving; killed at the end."""
    home = folder / "home"
    home.mkdir(parents=True)
    made = Installation(home)
    done = made.run("tests.field.prepare", families, *helpers)
    assert done.returncode == 0, done.stderr
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = int(door.getsockname()[1])
    desk = Served(made, linked(folder / "program"), port)
    desk.start()
    try:
        yield desk
    finally:
        desk.kill()
