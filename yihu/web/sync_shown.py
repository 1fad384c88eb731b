"""What a phone is told of an entry it handed in, and what the desk sees of one that is held."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.card.models import Household
from yihu.sync.holds import Dispute, disputes
from yihu.sync.models import Arrival
from yihu.sync.receipts import hash_of
from yihu.web.api_shown import privacy_of
from yihu.web.values import fact_name, fact_value


def answer_shown(
    arrival: Arrival, scope: Scope, hashes: Mapping[UUID, str] = MappingProxyType({})
) -> dict[str, Any]:
    """The answer for one entry: taken with its receipt, held or refused with the reason.

    Held in part it has both: the receipt is of what else it says. Settled it says who decided.

    hashes  of entries, by their ids, as far as they were read already
    """
    found: dict[str, Any] = {
        "id": str(arrival.entry_id), "outcome": arrival.state, "marks": arrival.marks,
    }  # fmt: skip
    if arrival.state == "taken" or arrival.number is not None:
        found |= _receipt(arrival, hashes.get(arrival.entry_id, ""))
    if arrival.code:
        found |= {"code": arrival.code, "why": arrival.why}
    if arrival.left_out:
        found["left_out"] = arrival.left_out
    if arrival.state == "held" and arrival.facts:
        found["differs"] = differences(arrival, scope)
    return found


def _receipt(arrival: Arrival, known: str) -> dict[str, Any]:
    if arrival.number is None or arrival.book_id is None:
        return {"receipt": f"R-{arrival.pk}"}
    chained = known or hash_of(arrival)
    return {
        "receipt": f"{arrival.book_id.hex[:8]}-{arrival.number}-{chained[:8]}",
        "book": str(arrival.book_id), "number": arrival.number, "hash": chained,
    }  # fmt: skip


def differences(arrival: Arrival, scope: Scope) -> list[dict[str, Any]]:
    """Each fact in dispute with both values, as far as the worker sees the household now."""
    home = scope.of(Household).filter(pk=arrival.household_id).first()
    return [_difference(each, home, scope) for each in disputes(arrival)]


def _difference(each: Dispute, home: Household | None, scope: Scope) -> dict[str, Any]:
    target = f"{each.level}.{each.fact}"
    privacy = privacy_of(each.level, each.fact)
    seen = home is not None and scope.sees(privacy, home)
    theirs = _value(each.theirs, target, privacy) if seen else "—"
    return {
        "whose": each.whose, "fact": each.fact, "label": each.label, "by": each.by,
        "no_form": each.no_form,
        "person": each.person if seen else "",
        "name": fact_name(target), "ours": _value(each.ours, target, privacy), "theirs": theirs,
    }  # fmt: skip


def _value(value: Any, target: str, privacy: str) -> str:
    if privacy == "secret" and isinstance(value, str):
        return masked(value)
    return fact_value(value, target) if not isinstance(value, dict) else "—"
