"""Forms of texts: what a rulebook says of them, by date."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rulebook.books import refused, rulebook
from yihu.book.dictionary import other_form
from yihu.rulebook import read

FORMS = """
[form.phone.old]
zh = "10位号码"
en = "10 figures"
pattern = '\\d{10}'
until = 1999-12-31
[form.phone.mobile]
zh = "11位手机号"
en = "11 figures"
pattern = '1[3-9]\\d{9}'
from = 2000-01-01
"""
FACT = """
[fact.household.telephone]
type = "%s"
form = "%s"
label = { zh = "电话", en = "phone" }
"""


def test_a_text_must_have_a_form_of_its_day():
    phone = rulebook(FORMS + FACT % ("text", "phone")).facts["household", "telephone"]

    assert other_form(phone, "13800000000", date(2020, 1, 1)) is None
    assert other_form(phone, "1380000000", date(1999, 1, 1)) is None
    expected = other_form(phone, "1380000000", date(2020, 1, 1))
    assert expected is not None
    assert (expected.zh, expected.en) == ("11位手机号", "11 figures")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (FORMS + FACT % ("text", "fone"), "form = 'fone'; expected one of phone"),
        (FORMS + FACT % ("identity", "phone"), "has no form"),
        ("[form.phone.bad]\nzh = '甲'\nen = 'x'\npattern = '(a*)*'", "pattern:"),
        ("[form.phone.bad]\nzh = '甲'\nen = 'x'", "“pattern” is missing"),
        ("[form.phone.bad]\nzh = '甲'\nen = 'x'\npattern = 'a'\nfits = 1", "unknown key “fits”"),
    ],
)
def test_what_is_no_form_is_refused_by_name(text, why):
    assert why in str(refused(text))


def test_telephones_of_the_shipped_rulebook_have_a_form():
    facts = read.rulebook("guangxi").facts
    phones = [spec for (_, name), spec in facts.items() if name.endswith("phone")]

    texts = [spec for spec in phones if spec.kind == "text"]
    assert len(texts) == 7
    assert all({form.key for form in spec.forms} == {"mobile", "landline"} for spec in texts)
