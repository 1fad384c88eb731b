"""`yihu compare`: who moves, at what cost and where, when a line, a rulebook or the day changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import click
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from yihu.commands.file_options import FILE, ON, RULEBOOK, files_asked, registers_asked
from yihu.commands.place_names import place_names
from yihu.commands.progress import progress
from yihu.commands.registers import snapshot_of
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import language, option, said, width_of
from yihu.commands.whole_file import require_writable, write_text
from yihu.commands.words import Day
from yihu.rulebook import read
from yihu.rulebook.book import Rulebook
from yihu.rulebook.compare import WORDS, Moves, Pair, moves, pair, with_line
from yihu.rulebook.explain.said import WORDS as SAID
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused

Facts: TypeAlias = Mapping[tuple[str, str], FactSpec]

ZH = """\
比较两边：谁的回答从什么变成什么，要多花多少钱，在哪些地方。只重算受影响的规则。

  --line  名称=数值：改一条标准线（可重复；金额以元计）
  --with  另一本规则书（或同一本的另一版）
  --to    另一天

例：
  yihu compare --rulebook guangxi --on 2019-12-31 --line income=4000 --by township \\
      --households h.parquet --persons p.parquet --places villages.parquet --missing unknown
  yihu compare --rulebook guangxi --on 2016-12-31 --to 2017-12-31 --households h.parquet \\
      --persons p.parquet --missing unknown --out moves.json

退出码：0 完成；2 拒绝（原有结果不变）；130 被 Ctrl-C 中断。
"""
EN = """\
Compare two sides: whose answer moves from what to what, what it costs, and where. Only the rules
the change can touch are run again.

  --line  name=value: change a line (may be repeated; money in the rulebook's unit)
  --with  another rulebook, or another version of the same
  --to    another day

Examples:
  yihu compare --rulebook guangxi --on 2019-12-31 --line income=4000 --by township \\
      --households h.parquet --persons p.parquet --places villages.parquet --missing unknown
  yihu compare --rulebook guangxi --on 2016-12-31 --to 2017-12-31 --households h.parquet \\
      --persons p.parquet --missing unknown --out moves.json

Exit codes: 0 done; 2 refused (earlier results stay as they were); 130 stopped by Ctrl-C.
"""
_LINE = re.compile(r"([^\W\d]\w*)\s*[=＝]\s*(-?\d+(?:\.\d+)?)")


@spoken("compare", zh=ZH, en=EN)
@RULEBOOK
@ON
@option(
    "--line", "lines", multiple=True, metavar="NAME=VALUE", zh="改一条标准线", en="change a line"
)
@option("--with", "other", metavar="NAME|PATH", zh="另一本规则书", en="another rulebook")
@option("--to", type=Day(), metavar="DAY", zh="另一天", en="another day")
@option("--rule", "rules", multiple=True, metavar="NAME", zh="只看这条规则", en="this rule only")
@option("--by", metavar="LEVEL", zh="按地方分列（如 township）", en="also by place, as township")
@option("--out", type=FILE, metavar="FILE.json", zh="结果写入 JSON", en="write the result as JSON")
@files_asked
def command(**asked: Any) -> None:
    """Bind both sides, run what differs, and print the moves."""
    if asked["out"]:
        require_writable(asked["out"])
    rulebook = read.rulebook(asked["rulebook"])
    found = pair(
        (rulebook, asked["on"]),
        (_after(rulebook, asked), asked["to"] or asked["on"]),
        rules=list(asked["rules"]) or None,
    )
    registers = registers_asked(rulebook, asked)
    both = _both(found)
    with (
        progress(said("读取登记表", "reading")) as show,
        snapshot_of(both, registers, asked["snapshot"], show) as (kept, _),
    ):
        moved = moves(found, kept, place=asked["by"])
    names = place_names(rulebook, registers, asked["by"]) if asked["by"] else {}
    _print(rulebook, found, moved)
    if asked["by"]:
        _print_places(rulebook, moved, names)
    if asked["out"]:
        data = _data(found, moved) | ({"places": names} if names else {})
        write_text(asked["out"], json.dumps(data, ensure_ascii=False, indent=2))
        click.echo(said(f"已写入 {asked['out']}", f"Written: {asked['out']}"))


def _after(rulebook: Rulebook, asked: dict[str, Any]) -> Rulebook:
    if not (asked["lines"] or asked["other"] or asked["to"]):
        raise Refused("compare.nothing_to_compare")
    after = read.rulebook(asked["other"]) if asked["other"] else rulebook
    for text in asked["lines"]:
        after = changed_line(after, text, asked["to"] or asked["on"])
    return after


def changed_line(rulebook: Rulebook, text: str, on: date) -> Rulebook:
    """The rulebook with a line set by “name=value”. Raises Refused (compare.bad_line)."""
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise Refused("compare.bad_line", found=text)
    number = match[2]
    value = float(number) if "." in number else int(number)
    return with_line(rulebook, match[1], value, on)


def _both(found: Pair) -> Program:
    """A program that needs the facts of both sides, so that one snapshot serves both."""
    return replace(
        found.before,
        facts=_either(found.before.facts, found.after.facts),
        last_facts=_either(found.before.last_facts, found.after.last_facts),
    )


def _either(before: Facts, after: Facts) -> dict[tuple[str, str], FactSpec]:
    """The facts of both sides; their codes may be those of either day."""
    known = {key: fact.read_on for key, fact in before.items()}
    return {**before} | {
        key: replace(fact, read_on=tuple(dict.fromkeys([*known.get(key, ()), *fact.read_on])))
        for key, fact in after.items()
    }


def _print(rulebook: Rulebook, found: Pair, moved: Sequence[Moves]) -> None:
    lang = language()
    click.echo(f"{found.before.name}  →  {found.after.name}")
    if not found.changed:
        click.echo(said("没有规则受影响。", "No rule is touched by the change."))
    money = "元" if lang == "zh" and rulebook.money == "yuan" else rulebook.money
    table = Table(box=None, pad_edge=False)
    for head, right in (
        (said("规则", "rule"), False), (said("变动", "moved"), True),
        (said("从 → 到", "from → to"), False),
        (said(f"金额变化（{money}）", f"amount, change ({money})"), True),
    ):  # fmt: skip
        table.add_column(head, justify="right" if right else "left")
    for rule in moved:
        change = Decimal(rule.amount_after - rule.amount_before) / 100
        table.add_row(
            _title(rulebook, rule), f"{rule.moved:,}", "\n".join(_from_to(rule.counts, lang)),
            f"{change:+,.2f}" if change else "",
        )  # fmt: skip
    if found.changed:
        Console(highlight=False, width=120).print(table)
    for kind, keys in (("−", found.only_before), ("+", found.only_after)):
        for level, name in keys:
            click.echo(f"{kind} {name} ({level})")


def _title(rulebook: Rulebook, rule: Moves) -> str:
    """What the rule is called, and of what it is asked."""
    spec = rulebook.rules.get((rule.level, rule.rule))
    title = rule.rule if spec is None else said(spec.title.zh, spec.title.en)
    labels = {level.name: said(level.label.zh, level.label.en) for level in rulebook.levels}
    level = labels.get(rule.level, rule.level)
    return said(f"{title}（{level}）", f"{title} ({level})")


def _from_to(counts: npt.NDArray[np.int64], lang: str) -> list[str]:
    """How many went from which answer to which, a text for each way anybody went."""
    return [
        f"{SAID[a][lang]} → {SAID[b][lang]} {int(counts[i, j]):,}"
        for i, a in enumerate(WORDS)
        for j, b in enumerate(WORDS)
        if i != j and counts[i, j]
    ]


def _print_places(rulebook: Rulebook, moved: Sequence[Moves], names: Mapping[str, str]) -> None:
    """Each rule's places, those with most moves first, by name and code."""
    for rule in moved:
        rows = [(p, c) for p, c in rule.by_place.items() if c.sum() != c.trace()]
        if not rows:
            continue
        click.echo(f"\n{_title(rulebook, rule)}")
        rows.sort(key=lambda row: (row[1].trace() - row[1].sum(), row[0]))
        wide = max(width_of(names.get(place, "")) for place, _ in rows)
        for place, counts in rows:
            name = names.get(place, "")
            called = f"{name}{' ' * (wide - width_of(name))}  " if wide else ""
            ways = said("；", "; ").join(_from_to(counts, language()))
            click.echo(f"  {called}{place}  {ways}")


def _data(found: Pair, moved: Sequence[Moves]) -> dict[str, Any]:
    return {
        "before": found.before.name,
        "after": found.after.name,
        "answers": list(WORDS),
        "only_before": [list(key) for key in found.only_before],
        "only_after": [list(key) for key in found.only_after],
        "rules": [
            {
                "about": rule.level,
                "rule": rule.rule,
                "from_to": rule.counts.tolist(),
                "moved": rule.moved,
                "amount_before": str(Decimal(rule.amount_before) / 100),
                "amount_after": str(Decimal(rule.amount_after) / 100),
                "by_place": {place: c.tolist() for place, c in rule.by_place.items()},
            }
            for rule in moved
        ],
    }
