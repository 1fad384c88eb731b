"""Card and handbook on paper: real type, masked numbers, a code for those allowed, a log."""

from __future__ import annotations

import pytest
from django.urls import reverse
from weasyprint import HTML

from tests import makers, people
from tests.exchange.sheets import identity
from yihu.access.models import Pairing, Reading
from yihu.access.scope import Scope
from yihu.exchange.fonts import OWN, uncovered
from yihu.exchange.pdf import print_papers
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

IDENTITY = "11010519491231002X"


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home():
    return makers.household(
        {"name": "农大䶮", "birth": "1949-12-31", "identity": IDENTITY, "relation": "01"},
        {"name": "农小", "birth": "2010-03-01", "relation": "05", "schooling": "primary"},
    )


def printed(who, home, kind, **more):
    scope = Scope(who, makers.TODAY)
    return print_papers(
        [home.pk], kind, scope=scope, now=makers.NOW, site="https://desk.example.cn", **more
    )


@pytest.mark.parametrize("kind", ["card", "handbook"])
def test_a_paper_says_who_lives_there_with_numbers_masked(kind, home):
    made = printed(people.mei(), home, kind)
    text = made.html

    assert "农大䶮" in text
    assert "110*************2X" in text
    assert IDENTITY not in text
    assert made.pdf.startswith(b"%PDF")
    assert (made.pages > 1) == (kind == "handbook")
    (log,) = Reading.objects.all()
    assert (log.what, log.household_id, log.rows) == ("printed", home.pk, 3)


@pytest.mark.parametrize("kind", ["card", "handbook"])
def test_each_page_printed_of_the_demo_county_says_that_nobody_is_real(kind, home, settings):
    def marked():
        pages = HTML(string=printed(mei, home, kind).html).render().pages
        said = ["".join(getattr(b, "text", "") for b in p._page_box.descendants()) for p in pages]
        return {"合成数据" in text and "Synthetic data" in text for text in said}

    mei = people.mei()
    real = marked()
    settings.DEMO = True

    assert (real, marked()) == ({False}, {True})


def test_a_helper_of_no_unit_stands_without_brackets(home):
    mei = people.mei()
    helper = people.worker("方小兰", "helper", home.place)
    Pairing.objects.create(worker=helper, household=home, since=makers.TODAY)

    assert "方小兰 &nbsp;" in printed(mei, home, "handbook").html


def test_whole_numbers_are_printed_for_a_reason_only(home):
    mei = people.mei()

    with pytest.raises(Problem) as refused:
        printed(mei, home, "card", whole=True)
    assert (refused.value.code, Reading.objects.count()) == ("exchange.no_reason", 0)

    text = printed(mei, home, "card", whole=True, why="入户核对证件").html

    assert IDENTITY in text
    assert Reading.objects.get().what == "unmasked print"


def test_papers_of_others_are_refused(home, client):
    elsewhere = makers.household({}, village=makers.place("village", code="451022101202"))
    for who, of in ((people.mei(), elsewhere), (people.dou(), home)):
        client.force_login(who)

        reply = client.post(reverse("household_papers", args=[of.pk]), {"kind": "card"})

        assert reply.status_code == 404
    assert not Reading.objects.exists()


def test_a_village_is_printed_in_parts(home, client):
    client.force_login(people.bo())

    listed = client.get(reverse("papers"), {"place": home.place.code})
    reply = client.post(reverse("village_papers"), {"place": home.place.code, "kind": "card"})

    assert [part["count"] for part in listed.context["parts"]] == [1]
    assert reply.headers["Content-Type"] == "application/pdf"
    assert reply.content.startswith(b"%PDF")


def test_signs_no_font_has_are_named_before_printing(client):
    home = makers.household({"name": "农\U0003134a"})
    client.force_login(people.mei())

    reply = client.post(reverse("household_papers", args=[home.pk]), {"kind": "card"})

    assert "U+3134A" in reply.content.decode()
    assert "text/html" in reply.headers["Content-Type"]


@pytest.mark.skipif(not OWN[400].exists(), reason="the type is copied by `make env`")
def test_rare_names_are_covered():
    assert uncovered(["㛃䶮𬭸 张三"]) == []


def test_the_table_of_a_large_family_stays_on_its_card():
    many = [
        {"name": f"农{sign}妹", "birth": "1949-12-31", "identity": identity("1949-12-31", n),
         "relation": "01" if n == 0 else "05", "sex": "female", "ethnic_group": "zhuang",
         "education": "illiterate", "schooling": "primary", "health": ["chronic"],
         "labour": "weak"}
        for n, sign in enumerate("一二三四五六七八九")
    ]  # fmt: skip
    home = makers.household(*many)

    made = printed(people.mei(), home, "card", whole=True, why="入户核对")

    (page,) = HTML(string=made.html).render().pages
    boxes = [box for box in page._page_box.descendants() if getattr(box, "text", "").strip()]
    rightmost = max(box.position_x + box.width for box in boxes)
    lowest = max(box.position_y + box.height for box in boxes)
    assert len(boxes) > 100
    assert rightmost < page.width * 0.92
    assert lowest < page.height * 0.98
