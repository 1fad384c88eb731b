"""`yihu figures`: every figure of the county, computed from its books."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import click

from yihu.commands import installation
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import language, option, said, two_columns

#: The years of the county's sentence.
FIRST, LAST = 2015, 2019
ZH = """\
算出全县的每一个数字：户数、人数、减贫、发生率、收入、致贫原因、贫困村、帮扶。

每个数字都从户册算出，并说明分子、分母。先把新增的户册记录汇总；--on 可问过去任何一天。

例：
  yihu figures
  yihu figures --on 2018-12-31
  yihu figures --json
"""
EN = """\
Compute every figure of the county: households, people, exits, incidence, incomes, causes of
poverty, poverty villages, help.

Each is computed from the books and says its numerator and denominator. New entries are summed up
first; --on asks for any day of the past.

Examples:
  yihu figures
  yihu figures --on 2018-12-31
  yihu figures --json
"""


@spoken("figures", zh=ZH, en=EN)
@option("--json", "as_json", is_flag=True, zh="按名称输出 JSON", en="print JSON by name")
@option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY",
    zh="哪一天（默认今天）", en="as of this day; today unless given",
)  # fmt: skip
def command(as_json: bool, day: datetime | None) -> None:
    """Sum up what is new, compute, print."""
    installation.ready()
    from yihu.loop import this_moment  # noqa: PLC0415  needs the tables
    from yihu.statistics import actions, indicators  # noqa: PLC0415

    at = this_moment()
    with progress(said("汇总户册", "summing up the books")) as show:
        actions.refresh(now=at.now, today=at.today, progress=show)
    on = day.date() if day else at.today
    figures = indicators.Figures(on).all()
    if as_json:
        click.echo(json.dumps(_as_json(on, figures), ensure_ascii=False, indent=2))
        return
    if f"incidence_{FIRST}" in figures and f"incidence_{LAST}" in figures:
        click.echo(said(*indicators.sentence(figures, first=FIRST, last=LAST)) + "\n")
    for line in two_columns([_row(figure) for figure in figures.values()]):
        click.echo(line)


def _as_json(on: date, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "figures": {name: figure.as_json() for name, figure in figures.items()},
    }


def _row(figure: Any) -> tuple[str, str]:
    zh = language() == "zh"
    label = figure.zh if zh else figure.en
    value = "—" if figure.value is None else f"{figure.value:,} {figure.unit}"
    of = f"（{figure.numerator:,} / {figure.denominator:,}）" if figure.denominator else ""
    return label, value + (of if zh else of.replace("（", " (").replace("）", ")"))
