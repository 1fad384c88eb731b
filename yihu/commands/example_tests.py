"""The examples of a rulebook run on one reader or on all, and what is wrong said in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yihu.commands.example_batches import by_columns, by_sql
from yihu.rulebook import examples
from yihu.rulebook.book import Example, Rulebook, RuleSpec
from yihu.rulebook.evaluate import Answer
from yihu.rulebook.examples import Outcome
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because
from yihu.rulebook.explain.said import WORDS
from yihu.rulebook.refusals import Refused

Reader = Callable[[Rulebook], Iterator[Outcome]]

#: Every reader that can run examples, the reference first.
READERS: dict[str, Reader] = {
    "evaluate": examples.run,
    "columns": by_columns,
    "sql": by_sql,
}


@dataclass(slots=True)
class Tested:
    """What a test found: by reader the examples that failed, and what rules lack."""

    rulebook: Rulebook
    run: int = 0
    readers: list[str] = field(default_factory=list)
    failed: list[tuple[str, Outcome]] = field(default_factory=list)
    lacking: list[tuple[RuleSpec, list[str]]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failed and not self.lacking

    def sentences(self, lang: str) -> list[str]:
        """The whole result, line by line."""
        lines = []
        for reader, outcome in self.failed:
            lines += [*_failure(self.rulebook, reader, outcome, lang), ""]
        for rule, answers in self.lacking:
            lines.append(_lack(rule, answers, lang))
        return [*lines, *([""] if self.lacking else []), *self._summary(lang)]

    def _summary(self, lang: str) -> list[str]:
        book, rules = self.rulebook, len(self.rulebook.rules)
        title = book.title.zh if lang == "zh" else book.title.en
        marked = sum(rule.mark in ("K", "HOLE") for rule in book.rules.values())
        if lang == "zh":
            how = "、".join(self.readers)
            counts = f"{rules} 条规则，{self.run} 个例子，读法：{how}"
            doubt = f"；{marked} 条规则标为待核（K）或空缺（HOLE）" if marked else ""
            end = "全部通过。" if self.ok else (
                f"{len(self.failed)} 个例子未通过，{len(self.lacking)} 条规则缺例子。"
            )  # fmt: skip
            return [f"{title}（{book.name} {book.version}）：{counts}{doubt}。", end]
        counts = f"{rules} rules, {self.run} examples, readers: {', '.join(self.readers)}"
        doubt = f"; {marked} rules are marked K (not confirmed) or HOLE" if marked else ""
        end = "All pass." if self.ok else (
            f"{len(self.failed)} examples fail, {len(self.lacking)} rules lack examples."
        )  # fmt: skip
        return [f"{title} ({book.name} {book.version}): {counts}{doubt}.", end]


def tested(rulebook: Rulebook, readers: Sequence[str]) -> Tested:
    """Run all examples on these readers."""
    found = Tested(rulebook, readers=list(readers))
    for reader in readers:
        outcomes = list(READERS[reader](rulebook))
        found.run = len(outcomes)
        found.failed += [(reader, outcome) for outcome in outcomes if not outcome.ok]
    for rule in rulebook.rules.values():
        answers = lacking(rule)
        if answers:
            found.lacking.append((rule, answers))
    return found


def lacking(rule: RuleSpec) -> list[str]:
    """What a rule has no example for: an answer, or the amount where one is due."""
    paid = any(e.amount is not None for e in rule.examples)
    return examples.lacking(rule) + (["amount"] if rule.amount and not paid else [])


def _lack(rule: RuleSpec, answers: Sequence[str], lang: str) -> str:
    words = [_word(answer, lang) for answer in answers]
    if lang == "zh":
        return f"{rule.where}，{rule.name}（{rule.title.zh}）：缺少这些例子：{'、'.join(words)}。"
    return f"{rule.where}, {rule.name} ({rule.title.en}): no example for {', '.join(words)}."


def _word(answer: str, lang: str) -> str:
    if answer == "amount":
        return "金额" if lang == "zh" else "the amount"
    return f"{WORDS[answer][lang]}（{answer}）" if lang == "zh" else answer


def _failure(rulebook: Rulebook, reader: str, outcome: Outcome, lang: str) -> list[str]:
    rule, example = outcome.rule, outcome.example
    title = rule.title.zh if lang == "zh" else rule.title.en
    by = f" [{reader}]"
    if lang == "zh":
        head = f"✗ {rule.where}，{rule.name}（{title}），{example.on}：{example.says}{by}"
        return [head, f"    应为：{_expected(example, lang)}", *_came(rulebook, outcome, lang)]
    head = f"✗ {rule.where}, {rule.name} ({title}), {example.on}: {example.says}{by}"
    return [head, f"    expected: {_expected(example, lang)}", *_came(rulebook, outcome, lang)]


def _expected(example: Example, lang: str) -> str:
    due = Decimal(str(example.amount)) if example.amount is not None else None
    return _word(example.answer, lang) + _amount(due, lang)


def _came(rulebook: Rulebook, outcome: Outcome, lang: str) -> list[str]:
    if outcome.refusal is not None:
        return [
            ("    拒绝：" if lang == "zh" else "    refused: ") + outcome.refusal.sentence(lang)
        ]
    if outcome.answer is None:
        return [
            f"    {outcome.example.on} 这条规则无效，没有回答。"
            if lang == "zh"
            else f"    the rule is not in force on {outcome.example.on}, so there is no answer."
        ]
    came = "    得到：" if lang == "zh" else "    came out: "
    said = _word(outcome.answer.word, lang) + _amount(_yuan(outcome.answer), lang)
    return [came + said, *(f"    {line}" for line in _why(rulebook, outcome, lang))]


def _yuan(answer: Answer) -> Decimal | None:
    return None if answer.amount is None else Decimal(answer.amount) / 100


def _amount(amount: Decimal | None, lang: str) -> str:
    if amount is None:
        return ""
    return f"，金额 {amount:,.2f}" if lang == "zh" else f", amount {amount:,.2f}"


def _why(rulebook: Rulebook, outcome: Outcome, lang: str) -> list[str]:
    """What decided the answer, as `yihu explain` says it, without head and source."""
    rule, example = outcome.rule, outcome.example
    try:
        explainer = Explainer(rulebook, example.on, rule.name)
        row = explainer.rows(example.card)
        because = Because(explainer, row, with_flips=False)
        found = because.sentences(lang)
    except Refused as refusal:
        return [refusal.sentence(lang)]
    # The head repeats the answer; the last are the way out, the source and what it stands for.
    return found[1 : -2 - len(because.sources())]
