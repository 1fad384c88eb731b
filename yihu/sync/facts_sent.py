"""The facts of an entry from a phone: in today's words, and those a person has to decide about.

A fact that has another name now is written under that name, if exactly one fact of the level lists
the old name among its headings. Doubted are facts and not entries: what else one says is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from yihu.book import dictionary
from yihu.book.models import Book
from yihu.book.order import undone
from yihu.book.reading import entries_of
from yihu.book.says import facts_in
from yihu.exchange.identities import NUMBER, wrong_in
from yihu.problems import Problem
from yihu.rulebook.facts import FactSpec
from yihu.sync.batch import Batch, Key
from yihu.sync.models import Arrival
from yihu.sync.sent import Sent

#: Changes of people a helper may hand in from the door; all else is done at the desk.
DOOR_ACTS = ("joined", "left", "head")


def version() -> str:
    """The rulebook in use as phones name it."""
    book = dictionary.active()
    return f"{book.name} {book.version} {book.hash[:12]}"


def is_old(sent: Sent) -> bool:
    """Was it written by another rulebook than today's?"""
    return bool(sent.rulebook) and sent.rulebook != version()


def level_of(whose: str) -> str:
    """The level of a fact by whose it is."""
    return "household" if whose == "household" else "person"


def in_todays_words(sent: Sent) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What an entry says with facts by their names of today, and ("renamed",) if any moved."""
    says = renamed(sent.says)
    return says, ("renamed",) if says != sent.says else ()


def renamed(said: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says, each fact under its name of today if it has one."""
    says = dict(said)
    for whose, facts in list(_tables(said)):
        level = level_of(whose)
        _put(says, whose, {_name_now(level, fact) or fact: of for fact, of in facts.items()})
    return says


def unwritable(says: Mapping[str, Any]) -> list[Key]:
    """The facts that today's rulebook has not, or whose values it does not know."""
    return [
        (whose, fact)
        for whose, facts in _tables(says)
        for fact, value in facts.items()
        if not is_writable(whose, fact, value)
    ]


def stands_in_no_form(whose: str, fact: str, value: Any, says: Mapping[str, Any], on: date) -> bool:
    """Is it a text in no form of its fact on a day, or an identity number no document has?"""
    if dictionary.wrong_form(level_of(whose), fact, value, on) is not None:
        return True
    return fact == NUMBER and whose in wrong_in(says)


def is_writable(whose: str, fact: str, value: Any) -> bool:
    """Does today's rulebook know the fact, and the value?"""
    try:
        dictionary.written(level_of(whose), fact, value)
    except Problem:
        return False
    return True


def _tables(says: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(whose, facts) of what has the shape of facts; the book refuses the rest."""
    if isinstance(says.get("household"), dict):
        yield "household", says["household"]
    members = says.get("members")
    for person, facts in members.items() if isinstance(members, dict) else ():
        if isinstance(facts, dict):
            yield person, facts


def _put(says: dict[str, Any], whose: str, facts: dict[str, Any]) -> None:
    if whose == "household":
        says["household"] = facts
    else:
        says["members"] = {**says["members"], whose: facts}


def _name_now(level: str, fact: str) -> str | None:
    facts = dictionary.active().facts
    if (level, fact) in facts:
        return fact
    found = [name for (at, name), spec in facts.items() if at == level and fact in spec.columns]
    return found[0] if len(found) == 1 else None


def require_household_acts(says: Mapping[str, Any]) -> None:
    """Refuse acts that speak of another household or place. Raises Problem."""
    acts = says.get("acts", ())
    for act in acts if isinstance(acts, list) else ():
        others = isinstance(act, dict) and {"from", "to", "into"} & act.keys()
        if not isinstance(act, dict) or act.get("did") not in DOOR_ACTS or others:
            raise Problem("sync.people_elsewhere", status=403)


# --- facts a person decides about, beside which all else of the entry is written ------------------


@dataclass(frozen=True, slots=True)
class Doubt:
    """Facts of an entry a person decides about. code: why, as a hold names it."""

    code: str
    keys: tuple[Key, ...]


def doubts(
    sent: Sent, says: Mapping[str, Any], book: Book, batch: Batch
) -> tuple[int, list[Doubt]]:
    """(the number the entry is based on, facts a person decides about: each under one reason).

    sync.held_rulebook  of an older rulebook: the fact or its value is no longer used
    sync.held_behind    somebody else wrote another value since the phone's copy
    sync.held_form      a text in no form its fact has, such as the figures of a telephone number,
                        or an identity number no document has: a helper wrote it at a door days
                        ago, and who decides can ask him

    Raises  Problem, the book's own: of a phone with today's rulebook, a value its fact cannot have,
            or none where its fact is never emptied
    """
    unused = unwritable(says) if is_old(sent) else []
    used = without(says, unused)
    # What is no value of its fact is in dispute with nobody.
    for whose, facts in _tables(used):
        level = level_of(whose)
        spelled = {fact: dictionary.written(level, fact, value) for fact, value in facts.items()}
        dictionary.require_kept(level, spelled)
    based_on, disputed = _disputed(sent, used, book, batch)
    doubted = {
        "sync.held_rulebook": unused, "sync.held_behind": disputed,
        "sync.held_form": _in_no_form(sent, without(used, disputed)),
    }  # fmt: skip
    return based_on, [Doubt(code, tuple(sorted(keys))) for code, keys in doubted.items() if keys]


def without(says: Mapping[str, Any], keys: Collection[Key]) -> dict[str, Any]:
    """What an entry says beside some of its facts."""
    rest = dict(says)
    for whose, facts in _tables(says):
        left = {fact: value for fact, value in facts.items() if (whose, fact) not in keys}
        _put(rest, whose, left)
    if keys:
        _drop_empty(rest)
    return rest


def _drop_empty(says: dict[str, Any]) -> None:
    if isinstance(says.get("members"), dict):
        says["members"] = {who: facts for who, facts in says["members"].items() if facts}
    for whose in ("household", "members"):
        if whose in says and not says[whose]:
            del says[whose]


def _in_no_form(sent: Sent, says: Mapping[str, Any]) -> list[Key]:
    texts = {
        (whose, fact)
        for whose, facts in _tables(says)
        for fact, value in facts.items()
        if dictionary.wrong_form(level_of(whose), fact, value, sent.seen_on) is not None
    }
    return sorted(texts | {(person, NUMBER) for person in wrong_in(says)})


# --- what others wrote meanwhile ------------------------------------------------------------------


def _disputed(
    sent: Sent, says: Mapping[str, Any], book: Book, batch: Batch
) -> tuple[int, list[Key]]:
    """(the number the entry is based on, its facts somebody else changed since the phone's copy).

    What the same phone wrote itself since is no dispute: it knew. Nor is the same value, seen by
    two, or one that was taken back: then the entry stands on the end of the book.
    """
    mine = _written(says)
    known = sent.based_on if sent.based_on <= book.last_number else 0
    others, met = _later(book, known, batch), False
    disputed = []
    for key, value in others.items():
        if key in mine:
            met = True
            if value is not _NO_DISPUTE and value != mine[key]:
                disputed.append(key)
    return book.last_number if met or known != sent.based_on else sent.based_on, disputed


#: The same phone said it, or it was taken back since.
_NO_DISPUTE = object()


def _later(book: Book, known: int, batch: Batch) -> dict[Key, Any]:
    """(whose, fact) → what others said last of it after entry `known`, or _NO_DISPUTE."""
    if known == book.last_number:
        return {}
    if batch.waiting is None:
        return _written_later(book, known, batch)
    of = batch.waiting.books[book.pk]
    if known not in of.later:
        of.later[known] = _written_later(book, known, batch) if known < of.end else {}
    here = (keys for number, keys in of.waits if number > known)
    return of.later[known] | dict.fromkeys(chain.from_iterable(here), _NO_DISPUTE)


def _written_later(book: Book, known: int, batch: Batch) -> dict[Key, Any]:
    rows = next((of for _, of in entries_of([book.pk], but="gap", after=known)), [])
    own = Arrival.objects.filter(book_id=book.pk, worker=batch.by, device=batch.device)
    ids = set(own.filter(number__gt=known).values_list("entry_id", flat=True)) if rows else set()
    gone = undone(rows)
    found: dict[Key, Any] = {}
    for row in rows:
        for whose, fact, value in facts_in(row.says):
            if row.number in gone:
                found.setdefault((whose, fact), _NO_DISPUTE)
            elif row.id in ids:
                found[whose, fact] = _NO_DISPUTE
            else:
                found[whose, fact] = opened_value(value, row.sealed)
    return found


def opened_value(value: Any, sealed: Mapping[str, str] | None) -> Any:
    """A value of an entry in clear."""
    if not isinstance(value, dict):
        return value
    commitment = str(value.get("sealed", ""))
    token = (sealed or {}).get(commitment)
    return dictionary.keys().open(commitment, token) if token else None


def _written(says: Mapping[str, Any]) -> dict[Key, Any]:
    """(whose, fact) → value as the book will spell it; the book refuses what has no spelling."""
    found = {}
    for whose, facts in _tables(says):
        for fact, value in facts.items():
            try:
                found[whose, fact] = dictionary.written(level_of(whose), fact, value)
            except Problem:
                found[whose, fact] = None
    return found


def spec_or_none(whose: str, fact: str) -> FactSpec | None:
    """What the rulebook says of a fact, if it still has it."""
    return dictionary.active().facts.get((level_of(whose), fact))


def labels(keys: Collection[Key]) -> dict[str, str]:
    """The facts in words, for a sentence in both languages."""
    specs = [(fact, spec_or_none(whose, fact)) for whose, fact in sorted(keys)]
    return {
        "facts": ", ".join(dict.fromkeys(s.label.en if s else fact for fact, s in specs)),
        "facts_zh": "、".join(dict.fromkeys(s.label.zh if s else fact for fact, s in specs)),
    }
