"""A search by name says who of the family was found, where it was not the head."""

from __future__ import annotations

import pytest

from tests import makers, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def families():
    makers.household({"name": "韦大山"}, {"name": "覃小月"}, {"name": "覃小星"})
    makers.household({"name": "覃大海"}, {"name": "覃二"})


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "因家庭成员"), ("en", "by member")])
@pytest.mark.parametrize("text", ["覃", "qin"])
def test_the_members_who_were_found_stand_beside_the_head(client, families, language, words, text):
    client.force_login(people.mei())
    client.cookies["yihu_language"] = language

    page = client.get("/households/", {"q": text}).content.decode()

    between = "、" if language == "zh-hans" else ", "
    names = page.partition(words)[2].partition("</small>")[0].strip()
    assert set(names.split(between)) == {"覃小月", "覃小星"}
    assert page.count(words) == 1  # the other family's head is called so


def test_who_searches_for_the_head_or_for_no_name_is_told_of_no_member(client, families):
    client.force_login(people.mei())

    for asked in ({"q": "韦大山"}, {}, {"which": "家庭人口数 > 1"}):
        assert "因家庭成员" not in client.get("/households/", asked).content.decode()
