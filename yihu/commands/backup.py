"""`yihu backup`: everything in one file, while the desk goes on."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yihu import __version__
from yihu.commands import anchors, backup_archive, installation
from yihu.commands.backup_archive import Writing
from yihu.commands.ending import DONE, FAILED
from yihu.commands.speaking import argument, option, said
from yihu.commands.speaking import command as spoken_command
from yihu.problems import Problem

if TYPE_CHECKING:
    from yihu.book.anchor import Head, Kept
    from yihu.book.audit import Fault

ZH = """\
把数据库和全部附件备份成一个文件，工作台不必停。

备份里带一份存证（每一册的末条编号和校验值），恢复时核对；根值印出来，可以抄下交另一单位保存。

密钥不在备份里；没有密钥，备份中的证件号码、电话和卡号读不出来。请用 --with-keys 把密钥另存到
别处，不要与备份放在一起。恢复：yihu restore 文件

例：
  yihu backup 2020-10-17.zip
  yihu backup 2020-10-17.zip --with-keys /media/usb/keys.json
"""
EN = """\
Back up the database and all files of evidence into one file, while the desk goes on.

It carries an anchor – the last number and hash of each book – that a restore compares; its root
is printed and may be given to another office to keep.

Keys are not in it; without them identity numbers, phones and accounts in the backup cannot be
read. Write them elsewhere with --with-keys, not beside the backup. To restore: yihu restore FILE

Examples:
  yihu backup 2020-10-17.zip
  yihu backup 2020-10-17.zip --with-keys /media/usb/keys.json
"""


@spoken_command("backup", zh=ZH, en=EN)
@argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
          zh="备份文件（.zip），不能已存在", en="the file to make; must not exist")  # fmt: skip
@option("--with-keys", "keys", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        zh="把密钥另存到此文件", en="write the keys to this file too")  # fmt: skip
def command(path: Path, keys: Path | None) -> int:
    """Write the archive, and the keys if asked."""
    installation.ready()
    for each in (path, *((keys,) if keys else ())):
        if each.exists():
            raise Problem("backup.exists", path=each)
    began = time.monotonic()
    made = make(path)
    if keys is not None:
        _write_keys(keys)
    size = path.stat().st_size / 2**20
    seconds = time.monotonic() - began
    click.echo(
        said(
            f"已备份到 {path}（{size:.1f} MB，{seconds:.1f} 秒）。",
            f"Backed up to {path} ({size:.1f} MB, {seconds:.1f} s).",
        )
    )
    if made.head is not None:
        click.echo(said("存证：", "Anchor: ") + anchors.about(made.head))
    else:
        anchors.tell_not_followed(made.before, made.faults)
    for sha256 in made.changed:
        click.echo(
            said(
                f"附件 {sha256[:12]}… 的内容已被改动，按现状备份。请运行 yihu audit。",
                f"The file {sha256[:12]}… was changed and is backed up as it is. Run yihu audit.",
            )
        )
    return FAILED if made.changed or made.head is None else DONE


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made.

    changed  the files of evidence that are not what was kept
    head     of its anchor; None where the books are not what the anchor before knew
    """

    changed: list[str]
    head: Head | None
    before: Kept | None
    faults: list[Fault]


def make(path: Path) -> Made:
    """Write the archive."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from yihu.book import anchor  # noqa: PLC0415
    from yihu.book.actions import open_batch  # noqa: PLC0415
    from yihu.book.files import all_kept, path_of  # noqa: PLC0415
    from yihu.card.anchoring import follow  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    # Written before the copy is made, so that the copy says of itself what it is.
    at = this_moment()
    open_batch(what="backup", name=path.name, by=None, at=at.now)
    # Before the copy too: it then has every entry the anchor knows.
    followed = follow(day=at.today, now=at.now)
    database = settings.DATABASES["default"]
    is_sqlite = connection.vendor == "sqlite"
    with (
        tempfile.TemporaryDirectory(dir=path.resolve().parent, prefix=".backup-") as folder,
        backup_archive.writing(path) as archive,
    ):
        copy = Path(folder) / "copy"
        if is_sqlite:
            backup_archive.copy_sqlite(Path(database["NAME"]), copy)
        else:
            backup_archive.dump_postgresql(connection.settings_dict, copy)
        name = backup_archive.SQLITE if is_sqlite else backup_archive.POSTGRESQL
        archive.add(name, copy, squeeze=True)
        copy.unlink()
        if followed.anchor is not None:
            anchor.write(followed.anchor, Path(folder) / anchor.NAME)
            archive.add(anchor.NAME, Path(folder) / anchor.NAME, squeeze=False)
        # After the database: a file is kept before an entry names it, so none can be missing.
        changed = [
            sha256 for sha256 in all_kept() if _add(archive, sha256, path_of(sha256)) != sha256
        ]
        head = followed.anchor.head if followed.anchor else None
        archive.finish(_about(connection.vendor, at.now.isoformat(), head))
    return Made(changed, head, followed.before, followed.faults)


def _add(archive: Writing, sha256: str, path: Path) -> str:
    return archive.add(f"files/{sha256[:2]}/{sha256[2:]}", path, squeeze=False)


def _about(vendor: str, made_at: str, head: Head | None) -> dict[str, Any]:
    from yihu.book.models import Book, Entry  # noqa: PLC0415

    return {
        "yihu": __version__,
        "made_at": made_at,
        "database": vendor,
        "anchor": asdict(head) if head else None,
        # By the time of writing there may be more than in the copy: said as about, not as proof.
        "about": {"books": Book.objects.count(), "entries": Entry.objects.count()},
    }


def _write_keys(target: Path) -> None:
    from django.conf import settings  # noqa: PLC0415

    from yihu.book import dictionary  # noqa: PLC0415

    dictionary.keys()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, settings.KEYS.open("rb") as source:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    click.echo(said(f"密钥已另存到 {target}。", f"The keys are in {target}."))
