"""`yihu restore`: a backup on a new machine, whole or not at all, and audited."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from yihu.commands import audit, backup_archive, installation, moving
from yihu.commands.anchors import Asked
from yihu.commands.ending import DONE, FAILED
from yihu.commands.speaking import argument, option, said
from yihu.commands.speaking import command as spoken_command
from yihu.problems import Problem

ZH = """\
在新机器（或空的数据文件夹）上恢复 yihu backup 的备份，并核查每一册。

已有户册的地方不会被覆盖。密钥用 --keys 给出；以后放回也可以，在此之前号码读不出来。
备份若来自 PostgreSQL，YIHU_DATABASE 要指向一个空的 PostgreSQL 数据库。来自 SQLite 的备份也可以
恢复到空的 PostgreSQL 数据库：从 SQLite 换到 PostgreSQL 就这样做。

例：
  yihu restore 2020-10-17.zip --keys /media/usb/keys.json
"""
EN = """\
Restore a backup on a new machine or in an empty data folder, and audit every book.

Where there are books already, nothing is overwritten. Give the keys with --keys; they may be put
back later, but until then no number can be read. For a backup of PostgreSQL, YIHU_DATABASE names
an empty PostgreSQL database. A backup of SQLite can be restored into an empty PostgreSQL database
too: that is how a county moves from one to the other.

Example:
  yihu restore 2020-10-17.zip --keys /media/usb/keys.json
"""


@spoken_command("restore", zh=ZH, en=EN)
@argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
          zh="备份文件", en="the backup")  # fmt: skip
@option("--keys", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
        zh="密钥文件", en="the file of the keys")  # fmt: skip
def command(path: Path, keys: Path | None) -> int:
    """Put everything in place and audit it."""
    installation.ready()
    from django.conf import settings  # noqa: PLC0415

    from yihu.book.actions import open_batch  # noqa: PLC0415
    from yihu.card.audit import audit_all  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    if keys is not None:
        _require_keys_fit(keys, settings.KEYS)
    with backup_archive.reading(path) as (archive, manifest):
        asked = _anchor_of(path, manifest)
        _restore(archive, manifest)
    if keys is not None and not settings.KEYS.exists():
        _put_keys(keys, settings.KEYS)
    installation.migrate()
    made_at = manifest["made_at"]
    open_batch(what="restore", name=path.name, by=None, at=this_moment().now, made_at=made_at)
    click.echo(
        said(f"已恢复 {made_at} 的备份，正在核查。", f"Restored what was on {made_at}. Audit:")
    )
    began = time.monotonic()
    found = audit_all(processes=installation.cores())
    audit.lay_beside(found, asked)
    audit.tell(found, seconds=time.monotonic() - began, as_json=False, asked=asked)
    return FAILED if found.count else DONE


def _anchor_of(path: Path, manifest: Mapping[str, Any]) -> Asked:
    """The anchor a backup carries; those of before there were anchors carry none.

    Raises  Problem: backup.damaged
    """
    from yihu.book import anchor  # noqa: PLC0415

    head = manifest.get("anchor")
    if head is None:
        return Asked()
    try:
        found = anchor.read(path)
    except Problem as wrong:
        raise Problem("backup.damaged", name=anchor.NAME) from wrong
    if asdict(found.head) != head:
        raise Problem("backup.damaged", name=anchor.NAME)
    return Asked(found)


def _require_keys_fit(keys: Path, target: Path) -> None:
    if target.exists() and target.read_bytes() != keys.read_bytes():
        raise Problem("backup.other_keys", path=target)


def _put_keys(keys: Path, target: Path) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, keys.open("rb") as source:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def _restore(archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
    """Take all out beside its place first; only when every sum is right is anything moved."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection, connections  # noqa: PLC0415

    moves = (manifest["database"], connection.vendor) == ("sqlite", "postgresql")
    if manifest["database"] != connection.vendor and not moves:
        raise Problem("backup.other_database", found=manifest["database"], here=connection.vendor)
    _require_empty(moves=moves)
    connections.close_all()
    home = Path(settings.HOME)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
        rough = Path(folder)
        for name in manifest["members"]:
            _require_plain(name)
            backup_archive.take_out(archive, manifest, name, rough / name)
        _put_files(rough / "files", Path(settings.FILES))
        if moves:
            _move(rough / backup_archive.SQLITE)
        elif connection.vendor == "sqlite":
            database = Path(settings.DATABASES["default"]["NAME"])
            for beside in ("-wal", "-shm"):
                database.with_name(database.name + beside).unlink(missing_ok=True)
            (rough / backup_archive.SQLITE).rename(database)
        else:
            backup_archive.load_postgresql(
                connection.settings_dict, rough / backup_archive.POSTGRESQL
            )


def _move(copy: Path) -> None:
    """Fill an empty PostgreSQL database from a copy of SQLite."""
    named = copy.parent / "moving" / "yihu.sqlite3"
    named.parent.mkdir()
    copy.rename(named)
    moving.bring_up_to_date(named)
    installation.migrate()
    moving.fill(named)


def _require_plain(name: str) -> None:
    """An archive from elsewhere must not write outside the folder."""
    from yihu.book import anchor  # noqa: PLC0415

    parts = name.split("/")
    plain = name in (backup_archive.SQLITE, backup_archive.POSTGRESQL, anchor.NAME) or (
        len(parts) == 3 and parts[0] == "files" and len(parts[1]) == 2 and parts[1:] == [
            part for part in parts[1:] if part and set(part) <= set("0123456789abcdef")
        ]
    )  # fmt: skip
    if not plain:
        raise Problem("backup.damaged", name=name)


def _require_empty(*, moves: bool) -> None:
    """moves: tables without a book or an account may be there, left by a move that came to nothing

    Raises  Problem: backup.not_empty
    """
    from django.db import connection  # noqa: PLC0415

    from yihu.access.models import Worker  # noqa: PLC0415
    from yihu.book.models import Book  # noqa: PLC0415

    tables = set(connection.introspection.table_names())
    kept = (Book, Worker) if moves else (Book,)
    if any(of._meta.db_table in tables and of.objects.exists() for of in kept):
        raise Problem("backup.not_empty")
    if connection.vendor != "sqlite" and tables and not moves:
        raise Problem("backup.not_empty")


def _put_files(source: Path, target: Path) -> None:
    for file in sorted(source.rglob("*")) if source.exists() else ():
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
