"""`yihu report`: a real survey and a synthetic county checked, and one page to read."""

from __future__ import annotations

import sys
import time
import webbrowser
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import click

from yihu import __version__
from yihu.commands.file_options import FILE
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import language, option, said
from yihu.commands.whole_file import require_writable, write_text
from yihu.report import county, page, spain, why
from yihu.report.page import Part, Words
from yihu.rulebook.snapshot.scratch import scratch
from yihu.synthetic.county import make

#: The made-up registers show the state at the end of this year.
YEAR = 2019
ZH = """\
用规则书 spain 核查随附的西班牙 2018 年生活条件调查，与官方结果对照；造一个合成县，用规则书
guangxi 核查；写成一个自带图表、不需联网的网页。

例：
  yihu report
  yihu report --people 347162 --out report.html --no-open
"""
EN = """\
Check the bundled Spanish survey of 2018 with the rulebook spain, beside the official results; make
a synthetic county and check it with the rulebook guangxi; write one self-contained web page.

Examples:
  yihu report
  yihu report --people 347162 --out report.html --no-open
"""


@spoken("report", zh=ZH, en=EN)
@option(
    "--out",
    type=FILE,
    default=Path("out/report.html"),
    show_default=True,
    metavar="FILE",
    zh="写入的网页",
    en="the page to write",
)
@option(
    "--people",
    type=click.IntRange(1000),
    default=50_000,
    show_default=True,
    metavar="N",
    zh="合成县的人数（整县 347162）",
    en="people of the synthetic county (a whole one: 347162)",
)
@option("--seed", type=int, default=1, show_default=True, metavar="N", zh="种子", en="seed")
@option("--open/--no-open", "opened", default=None, zh="写好后在浏览器中打开",
        en="open it in the browser when done")  # fmt: skip
def command(**asked: Any) -> None:
    """Check, print ours beside the official figures, write the page."""
    out: Path = asked["out"]
    out.parent.mkdir(parents=True, exist_ok=True)
    require_writable(out)
    parts = [_spain()]
    with scratch(Path(gettempdir()) / "yihu") as folder:
        parts += _county(folder / "county", asked["people"], asked["seed"])
    write_text(out, page.html(_head(), parts, lang=language()))
    click.echo(said(f"报告已写入 {out}", f"The report is written: {out}"))
    if asked["opened"] or (asked["opened"] is None and _may_open()):
        webbrowser.open(out.resolve().as_uri())


def _may_open() -> bool:
    """Open only where somebody sits: a terminal, and a browser that is not a text one."""
    if not sys.stdout.isatty():
        return False
    try:
        return type(webbrowser.get()).__name__ != "GenericBrowser"
    except webbrowser.Error:
        return False


def _spain() -> Part:
    start = time.perf_counter()
    survey = spain.survey()
    seconds = time.perf_counter() - start
    wrong = spain.mismatches(survey)
    people = len(survey.weight)
    click.echo(said(f"西班牙 2018：{people:,} 人，用时 {seconds:.1f} 秒",
                    f"Spain 2018: {people:,} persons in {seconds:.1f} s"))  # fmt: skip
    for rule, figure in (("income_poverty", 21.5), ("material_deprivation_ine", 5.4),
                         ("arope_ine", 26.1)):  # fmt: skip
        ours = spain.share(survey.answers[rule] == 1, survey.weight)
        click.echo(said(f"  {rule}：{ours:.4f} %（公布 {figure} %），"
                        f"与官方标记不同 {wrong[rule]} 人",
                        f"  {rule}: {ours:.4f} % (published {figure} %), "
                        f"{wrong[rule]} flags differ"))  # fmt: skip
    return spain.part(survey, seconds)


def _county(folder: Path, people: int, seed: int) -> list[Part]:
    with progress(said("造合成县", "making the county")) as show:
        make(seed, people, folder, year=YEAR, progress=show)
    start = time.perf_counter()
    made = county.county(folder, date(YEAR, 12, 31))
    seconds = time.perf_counter() - start
    click.echo(said(f"合成县：{made.households:,} 户、{made.people:,} 人，"
                    f"读入并核查用时 {seconds:.1f} 秒",
                    f"Synthetic county: {made.households:,} households, {made.people:,} people, "
                    f"read and checked in {seconds:.1f} s"))  # fmt: skip
    for line in county.lines(made, language()):
        click.echo(f"  {line}")
    return [county.part(made, seconds), why.part(made, folder)]


def _head() -> dict[str, Words]:
    return {
        "title": Words("一户一册一卡", "One household, one book, one card"),
        "lead": Words(
            "规则书是数据，回答只有三种：成立、不成立、未知；每个回答都说得出依据。",
            "Rulebooks are data; there are three answers: holds, fails, unknown; and every answer "
            "can say why.",
        ),
        "foot": Words(
            f"yihu {__version__}。西班牙数据来源：INE，www.ine.es，计算为本系统自行完成。"
            "县为合成数据。",
            f"yihu {__version__}. Spanish data: Source: INE, www.ine.es; own calculations. The "
            "county is synthetic.",
        ),
    }
