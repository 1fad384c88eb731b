"""The income account as phones add it up: which facts make which sum, read from the rulebook.

A phone shows sums while an account is being filled in. What is added to what stands in the derived
facts of the rulebook and nowhere else; here they are only taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from yihu.book import dictionary
from yihu.rulebook.book import Rulebook
from yihu.rulebook.language.parse import Call, Name, Op, Syntax, parse

#: Accounts, by their net income and what that is per person: the reckoning, and the register.
ACCOUNTS = (("net_income", "computed_per_person"), ("register_net", "register_per_person"))
#: Section of the register → the fact of the reckoning that a rule compares it with.
AGREES = {"register_operating": "operating_income", "register_wage": "wage_income"}
LEVEL = dictionary.HOUSEHOLD


@dataclass(frozen=True, slots=True)
class _Term:
    """One name of a sum; takes: it is taken off."""

    name: str
    takes: bool


def accounts(on: date) -> list[dict[str, Any]]:
    """The accounts of a day: {net, per_person, sections: [{label, facts, takes, agrees}]}."""
    return _accounts(dictionary.active().hash, on)


@lru_cache(maxsize=4)
def _accounts(_hash: str, on: date) -> list[dict[str, Any]]:
    book = dictionary.active()
    found = []
    for net, per_person in ACCOUNTS:
        sections = _sections(book, net, on)
        if sections:
            labels = {"net": _label(book, net), "per_person": _label(book, per_person)}
            found.append({**labels, "sections": sections})
    return found


def _sections(book: Rulebook, net: str, on: date) -> list[dict[str, Any]]:
    """The sums a net income is made of; lone facts of a sum stand together under its name."""
    found: list[dict[str, Any]] = []
    for side in _terms(book, net, on):
        alone: list[str] = []
        for term in _terms(book, side.name, on) or [_Term(side.name, takes=False)]:
            inner = [each.name for each in _terms(book, term.name, on)]
            if inner:
                found.append(_section(book, term.name, inner, side))
            else:
                alone.append(term.name)
        if alone:
            name = alone[0] if len(alone) == 1 else side.name
            found.append(_section(book, name, alone, side))
    return found


def _section(book: Rulebook, name: str, facts: Sequence[str], side: _Term) -> dict[str, Any]:
    agrees = AGREES.get(name)
    known = agrees if (LEVEL, agrees) in book.facts else None
    return {
        "label": _label(book, name), "facts": list(facts), "takes": side.takes, "agrees": known,
    }  # fmt: skip


def _label(book: Rulebook, name: str) -> dict[str, str]:
    key = (LEVEL, name)
    of = book.derived.get(key) or book.facts.get(key)
    return {"zh": of.label.zh, "en": of.label.en} if of else {"zh": name, "en": name}


def _terms(book: Rulebook, name: str, on: date) -> list[_Term]:
    """The names a derived fact is the sum of; none of a fact, or of what is no plain sum."""
    spec = book.derived.get((LEVEL, name))
    text = spec.value.on(on) if spec else None
    found = list(_added(parse(text), takes=False)) if text else []
    return [each for each in found if each is not None] if None not in found else []


def _added(of: Syntax, *, takes: bool) -> Iterator[_Term | None]:
    """Names added and taken off; None: what is neither."""
    match of:
        case Name(parts=(name,)):
            yield _Term(name, takes)
        case Call(name=("if_unknown",), args=(Name() as name, _)):
            yield from _added(name, takes=takes)
        case Op(op="+" | "-" as op, args=args):
            for n, each in enumerate(args):
                yield from _added(each, takes=takes != (op == "-" and n > 0))
        case _:
            yield None
