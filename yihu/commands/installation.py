"""An installation: its folder and database made ready, and the desk served from it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from yihu.commands.speaking import said
from yihu.problems import Problem

#: In the demo county it is this day: after the census, before the last villages leave.
TODAY = "2020-10-17"


def home(folder: Path | None = None) -> Path:
    """The data folder: as asked, else YIHU_HOME, else ./yihu-data. Said to all that follows."""
    if folder is not None:
        os.environ["YIHU_HOME"] = str(folder)
    return Path(os.environ.get("YIHU_HOME", "yihu-data")).resolve()


def mark(folder: Path) -> bool:
    """Name the folder a demo with demo.json; False where it is one already."""
    name = folder / "demo.json"
    if name.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    name.write_text(json.dumps({"today": TODAY}), encoding="utf-8")
    return True


def ready(*, serving: bool = False) -> None:
    """Load the tables, so that a command can read and write them.

    What they write from now on is the owner's only: data of people lies in it.

    serving  the processes that come from this one find what `collect` lays out
    """
    os.umask(0o077)
    import django  # noqa: PLC0415  only commands of the desk wait for it

    if serving:
        os.environ["YIHU_COLLECTED"] = "1"

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
    django.setup()


def migrate() -> None:
    """Bring the database to the tables of this version; nothing happens where it is already.

    Raises  Problem (desk.not_utf8)
    """
    from django.core.management import call_command  # noqa: PLC0415

    _require_utf8()
    call_command("migrate", interactive=False, verbosity=0)


def _require_utf8() -> None:
    """One that keeps bytes as they come (SQL_ASCII) sorts and cuts Chinese in the middle of a sign.

    SQLite keeps UTF-8 alone.
    """
    from django.db import connection  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (found,) = cursor.fetchone()
    if found != "UTF8":
        raise Problem("desk.not_utf8", found=found)


def collect() -> None:
    """Lay stylesheets and scripts, compressed, where the server finds them; again when they change.

    gzip alone: brotli at its best takes 20 s of a first start and saves a third of 200 kB.
    """
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    folder = home() / "static"
    found = [
        f"{name} {storage.size(name)} {storage.get_modified_time(name):%Y%m%d%H%M%S}"
        for finder in get_finders()
        for name, storage in finder.list([])
    ]
    stamp, state = folder / "collected.txt", "\n".join(sorted(found))
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    folder.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    _compress(folder)
    stamp.write_text(state, encoding="utf-8")


def _compress(folder: Path) -> None:
    from whitenoise.compress import Compressor  # noqa: PLC0415

    gzip = Compressor(use_brotli=False, quiet=True)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if gzip.should_compress(path.name):
            list(gzip.compress(str(path)))


def require_free(host: str, port: int, option: str = "--port") -> None:
    """Refuse where something listens already. Raises Problem (desk.address_taken)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError as wrong:
            raise Problem(
                "desk.address_taken", address=f"{host}:{port}", why=wrong.strerror, option=option
            ) from None


def serve(
    *, host: str, port: int, workers: int, certificate: Sequence[Path] = (),
    again: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """Serve the desk until Ctrl-C, in each process as yihu/web/lanes.py says.

    certificate  files of the certificate and its key, to serve TLS without another server
    again        called on SIGHUP, before new processes take the place of the old ones
    """
    from granian.constants import Interfaces, SSLProtocols  # noqa: PLC0415
    from granian.log import LogLevels, logger  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    from yihu.web.lanes import THREADS  # noqa: PLC0415

    # Many threads are meant: see lanes.py. Right below the passwords of a demo it would frighten.
    logger.addFilter(lambda said: "Python threads" not in said.getMessage())
    cert, key = certificate or (None, None)
    server = Server(
        "yihu.wsgi:application", address=host, port=port, interface=Interfaces.WSGI,
        workers=workers, blocking_threads=THREADS, log_level=LogLevels.warning, ssl_cert=cert,
        ssl_key=key, respawn_failed_workers=True, workers_kill_timeout=3,
        # Browsers of older phones know nothing newer.
        ssl_protocol_min=SSLProtocols.tls12,
    )  # fmt: skip
    if again is not None:
        server.on_reload(again)
    server.serve()
    click.echo(said("工作台已停止。", "The desk is closed."))


def cores() -> int:
    """How many processes serve unless asked: one a core this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
