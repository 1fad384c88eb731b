"""`yihu demo`: make the demo county."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import click

from yihu.commands import installation
from yihu.commands.progress import Show, progress
from yihu.commands.speaking import Spoken, SpokenGroup, option, said

WHOLE = 347_162
SEED = 1
ZH = """\
演示县：一个整县大小的合成县，人人虚构，每页标明合成。

乡镇名称是田东县（451022）公开的，村屯用中性名称；人、户、数字都是随机的，总数按公开数字
校准：2015年末建档立卡13276户52109人，各年脱贫合计12960户50990人，贫困发生率15.01%、
3.90%、2.16%、0.24%。同一种子得到同样的县。
"""
EN = """\
The demo county: a synthetic county of a real one's size; nobody in it is real, and every page says
so.

Names of townships are the public ones of Tiandong (451022), villages are neutral; people,
households and figures are drawn by chance, with totals held to published figures: 13,276
households and 52,109 people registered at the end of 2015, exits of 12,960 and 50,990, rates of
15.01, 3.90, 2.16 and 0.24 %. The same seed makes the same county.
"""
MAKE_ZH = """\
在 YIHU_HOME 里造演示县，中途停止后再次运行会接着做完；已造好的不会再造。

例：
  yihu demo make --people 3000     几秒钟，供试用
  yihu demo make                   整县
"""
MAKE_EN = """\
Make the demo county in YIHU_HOME. Stopped half-way, the next run goes on from there; what is made
is not made again.

Examples:
  yihu demo make --people 3000     seconds, to try
  yihu demo make                   the whole county
"""


class Person(NamedTuple):
    """One of the demo people, as told to whoever starts the demo."""

    name: str
    password: str
    zh: str
    en: str


@click.group("demo", cls=SpokenGroup, zh=ZH, en=EN)
def command() -> None:
    """Gather the commands of the demo county."""


@command.command("make", cls=Spoken, zh=MAKE_ZH, en=MAKE_EN)
@option(
    "--people", zh="人数；347162 人为整县", en="how many people; 347162 are a whole county",
    type=click.IntRange(300, WHOLE), default=WHOLE, show_default=True,
)  # fmt: skip
@option(
    "--seed", zh="种子", en="seed of chance", type=click.IntRange(min=0), default=SEED,
    show_default=True,
)  # fmt: skip
def make_command(people: int, seed: int) -> None:
    """Make it and say the demo people's passwords."""
    installation.mark(installation.home())
    installation.ready()
    installation.migrate()
    make(people=people, seed=seed)
    say_people()


def make(*, people: int | None = None, seed: int = SEED) -> None:
    """Make the demo county in the installation in use, with a progress bar; ready() went before."""
    from yihu.demo import making  # noqa: PLC0415  needs the tables
    from yihu.loop import this_moment  # noqa: PLC0415  as above
    from yihu.web.statistics import count_ahead  # noqa: PLC0415  as above

    folder = installation.home()
    if making.is_made(folder):
        click.echo(said("演示县已经造好。", "The demo county stands already."))
        return
    began = time.monotonic()
    try:
        with ExitStack() as stack:
            made = making.make(
                folder=folder, seed=seed, people=people or WHOLE, progress=_steps(stack)
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            said(
                "已中断。已造好的部分都保留着，再次运行同一命令会接着做完。",
                "Stopped. What is made is kept; the same command goes on from there.",
            )
        ) from None
    count_ahead(this_moment().today)
    seconds = time.monotonic() - began
    click.echo(
        said(
            f"演示县（合成，人人虚构）：{made.households:,} 户、{made.people:,} 人、"
            f"{made.entries:,} 条户册记录，用时 {seconds:.0f} 秒。",
            f"The demo county (synthetic, nobody is real): {made.households:,} households, "
            f"{made.people:,} people, {made.entries:,} entries, in {seconds:.0f} s.",
        )
    )


def _steps(stack: ExitStack) -> Callable[[tuple[str, str], int, int], None]:
    """One bar after another: a new one for each thing that is done."""
    now: list[tuple[tuple[str, str], Show, ExitStack]] = []

    def show(what: tuple[str, str], done: int, of: int) -> None:
        if not now or now[-1][0] != what:
            if now:
                now.pop()[2].close()
            inner = stack.enter_context(ExitStack())
            now.append((what, inner.enter_context(progress(said(*what))), inner))
        now[-1][1](done, of)

    return show


def people_of(folder: Path) -> list[Person]:
    """The demo people of an installation, with their passwords; none where there is no demo."""
    from yihu.demo import staff  # noqa: PLC0415  needs the tables

    kept = staff.kept_people(folder)
    return [
        Person(who.name.lower(), kept[who.name], who.zh, who.en)
        for who in staff.PEOPLE
        if who.name in kept
    ]


def say_people() -> None:
    """Say loudly who can sign in, and that this is for the demo only."""
    line = "─" * 64
    click.echo(line)
    click.echo(
        said(
            "  演示数据：县、人、户全部虚构。以下账号只在演示中存在，切勿用于真实工作。",
            "  Demo data: nobody here is real. These accounts exist in the demo only; never use "
            "them for real work.",
        )
    )
    for who in people_of(installation.home()):
        click.echo(f"    {who.name:<8}{who.password:<18}{said(who.zh, who.en)}")
    click.echo(line)
