"""Values on a page: years without a unit, measures of help in the language of the page."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers, people
from yihu.web.values import fact_value

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_year_is_a_year_and_no_amount_of_years(client, language):
    home = makers.household({"birth": "1980-01-01"}, house_year=2007)
    client.force_login(people.mei())
    client.cookies["yihu_language"] = language

    page = client.get(f"/households/{home.pk}/").content.decode()

    line = page.partition('<span class="fact-value">2007</span>')[2].partition("</dd>")[0]
    assert line
    assert "2,007" not in page
    assert not any(unit in line.partition("<small>")[0] for unit in ("年", "year"))


def test_an_amount_keeps_its_thousands():
    assert fact_value(2007, "household.house_area") == "2,007"


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "发展生产"), ("en", "Production")])
def test_a_measure_of_the_list_is_said_in_the_language_of_the_page(client, language, words):
    home = makers.household({"birth": "1980-01-01"})
    for measure in ("发展生产", "送来三只羊"):
        makers.write(home.pk, kind="help", says={"measure": measure, "amount": {"yuan": 1830}},
                     seen_on=date(2020, 10, 2))  # fmt: skip
    client.force_login(people.mei())
    client.cookies["yihu_language"] = language

    for part in ("book", "due"):
        page = client.get(f"/households/{home.pk}/", {"part": part}).content.decode()
        assert f"{words}{'：' if language == 'zh-hans' else ': '}1,830" in page
        assert "送来三只羊" in page  # in whose own words it was written
