"""`yihu run`: the desk with its demo county, on this machine, for looking and trying."""

from __future__ import annotations

from pathlib import Path

import click

from yihu.commands import demo, installation
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import option, said
from yihu.problems import Problem

ZH = """\
在本机打开工作台 http://127.0.0.1:8000。第一次运行会造好合成的演示县和演示人员（人人虚构，每页
都标明合成），以后几秒钟就能打开。

演示县放在 YIHU_HOME（默认 ./yihu-data）。里面已有本单位真实数据的文件夹不会被用作演示：
那样的工作台用 yihu serve 启动。

例：
  yihu run
  yihu run --port 8080
"""
EN = """\
Open the desk on this machine, http://127.0.0.1:8000. The first time, a synthetic county and its
demo people are made (nobody is real, and every page says so); later it opens in seconds.

The demo lies in YIHU_HOME (./yihu-data unless given). A folder with an installation of your own is
never used for it: that desk is started with yihu serve.

Examples:
  yihu run
  yihu run --port 8080
"""


@spoken("run", zh=ZH, en=EN)
@option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, metavar="N",
    zh="端口", en="port",
)  # fmt: skip
@option(
    "--workers", type=click.IntRange(1, 64), metavar="N",
    zh="进程数（默认与处理器核数相同）", en="processes; as many as cores unless given",
)  # fmt: skip
@option("--people", type=click.IntRange(300), metavar="N",
        zh="演示县的人数（默认整县）；只在第一次造县时有用",
        en="people of the demo county (a whole county unless given); for the first time only",
)  # fmt: skip
def command(port: int, workers: int | None, people: int | None) -> None:
    """Make the demo county if there is none, say how to sign in, and serve."""
    installation.require_free("127.0.0.1", port)
    folder = installation.home()
    new = installation.mark(folder)
    installation.ready(serving=True)
    installation.migrate()
    if new:
        _require_nobody(folder)
    _make_county(people)
    installation.collect()
    _say_welcome(port)
    installation.serve(host="127.0.0.1", port=port, workers=workers or installation.cores())


def _require_nobody(folder: Path) -> None:
    """Where somebody works, no demo is made. Raises Problem (desk.not_a_demo)."""
    from yihu.access.models import Worker  # noqa: PLC0415

    if Worker.objects.exists():
        (folder / "demo.json").unlink()
        raise Problem("desk.not_a_demo", folder=folder)


def _make_county(people: int | None) -> None:
    from yihu.demo import making  # noqa: PLC0415

    if not making.is_made(installation.home()):
        demo.make(people=people)


def _say_welcome(port: int) -> None:
    click.echo("")
    click.echo(said(f"  工作台：http://127.0.0.1:{port}    （Ctrl-C 停止）",
                    f"  The desk: http://127.0.0.1:{port}    (Ctrl-C stops it)"))  # fmt: skip
    demo.say_people()
