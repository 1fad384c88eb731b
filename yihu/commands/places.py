"""`yihu places`: load the list of places of an installation, and ask what a code means."""

from __future__ import annotations

from pathlib import Path

import click

from yihu.commands import installation
from yihu.commands.file_options import FILE
from yihu.commands.speaking import Spoken, SpokenGroup, argument, option, said
from yihu.commands.words import Day

ZH = """\
载入区划代码，查询地点。

名单是 CSV：一列代码（2、4、6、9、12 或 15 位），一列名称；上级由代码的前几位得出。再次载入只添加
新的，名称不同的列出而不改动。

例：
  yihu places load 区划.csv
  yihu places load 县级代码变更.csv --history
  yihu places show 452623 --on 2020-10-17
"""
EN = """\
Load the list of places, and look one up.

A list is a CSV with a column of codes (2, 4, 6, 9, 12 or 15 digits) and one of names; what lies
above follows from the first digits. Loading again adds what is new; other names are listed, not
changed.

Examples:
  yihu places load divisions.csv
  yihu places load county_history.csv --history
  yihu places show 452623 --on 2020-10-17
"""


@click.group("places", cls=SpokenGroup, zh=ZH, en=EN)
def command() -> None:
    """Load and look up places."""


@command.command("load", cls=Spoken, zh="载入区划名单。", en="Load a list of places.")
@argument("path", type=FILE, metavar="FILE", zh="CSV 文件", en="a CSV file")
@option("--history", is_flag=True, zh="文件是县级代码变更史",
        en="the file is the history of county codes")  # fmt: skip
def load(path: Path, history: bool) -> None:
    """Load places, each with an empty book of its own."""
    installation.ready()
    installation.migrate()
    from django.db import transaction  # noqa: PLC0415

    from yihu.book.actions import open_book  # noqa: PLC0415
    from yihu.places import actions, lists  # noqa: PLC0415

    if history:
        count = lists.take_history(lists.history_of(path), source=path.name)
        click.echo(said(f"已载入 {count} 个旧代码", f"{count} former codes loaded"))
        return
    with transaction.atomic():
        done = actions.load(lists.rows_of(path))
        for place in done.made:
            open_book(place=place)
    made, same = len(done.made), done.unchanged
    click.echo(said(f"新增 {made}，未变 {same}", f"{made} new, {same} unchanged"))
    for place, name in done.differing:
        click.echo(
            said(
                f"  {place.code} 现名{place.name}，名单中为{name}；未改动",
                f"  {place.code} is {place.name} here, {name} in the list; not changed",
            )
        )


@command.command("show", cls=Spoken, zh="一个代码在某日是哪里。", en="What a code means on a day.")
@argument("code", metavar="CODE", zh="代码，新旧都可", en="a code, of today or former")
@option("--on", type=Day(), metavar="DAY", zh="日期", en="the day")
def show(code: str, on: object) -> None:
    """Say which place a code means, and where it lies."""
    installation.ready()
    from datetime import date  # noqa: PLC0415

    from yihu.places import queries  # noqa: PLC0415

    day = on if isinstance(on, date) else None
    place = queries.place_for(code, day)
    now, name = queries.named_on(place, day) if day else (place.code, place.name)
    click.echo(" / ".join([*(each.name for each in queries.above(place)), f"{name} {now}"]))
