"""Book → card → check → ledger, as one household lives through it."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import call_command

from tests import makers, people
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db


def test_a_gap_opens_on_what_is_unknown_and_clears_on_what_is_found():
    mei = people.mei()
    child = {"name": "小月", "birth": "2008-03-01", "relation": "05"}
    home = makers.household({"birth": "1980-01-01"}, child)
    (asked,) = Gap.objects.filter(rule="child_in_school", book_id=home.pk)
    person = str(asked.person_id)

    makers.write(home.pk, by=mei, says={"members": {person: {"schooling": "primary"}}})

    asked.refresh_from_db()
    assert (asked.state, asked.cleared_on) == ("cleared", makers.TODAY)

    later = makers.at(date(2020, 11, 1))
    says = {"members": {person: {"schooling": "none", "home_taught": False}}}
    makers.write(home.pk, by=mei, when=later, says=says)

    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.times_opened) == ("open", "unknown", 2)


def test_the_tables_are_those_the_changes_make(capsys):
    call_command("makemigrations", "--check", "--dry-run")

    assert "No changes" in capsys.readouterr().out
