"""The summary of a check: a line for each rule, and the derived facts of everybody."""

from __future__ import annotations

from collections.abc import Iterator

from yihu.commands.check_readers import Checked, Tally
from yihu.commands.speaking import width_of
from yihu.report.kinds import KINDS
from yihu.rulebook.book import Rulebook
from yihu.rulebook.explain import said
from yihu.rulebook.program import POPULATION, Output, Program

_HEADS = {
    "zh": ("层级", "规则", "", "成立", "不成立", "未知", "金额合计（{money}）"),
    "en": ("about", "rule", "", "holds", "fails", "unknown", "sum of amounts ({money})"),
}


def summary_table(rulebook: Rulebook, program: Program, found: Checked, lang: str) -> str:
    """A line for each rule with how often it holds, fails and is unknown, and its amounts.

    Rules stand by kind, those that decide about people first; of a kind the rule with the largest
    share of answers that are not the wanted one comes first.
    """
    money = "元" if lang == "zh" and rulebook.money == "yuan" else rulebook.money
    paid = any(tally.amount is not None for tally in found.tallies.values())
    heads = [head.format(money=money) for head in _HEADS[lang]][: 7 if paid else 6]
    levels = {level.name: level.label for level in program.levels}
    groups: list[tuple[str, int]] = []
    rows = [heads]
    for output, tally in _most_telling_first(rulebook, program, found):
        rule = rulebook.rules[output.level, output.name]
        kind = KINDS[rule.kind].zh if lang == "zh" else KINDS[rule.kind].en
        if not groups or groups[-1][0] != kind:
            groups.append((kind, len(rows)))
        label, title = levels[output.level], rule.title
        names = (label.zh, title.zh) if lang == "zh" else (label.en, title.en)
        counts = [f"{n:,}" for n in (tally.holds, tally.fails, tally.unknown)]
        amount = "" if tally.amount is None else f"{tally.amount / 100:,.2f}"
        rows.append([names[0], output.name, names[1], *counts, amount][: len(heads)])
    lines = _aligned(rows)
    for kind, at in reversed(groups):
        lines[at:at] = ["", f"【{kind}】" if lang == "zh" else kind[0].upper() + kind[1:]]
    return "\n".join([_head(program, found, rulebook, lang), "", *lines])


def _most_telling_first(
    rulebook: Rulebook, program: Program, found: Checked
) -> list[tuple[Output, Tally]]:
    kinds = list(KINDS)

    def place(pair: tuple[Output, Tally]) -> tuple[int, float]:
        output, tally = pair
        rule = rulebook.rules[output.level, output.name]
        good = tally.holds if rule.wanted == "holds" else tally.fails
        things = tally.holds + tally.fails + tally.unknown
        return kinds.index(rule.kind), good / things if things else 2.0

    tallied = [(o, found.tallies.get((o.level, o.name), Tally())) for o in program.outputs]
    return sorted(tallied, key=place)


def _head(program: Program, found: Checked, rulebook: Rulebook, lang: str) -> str:
    title = rulebook.title.zh if lang == "zh" else rulebook.title.en
    levels = {level.name: level.label for level in program.levels}
    things = [
        f"{levels[level].zh} {count:,}" if lang == "zh" else f"{levels[level].en} {count:,}"
        for level, count in found.things.items()
        if level != POPULATION
    ]
    if lang == "zh":
        return f"{title}（{rulebook.name} {rulebook.version}），{program.on}：{'，'.join(things)}"
    return f"{title} ({rulebook.name} {rulebook.version}) on {program.on}: {', '.join(things)}"


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(width_of(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(_padded(row, widths)).rstrip() for row in rows]


def _padded(row: list[str], widths: list[int]) -> Iterator[str]:
    """Words to the left, numbers to the right."""
    for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
        blank = " " * (width - width_of(cell))
        yield cell + blank if i < 3 else blank + cell


def everybody_table(rulebook: Rulebook, program: Program, found: Checked, lang: str) -> list[str]:
    """Derived facts of the population, such as a relative line, a line each."""
    lines = []
    for name, value in found.everybody.items():
        spec = rulebook.derived[POPULATION, name]
        kind = program.definitions[POPULATION, name].type
        label = spec.label.zh if lang == "zh" else spec.label.en
        if spec.unit == "share" and value is not None:
            shown = f"{100 * value:.4f} %"
        else:
            money = spec.unit.split("/")[0] == rulebook.money
            unit = f" {spec.unit}" if spec.unit and not money else ""
            shown = said.value(value, kind, lang, money=rulebook.money) + unit
        lines.append(f"{POPULATION}.{name} {label} = {shown}")
    return ["", *lines] if lines else []
