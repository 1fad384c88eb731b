"""Identity numbers a sheet brings for the first time: written anew, they must be possible."""

from __future__ import annotations

import re

from yihu.access.sealing import masked
from yihu.exchange.grouping import Owners
from yihu.exchange.reading import Rows
from yihu.rulebook.identity import is_valid

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
