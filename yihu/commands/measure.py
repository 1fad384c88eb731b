"""`yihu measure`: poverty and inequality over one column of a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from yihu.commands.file_options import FILE
from yihu.commands.measure_columns import Columns, labels, numbers
from yihu.commands.measure_table import table_of
from yihu.commands.speaking import argument, language, option, said
from yihu.commands.speaking import command as spoken
from yihu.commands.whole_file import require_apart, require_writable, write_text
from yihu.commands.words import Words
from yihu.measure.design import Design, survey_design
from yihu.measure.sample import Negative
from yihu.measure.summary import summary
from yihu.rulebook.refusals import Refused

ZH = """\
计算一列福利（收入、消费）的贫困与不平等指标：贫困发生比例、深度、强度、瓦茨、森、基尼、
分位数、十等份份额，可加权、分组；给出抽样设计时附标准误。

标准输出只有一份 JSON，供程序读取；给人看的表写到标准错误。--out 把同一份 JSON 写入文件。

例：
  yihu measure --welfare income --weight weight --line 3747 households.csv
  yihu measure --welfare income --weight weight --line relative --by region people.parquet
  yihu measure --welfare eqIncome --weight rb050 --negative keep \\
      --strata db040 --psu db030 eusilc.parquet --out measures.json
"""
EN = """\
Measure poverty and inequality over one column of welfare (income, consumption): headcount, gap,
severity, Watts, Sen, Gini, quantiles and decile shares; weighted, by group, and with standard
errors where the sample's design is given.

Standard output is one JSON document and nothing else, for programs; the table for people goes to
standard error. --out writes the same JSON to a file.

Examples:
  yihu measure --welfare income --weight weight --line 3747 households.csv
  yihu measure --welfare income --weight weight --line relative --by region people.parquet
  yihu measure --welfare eqIncome --weight rb050 --negative keep \\
      --strata db040 --psu db030 eusilc.parquet --out measures.json
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    file: Path
    welfare: str
    weight: str | None
    line: str
    share: float
    by: str | None
    strata: str | None
    psu: str | None
    negative: Negative
    out: Path | None
    quiet: bool

    def names(self) -> list[str]:
        """The columns to read."""
        asked = (self.welfare, self.weight, self.by, self.strata, self.psu)
        return [name for name in asked if name is not None]


class Line(click.ParamType[str]):
    """An amount above 0, or the word relative."""

    name = "line"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as it is, once it is known to be one of the two. Raises Refused."""
        try:
            good = value == "relative" or 0 < float(value) < float("inf")
        except ValueError:
            good = False
        if not good:
            raise Refused("command.bad_line", found=value)
        return str(value)


class Share(click.ParamType[float]):
    """A number above 0 and not above 1."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number. Raises Refused (command.bad_share)."""
        try:
            found = float(value)
        except ValueError:
            found = -1.0
        if not 0 < found <= 1:
            raise Refused("command.bad_share", found=value)
        return found


@spoken("measure", zh=ZH, en=EN)
@argument(
    "file",
    type=FILE,
    zh="Parquet、Arrow、CSV 或 xlsx 文件，一行一个人或一户",
    en="a Parquet, Arrow, CSV or xlsx file, a row for each person or household",
)
@option(
    "--welfare",
    required=True,
    metavar="COL",
    zh="福利所在的列；空白不计",
    en="column of welfare; rows where it is blank are left out",
)
@option("--weight", metavar="COL", zh="权数所在的列", en="column of weights")
@option(
    "--line",
    type=Line(),
    default="relative",
    show_default=True,
    metavar="X|relative",
    zh="贫困线：与福利同单位的数额；relative 为加权中位数的 --share",
    en="an amount in the unit of welfare; relative: --share of the weighted median",
)
@option(
    "--share",
    type=Share(),
    default=0.6,
    show_default=True,
    metavar="P",
    zh="相对线占中位数的比例",
    en="share of the median for a relative line",
)
@option("--by", metavar="COL", zh="按这一列分组，线不变", en="groups, all at the same line")
@option("--strata", metavar="COL", zh="抽样分层所在的列", en="column of the sample's strata")
@option("--psu", metavar="COL", zh="初级抽样单位所在的列", en="column of primary sampling units")
@option(
    "--negative",
    type=Words(("drop", "keep", "refuse")),
    default="drop",
    show_default=True,
    metavar="drop|keep|refuse",
    zh="负的福利：不计、保留或拒绝",
    en="negative welfare: leave out, keep, refuse",
)
@option(
    "--out",
    type=FILE,
    metavar="FILE",
    zh="JSON 另写入此文件",
    en="write the JSON here too",
)
@option("--quiet", is_flag=True, zh="不显示表", en="show no table")
def command(**asked: Any) -> None:
    """Read the columns, measure, print and write."""
    _measure(Asked(**asked))


def _measure(asked: Asked) -> None:
    if asked.out is not None:
        require_writable(asked.out)
        require_apart(asked.out, [asked.file])
    found = _measured(asked, Columns(asked.file, asked.names()))
    head = {"file": asked.file.name, "welfare": asked.welfare, "weight": asked.weight}
    # NaN is no JSON; what is not defined is null and named under not_defined.
    text = json.dumps({**head, **found}, ensure_ascii=False, indent=2, allow_nan=False)
    if asked.out is not None:
        write_text(asked.out, text + "\n")
    if not asked.quiet:
        click.echo(table_of(found, language()), err=True)
    if asked.out is not None and not asked.quiet:
        click.echo(said(f"已写入 {asked.out}", f"Written: {asked.out}"), err=True)
    click.echo(text)


def _measured(asked: Asked, columns: Columns) -> dict[str, Any]:
    x = numbers(columns, asked.welfare)
    w = None if asked.weight is None else numbers(columns, asked.weight, negative=False)
    blank = said("（空白）", "(blank)")
    group = None if asked.by is None else labels(columns, asked.by, blank=blank)
    line = None if asked.line == "relative" else float(asked.line)
    try:
        return summary(
            x,
            w,
            line,
            relative=asked.share,
            design=_design(asked, columns, w),
            group=group,
            negative=asked.negative,
        )
    except ValueError as fault:
        raise Refused("measure.not_possible", file=asked.file, why=fault) from fault


def _design(asked: Asked, columns: Columns, weight: Any) -> Design | None:
    if asked.strata is None and asked.psu is None:
        return None
    return survey_design(
        weight=weight,
        strata=None if asked.strata is None else labels(columns, asked.strata),
        cluster=None if asked.psu is None else labels(columns, asked.psu),
        rows=len(columns.rows),
    )
