"""An explanation as sentences in Chinese or English, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from yihu.rulebook.book import LineSpec, Rulebook, SourceSpec
from yihu.rulebook.days import day_said
from yihu.rulebook.evaluate import Row
from yihu.rulebook.explain import Explainer, Step, facts_of, said, sentence_value
from yihu.rulebook.explain.flips import Flip, flips, is_text, steps_of
from yihu.rulebook.explain.lines import compared
from yihu.rulebook.explain.missing import HEADING, TOGETHER, missing
from yihu.rulebook.language.entries_sources import named_in
from yihu.rulebook.language.parse import Name
from yihu.rulebook.tree import Type

#: Of a short explanation: lines of a list, and steps below one another.
SHORT_LINES, SHORT_STEPS = 8, 2
#: Steps below one another that are shown, lines of them, and characters of a text on one line.
DEEPEST = 6
MOST_LINES = 200
LONGEST = 96

_SAID = {
    "head": {"zh": "{who}：“{title}”在 {on} {answer}。",
             "en": "{who}: “{title}” {answer} on {on}."},
    "facts": {"zh": "依据的事实：", "en": "The facts that decided:"},
    "parts": {"zh": "起决定作用的部分：", "en": "The part that decided:"},
    "fact": {"zh": "{who}{label}：{value}", "en": "{who}{label}: {value}"},
    "whose": {"zh": "{who}的", "en": "{who}: "},
    "left": {"zh": "  ……另有 {more} 行（--full 全部显示）",
             "en": "  … {more} more lines (--full shows them)"},
    "more": {"zh": "……另有 {more} 个相同", "en": "… and {more} more alike"},
    "flip": {"zh": "若{who}{label}为{value}，则{answer}。",
             "en": "If {who}{label} were {value}, the rule would {answer}."},
    # An amount is no step to take: whoever reads "if other income were 1 yuan" could write it so.
    "gap": {"zh": "按{who}{label}计，离界限差 {gap}；过了界限则{answer}。",
            "en": "Counted in {who}{label}, the line is {gap} away; beyond it the rule would "
            "{answer}."},
    "line": {"zh": "离界限还差多少：", "en": "How far away the line is:"},
    "no_flip": {"zh": "没有哪一项能办到的改变单独就能得出另一个结论。",
                "en": "No single change that can be worked for settles another answer."},
    "near": {"zh": "最近的一步：", "en": "The nearest single change:"},
    "ask": {"zh": "问清即可判定：", "en": "Asking this settles it:"},
    "source": {"zh": "依据：{source}", "en": "Source: {source}"},
    "amount": {"zh": "金额：{value}", "en": "Amount: {value}"},
}  # fmt: skip

#: Headings of the part that shows how it was worked out.
WORKING = frozenset(_SAID["parts"].values())

_MARKS = {
    "zh": {"K": "（待核）", "D": "（推算）", "HOLE": "（查无来源，由县填写）"},
    "en": {"K": " (not confirmed)", "D": " (derived)", "HOLE": " (no source; the county fills it)"},
}


class Because:
    """One rule explained for one row: `sentences` for people, `data` for programs."""

    def __init__(self, explainer: Explainer, row: Row, *, with_flips: bool = True) -> None:
        self.explainer, self.row = explainer, row
        self.rulebook: Rulebook = explainer.rulebook
        self.step = explainer.explain(row)
        self.flips: list[Flip] = flips(explainer, row, self.step)[:3] if with_flips else []
        self.amount = self._amount() if self.step.value is True else None

    def _amount(self) -> int | None:
        node = self.explainer.output.amount
        found: int | None = self.explainer.compiled.node(node)(self.row) if node else None
        return found

    def sentences(self, lang: str = "zh", *, full: bool = True) -> list[str]:
        """The explanation, a sentence or a list item each.

        full   all facts and the whole way down; else what fits a screen, and how much was left out
        """
        rule = self.explainer.rule
        title = rule.title.zh if lang == "zh" else rule.title.en
        found = [
            _say(
                "head",
                lang,
                who=self.row.id,
                title=title,
                on=day_said(self.explainer.on, lang),
                answer=_found(self.step.value, lang),
            )
        ]
        # Indented: it says values, which the first sentence does not.
        found += [f"  - {words}" for words in self._compared(lang)]
        if self.amount is not None:
            shown = said.value(self.amount, Type.MONEY, lang, money=self.rulebook.money)
            found.append(_say("amount", lang, value=shown))
        found += self._missing(lang, full=full)
        # Of an unknown answer, those not known are said already, as questions.
        facts = [f for f in facts_of(self.step) if {f.value, self.step.value} != {None}]
        if facts:
            found.append(_say("facts", lang))
            lines = [f"  - {self._fact(f, lang)}" for f in facts]
            found += lines if full else _shortened(lines, lang)
        parts = list(islice(self._outline(self.step.parts, lang, 1), MOST_LINES))
        if parts:
            found += [_say("parts", lang), *(parts if full else _shortened(parts, lang))]
        found += self._turns(lang)
        found.append(_say("source", lang, source=rule.source.said(lang)))
        between = "：" if lang == "zh" else ": "
        listed = ((s.labels.said(lang), s.said(lang)) for s in self.sources())
        return found + [f"  - {label}{between}{words}" for label, words in listed]

    def _compared(self, lang: str) -> list[str]:
        return compared(
            self.rulebook,
            self.step,
            self.explainer.on,
            lang,
            lambda step: self._measured(step, lang),
        )

    def _measured(self, step: Step, lang: str) -> str:
        """What a measured piece is called: a fact with whose it is, else its text."""
        if step.kind in ("fact", "derived") or step.syntax is None:
            return self._whose(step, lang) + self._label(step, lang)
        return self._speaker(step, lang).text(step.syntax)[:LONGEST]

    def _speaker(self, step: Step, lang: str) -> said.Speaker:
        return said.Speaker(
            lang, lambda p: self._named(step, p, lang), lambda n, w: self._coded(step, n, w, lang)
        )

    def sources(self) -> list[SourceSpec]:
        """What the rulebook knows of the sources the rule names."""
        return named_in(self.explainer.rule.source, self.rulebook.sources)

    def _missing(self, lang: str, *, full: bool) -> list[str]:
        """Of an unknown answer what is not known; how it is asked, and of whom."""
        if self.step.value is not None:
            return []
        lines = [
            f"  - {line}"
            for line in missing(self.rulebook, self.row, self.step, self.explainer.on, lang)
        ]
        return [HEADING.said(lang), *(lines if full else _shortened(lines, lang))] if lines else []

    def _turns(self, lang: str) -> list[str]:
        if not self.flips and self.step.value is None:
            several = len(missing(self.rulebook, self.row, self.step, self.explainer.on, lang)) > 1
            return [TOGETHER.said(lang)] if several else []
        if not self.flips:
            # What a text would have to be is tried nowhere: of a number that is not there nothing
            # is said, rather than that writing it would change nothing.
            texts = any(map(is_text, steps_of(self.explainer, self.step)))
            return [] if texts else [_say("no_flip", lang)]
        if self.step.value is None:
            return _listed("ask", [self._turn(flip, lang) for flip in self.flips], lang)
        steps = [self._turn(flip, lang) for flip in self.flips if not _is_amount(flip)]
        # Of several amounts that are added up each would say the same of another.
        gaps = [self._gap(flip, lang) for flip in self.flips if _is_amount(flip)][:1]
        return [*_listed("near", steps, lang), *_listed("line", gaps, lang)]

    def _turn(self, flip: Flip, lang: str) -> str:
        shown = said.value(
            flip.value, flip.step.type, lang, codes=flip.step.codes, money=self.rulebook.money
        )
        return _say("flip", lang, value=shown, **self._of(flip, lang))

    def _gap(self, flip: Flip, lang: str) -> str:
        away = abs(flip.value - flip.step.value)
        shown = said.whole_money(away, lang, self.rulebook.money)
        return _say("gap", lang, gap=shown, **self._of(flip, lang))

    def _of(self, flip: Flip, lang: str) -> dict[str, str]:
        return {
            "who": self._whose(flip.step, lang), "label": self._label(flip.step, lang),
            "answer": _would(flip.answer, lang),
        }  # fmt: skip

    def _fact(self, step: Step, lang: str) -> str:
        return _say(
            "fact",
            lang,
            who=self._whose(step, lang),
            label=self._label(step, lang),
            value=sentence_value(step, self.rulebook, lang),
        )

    def _whose(self, step: Step, lang: str) -> str:
        return "" if step.row is self.row else _say("whose", lang, who=step.row.id)

    def _label(self, step: Step, lang: str) -> str:
        return self._name(step.key[0], step.key[1].split("."), lang)

    def _name(self, level: str, parts: list[str], lang: str) -> str:
        *prefix, name = parts
        last = ("上期" if lang == "zh" else "last period’s ") if "last" in prefix else ""
        try:
            label = self.rulebook.label_of(level, name)
        except KeyError:
            return last + name
        return last + (label.zh if lang == "zh" else label.en)

    def _outline(self, steps: list[Step], lang: str, depth: int) -> Iterator[str]:
        if depth > DEEPEST:
            return
        for step in steps:
            yield "  " * depth + "- " + self._line(step, lang)
            if not (step.kind == "text" and _is_plain(step)):
                yield from self._outline(step.parts, lang, depth + 1)
            if step.more:
                yield "  " * depth + _say("more", lang, more=step.more)

    def _line(self, step: Step, lang: str) -> str:
        shown = sentence_value(step, self.rulebook, lang)
        if step.kind == "member":
            return f"{step.row.id}: {shown}"
        if step.kind == "line":
            line = self.rulebook.lines.get(step.key[1])
            title = (line.title.zh if lang == "zh" else line.title.en) if line else step.key[1]
            return f"{title} = {shown}" + self._mark(line, lang)
        if step.syntax is None or step.kind in ("rule", "derived", "fact"):
            return self._fact(step, lang)
        text = self._speaker(step, lang).text(step.syntax)
        text = text if len(text) <= LONGEST else text[:LONGEST] + " …"
        return f"{text}: {shown}" + self._inside(step, lang)

    def _mark(self, line: LineSpec | None, lang: str) -> str:
        """Say beside a line's value that nobody has confirmed it, or that it is not known."""
        step = line.on(self.explainer.on) if line else None
        return _MARKS[lang].get(step.mark, "") if step else ""

    def _inside(self, step: Step, lang: str) -> str:
        if not _is_plain(step):
            return ""
        facts = ", ".join(self._fact(f, lang) for f in step.parts)
        return f"  ({facts})" if facts else ""

    def _coded(self, step: Step, name: Name, word: str, lang: str) -> str:
        """The label of a code that stands beside a name, or the word itself."""
        node = self.explainer.node_of(step.key, name)
        codes = self.explainer.codes_of(node)
        for code in codes.codes if codes else ():
            if word in (code.key, code.label.zh):
                return code.label.zh if lang == "zh" else code.label.en
        return word

    def _named(self, step: Step, parts: tuple[str, ...], lang: str) -> str:
        level = step.key[0]
        if parts[0] == "line" and len(parts) == 2 and parts[1] in self.rulebook.lines:
            title = self.rulebook.lines[parts[1]].title
            return f"〔{title.zh}〕" if lang == "zh" else f"[{title.en}]"
        if len(parts) > 1 and (named := self.explainer.binder.level_named(parts[0])):
            level, parts = named, parts[1:]
        return self._name(level, list(parts), lang)

    def data(self) -> dict[str, Any]:
        """The explanation as data: answer, facts and flips; what an evidence record keeps."""
        rule = self.explainer.rule
        return {
            "rulebook": self.explainer.program.name,
            "rule": rule.name,
            "about": rule.level,
            "id": self.row.id,
            "on": self.explainer.on.isoformat(),
            "answer": {True: "holds", False: "fails", None: "unknown"}[self.step.value],
            "amount_fen": self.amount,
            "facts": [self._fact_data(f) for f in facts_of(self.step)],
            "nearest": [
                {**self._fact_data(f.step), "would_be": f.value, "then": said.truth(f.answer, "en")}
                for f in self.flips
            ],
            "source": rule.source.zh,
            "sources": {s.label: s.said("zh") for s in self.sources()},
        }

    def _fact_data(self, step: Step) -> dict[str, Any]:
        level, name = step.key
        return {
            "about": level,
            "id": step.row.id,
            "fact": name,
            "value": step.value,
            "shown": sentence_value(step, self.rulebook, "zh"),
        }


def _is_plain(step: Step) -> bool:
    """A piece whose parts are facts only: they are said on the same line."""
    return bool(step.parts) and all(p.kind == "fact" and not p.parts for p in step.parts)


def _is_amount(flip: Flip) -> bool:
    return flip.step.type in (Type.MONEY, Type.MONEY_REAL) and flip.step.value is not None


def _listed(head: str, lines: list[str], lang: str) -> list[str]:
    return [_say(head, lang), *(f"  - {line}" for line in lines)] if lines else []


def _found(answer: bool | None, lang: str) -> str:
    return "is unknown" if lang == "en" and answer is None else said.truth(answer, lang)


def _would(answer: bool | None, lang: str) -> str:
    if lang == "zh":
        return said.truth(answer, lang)
    return "hold" if answer else "fail"


def _say(key: str, lang: str, **details: object) -> str:
    return _SAID[key][lang].format(**details)


def _shortened(lines: list[str], lang: str) -> list[str]:
    """The first lines, none far down, and how many are left out."""
    near = [line for line in lines if len(line) - len(line.lstrip()) <= 2 * SHORT_STEPS]
    kept = near[:SHORT_LINES]
    left = len(lines) - len(kept)
    return [*kept, _say("left", lang, more=left)] if left else kept
