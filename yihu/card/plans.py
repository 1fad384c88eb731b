"""What happens to households and people, as entries to be written together.

Pure: each function returns entries for `loop.write`, which writes all of them or none; give them
one batch, so that they can be undone together. Nothing is deleted and nothing is rewritten: who
goes to another household leaves one book and joins another, and what is known of the person is
said again there, with its own days and sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.card.fold import Card, Decision, Known, Member
from yihu.problems import Problem

Act = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Home:
    """A household: the id of its book, and its card."""

    id: UUID
    card: Card


@dataclass(frozen=True, slots=True)
class When:
    """The day something happened, and who or what says so."""

    on: date
    source: str


def register(
    when: When,
    *,
    code: str,
    place: str,
    members: Sequence[Mapping[str, Any]],
    household: Mapping[str, Any],
    id: UUID | None = None,
) -> list[NewEntry]:
    """A new household; the first of the members is its head.

    members    facts of each; household: facts of the household
    """
    people = {str(uuid4()): dict(facts) for facts in members}
    acts: list[Act] = [{"did": "opened", "code": code, "place": place}]
    for place_in, person in enumerate(people):
        acts.append(_joined(person, "registered", head=place_in == 0))
    says = {"acts": acts, "members": people, "household": dict(household)}
    return [_people(id or uuid4(), when, says)]


def join(
    home: Home, when: When, *, facts: Mapping[str, Any], why: str, person: UUID | None = None
) -> list[NewEntry]:
    """Somebody new comes: born, married in, moved in, returned.

    person  who returns; a new person unless given
    """
    who = str(person or uuid4())
    says = {"acts": [_joined(who, why)], "members": {who: dict(facts)} if facts else {}}
    return [_people(home.id, when, says)]


def leave(
    home: Home, when: When, *, person: str, why: str, new_head: str | None = None
) -> list[NewEntry]:
    """Somebody dies, marries out or moves away. Raises Problem (card.head_needed)."""
    acts: list[Act] = [{"did": "left", "person": person, "why": why}]
    acts += _head_after(home, {person}, new_head)
    return [_people(home.id, when, {"acts": acts, **_by_new_head(home, acts)})]


def change_head(home: Home, when: When, *, person: str) -> list[NewEntry]:
    """Another member becomes the head."""
    _require_here(home, [person])
    acts: list[Act] = [{"did": "head", "person": person}]
    return [_people(home.id, when, {"acts": acts, **_by_new_head(home, acts)})]


def _by_new_head(home: Home, acts: Sequence[Act]) -> dict[str, Any]:
    """What else is so when another becomes the head: the name of the head, and who is what to him.

    Of a couple the other one is the spouse, and their children stay theirs. Else nobody knows from
    the old relations what each is to the new head: they are emptied, and asked again.
    """
    new = next((str(act["person"]) for act in acts if act["did"] == "head"), "")
    gone = {str(act["person"]) for act in acts if act["did"] == "left"}
    member, known = home.card.members.get(new), dictionary.active().facts
    spec = known.get(("person", "relation"))
    if member is None or member.is_head:
        return {}
    says: dict[str, Any] = {}
    if spec is not None and spec.codes and {"head", "spouse"} <= {c.key for c in spec.codes.codes}:
        here = [one for one in home.card.people if one.id != new and one.id not in gone]
        if _value_of(member.facts, "relation") == "spouse":
            said: dict[str, str | None] = {one.id: "spouse" for one in here if one.is_head}
        else:
            said = dict.fromkeys(one.id for one in here if "relation" in one.facts)
        says["members"] = {who: {"relation": of} for who, of in {**said, new: "head"}.items()}
    if ("household", "head_name") in known and _value_of(member.facts, "name"):
        says["household"] = {"head_name": _value_of(member.facts, "name")}
    return says


def _value_of(facts: Mapping[str, Known], name: str) -> Any:
    found = facts.get(name)
    return found.value if found is not None and not found.token else None


def move_household(home: Home, when: When, *, place: str, why: str) -> list[NewEntry]:
    """The household lives elsewhere from now on; its book goes with it."""
    acts = [{"did": "moved", "place": place, "why": why}]
    return [_people(home.id, when, {"acts": acts})]


def close(home: Home, when: When, *, why: str) -> list[NewEntry]:
    """The household is no more, or should never have been; its book stays."""
    return [_people(home.id, when, {"acts": [{"did": "closed", "why": why}]})]


def reopen(home: Home, when: When, *, why: str) -> list[NewEntry]:
    """A closed household is one again."""
    return [_people(home.id, when, {"acts": [{"did": "reopened", "why": why}]})]


def split(
    home: Home,
    when: When,
    *,
    people: Sequence[str],
    code: str,
    place: str,
    keep_status: bool,
    new_head: str | None = None,
    id: UUID | None = None,
) -> list[NewEntry]:
    """Some members become a household of their own; the first of them is its head.

    keep_status  the new household stands in the register as the old one does
    new_head     of the old household, where its head goes too
    Raises       Problem: card.nobody, card.not_of_household, card.head_needed
    """
    if not people or len(set(people)) == len(home.card.people):
        raise Problem("card.nobody")
    new = id or uuid4()
    acts: list[Act] = [{"did": "opened", "code": code, "place": place, "from": str(home.id)}]
    acts += _acts_joining(home, people, "split", head=people[0])
    made = [
        *_going(home, when, people, to=new, why="split", new_head=new_head),
        _people(new, when, {"acts": acts}),
        *carried(home, new, people),
    ]
    if keep_status:
        made += [_decided(new, decision, home) for decision in home.card.decisions]
    return made


def move_people(
    home: Home,
    to: Home,
    when: When,
    *,
    people: Sequence[str],
    why_left: str = "moved_out",
    why_joined: str = "moved_in",
    new_head: str | None = None,
) -> list[NewEntry]:
    """Some members go to another household that is known here.

    Raises  Problem: card.nobody, card.same, card.not_of_household, card.head_needed
    """
    if not people:
        raise Problem("card.nobody")
    if home.id == to.id:
        raise Problem("card.same")
    says = {"acts": _acts_joining(home, people, why_joined)}
    return [
        *_going(home, when, people, to=to.id, why=why_left, new_head=new_head),
        _people(to.id, when, says),
        *carried(home, to.id, people),
    ]


def merge_households(
    double: Home, into: Home, when: When, *, why: str, same: Mapping[str, str]
) -> list[NewEntry]:
    """Two books of one household become one: the double is closed, its people come over.

    same    person of the double → the same person in the household that stays
    Raises  Problem: card.same, card.not_of_household
    """
    if double.id == into.id:
        raise Problem("card.same")
    _require_here(into, same.values())
    made: list[NewEntry] = []
    others = [member.id for member in double.card.people if member.id not in same]
    for one, other in same.items():
        made += merge_people(double, into, when, person=one, into=other, last=True)
    if others:
        made += move_people(
            double, into, when, people=others, why_left="merged", why_joined="merged"
        )
    facts = _newer(double.card.facts, into.card.facts)
    made += _carried(double.id, into.id, {"household": facts})
    acts = [{"did": "closed", "why": why, "into": str(into.id)}]
    return [*made, _people(double.id, when, {"acts": acts})]


def alike(double: Card, into: Card) -> dict[str, str]:
    """Person of one card → the same person in the other, by name and birth."""
    known = {mark: m.id for m in into.people if (mark := _mark(m))}
    return {m.id: known[mark] for m in double.people if (mark := _mark(m)) in known}


def _mark(member: Member) -> tuple[Any, ...]:
    facts: Mapping[str, Any] = member.facts
    if "name" not in facts or "birth" not in facts:
        return ()
    return facts["name"].value, facts["birth"].value


def merge_people(
    home: Home, kept: Home, when: When, *, person: str, into: str, last: bool = False
) -> list[NewEntry]:
    """One person who stands twice, in one household or two: the double goes, the facts stay.

    Of each fact the newer value counts; on one day, that of the person who stays. By what somebody
    is known – name, sex, birth, number – he stays who he was: no number changes unseen.

    last    the household is closed with it: it needs no new head
    Raises  Problem: card.same, card.not_of_household, card.head_needed
    """
    if person == into:
        raise Problem("card.same")
    _require_here(home, [person])
    _require_here(kept, [into])
    acts: list[Act] = [{"did": "left", "person": person, "why": "merged", "into": into}]
    if home.card.members[person].is_head and home.id == kept.id:
        acts.append({"did": "head", "person": into})
    elif not last:
        acts += _head_after(home, {person}, None)
    mine, theirs = home.card.members[person].facts, kept.card.members[into].facts
    facts = {
        into: {
            fact: known
            for fact, known in _newer(mine, theirs).items()
            if not (fact in theirs and theirs[fact].value and dictionary.is_kept("person", fact))
        }
    }
    more = {} if home.id == kept.id else _by_new_head(home, acts)
    return [_people(home.id, when, {"acts": acts, **more}), *_carried(home.id, kept.id, facts)]


# --- pieces ---------------------------------------------------------------------------------------


def _people(book: UUID, when: When, says: dict[str, Any]) -> NewEntry:
    return NewEntry(book=book, kind="people", says=says, seen_on=when.on, source=when.source)


def _joined(person: str, why: str, *, head: bool = False, of: UUID | None = None) -> Act:
    act: Act = {"did": "joined", "person": person, "why": why}
    if head:
        act["head"] = True
    return act | ({"from": str(of)} if of else {})


def _acts_joining(home: Home, people: Iterable[str], why: str, head: str = "") -> list[Act]:
    return [_joined(person, why, head=person == head, of=home.id) for person in people]


def _going(
    home: Home, when: When, people: Sequence[str], *, to: UUID, why: str, new_head: str | None
) -> list[NewEntry]:
    _require_here(home, people)
    acts: list[Act] = [
        {"did": "left", "person": person, "why": why, "to": str(to)} for person in people
    ]
    # With everybody gone to a household that stays, nobody is left to be head.
    if len(set(people)) < len(home.card.people):
        acts += _head_after(home, set(people), new_head)
    return [_people(home.id, when, {"acts": acts, **_by_new_head(home, acts)})]


def _require_here(home: Home, people: Iterable[str]) -> None:
    here = {member.id for member in home.card.people}
    for person in people:
        if person not in here:
            raise Problem("card.not_of_household", person=person)


def _head_after(home: Home, going: Collection[str], new_head: str | None) -> list[Act]:
    """The act that names a new head, where the head is among those who go."""
    _require_here(home, going)
    staying = [member.id for member in home.card.people if member.id not in going]
    if new_head is not None:
        if new_head not in staying:
            raise Problem("card.not_of_household", person=new_head)
        return [{"did": "head", "person": new_head}]
    leaves = any(home.card.members[person].is_head for person in going)
    if leaves and len(staying) == 1:
        return [{"did": "head", "person": staying[0]}]
    if leaves and staying:
        raise Problem("card.head_needed")
    return []


def carried(home: Home, to: UUID, people: Iterable[str]) -> list[NewEntry]:
    """What is known of these people, said again in another book with its days and sources."""
    return _carried(home.id, to, {person: home.card.members[person].facts for person in people})


def _carried(home: UUID, to: UUID, facts: Mapping[str, Mapping[str, Known]]) -> list[NewEntry]:
    flat = [
        (known, whose, fact)
        for whose, of in facts.items()
        for fact, known in of.items()
        # What older books have emptied is as unknown in the next one, and nobody empties it there.
        if known.value is not None or not dictionary.is_kept(_level(whose), fact)
    ]
    flat.sort(key=lambda each: (each[0].seen_on, each[0].source, each[0].number))
    made = []
    for (seen_on, source), group in groupby(flat, key=lambda e: (e[0].seen_on, e[0].source)):
        of = list(group)
        says = _says(of) | {
            "carried": {"book": str(home), "numbers": sorted({known.number for known, _, _ in of})}
        }
        sealed = {known.value["sealed"]: known.token for known, _, _ in of if known.token}
        made.append(
            NewEntry(
                book=to, kind="facts", says=says, seen_on=seen_on, source=source, sealed=sealed
            )
        )
    return made


def _level(whose: str) -> str:
    return dictionary.HOUSEHOLD if whose == dictionary.HOUSEHOLD else dictionary.PERSON


def _says(facts: Iterable[tuple[Known, str, str]]) -> dict[str, Any]:
    says: dict[str, Any] = {}
    for known, whose, fact in facts:
        of = says if whose == "household" else says.setdefault("members", {})
        of.setdefault(whose, {})[fact] = known.value
    return says


def _newer(mine: Mapping[str, Known], theirs: Mapping[str, Known]) -> dict[str, Known]:
    return {
        fact: known
        for fact, known in mine.items()
        if fact not in theirs or known.seen_on > theirs[fact].seen_on
    }


def _decided(book: UUID, decision: Decision, home: Home) -> NewEntry:
    says: dict[str, Any] = {"did": decision.did, "why": f"{home.card.code} #{decision.number}"}
    if decision.did == "monitored":
        says["category"] = decision.category
    return NewEntry(book=book, kind="decision", says=says, seen_on=decision.on, source="split")
