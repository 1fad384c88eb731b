"""Why a rule answers so, in the words of those at the table."""

from __future__ import annotations

from typing import Any

import pytest

from tests import makers
from yihu.check.reasons import reason_of_household, reason_of_place

pytestmark = pytest.mark.django_db

ASKED: dict[str, Any] = {"on": makers.TODAY, "lang": "zh"}


def test_a_reason_names_the_person_and_the_facts_that_decided():
    home = makers.household({"birth": "1980-01-01"}, {"name": "小月", "birth": "2008-03-01"})
    child = makers.members(home)[1]

    found = reason_of_household(home, "child_in_school", person=child.pk, **ASKED)

    assert found.answer == "unknown"
    assert found.sentences[0].startswith("小月")
    assert "  - 现在在哪个年级上学？（问本人或家里人）" in found.sentences


def test_a_reason_shows_no_whole_number():
    child = {"birth": "2008-03-02", "identity": "45102220080301001X"}
    home = makers.household(child)
    (person,) = makers.members(home)

    found = reason_of_household(home, "birth_against_id", person=person.pk, **ASKED)

    assert found.answer == "holds"
    assert "45102220080301001X" not in "".join(found.sentences)
    assert "451*************1X" in "".join(found.sentences)
    assert found.privacy == "secret"


def test_no_family_is_struck_off_the_register_to_mend_a_gap():
    home = makers.household({"birth": "1980-01-01"})
    makers.write(home.pk, says={"household": {"registered_poor": True, "policy_late": True}})
    home.refresh_from_db()

    found = reason_of_household(home, "policies_paid", **ASKED)

    assert found.answer == "fails"
    assert "  - 是否建档立卡：是" in found.sentences
    assert [each for each in found.sentences if each.startswith("  - 若")] == [
        "  - 若有无应兑现未兑现补贴为否，则成立。"
    ]
    assert [spec.name for spec in found.facts] == ["policy_late"]


def test_what_nobody_knows_of_who_a_family_is_is_still_asked():
    home = makers.household({"birth": "1980-01-01"})

    found = reason_of_household(home, "policies_paid", **ASKED)

    assert found.answer == "unknown"
    assert "exit_status" in [spec.name for spec in found.facts]


def test_a_village_has_its_reasons_too():
    village = makers.place()
    makers.write_place(village, says={"place": {"clinic_standard": False, "clinics": 1}})

    found = reason_of_place(village, "village_clinic", **ASKED)

    assert found.answer in ("fails", "unknown")
    assert any("卫生室" in sentence for sentence in found.sentences)
