"""A card of an example as HTML: what is known of the household, its members, what is above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from yihu.rulebook.book import Rulebook, RuleSpec
from yihu.rulebook.cards import root_for
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.program import POPULATION


class CardText:
    """Writes cards of one rulebook with the labels people know."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.below = {level.plural: level for level in rulebook.levels}
        self.above = {level.name: level for level in rulebook.levels}
        self.aliases = {level.alias: level.name for level in rulebook.levels if level.alias}

    def html(self, card: Mapping[str, Any], rule: RuleSpec) -> Markup:
        """The card of an example of a rule; “nothing known” for an empty one."""
        level = rule.level
        if level != POPULATION and self.rulebook.levels[0].plural in card:
            level = root_for(self.rulebook.levels, level)
        return self._body(card, level) or _span(Text("一无所知", "nothing is known"), "empty")

    def _body(self, card: Mapping[str, Any], level: str) -> Markup:
        facts, parts = [], []
        for name, value in card.items():
            if name in ("id", "times"):
                continue
            if name in self.below:
                parts.append(self._things(value, self.below[name].name))
            elif isinstance(value, Mapping):
                parts.append(self._around(name, value, level))
            else:
                facts.append(self._fact(level, name, value))
        plain = Markup("<span class='sep'>，</span>").join(facts)
        return plain + Markup("").join(parts)

    def _things(self, bodies: Sequence[Mapping[str, Any]], level: str) -> Markup:
        items = Markup("").join(
            Markup("<li>{}{}</li>").format(self._head(level, i, body), self._body(body, level))
            for i, body in enumerate(bodies, 1)
        )
        return Markup("<ul class='things'>{}</ul>").format(items)

    def _head(self, level: str, place: int, body: Mapping[str, Any]) -> Markup:
        label = self.above[level].label
        times = body.get("times", 1)
        many = f" ×{times}" if times != 1 else f" {place}"
        known = "" if set(body) <= {"id", "times"} else "："
        return _span(
            Text(f"{label.zh}{many}{known}", f"{label.en}{many}{': ' if known else ''}"), "of"
        )

    def _around(self, name: str, body: Mapping[str, Any], level: str) -> Markup:
        if name == "last":
            return Markup("<div class='around'>{}{}</div>").format(
                _span(Text("上期：", "the period before: "), "of"), self._body(body, level)
            )
        at = self.aliases.get(name, name)
        label = self.above[at].label if at in self.above else Text("全体", "population")
        return Markup("<div class='around'>{}{}</div>").format(
            _span(Text(f"{label.zh}：", f"{label.en}: "), "of"), self._body(body, at)
        )

    def _fact(self, level: str, name: str, value: Any) -> Markup:
        spec = self.rulebook.facts.get((level, name))
        try:
            label = self.rulebook.label_of(level, name)
        except KeyError:
            label = Text(name, name)
        return Markup("<span class='fact'>{} {}</span>").format(
            _span(label, "label"), _span(_value(spec, value), "value")
        )


def _value(spec: FactSpec | None, value: Any) -> Text:
    if value is None:
        return Text("未知", "not known")
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, date):
        return Text(value.isoformat(), value.isoformat())
    if isinstance(value, list):
        parts = [_value(spec, part) for part in value]
        return Text("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
    if spec is not None and spec.codes:
        return next(_labels(spec, str(value)), Text(str(value), str(value)))
    if isinstance(value, int | float) and spec is not None and spec.kind == "money":
        return Text(f"{value:,}", f"{value:,}")
    return Text(str(value), str(value))


def _labels(spec: FactSpec, key: str) -> Iterator[Text]:
    return (code.label for code in (spec.codes.codes if spec.codes else ()) if code.key == key)


def _span(text: Text, kind: str) -> Markup:
    if text.zh == text.en:
        return Markup("<span class='{}'>{}</span>").format(kind, escape(text.zh))
    return Markup(
        "<span class='{}'><span class='zh'>{}</span><span class='en'>{}</span></span>"
    ).format(kind, text.zh, text.en)
