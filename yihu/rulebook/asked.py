"""When a question is asked at all: the conditions of a rulebook's facts, bound to a day.

A condition looks at what is known of the same thing, and of the household for one of its people:
no more is at hand where a form is filled, on a phone without a network as on the desk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from yihu.rulebook.bind import Binder, told
from yihu.rulebook.book import AskedSpec, Rulebook
from yihu.rulebook.facts import PRIVACY_CLASSES, Text
from yihu.rulebook.language.names import Key, parsed
from yihu.rulebook.language.parse import BadText, Syntax, children
from yihu.rulebook.program import POPULATION, Output, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import (
    Agg,
    CountTest,
    Fact,
    IdentityBirth,
    IdentityMale,
    IdentityOk,
    IdStarts,
    Length,
    Matches,
    Node,
    Part,
    Ref,
    Repeats,
    parts_of,
)

#: What looks beyond the thing asked about.
_MANY = (Agg, CountTest, Repeats)
#: What only the engine reads: patterns and figures inside texts.
_TEXTS = (Matches, Length, Part, IdentityOk, IdentityBirth, IdentityMale)


@dataclass(frozen=True, slots=True)
class Condition:
    """When a fact is asked, on a day.

    node   the typed text; `meant` says what the derived facts and rules in it are
    waits  the facts it looks at, in the order they are read
    """

    level: str
    name: str
    node: Node
    meant: Mapping[Key, Node]
    waits: tuple[Key, ...]


def conditions(book: Rulebook, on: date) -> dict[Key, Condition]:
    """The conditions in force on a day, by the fact that is asked. Raises Refused."""
    return _bound(book, Binder(book, on))


def program(book: Rulebook, on: date, *, root: str = POPULATION) -> Program:
    """The conditions of a day as a program: for each fact, whether it is asked."""
    binder = Binder(book, on, root)
    outputs = [Output(each.level, each.name, each.node) for each in _bound(book, binder).values()]
    return binder.program(tuple(outputs))


def faults(book: Rulebook, on: date) -> Iterator[Refused]:
    """What is wrong with the conditions of a day, one fault for each fact."""
    binder = Binder(book, on)
    bound: dict[Key, Condition] = {}
    for key, spec in book.asked.items():
        try:
            condition = _condition(book, binder, spec)
        except Refused as fault:
            yield fault
            continue
        if condition is not None:
            bound[key] = condition
    try:
        _require_no_circle(book, bound)
    except Refused as fault:
        yield fault


def _bound(book: Rulebook, binder: Binder) -> dict[Key, Condition]:
    found = {key: _condition(book, binder, spec) for key, spec in book.asked.items()}
    return {key: condition for key, condition in found.items() if condition is not None}


def _condition(book: Rulebook, binder: Binder, spec: AskedSpec) -> Condition | None:
    text = spec.text.on(binder.on)
    if text is None:
        return None
    key = (spec.level, f"{spec.name} (asked_if)")
    with binder.noted(key), told(spec, text):
        whole = binder.typer.condition(binder.text(spec, text, spec.level), 0)
        if binder.assumed.get(key):
            raise BadText(
                "if_unknown is not for questions: one that is not known is asked first. "
                "Write “x is blank or …” to ask both",
                0,
                zh="提问条件不用 if_unknown：未知的先问。要同时问，请写“x is blank or …”",
            )
        meant = {k: typed.node for k, typed in binder.definitions.items()}
        _require_at_hand(book, binder, spec, text, key)
    read = (node for node in walk(whole.node, meant) if isinstance(node, Fact))
    waits = dict.fromkeys((fact.level, fact.name) for fact in read)
    stored = tuple(key for key in waits if key in book.facts)
    return Condition(spec.level, spec.name, whole.node, meant, stored)


def walk(node: Node, meant: Mapping[Key, Node]) -> Iterator[Node]:
    """The node and all it is made of, each once; what is derived is followed to its own nodes."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        now = waiting.pop()
        if id(now) in seen:
            continue
        seen.add(id(now))
        yield now
        if isinstance(now, Ref):
            waiting.append(meant[now.level, now.name])
        waiting.extend(reversed(parts_of(now)))


# --- what may stand in a condition ----------------------------------------------------------------


def _require_at_hand(book: Rulebook, binder: Binder, spec: AskedSpec, text: str, key: Key) -> None:
    """Refuse, at its place, what is not at hand where the question is asked. Raises BadText."""
    meant = {k: typed.node for k, typed in binder.definitions.items()}
    for piece in _innermost_first(parsed(text)):
        node = binder.traces.get((key, id(piece)))
        for inner in walk(node, meant) if node is not None else ():
            why = _not_at_hand(book, spec, inner)
            if why is not None:
                raise BadText(why.en, piece.at, zh=why.zh)


def _innermost_first(syntax: Syntax) -> Iterator[Syntax]:
    for part in children(syntax):
        yield from _innermost_first(part)
    yield syntax


def _not_at_hand(book: Rulebook, spec: AskedSpec, node: Node) -> Text | None:
    """Why a form could not follow a node; None where it can."""
    if isinstance(node, _TEXTS):
        en = "a form takes no texts and identity numbers apart; wait for days, numbers, codes"
        return Text("表单不拆读文字和证件号码；提问条件只看日期、数和代码", en)
    if isinstance(node, IdStarts):
        return Text("表单不按地区代码判断", "a form does not know places by their code")
    levels = _levels(book, spec.level)
    if isinstance(node, _MANY) or (node.level and node.level not in levels):
        own = " and ".join(f"the {level}" for level in levels)
        own_zh = "与".join(_label(book, level) for level in levels)
        return Text(
            f"提问条件只看{own_zh}自己的情况，不看别人的",
            f"a question waits for what is known of {own} alone, not of others",
        )
    return _not_told(book, spec, node) if isinstance(node, Fact) else None


def _not_told(book: Rulebook, spec: AskedSpec, fact: Fact) -> Text | None:
    if fact.last:
        en = "values of the period before are not at hand where the question is asked"
        return Text("提问时手边没有上期的值", en)
    found = book.facts.get((fact.level, fact.name))
    asked = book.facts[spec.level, spec.name].privacy
    if found is None:
        return None
    zh = found.label.zh
    if found.privacy == "secret":
        en = f"{fact.name} is secret: forms and phones hold it masked"
        return Text(f"“{zh}”是机密，表单和手机上只有遮住的值", en)
    if _closeness(found.privacy) <= _closeness(asked):
        return None
    en = f"{fact.name} is {found.privacy} and the question is {asked}"
    return Text(
        f"“{zh}”比所问的更私密，问与不问会泄露它",
        f"{en}: whoever is asked it would learn the other",
    )


def _closeness(privacy: str) -> int:
    return PRIVACY_CLASSES.index(privacy)


def _levels(book: Rulebook, level: str) -> tuple[str, ...]:
    """The thing itself; of a person also the household whose form it is."""
    names = [each.name for each in book.levels]
    return tuple(names[:2]) if level == names[0] else (level,)


def _label(book: Rulebook, name: str) -> str:
    return next(level.label.zh for level in book.levels if level.name == name)


def _require_no_circle(book: Rulebook, bound: Mapping[Key, Condition]) -> None:
    """Refuse questions that wait for each other: none of them would ever be asked."""
    done: set[Key] = set()
    for start in bound:
        path = {} if start in done else {start: iter(bound[start].waits)}
        while path:
            key = next(reversed(path))
            step = next((k for k in path[key] if k in bound and k not in done), None)
            if step is None:
                done.add(key)
                del path[key]
            elif step in path:
                keys = [*path]
                names = " → ".join(name for _, name in (*keys[keys.index(step) :], step))
                raise Refused("rulebook.asked_circle", at=book.asked[step].where, names=names)
            else:
                path[step] = iter(bound[step].waits)
