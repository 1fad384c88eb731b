"""Identity numbers of a sheet: what can be none is refused, whatever the books hold already."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.exchange.sheets import identity, upload, xlsx
from yihu.access.scope import Scope
from yihu.exchange.dry import dry_run

pytestmark = pytest.mark.django_db

HEADINGS = ["户编号", "姓名", "证件类型", "证件号码", "与户主关系", "在校生状况"]
CHILD = identity("2008-03-01", 2)
WRONG_CHECK = CHILD[:17] + ("1" if CHILD[17] != "1" else "2")


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def dried(number, kind=None, **facts):
    """The dry run of a sheet that gives a child of the household this number."""
    head = {"name": "韦大", "identity": identity("1970-01-01"), "relation": "01"}
    home = makers.household(head, {"name": "韦小", "birth": "2008-03-01", **facts})
    line = [home.code, "韦小", kind, number, "之子", "小学"]
    sent = upload(xlsx([HEADINGS, line]), people.chen())
    return dry_run(sent, Scope(sent.by, makers.TODAY))


@pytest.mark.parametrize(
    "number", [CHILD[:17], CHILD + "1", CHILD[:14], WRONG_CHECK, "45102220081301001X", "无号"]
)
def test_what_can_be_no_identity_number_is_refused_with_what_was_expected(number):
    outcome = dried(number)

    (refused,) = outcome.samples["refused"]
    assert f"（{len(number)} 位）不是身份证号：应为 18 位" in refused["zh"]
    assert "it has 18, the last a check figure" in refused["en"]
    assert number not in refused["zh"]
    assert "changed" not in outcome.counts


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (CHILD, None), (CHILD.lower(), "居民身份证"),
        (CHILD + "42", "残疾人证"), (CHILD + "42B1", "残疾人证"),
        ("999999200803010011", None), ("E12345678", "护照"), (None, "无证件"), (None, None),
    ],
)  # fmt: skip
def test_what_documents_have_and_what_stands_for_none_is_taken(number, kind):
    assert dried(number, kind).counts["changed"] == 1


def test_an_old_number_of_fifteen_figures_is_taken():
    assert dried("451022880301002", birth="1988-03-01").counts["changed"] == 1


def test_a_wrong_number_that_stands_in_the_books_hinders_no_sheet():
    assert dried(CHILD[:17], identity=CHILD[:17]).counts["changed"] == 1
