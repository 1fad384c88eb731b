"""Identity numbers written anew – by a sheet, a form, a program or a phone – must be possible.

What registers brought stands in the books as it came, and a rule of quality finds it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.card.models import Person
from yihu.exchange.grouping import Owners
from yihu.exchange.reading import Rows
from yihu.problems import Problem
from yihu.rulebook.identity import is_valid

#: The fact, and the one that says of what kind of document it is.
NUMBER, KIND = "identity", "id_kind"
#: Kinds of documents whose numbers follow other rules.
OTHER_KINDS = ("passport", "officer", "other", "none")
#: How the rulebook knows a number that stands for none (FUP 4_01_003).
NONE_YET = "999999"
#: A disability card's number: the identity number, a figure of kind and of grade, and of a
#: renewed card two figures more (FUP 1_01_004).
_CARD = re.compile(r"([0-9]{17}[0-9X])[1-7][1-4](?:[0-9A-Z]{2})?")


def refuse_impossible(rows: Rows, owners: Owners) -> None:
    """Refuse the rows whose identity number has another length, day of birth or check figure.

    A number that stands in the books already was written once: a rule of quality finds it there,
    and the sheet that repeats it is taken in.
    """
    for row, number in enumerate(rows.values.get("person.identity", ())):
        if number is None or row in owners or rows.get("person.id_kind", row) in OTHER_KINDS:
            continue
        if not is_possible(number):
            told = {"size": len(number)}
            rows.refuse(row, "exchange.cell.identity", "person.identity", masked(number), **told)


def is_possible(number: str) -> bool:
    """May a document have this number?

    >>> [is_possible(n) for n in ("11010519491231002X", "110105491231002", "1101051949123100")]
    [True, True, False]
    >>> is_possible("11010519491231002X42"), is_possible("11010519491231002X45")
    (True, False)
    """
    card = _CARD.fullmatch(number)
    found = card[1] if card else number
    return number.startswith(NONE_YET) or bool(is_valid(found))


def is_wrong(facts: Mapping[str, Any], kind: object = "") -> bool:
    """Do facts of a person bring a number that no document has?

    kind  of document as the book has it; what the facts say of it goes before
    """
    if (KIND in facts and facts[KIND] in OTHER_KINDS) or (
        KIND not in facts and kind in OTHER_KINDS
    ):
        return False
    try:
        number = dictionary.written(dictionary.PERSON, NUMBER, facts.get(NUMBER))
    except Problem:
        # The book says what is wrong with it.
        return False
    return isinstance(number, str) and not is_possible(number)


def wrong_in(says: Mapping[str, Any]) -> dict[str, str]:
    """Person → number, of all an entry says of people, where no document has such a number."""
    members = says.get("members")
    told = {
        person: facts
        for person, facts in (members.items() if isinstance(members, dict) else ())
        if isinstance(facts, dict) and is_wrong(facts)
    }
    if not told:
        return {}
    known = Person.objects.filter(pk__in=[UUID(person) for person in told])
    kinds = {str(id): facts.get(KIND) for id, facts in known.values_list("pk", "facts")}
    return {
        person: str(facts[NUMBER])
        for person, facts in told.items()
        if is_wrong(facts, kinds.get(person, ""))
    }


def refusal(number: str, status: int = 400) -> Problem:
    """What is said of such a number: household.no_identity."""
    spec = dictionary.spec_of(dictionary.PERSON, NUMBER)
    return Problem(
        "household.no_identity", status, fact=spec.label.en, fact_zh=spec.label.zh,
        found=masked(number), size=len(number),
    )  # fmt: skip
