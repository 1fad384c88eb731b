"""What an entry says: the shape of each kind, checked before it is written.

Every kind may carry facts: {"household": {fact: value}}, {"members": {person id: {fact: value}}},
and in the book of a place {"place": {fact: value}}. A value of None takes a fact back to unknown.

people      {"acts": [{"did": …}, …]}: opened (code, place), joined (person, why, from), left
            (person, why, to), head (person), moved (place, why), closed (why, into), reopened (why)
decision    {"did": identified | exited | returned | monitored | risk_removed | corrected_out,
            "category": …}: changes the register status
correction  {"why": …}; the entry's `undoes` names the entry it counters
gap         {"gap": id, "did": …}: written by the ledger
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ACTS = ("opened", "joined", "left", "head", "moved", "closed", "reopened")
DECISIONS = ("identified", "exited", "returned", "monitored", "risk_removed", "corrected_out")
#: Why somebody came or went, as registers write it.
REASONS_JOINED = ("registered", "born", "married_in", "moved_in", "returned", "split", "merged")
REASONS_LEFT = ("died", "married_out", "moved_out", "split", "merged", "not_of_household")


def facts_in(says: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(whose, fact, value) of all an entry says; whose: "household", "place" or a person's id."""
    for whose in ("household", "place"):
        for fact, value in says.get(whose, {}).items():
            yield whose, fact, value
    for person, facts in says.get("members", {}).items():
        for fact, value in facts.items():
            yield person, fact, value
