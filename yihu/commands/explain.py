"""`yihu explain`: what decided an answer, in sentences; or evidence for all that is not good."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from yihu.commands.file_options import FILE, ON, RULEBOOK, files_asked, registers_asked
from yihu.commands.progress import Show, progress
from yihu.commands.registers import intake_of, snapshot_of
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import language, option, said
from yihu.commands.whole_file import require_writable, whole_file
from yihu.rulebook import columns, read
from yihu.rulebook.book import Rulebook
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because
from yihu.rulebook.explain.picked import Picker, beyond_a_card
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused, suggestion

#: Households taken out of the files at once when evidence is written for many.
AT_ONCE = 20_000

ZH = """\
说明一条规则对一户（一人、一个村……）的回答由什么决定：结论、依据的事实、起决定作用的部分、
规则的依据，以及最近的、单独一项改变就会改变结论的事实。

  --id     登记表中的一户、一人或一个地方
  --card   手写的一张卡片（.toml 或 .json）
  --all    凡结论不理想的都写出证据，每行一条 JSON（.jsonl）

例：
  yihu explain --rulebook spain --on 2017-12-31 --households h.parquet --persons p.parquet \\
      --rule arope --id 1201
  yihu explain --rulebook guangxi --on 2019-12-31 --rule exit_water --card 卡片.toml
  yihu explain --rulebook guangxi --on 2019-12-31 --households h.parquet --persons p.parquet \\
      --places villages.parquet --rule exit_housing --all evidence.jsonl --missing unknown

退出码：0 完成；2 拒绝（原有结果不变）；130 被 Ctrl-C 中断。
"""
EN = """\
Say what decided a rule's answer for one household (person, village, …): the answer, the facts, the
part that decided, the rule's source, and the nearest single change that would turn it.

  --id     one household, person or place of the registers
  --card   a card written by hand (.toml or .json)
  --all    write the evidence of every answer that is not the wanted one, a JSON line each (.jsonl)

Examples:
  yihu explain --rulebook spain --on 2017-12-31 --households h.parquet --persons p.parquet \\
      --rule arope --id 1201
  yihu explain --rulebook guangxi --on 2019-12-31 --rule exit_water --card card.toml
  yihu explain --rulebook guangxi --on 2019-12-31 --households h.parquet --persons p.parquet \\
      --places villages.parquet --rule exit_housing --all evidence.jsonl --missing unknown

Exit codes: 0 done; 2 refused (earlier results stay as they were); 130 stopped by Ctrl-C.
"""


@spoken("explain", zh=ZH, en=EN)
@RULEBOOK
@ON
@option("--rule", required=True, metavar="NAME", zh="哪一条规则", en="which rule")
@option("--id", "id_", metavar="ID", zh="哪一户、人、地方", en="which household, person …")
@option("--card", type=FILE, metavar="FILE", zh="手写的卡片", en="a card written by hand")
@option(
    "--all",
    "everything",
    type=FILE,
    metavar="FILE.jsonl",
    zh="为所有不理想的结论写出证据",
    en="write evidence for all that is not as wanted",
)
@option(
    "--full", is_flag=True, zh="全部显示；默认只显示要点", en="show all of it, not the main points"
)
@option("--json", "as_json", is_flag=True, zh="输出 JSON", en="print JSON")
@files_asked
def command(**asked: Any) -> None:
    """Explain one card, one thing of the registers, or all of them."""
    rulebook = read.rulebook(asked["rulebook"])
    given = [name for name in ("id_", "card", "everything") if asked[name]]
    if len(given) != 1:
        raise Refused("explain.one_of")
    if asked["card"]:
        _card(rulebook, asked)
    else:
        _registers(rulebook, asked)


def _card(rulebook: Rulebook, asked: dict[str, Any]) -> None:
    explainer = Explainer(rulebook, asked["on"], asked["rule"])
    _print(Because(explainer, explainer.rows(_read_card(asked["card"]))), asked)


def _read_card(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as fault:
        raise Refused("explain.bad_card", path=path, why=fault) from None
    if not isinstance(found, dict):
        raise Refused("explain.bad_card", path=path, why="a card is a table of facts")
    return found


def _registers(rulebook: Rulebook, asked: dict[str, Any]) -> None:
    if asked["everything"]:
        require_writable(asked["everything"])
    explainer = Explainer(rulebook, asked["on"], asked["rule"], root=POPULATION)
    fixed = beyond_a_card(explainer.program, explainer.rule.level)
    explainer.fixed = frozenset(fixed)
    registers = registers_asked(rulebook, asked)
    with (
        progress(said("读取登记表", "reading")) as show_reading,
        snapshot_of(explainer.program, registers, asked["snapshot"], show_reading) as (kept, _),
    ):
        answers = columns.check(explainer.program, kept, facts=fixed)
    picker = Picker(explainer, intake_of(explainer.program, registers).tables(), answers)
    if asked["id_"]:
        rows = picker.pick([asked["id_"]])
        if asked["id_"] not in rows:
            raise _no_such(asked["id_"], explainer, answers[explainer.rule.level].ids.to_pylist())
        _print(Because(explainer, rows[asked["id_"]]), asked)
        return
    found = answers[explainer.rule.level]
    good = 1 if explainer.rule.wanted == "holds" else 0
    column = found.rules[explainer.rule.name]
    ids = [i for i, a in zip(found.ids.to_pylist(), column.tolist(), strict=True) if a != good]
    with progress(said("写出证据", "writing evidence")) as show:
        _write(asked["everything"], _evidence(explainer, picker, ids, show))
    click.echo(said(f"{len(ids)} 条证据已写入 {asked['everything']}",
                    f"Evidence of {len(ids)} answers written: {asked['everything']}"))  # fmt: skip


def _no_such(id_: str, explainer: Explainer, ids: list[str]) -> Refused:
    near = suggestion(id_, ids[:200_000])
    zh = suggestion(id_, ids[:200_000], "zh")
    label = next(
        level.label for level in explainer.program.levels if level.name == explainer.rule.level
    )
    return Refused("explain.no_such_id", id=id_, level=label.en, level_zh=label.zh,
                   suggestion=near, suggestion_zh=zh)  # fmt: skip


def _evidence(
    explainer: Explainer, picker: Picker, ids: list[str], show: Show
) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        rows = picker.pick(part)
        for id_ in part:
            yield Because(explainer, rows[id_], with_flips=False).data()
        show(min(start + AT_ONCE, len(ids)), len(ids))


def _write(path: Path, records: Iterator[dict[str, Any]]) -> None:
    with whole_file(path) as part, part.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


def _print(because: Because, asked: dict[str, Any]) -> None:
    if asked["as_json"]:
        click.echo(json.dumps(because.data(), ensure_ascii=False, indent=2, default=str))
        return
    for line in because.sentences(language(), full=asked["full"]):
        click.echo(line)
