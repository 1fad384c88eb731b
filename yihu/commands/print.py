"""`yihu print`: cards and handbooks of a whole place, fifty households a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from yihu.commands import installation
from yihu.commands.progress import progress
from yihu.commands.speaking import Spoken, argument, option, said
from yihu.commands.whole_file import whole_file
from yihu.problems import Problem

if TYPE_CHECKING:
    from yihu.access.scope import Scope

ZH = """\
批量打印帮扶联系卡或帮扶手册（PDF，A4）：每村分开，每份文件最多五十户。

以某人的名义打印：只含他范围内的户，每一户都记入查阅日志。号码默认遮盖；--whole 不遮盖，须有
权限并写明理由。二维码指向 --site 的户页面，没有权限的人打不开。

例：
  yihu print 451022100201 --by mei --out 卡
  yihu print 451022100 --by bo --kind handbook --site https://desk.example.cn --out 手册
"""
EN = """\
Print cards or handbooks of a place (PDF, A4): each village by itself, fifty households a file.

It is done in the name of somebody: only households he reaches, each of them logged. Numbers are
masked; --whole gives them in full, to those who may, for a reason. The code on the paper leads to
the household's page below --site and opens for nobody without the right to it.

Examples:
  yihu print 451022100201 --by mei --out cards
  yihu print 451022100 --by bo --kind handbook --site https://desk.example.cn --out handbooks
"""
KINDS = {"card": "帮扶联系卡", "handbook": "帮扶手册"}


@click.command("print", cls=Spoken, zh=ZH, en=EN)
@argument("code", metavar="CODE", zh="村、乡镇或县的代码", en="code of a village, township, county")
@option("--by", "username", required=True, metavar="USERNAME", zh="以谁的名义", en="who does it")
@option("--kind", type=click.Choice(tuple(KINDS)), default="card", show_default=True,
        zh="card 联系卡，handbook 手册", en="card or handbook")  # fmt: skip
@option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), default="papers",
        show_default=True, zh="写入的文件夹", en="folder to write")  # fmt: skip
@option("--site", default="http://127.0.0.1:8000", show_default=True, metavar="URL",
        zh="工作台的地址，印在二维码里", en="address of the desk, for the code")  # fmt: skip
@option("--status", default="", metavar="STATUS", zh="只印这一登记状态的户，如 poor",
        en="only households of this status, as poor")  # fmt: skip
@option("--whole", is_flag=True, zh="号码不遮盖", en="numbers in full")
@option("--why", default="", metavar="WORDS", zh="不遮盖的理由", en="why they are in full")
def command(code: str, username: str, folder: Path, status: str, **given: Any) -> None:
    """Print the papers of a place, file after file."""
    installation.ready()
    from yihu.access.models import Worker  # noqa: PLC0415
    from yihu.access.scope import Scope  # noqa: PLC0415
    from yihu.exchange.pdf import print_papers  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    at = this_moment()
    worker = Worker.objects.filter(username=username).first()
    if worker is None:
        raise Problem("access.no_such_worker", found=username)
    scope = Scope(worker, at.today)
    scope.require("export")
    parts = list(_parts(scope, code, status))
    if not parts:
        raise Problem("exchange.form_nobody", codes=code)
    folder.mkdir(parents=True, exist_ok=True)
    missing: dict[str, None] = {}
    with progress(said("打印", "printing")) as show:
        for done, (name, ids) in enumerate(parts):
            show(done, len(parts))
            made = print_papers(ids, given["kind"], scope=scope, now=at.now, site=given["site"],
                                whole=given["whole"], why=given["why"])  # fmt: skip
            missing |= dict.fromkeys(made.missing)
            with whole_file(folder / f"{name}-{KINDS[given['kind']]}.pdf") as beside:
                beside.write_bytes(made.pdf)
    homes = sum(len(ids) for _, ids in parts)
    click.echo(
        said(f"{homes:,} 户，{len(parts)} 份文件：{folder}",
             f"{homes:,} households, files: {len(parts)}, in {folder}")
    )  # fmt: skip
    if missing:
        told = said("这些字没有字体，印成了空框：", "No font has these signs: ")
        click.echo(told + " ".join(missing), err=True)


def _parts(scope: Scope, code: str, status: str) -> Iterator[tuple[str, list[UUID]]]:
    """Name of a file → its households: those of one village, in the order of their codes."""
    from yihu.card.models import Household  # noqa: PLC0415
    from yihu.exchange.pdf import AT_ONCE  # noqa: PLC0415
    from yihu.places.models import Place, within  # noqa: PLC0415

    place = scope.one(Place, code=code)
    rows = scope.of(Household, "export").filter(within(place.path, "place_path"), closed_on=None)
    if status:
        rows = rows.filter(status=status)
    found = rows.order_by("place_path", "code").values_list("place__code", "place__name", "pk")
    for (of, name), those in groupby(found, key=lambda row: row[:2]):
        ids = [pk for *_, pk in those]
        for at in range(0, len(ids), AT_ONCE):
            number = f"-{at // AT_ONCE + 1}" if len(ids) > AT_ONCE else ""
            yield f"{of}-{name}{number}", ids[at : at + AT_ONCE]
