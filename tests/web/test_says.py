"""Words of pages: one household is no “1 households”, and no phrase says so."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from tests import makers, people
from tools.docs import ROOT
from yihu.web.says import phrase

#: What is counted on pages, as English says many of it.
MANY = (
    "households|people|families|gaps|entries|visits|days|years|months|rules|facts|photos|phones|"
    "rows|lines|villages|books|answers|submissions|files|notices|figures|attachments|seconds"
)


@pytest.mark.parametrize(
    ("n", "en"),
    [(0, "0 entries have 2 photos"), (1, "1 entry has 2 photos"), ("1", "1 entry has 2 photos"),
     ("1,001", "1,001 entries have 2 photos")],
)  # fmt: skip
def test_a_number_chooses_the_ending_of_the_word_after_it(n, en):
    said = {}
    for lang in ("en", "zh-hans"):
        with translation.override(lang):
            said[lang] = phrase("{n} 条 [{m}]", "{n} entr[ies|y] ha[ve|s] {m} photo[s]", n=n, m=2)

    assert said == {"en": en, "zh-hans": f"{n} 条 [2]"}


def test_what_is_filled_in_is_no_ending():
    with translation.override("en"):
        assert phrase("{to}", "{n} famil[ies|y] to {to}", n=2, to="A [s]") == "2 families to A [s]"


@pytest.mark.django_db
def test_one_household_is_one_household(settings):
    settings.TODAY = makers.TODAY.isoformat()
    makers.household()
    client = Client()
    client.force_login(people.mei())
    client.cookies["yihu_language"] = "en"

    page = client.get("/households/").content.decode()

    assert "1 household<" in page


def test_no_phrase_of_a_page_or_the_phone_counts_in_the_plural_only():
    kinds = (("yihu/web", "*.html"), ("yihu/web", "*.py"), ("fieldapp/src", "*.vue"),
             ("fieldapp/src", "*.ts"))  # fmt: skip
    only_many = re.compile(rf"\{{(?:n|m|count|left|entries|rules)\}} (?:{MANY})\b")

    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder, ending in kinds
        for path in sorted((ROOT / folder).rglob(ending))
        for match in only_many.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []
