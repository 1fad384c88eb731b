"""What a program may say in its worker's name: where it has it from, and in what form."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.says import facts_in, require_shape, says_anything
from yihu.book.seen import too_long_ago
from yihu.exchange.identities import refusal, wrong_in
from yihu.ledger.topics import lists
from yihu.problems import Problem
from yihu.web.household_forms import SOURCES as OWN
from yihu.web.household_view import SOURCES


def require_own_words(kind: str, says: Any, source: str, seen_on: date, scope: Scope) -> None:
    """Refuse a source that is somebody else's, and values in a form their fact does not have.

    A card shows where a fact comes from and not who wrote it: the check, a sheet and another
    department are not the writer's to name.

    Raises  Problem: api.not_your_source, api.nothing_said, book.bad_value, household.no_identity,
            and those of `require_shape`
    """
    own = {key for key, *_ in OWN} | scope.departments
    if source not in own and (source in SOURCES or source in lists().departments):
        raise Problem("api.not_your_source", status=403, found=source, own=", ".join(sorted(own)))
    require_shape(kind, says, of_place=False)
    if not says_anything(says):
        raise Problem("api.nothing_said", found=json.dumps(says, ensure_ascii=False)[:60])
    for whose, fact, value in facts_in(says):
        level = "household" if whose == "household" else "person"
        wrong = dictionary.wrong_form(level, fact, value, seen_on)
        if wrong is not None:
            spec = dictionary.spec_of(level, fact)
            raise Problem(
                "book.bad_value", fact=spec.label.en, fact_zh=spec.label.zh, found=value,
                expected=wrong.en, expected_zh=wrong.zh,
            )  # fmt: skip
    for number in wrong_in(says).values():
        raise refusal(number, status=422)


def require_lately(seen_on: date, scope: Scope) -> None:
    """Refuse what was seen longer ago than a program may say.

    Raises  Problem (book.seen_long_ago)
    """
    earliest = too_long_ago(seen_on, scope.today)
    if earliest is not None:
        raise Problem("book.seen_long_ago", status=422, seen_on=seen_on, earliest=earliest)
