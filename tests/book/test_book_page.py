"""The examples of docs/book.md are entries as they are written."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from tests import makers
from yihu import loop
from yihu.book.models import KINDS, Entry
from yihu.book.says import ACTS, DECISIONS, KIND_FORMS, REASONS_JOINED, REASONS_LEFT
from yihu.book.undoing import undo_entry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "book.md"
EXAMPLES = re.findall(r"```json (\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.django_db
def test_every_example_can_be_written_and_the_chain_is_whole_after_all():
    home = makers.household({}, {})
    person, other = (str(each.pk) for each in makers.members(home))
    new = str(uuid4())

    for kind, text in EXAMPLES:
        filled = text.replace("PERSON", person).replace("OTHER", other).replace("NEW", new)
        says = json.loads(filled)
        if kind == "correction":
            last = Entry.objects.filter(book=home.pk).exclude(kind="gap").latest("number")
            undoing = undo_entry(last, why=says["why"], on=makers.TODAY)
            (entry,) = loop.write([undoing], by=None, at=makers.AT)
        else:
            entry = makers.write(home.pk, kind=kind, says=says, seen_on=date(2020, 10, 1))
        assert entry.kind == kind


def test_the_page_names_every_kind_and_word():
    page = PAGE.read_text(encoding="utf-8")

    assert {kind for kind, _ in EXAMPLES} == set(KINDS) - {"gap"}
    assert set(KIND_FORMS) == set(KINDS)
    for word in (*ACTS, *DECISIONS, *REASONS_JOINED, *REASONS_LEFT):
        assert f"`{word}`" in page or f'"{word}"' in page, word
