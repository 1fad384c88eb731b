"""`yihu imports`: take in a sheet from the machine itself, and do the work the desk has begun."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from yihu.commands import installation
from yihu.commands.ending import DONE, FAILED
from yihu.commands.speaking import Spoken, SpokenGroup, argument, language, option, said
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused

ZH = """\
导入表格和表单提交：先试算，看清会写入什么，再写入。

例：
  yihu imports sheet 人口.xlsx --by chen            只试算
  yihu imports sheet 人口.xlsx --by chen --write    试算并写入
  yihu imports form 提交.json --by chen --attachments 照片/    Kobo、ODK 的表单提交
"""
EN = """\
Take in sheets and forms' submissions: a dry run first, which says what would be written, then the
writing.

Examples:
  yihu imports sheet people.xlsx --by chen            dry run only
  yihu imports sheet people.xlsx --by chen --write    dry run, and write
  yihu imports form sent.json --by chen --attachments photos/    submissions of Kobo or ODK
"""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("imports", cls=SpokenGroup, zh=ZH, en=EN)
def command() -> None:
    """Take in sheets."""


@command.command("sheet", cls=Spoken, zh="试算一个表格；加 --write 写入。",
                 en="Dry-run a sheet; with --write, write it.")  # fmt: skip
@argument("file", type=FILE, metavar="FILE", zh="表格文件", en="the sheet")
@option("--by", "username", required=True, metavar="USERNAME", zh="以谁的名义", en="who does it")
@option("--seen-on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY",
        zh="数据的日期（默认今天）", en="the day the data is of; today unless given")  # fmt: skip
@option("--opens", is_flag=True, zh="册里没有的户和人，新建",
        en="open households and people the books lack")  # fmt: skip
@option("--write", is_flag=True, zh="试算后写入", en="write after the dry run")
def sheet(file: Path, username: str, seen_on: datetime | None, *, opens: bool, write: bool) -> int:
    """Take in one sheet as somebody who may; 1 where nothing of it could be written."""
    return _take_in(file, username, seen_on, opens=opens, write=write)


@command.command("form", cls=Spoken, zh="试算 Kobo、ODK 的表单提交；加 --write 写入。",
                 en="Dry-run submissions of Kobo or ODK; with --write, write them.")  # fmt: skip
@argument("file", type=FILE, metavar="FILE", zh="提交：json、csv、xml 或 zip",
          en="the submissions: json, csv, xml or a zip")  # fmt: skip
@option("--by", "username", required=True, metavar="USERNAME", zh="以谁的名义", en="who does it")
@option("--attachments", type=click.Path(exists=True, path_type=Path), metavar="PATH",
        zh="附件所在的文件夹或 zip", en="folder or zip of the attachments")  # fmt: skip
@option("--seen-on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY",
        zh="没有日期的提交算哪一天（默认今天）",
        en="the day of submissions that name none; today unless given")  # fmt: skip
@option("--opens", is_flag=True, zh="册里没有的家庭成员，新建",
        en="add members the books lack")  # fmt: skip
@option("--write", is_flag=True, zh="试算后写入", en="write after the dry run")
def form(
    file: Path, username: str, attachments: Path | None, seen_on: datetime | None, *,
    opens: bool, write: bool,
) -> int:  # fmt: skip
    """Take in submissions as somebody who may; 1 where nothing of them could be written."""
    if attachments is None or attachments.is_file():
        beside = (attachments.name, _pieces(attachments)) if attachments else None
        return _take_in(file, username, seen_on, opens=opens, write=write, beside=beside)
    installation.ready()
    from yihu.exchange.submissions_files import zipped  # noqa: PLC0415

    with zipped(attachments) as pieces:
        return _take_in(file, username, seen_on, opens=opens, write=write, beside=("a.zip", pieces))


def _take_in(
    file: Path, username: str, seen_on: datetime | None, *, opens: bool, write: bool,
    beside: tuple[str, Iterator[bytes]] | None = None,
) -> int:  # fmt: skip
    installation.ready()
    from yihu.access.models import Worker  # noqa: PLC0415
    from yihu.access.scope import Scope  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415
    from yihu.web import import_work  # noqa: PLC0415

    at = this_moment()
    worker = Worker.objects.filter(username=username).first()
    if worker is None:
        raise Problem("access.no_such_worker", found=username)
    scope = Scope(worker, at.today)
    scope.require("import")
    place = scope.top()
    if place is None:
        raise Problem("access.not_yours")
    upload = import_work.receive(
        file.name, _pieces(file), by=worker, place=place, at=at,
        seen_on=seen_on.date() if seen_on else at.today, opens=opens and scope.may("write"),
        beside=beside,
    )  # fmt: skip
    for what in ("read", "write") if write else ("read",):
        import_work.begin(upload, what, at=at, here=True)
        upload.refresh_from_db()
    _say(upload)
    lost = write and not upload.counts.get("entries") and upload.counts.get("refused")
    return FAILED if lost else DONE


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(1 << 20):
            yield piece


def _say(upload: Any) -> None:
    counts = upload.counts
    names = (
        ("rows", "读到的行", "rows"), ("new", "新建", "new"), ("changed", "变更", "changed"),
        ("unchanged", "不变", "unchanged"), ("refused", "退回", "refused"),
        ("visits", "走访", "visits"), ("attached", "附件", "attachments"),
        ("awaited", "待收的附件", "attachments awaited"),
    )  # fmt: skip
    for key, zh, en in names[: len(names) if "form" in upload.wishes else 5]:
        click.echo(f"{said(zh, en)}: {counts.get(key, 0)}")
    if not counts.get("rows"):
        click.echo(said("表头下面没有数据行。", "There are no rows below the headings."))
    for row in upload.samples.get("refused", [])[:10]:
        click.echo(f"  {said('第', 'row')} {row['row']} {said('行', '')} {row[language()]}")
    written = upload.counts.get("entries", 0)
    if upload.state == "written" and written:
        click.echo(said("已写入。", "Written."))
    elif upload.state == "written":
        click.echo(said("没有可写入的内容，户册没有变动。",
                        "There was nothing to write; the books are as they were."))  # fmt: skip


@command.command("duplicates", cls=Spoken, zh="查找重复人员，放进待认定的清单。",
                 en="Look for people who stand twice, for somebody to decide.")  # fmt: skip
@argument("username", metavar="USERNAME", zh="在谁的范围内", en="within whose reach")
@click.option("--search", type=int, hidden=True)
def duplicates(username: str, search: int | None) -> None:
    """Look for duplicates within the reach of a worker. search: the one a page has begun."""
    installation.ready()
    from yihu.access.models import Worker  # noqa: PLC0415
    from yihu.access.scope import Scope  # noqa: PLC0415
    from yihu.exchange import searching  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    worker = Worker.objects.filter(username=username).first()
    if worker is None:
        raise Problem("access.no_such_worker", found=username)
    at = this_moment()
    begun = searching.begun(worker, search, at.now)
    n = searching.look(begun, Scope(worker, at.today), clock=lambda: this_moment().now)
    click.echo(said(f"新找到 {n} 对。", f"{n} new pairs were found."))


@command.command("work", cls=Spoken, zh="完成网页上开始的处理（由工作台自己调用）。",
                 en="Do work the desk has begun; called by the desk itself.")  # fmt: skip
@argument("id", type=click.UUID, metavar="ID", zh="上传的编号", en="id of the upload")
@argument("what", type=click.Choice(["read", "write", "undo", "withdraw"]),
          metavar="WHAT", zh="read、write、undo 或 withdraw",
          en="read, write, undo or withdraw")  # fmt: skip
def work(id: UUID, what: str) -> None:
    """Do the work; how it ended stands with the upload."""
    installation.ready()
    from yihu.exchange.work import uploaded  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415
    from yihu.web import import_work  # noqa: PLC0415

    with contextlib.suppress(Refused):
        import_work.do(uploaded(id), what, at=this_moment())
