"""`yihu check`: a rulebook over registers, one answer for each rule and each thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click

from yihu.commands.check_readers import checked
from yihu.commands.check_table import everybody_table, summary_table
from yihu.commands.file_options import FILE, ON, RULEBOOK, files_asked, registers_asked
from yihu.commands.progress import progress
from yihu.commands.registers import Missing, Registers, registers_of, snapshot_of
from yihu.commands.shown_facts import facts_named
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import language, option, said
from yihu.commands.whole_file import require_apart, require_writable
from yihu.commands.words import Words
from yihu.rulebook import read
from yihu.rulebook.bind import bind
from yihu.rulebook.book import Rulebook
from yihu.rulebook.intake.report import Report
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused

FORMS = (".parquet", ".csv", ".xlsx")

ZH = """\
用规则书核查登记表里的每一人、每一户、每个地方，把每条规则的答案写入文件。

输出：每行一个（about, id, rule），列为 about（person、household、village……）、id、rule、
answer（holds 成立、fails 不成立、unknown 未知）、amount（元；没有则空白）。
--wide：每行一人一户，每条规则一列，金额列名为“规则.amount”。
顺序：按文件中的顺序、规则书中规则的顺序，每次相同。

例：
  yihu check --rulebook spain --on 2017-12-31 --households households_2018.parquet \\
      --persons persons_2018.parquet --out answers.parquet
  yihu check --rulebook guangxi --on 2019-12-31 --households 户.xlsx --persons 人.csv \\
      --places 村.csv --out 结果.xlsx --wide --missing unknown
  yihu check --rulebook spain --on 2017-12-31 --households h.parquet --persons p.parquet \\
      --facts equivalised_income,population.poverty_line --out answers.csv

--facts 的推算指标：--wide 时是更多的列；否则写入旁边的第二个文件（answers.facts.csv）。
全体的指标（如贫困线）显示在屏幕上。

退出码：0 完成；2 拒绝（原有结果不变）；130 被 Ctrl-C 中断（原有结果不变）。
"""
EN = """\
Run a rulebook over registers and write the answer of every rule for every person, household and
place.

Output: a row for each (about, id, rule) with the columns about (person, household, village, …),
id, rule, answer (holds, fails, unknown) and amount (in the rulebook's money; blank if none).
--wide: a row for each thing, a column for each rule; amounts are called <rule>.amount.
Order: that of the files, and of the rules in the rulebook; the same every time.

Examples:
  yihu check --rulebook spain --on 2017-12-31 --households households_2018.parquet \\
      --persons persons_2018.parquet --out answers.parquet
  yihu check --rulebook guangxi --on 2019-12-31 --households households.xlsx \\
      --persons persons.csv --places villages.csv --out answers.xlsx --wide --missing unknown
  yihu check --rulebook spain --on 2017-12-31 --households h.parquet --persons p.parquet \\
      --facts equivalised_income,population.poverty_line --out answers.csv

Derived facts of --facts are further columns with --wide, else a second file beside the first
(answers.facts.csv). Those of the population, such as the line, are printed.

Exit codes: 0 done; 2 refused, 130 stopped by Ctrl-C: earlier results stay as they were.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    rulebook: str
    on: date
    households: Path | None
    persons: Path | None
    places: tuple[str, ...]
    last_households: Path | None
    last_persons: Path | None
    last_places: tuple[str, ...]
    out: Path
    wide: bool
    facts: tuple[str, ...]
    rules: tuple[str, ...]
    missing: Missing
    bad: Missing
    without_household: Literal["refuse", "keep"]
    reader: Literal["columns", "sql"]
    snapshot: Path | None
    threads: int | None


class Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between them."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The names."""
        if isinstance(value, tuple):
            return value
        # Full-width commas and the enumeration comma come from Chinese keyboards.
        for sign in "，、":
            value = value.replace(sign, ",")
        return tuple(name.strip() for name in value.split(",") if name.strip())


@spoken("check", zh=ZH, en=EN)
@RULEBOOK
@ON
@files_asked
@option(
    "--out",
    required=True,
    type=FILE,
    metavar="FILE",
    zh="结果文件：.parquet、.csv 或 .xlsx",
    en="file to write: .parquet, .csv or .xlsx",
)
@option("--wide", is_flag=True, zh="每条规则一列", en="a column for each rule")
@option(
    "--facts",
    type=Names(),
    default=(),
    metavar="A,B,LEVEL.C",
    zh="还要哪些推算指标",
    en="derived facts wanted too",
)
@option(
    "--rules",
    type=Names(),
    default=(),
    metavar="A,B",
    zh="只问这些规则；默认全部当日有效的规则",
    en="ask these rules only; all in force when left out",
)
@option("--last-households", type=FILE, metavar="FILE", zh="上期的户", en="households a period ago")
@option("--last-persons", type=FILE, metavar="FILE", zh="上期的人", en="persons a period ago")
@option("--last-places", multiple=True, metavar="FILE", zh="上期的地方", en="places a period ago")
@option(
    "--reader",
    type=Words(("columns", "sql")),
    default="columns",
    show_default=True,
    metavar="columns|sql",
    zh="用哪种读法；答案相同，sql 供核对",
    en="which reader; the answers are the same, sql is the independent witness",
)
@option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    zh="用几个处理器核心；默认全部",
    en="how many cores to use; all when left out",
)
def command(**asked: Any) -> None:
    """Read, check, write, and print a summary."""
    _check(Asked(**asked))


def _check(asked: Asked) -> None:
    _require_form(asked.out)
    require_writable(asked.out)
    rulebook = read.rulebook(asked.rulebook)
    facts = facts_named(rulebook, asked.facts)
    program = bind(rulebook, asked.on, rules=asked.rules or None, values=facts)
    if not program.outputs:
        raise Refused("command.no_rule_in_force", name=rulebook.name, on=asked.on)
    registers = _registers(rulebook, asked)
    with (
        progress(said("读取登记表", "reading")) as show_reading,
        snapshot_of(program, registers, asked.snapshot, show_reading) as (snapshot, report),
        progress(said("核查", "checking")) as show,
    ):
        found = checked(
            program,
            snapshot,
            asked.out,
            rulebook=rulebook,
            facts=facts,
            wide=asked.wide,
            reader=asked.reader,
            threads=asked.threads,
            show=show,
        )
    lang = language()
    for line in _told(program, registers.files, report, lang):
        click.echo(line, err=True)
    click.echo(summary_table(rulebook, program, found, lang))
    for line in everybody_table(rulebook, program, found, lang):
        click.echo(line)
    for path in found.files:
        click.echo(said(f"已写入 {path}", f"Written: {path}"))


def _require_form(out: Path) -> None:
    if out.suffix.lower() not in FORMS:
        raise Refused("command.bad_form", path=out, known=", ".join(FORMS))


def _registers(rulebook: Rulebook, asked: Asked) -> Registers:
    now = registers_asked(rulebook, asdict(asked))
    last = registers_of(
        rulebook,
        persons=asked.last_persons,
        households=asked.last_households,
        places=asked.last_places,
    )
    require_apart(asked.out, last.values())
    return replace(now, last=last)


def _told(
    program: Program, files: Mapping[str, Path], report: Report | None, lang: str
) -> list[str]:
    """What a reader of the results should know about the reading."""
    if report is None:
        return ["使用已保存的快照。" if lang == "zh" else "The kept snapshot was used."]
    empty = [path.name for level, path in files.items() if report.rows.get(level) == 0]
    lines = [
        f"{name} 只有表头，没有一行数据。" if lang == "zh" else f"{name} has headings and no rows."
        for name in empty
    ]
    # A derived fact that a file may bring is computed where it does not.
    absent = [key for key in report.absent if not program.facts[key].optional]
    if absent:
        names = ", ".join(f"{level}.{name}" for level, name in absent[:8])
        more = " …" if len(absent) > 8 else ""
        lines.append(
            f"{len(absent)} 项指标没有列，作为未知：{names}{more}"
            if lang == "zh"
            else f"{len(absent)} facts have no column and are unknown: {names}{more}"
        )
    return [*lines, *_bad_cells(report, lang)]


def _bad_cells(report: Report, lang: str) -> list[str]:
    """How many cells were read as unknown, and the first of them."""
    lines = []
    for bad in report.bad.values():
        if len(bad):
            lines.append(
                f"{bad.file}：作为未知的格 {len(bad)} 处"
                if lang == "zh"
                else f"{bad.file}: cells read as unknown: {len(bad)}"
            )
            lines += [f"  {cell.sentence(lang)}" for cell in bad.kept[:5]]
    return lines
