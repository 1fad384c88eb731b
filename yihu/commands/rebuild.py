"""`yihu rebuild`: every card and every gap made anew from the books."""

from __future__ import annotations

import time

import click

from yihu.commands import installation
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken_command
from yihu.commands.speaking import option, said

ZH = """\
从册重建全部卡和台账。册不改动；卡和台账丢了、坏了，或程序升级后，用它恢复。

例：
  yihu rebuild
"""
EN = """\
Build every card and the ledger anew from the books. Books are not touched; for cards that were
lost or damaged, and after a new version of yihu.

Example:
  yihu rebuild
"""


@spoken_command("rebuild", zh=ZH, en=EN)
@option("--processes", type=click.IntRange(0), metavar="N", zh="同时运行的进程数（默认每核一个）",
        en="processes at once; one a core unless given")  # fmt: skip
def command(processes: int | None) -> None:
    """Build cards and gaps anew."""
    installation.ready()
    from yihu.card.bulk import rebuild_all  # noqa: PLC0415
    from yihu.check.remembered import forget  # noqa: PLC0415
    from yihu.ledger import rows  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    began = time.monotonic()
    with progress(said("重建卡", "Cards")) as show:
        count = rebuild_all(now=this_moment().now, processes=processes, progress=show)
    forget()
    cards = time.monotonic() - began
    gaps = rows.rebuild()
    seconds = time.monotonic() - began
    click.echo(
        said(
            f"已重建 {count:,} 户的卡（{cards:.1f} 秒）和 {gaps:,} 个问题（共 {seconds:.1f} 秒）。",
            f"{count:,} cards in {cards:.1f} s and {gaps:,} gaps, {seconds:.1f} s in all.",
        )
    )
