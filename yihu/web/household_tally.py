"""Checks beside the ledger: which of what was found stands there, what does not, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from yihu.ledger.policy import BY_KIND, watched
from yihu.ledger.standing import OPEN
from yihu.report.kinds import KINDS
from yihu.web.household_answers import Answered
from yihu.web.says import label, phrase, said


@dataclass(slots=True)
class Tally:
    """The sentence that joins the two counts.

    found, listed  problems the check found; those of them that are open gaps
    left           why the others are none → how many
    gaps           open gaps in all; asked: of unknown answers; raised: not by a rule; before: of
                   rules the check answers well now, or no longer answers
    """

    found: int = 0
    listed: int = 0
    left: list[tuple[str, int]] = field(default_factory=list)
    gaps: int = 0
    asked: int = 0
    raised: int = 0
    before: int = 0


def put_beside(found: Sequence[Answered], gaps: Iterable[Any]) -> Tally:
    """Say of each answer which gap it is, or why it is none; and count both.

    gaps  all of the household, in whichever state
    """
    by_key = {(gap.rule, str(gap.person_id or "")): gap for gap in gaps if gap.rule}
    counted = [each for each in found if each.rule.kind != "entitlement"]
    for each in counted:
        if not each.good:
            _put(each, by_key.get((each.rule.name, each.person)))
    bad = [each for each in counted if not each.good and not each.unknown]
    open_now = [gap for gap in gaps if gap.state in OPEN]
    ruled = [gap for gap in open_now if gap.rule]
    known = {id(each.gap) for each in counted if each.gap is not None}
    return Tally(
        found=len(bad),
        listed=sum(each.gap is not None for each in bad),
        left=Counter(each.left for each in bad if each.gap is None).most_common(),
        gaps=len(open_now),
        asked=sum(each.unknown and each.gap is not None for each in counted),
        raised=len(open_now) - len(ruled),
        before=sum(id(gap) not in known for gap in ruled),
    )


def _put(each: Answered, gap: Any) -> None:
    if gap is not None and gap.state in OPEN:
        each.gap = gap
    elif gap is not None and gap.state == "waived":
        each.left = said("已豁免", "waived")
    else:
        each.left = _why_none(each)


def _why_none(each: Answered) -> str:
    rule = each.rule
    follows = watched().get((rule.level, rule.name))
    if follows is not None and each.figure in follows.bad:
        return said("台账待更新", "the ledger has yet to follow")
    if follows is not None:
        return said("查出才入账，待核实的不入", "a gap when found, not while unknown")
    if rule.gap == "none" and rule.kind in BY_KIND:
        return said("由它所属的规则入账", "part of a larger rule, whose gap it is")
    kind = label(KINDS[rule.kind])
    return phrase("“{kind}”类只看进度，不入账", "rules of the kind “{kind}” open no gap", kind=kind)
