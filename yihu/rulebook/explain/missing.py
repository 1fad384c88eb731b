"""What an unknown answer waits for: facts nobody has told, how they are asked, and who can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from yihu.rulebook.book import Rulebook
from yihu.rulebook.evaluate import Row
from yihu.rulebook.explain import Step, facts_of, spec_of
from yihu.rulebook.facts import Text
from yihu.rulebook.language.names import parsed
from yihu.rulebook.language.parse import Name, Syntax, children

HEADING = Text("还不知道，要问清：", "Not known yet, and to be asked:")
#: Where several are missing and none of them settles it alone.
TOGETHER = Text(
    "单问清其中一项还定不下来：从头问起，有的答案会使后面的不必再问。",
    "No single one of these settles it: ask from the top; an answer may make others needless.",
)
_WHO = {
    "person": Text("问本人或家里人", "ask them or their family"),
    "household": Text("问这一家", "ask the family"),
}
_PLACE = Text("问{level}", "ask the {level}")
_ONLY = Text("；看{words}的回答再问", "; if need be after {words}")
_LAST = Text("上期：", "last period: ")
_LINE = Text("标准线“{title}”没有数（由县按文件填写）",
             "the line “{title}” has no value (the county fills it in by its paper)")  # fmt: skip


def missing(rulebook: Rulebook, row: Row, step: Step, on: date, lang: str) -> list[str]:
    """Each fact and line that is not known and decided, a line of words each, once.

    What is asked only after another of them comes after all others, and says after which.
    """
    facts = [fact for fact in facts_of(step) if fact.value is None]
    names = {fact.key[1] for fact in facts}
    waits = [_waits(rulebook, fact, names, on) for fact in facts]
    order = sorted(zip(facts, waits, strict=True), key=lambda each: each[1] is not None)
    asked = [_question(rulebook, row, fact, waiting, lang) for fact, waiting in order]
    return list(dict.fromkeys([*asked, *_lines(rulebook, step, lang)]))


def _waits(rulebook: Rulebook, fact: Step, missing: Collection[str], on: date) -> Text | None:
    """Those missing on whose answer it hangs whether the fact is asked at all; None: it is."""
    spec = rulebook.asked.get(fact.key)
    text = spec.text.on(on) if spec else None
    first = sorted(_names(parsed(text)) & set(missing)) if text else []
    labels = [label for name in first if (label := _label(rulebook, fact.key[0], name))]
    if not labels:
        return None
    zh, en = ([f"“{label.said(lang)}”" for label in labels] for lang in ("zh", "en"))
    return Text("、".join(zh), ", ".join(en))


def _label(rulebook: Rulebook, level: str, name: str) -> Text | None:
    """What a fact is called that a condition looks at: of the same thing, or of one above it."""
    for at in (level, *(one.name for one in rulebook.levels)):
        if (at, name) in rulebook.facts:
            return rulebook.facts[at, name].label
    return None


def _names(syntax: Syntax) -> set[str]:
    own = {syntax.parts[-1]} if isinstance(syntax, Name) else set()
    return own.union(*(_names(part) for part in children(syntax)))


def _question(rulebook: Rulebook, row: Row, fact: Step, waiting: Text | None, lang: str) -> str:
    """Of whom, the question, and who can tell: “韦小花：在校吗？（问本人或家里人）”."""
    level, name = fact.key[0], fact.key[1].removeprefix("last.")
    spec = spec_of(rulebook, fact.key)
    asks = spec.ask if spec and spec.ask else rulebook.label_of(level, name)
    last = _LAST.said(lang) if fact.key[1] != name else ""
    colon, opens, closes = ("：", "（", "）") if lang == "zh" else (": ", " (", ")")
    whose = "" if fact.row is row else f"{fact.row.id}{colon}"
    who = _who(rulebook, level, lang)
    if waiting is not None:
        who += _ONLY.said(lang).format(words=waiting.said(lang))
    return f"{whose}{last}{asks.said(lang)}{opens}{who}{closes}"


def _who(rulebook: Rulebook, level: str, lang: str) -> str:
    if level in _WHO:
        return _WHO[level].said(lang)
    label = next((one.label for one in rulebook.levels if one.name == level), Text(level, level))
    return _PLACE.said(lang).format(level=label.said(lang))


def _lines(rulebook: Rulebook, step: Step, lang: str) -> Iterator[str]:
    for part in step.walk():
        if part.kind == "line" and part.value is None:
            line = rulebook.lines.get(part.key[1])
            title = line.title.said(lang) if line else part.key[1]
            yield _LINE.said(lang).format(title=title)
