"""Identity numbers typed by hand: what no document has is refused before it is sealed.

What registers brought stands in the books as it came, and a rule of quality finds it there; who
types a number has the document before him.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.card.fold import Known
from yihu.exchange.identities import OTHER_KINDS, is_possible
from yihu.problems import Problem

#: The fact, and the one that says of what kind of document it is.
NUMBER, KIND = "identity", "id_kind"


def require_possible(facts: Mapping[str, Any], known: Mapping[str, Known]) -> None:
    """Refuse an identity number of wrong length, day of birth or check figure.

    facts   what is to be written of a person, in the spelling of the book
    known   what the book says of him; it may say that his document is a passport
    Raises  Problem (household.no_identity)
    """
    number = facts.get(NUMBER)
    kind = facts[KIND] if KIND in facts else known[KIND].value if KIND in known else ""
    if not isinstance(number, str) or kind in OTHER_KINDS or is_possible(number):
        return
    spec = dictionary.spec_of(dictionary.PERSON, NUMBER)
    raise Problem(
        "household.no_identity", fact=spec.label.en, fact_zh=spec.label.zh, found=masked(number),
        size=len(number),
    )  # fmt: skip
