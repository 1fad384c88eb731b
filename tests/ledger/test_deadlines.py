"""A deadline is moved for a reason, and lies neither behind today nor absurdly far ahead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import makers, people
from tests.ledger.test_ledger import a_home, raised
from yihu.ledger import actions
from yihu.ledger.deadlines import latest_due
from yihu.problems import Problem

pytestmark = pytest.mark.django_db
WHEN: dict[str, Any] = {"now": makers.NOW, "today": makers.TODAY}


def test_moving_a_deadline_needs_a_reason_that_stands_in_its_history():
    bo, mei, home = people.bo(), people.mei(), a_home()
    gap = raised(home, by=bo, due_on=date(2020, 11, 1))
    later = date(2020, 12, 1)

    for act, more in ((actions.set_due, {}), (actions.assign, {"to": mei})):
        with pytest.raises(Problem) as refused:
            act([gap], due_on=later, why="改", by=bo, **more, **WHEN)
        assert refused.value.code == "ledger.due_no_reason"
        assert "2020-11-01" in refused.value.sentence("zh")
    actions.assign([gap], to=mei, due_on=date(2020, 11, 1), by=bo, **WHEN)
    (gap,) = actions.set_due([gap], due_on=later, why="雨季不能施工", by=bo, **WHEN)

    assert gap.due_on == later
    last = home.book.entries.filter(kind="gap").order_by("number").last()
    assert (last.says["did"], last.says["why"]) == ("due", "雨季不能施工")


def test_the_first_deadline_of_a_gap_needs_no_reason():
    bo, home = people.bo(), a_home()

    (gap,) = actions.set_due([raised(home, by=bo)], due_on=makers.TODAY, by=bo, **WHEN)

    assert gap.due_on == makers.TODAY


@pytest.mark.parametrize("day", [date(2020, 10, 16), date(2022, 1, 1), date(9998, 1, 1)])
def test_a_deadline_that_is_over_or_absurdly_far_is_refused(day):
    bo, mei, home = people.bo(), people.mei(), a_home()
    gap = raised(home, by=bo)
    before = home.book.entries.count()

    for act in (
        lambda: actions.set_due([gap], due_on=day, why="雨季不能施工", by=bo, **WHEN),
        lambda: actions.assign([gap], to=mei, due_on=day, by=bo, **WHEN),
        lambda: raised(home, by=bo, title="另一处", due_on=day),
    ):
        with pytest.raises(Problem) as refused:
            act()
        assert refused.value.code == "ledger.due_out_of_reach"
        for lang in ("zh", "en"):
            assert all(
                said in refused.value.sentence(lang)
                for said in (str(day), "2020-10-17", "2021-12-31")
            )
    assert home.book.entries.count() == before


def test_the_countys_own_list_says_how_far_a_deadline_may_lie(settings, tmp_path):
    settings.HOME = tmp_path
    far = '2019-01-01 = { days = 400, source = "甲" }\n2020-10-01 = { days = 90, source = "乙" }'
    (tmp_path / "ledger.toml").write_text(f"[deadline]\n{far}\n", encoding="utf-8")

    assert latest_due(makers.TODAY) == date(2021, 1, 15)
    assert latest_due(date(2020, 9, 30)) == date(2021, 11, 4)
    assert latest_due(date(2018, 5, 1)) == date(2019, 12, 31)
