"""Which question of a form is which fact: proposed, mended by a person, kept for the form.

Besides facts a question may be one of the keys below. Where somebody is goes into the books only
when a person says which question holds it; it is never proposed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from datetime import datetime

from yihu.access.models import Worker
from yihu.exchange.mapping import propose
from yihu.exchange.models import Mapping
from yihu.exchange.submissions import ATTACHED, BY, DAY, FORM, REPEAT, REVIEW, SUBMISSION, leaf
from yihu.exchange.targets import Choice, choices, meant
from yihu.problems import Problem
from yihu.rulebook.facts import Text

#: What a column of submissions may be besides a fact or a key of a sheet.
KEYS = {
    "key.submission": Text("提交编号", "id of the submission"),
    "key.day": Text("走访日期", "day of the visit"),
    "key.by": Text("提交人", "who submitted it"),
    "key.words": Text("走访记录（文字）", "words of the visit"),
    "key.position": Text("走访位置（须经户同意）", "position of the visit (with consent)"),
    "key.consent": Text("同意记录位置（是/否）", "consent to the position (yes/no)"),
    "key.attachments": Text("附件文件名", "names of the attachments"),
    "key.review": Text("审核状态", "state of the review"),
    "key.repeat": Text("重复组第几条", "place in a repeat"),
}
_MADE = {
    SUBMISSION: "key.submission", DAY: "key.day", BY: "key.by", ATTACHED: "key.attachments",
    REVIEW: "key.review", REPEAT: "key.repeat",
}  # fmt: skip
#: Columns the desk makes of a submission, as people call them.
MADE = {name: KEYS[target] for name, target in _MADE.items()} | {FORM: Text("表单", "form")}
#: Names forms give to the question that says which household it is.
_HOUSEHOLD = ("household_code", "household_id", "hh_code", "hhid", "户编号")


def offered() -> dict[str, Choice]:
    """Target → choice: what a column of a sheet may be, and the keys of submissions."""
    return {key: Choice(key, label) for key, label in KEYS.items()} | choices()


def proposed(headings: Sequence[str]) -> dict[int, str]:
    """Place → target: by the question's own name, as the rulebook knows it."""
    leaves = [leaf(heading) for heading in headings]
    found = propose(["" if heading in _MADE else name for heading, name in
                     zip(headings, leaves, strict=True)])  # fmt: skip
    made = {p: target for p, target in found.items() if target not in _MADE.values()}
    for place, heading in enumerate(headings):
        if _is_choice(heading, headings):
            made.pop(place, None)
            continue
        target = _MADE.get(heading) or made.get(place) or _called(leaves[place])
        if target and target not in {t for p, t in made.items() if p != place}:
            made[place] = target
    return dict(sorted(made.items()))


def _is_choice(heading: str, headings: Sequence[str]) -> bool:
    """Kobo writes a column for each choice of a question beside the question: fuel, fuel/coal."""
    name = leaf(heading)
    return heading != name and heading[: -len(name) - 1] in headings


def _called(name: str) -> str:
    if name.lower() in _HOUSEHOLD:
        return "key.household"
    try:
        return meant(name, among=choices())
    except Problem:
        return ""


def require_whole(columns: MappingOf[int, str], headings: Sequence[str]) -> None:
    """Refuse a mapping that says twice what something is, or not which household is meant.

    Raises  Problem: exchange.mapped_twice, exchange.no_household_named
    """
    seen: dict[str, int] = {}
    for place, target in columns.items():
        if target in seen:
            both = [headings[p] for p in (seen[target], place)]
            raise Problem("exchange.mapped_twice", first=both[0], second=both[1])
        seen[target] = place
    if not {"key.household", "person.identity"} & seen.keys() or "key.submission" not in seen:
        raise Problem("exchange.no_household_named")


def remembered(form: str, headings: Sequence[str]) -> dict[int, str] | None:
    """What somebody last said of this form's questions; None if nobody did."""
    kept = Mapping.objects.filter(shape=_shape(form, headings), department="").first()
    if kept is None:
        return None
    # A file holds only the questions somebody answered: one that was never seen is proposed anew.
    new = {p: t for p, t in proposed(headings).items() if headings[p] not in kept.columns}
    said = {p: kept.columns[h] for p, h in enumerate(headings) if kept.columns.get(h)}
    return {p: t for p, t in new.items() if t not in said.values()} | said


def remember(
    form: str, headings: Sequence[str], columns: MappingOf[int, str], *, by: Worker, at: datetime
) -> None:
    """Keep what the questions are for the next file of this form."""
    shape = _shape(form, headings)
    before = Mapping.objects.filter(shape=shape, department="").first()
    said = {heading: columns.get(place, "") for place, heading in enumerate(headings)}
    Mapping.objects.update_or_create(
        shape=shape, department="",
        defaults={"columns": {**(before.columns if before else {}), **said}, "by": by, "at": at},
    )  # fmt: skip


def _shape(form: str, headings: Sequence[str]) -> str:
    """By the form's id; where a file does not say it, by its questions."""
    said = form or "\n".join(sorted(headings))
    return hashlib.sha256(f"submissions\n{said}".encode()).hexdigest()
