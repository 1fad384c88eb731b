"""Identity numbers typed by hand: what no document has is refused before it is sealed.

What registers brought stands in the books as it came, and a rule of quality finds it there; who
types a number has the document before him.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yihu.card.fold import Known
from yihu.exchange.identities import KIND, NUMBER, is_wrong, refusal

__all__ = ["NUMBER", "require_possible"]


def require_possible(facts: Mapping[str, Any], known: Mapping[str, Known]) -> None:
    """Refuse an identity number of wrong length, day of birth or check figure.

    facts   what is to be written of a person, in the spelling of the book
    known   what the book says of him; it may say that his document is a passport
    Raises  Problem (household.no_identity)
    """
    if is_wrong(facts, known[KIND].value if KIND in known else ""):
        raise refusal(str(facts[NUMBER]))
