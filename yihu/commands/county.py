"""`yihu county`: write synthetic registers."""

from __future__ import annotations

import time
from pathlib import Path

import click

from yihu.commands.progress import progress
from yihu.commands.speaking import Spoken, option, said
from yihu.synthetic import county
from yihu.synthetic.words import HEADINGS
from yihu.synthetic.writing import FORMS

ZH = """\
造一个合成县：任意规模的登记表，人人虚构，每行标明合成。

乡镇、村的名称和代码是田东县（451022）公开的；人、户、数字都是随机的，总数按公开数字
校准。身份证号以 99 开头（没有这样的省），电话以 154 开头（没有这样的号段）。表里按已知的
比例留有空格、错号、矛盾，如同真的登记表。同一种子、人数、年份和格式，得到逐字节相同的文件。

例：
  yihu county --seed 1 --people 2000 --out demo
  yihu county --seed 1 --people 1000000 --out county --form csv
  yihu county --seed 7 --people 500 --out bad --with broken
  yihu check --rulebook guangxi --on 2019-12-31 --households demo/households.parquet \\
      --persons demo/persons.parquet --places demo/villages.parquet \\
      --places demo/counties.parquet --missing unknown --out answers.parquet
"""
EN = """\
Make a synthetic county: registers of any size about people who do not exist.

Names and codes of townships and villages are the public ones of Tiandong (451022); people,
households and figures are drawn by chance, with totals held to published figures, and every
row says so. Identity numbers begin with 99 (no province), telephones with 154 (no operator).
Cells are blank, wrong or contradictory at known rates, as in real registers. The same seed,
people, year and form give the same bytes.

Examples:
  yihu county --seed 1 --people 2000 --out demo
  yihu county --seed 1 --people 1000000 --out county --form csv
  yihu county --seed 7 --people 500 --out bad --with broken
  yihu check --rulebook guangxi --on 2019-12-31 --households demo/households.parquet \\
      --persons demo/persons.parquet --places demo/villages.parquet \\
      --places demo/counties.parquet --missing unknown --out answers.parquet
"""


@click.command("county", cls=Spoken, zh=ZH, en=EN)
@option(
    "--seed", zh="种子", en="seed of chance", type=click.IntRange(min=0), default=1,
    show_default=True,
)  # fmt: skip
@option(
    "--people", zh="总人数；347162 人为一个整县", en="how many people; 347162 are a whole county",
    type=int, required=True,
)  # fmt: skip
@option(
    "--out", "folder", zh="写入的文件夹", en="folder to write",
    type=click.Path(path_type=Path), default="county", show_default=True,
)  # fmt: skip
@option(
    "--form", zh="格式：parquet、csv 或 xlsx", en="form of the files: parquet, csv or xlsx",
    type=click.Choice(FORMS), default="parquet", show_default=True,
)  # fmt: skip
@option(
    "--year", zh="哪一年年末的状态", en="the state at the end of this year",
    type=int, default=2019, show_default=True,
)  # fmt: skip
@option(
    "--headings",
    zh="表头与选项：names 用指标名，zh 用中文；默认 parquet 用 names，其余用 zh",
    en="headings and codes: names of facts, or zh; unless given, names for parquet, else zh",
    type=click.Choice(HEADINGS),
)
@option(
    "--with", "extra",
    zh="broken：另加读取时必被拒绝的行（无户之人、无人之户、重复编号）",
    en="broken: also rows a reader has to refuse (no household, nobody in it, a key used twice)",
    type=click.Choice(("broken",)), multiple=True,
)  # fmt: skip
def command(
    seed: int,
    people: int,
    folder: Path,
    form: str,
    year: int,
    headings: str | None,
    extra: tuple[str, ...],
) -> None:
    """Make a synthetic county and say what was written."""
    began = time.monotonic()
    with progress(said("合成", "making")) as show:
        made = county.make(
            seed, people, folder, form, year, show,
            headings=headings or "", broken="broken" in extra,
        )  # fmt: skip
    click.echo(_said(made, seconds=time.monotonic() - began))
    for path in made.files.values():
        click.echo(f"  {path}")


def _said(made: county.Made, *, seconds: float) -> str:
    persons, households = f"{made.persons:,}", f"{made.households:,}"
    return said(
        f"合成数据：{persons} 人，{households} 户，{made.villages:,} 个村，{made.counties} 个县，"
        f"用时 {seconds:.1f} 秒",
        f"Synthetic: {persons} persons, {households} households, {made.villages:,} villages, "
        f"counties: {made.counties}; {seconds:.1f} s",
    )
