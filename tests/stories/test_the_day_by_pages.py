"""The day again, page by page, as Mei, Bo, Chen, Dou and an auditor see it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import makers, people
from tests.exchange.sheets import xlsx
from tests.stories.the_day import LEFT_SCHOOL, MORNING, TUESDAY, a_village, writes
from yihu.exchange.models import Difference, Upload

pytestmark = pytest.mark.django_db

#: The department's list, its heading in the fourth line below a title and remarks.
HEADINGS = ["序号", "学生姓名", "姓名", "证件号码", "在校生状况"]


@pytest.fixture
def village(settings):
    settings.TODAY = makers.TODAY.isoformat()
    return a_village()


def text_of(answer) -> str:
    """What a page says; nothing else than a page is meant."""
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def enrolment_list(village) -> bytes:
    """The workbook of the education department: all three are at school, it says."""
    lines = [
        ["某县义务教育阶段在籍学生名册"],
        ["填报单位：教育局", None, None, "2020年10月"],
        [],
        HEADINGS,
    ]
    for order, child in enumerate(village.children, 1):
        number = village.identities[order - 1]
        lines.append([order, None, child.name, number, "七年级"])
    return xlsx(lines)


def mei_writes_what_she_found(client, village) -> None:
    home, child = village.homes[0], village.children[0]
    page = text_of(client.get(f"/households/{home.pk}/?part=people"))
    form = f"/households/{home.pk}/write/person/person_school/?person={child.pk}"
    assert form.replace("&", "&amp;") in page
    based_on = home.number
    sent = {
        "schooling": "none", "home_taught": "false", "absence_proved": "false",
        "seen_on": makers.TODAY.isoformat(), "source": "visit", "based_on": based_on,
    }  # fmt: skip
    answer = client.post(form, sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]


def settled(client, difference: Difference, took: str, why: str) -> None:
    form = {"difference": [difference.pk], "took": took, "why": why}
    assert client.post("/compare/settle/", form).status_code == 302


def test_mei_writes_and_the_gap_says_why_in_plain_words(client, village):
    client.force_login(people.mei())

    mei_writes_what_she_found(client, village)

    gap = village.gap(0)
    assert (gap.answer, gap.department) == ("fails", "education")
    page = text_of(client.get(f"/ledger/{gap.pk}/"))
    assert "教育局" in page
    assert "适龄儿童少年在校或有合理原因" in page
    assert village.children[0].name in page


def test_bo_assigns_it_on_the_page_and_mei_finds_it_at_the_start_of_her_day(client, village):
    mei, bo = people.mei(), people.bo()
    writes(mei, village.children[0], **LEFT_SCHOOL)
    gap = village.gap(0)
    client.force_login(bo)
    due = makers.TODAY + timedelta(days=14)

    answer = client.post(f"/ledger/{gap.pk}/assign/", {"to": "mei", "due_on": due.isoformat()})

    assert answer.status_code == 302
    client.force_login(mei)
    assert str(gap.pk) in text_of(client.get("/"))
    refused = client.post(
        f"/ledger/{gap.pk}/waive/", {"words": "孩子在家养病", "until": "2021-01-01"}
    )
    assert refused.status_code == 403
    assert village.gap(0).state == "assigned"


def test_the_list_of_the_department_differs_for_three_and_two_gaps_clear(client, village):
    writes(people.mei(), village.children[0], **LEFT_SCHOOL)
    client.force_login(people.chen())
    file = SimpleUploadedFile("在籍学生名册.xlsx", enrolment_list(village))
    sent = client.post("/compare/", {"file": file, "department": "education"})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    upload = Upload.objects.get(use="list")

    client.post(f"/compare/{upload.pk}/columns/", {})
    assert not Difference.objects.exists()
    assert all(child.name in text_of(client.get(f"/compare/{upload.pk}/"))
               for child in village.children)  # fmt: skip
    client.post(f"/compare/{upload.pk}/confirm/")

    found = {d.who: d for d in Difference.objects.filter(fact="person.schooling")}
    assert set(found) == {child.name for child in village.children}
    page = text_of(client.get(f"/compare/{upload.pk}/"))
    assert all(child.name in page for child in village.children)
    settled(client, found[village.children[0].name], "ours", "入户见到孩子在家，学籍在册而人不在校")
    for child in village.children[1:]:
        settled(client, found[child.name], "theirs", "学校和家长都已核实在校")
    assert [village.gap(of).state for of in range(3)] == ["open", "cleared", "cleared"]


def test_chen_tries_a_higher_line_and_prints_the_way_to_zero(client, village):
    client.force_login(people.chen())

    page = text_of(client.get("/rulebook/simulate/", {"line": "income", "value": "5000"}))

    assert village.homes[0].place.name in page
    text_of(client.get("/ledger/zero/"))


def test_dou_sees_nothing_on_any_of_these_paths(client, village):
    client.force_login(people.chen())
    upload = client.post(
        "/compare/",
        {
            "file": SimpleUploadedFile("名册.xlsx", enrolment_list(village)),
            "department": "education",
        },
    ).url
    home, gap = village.homes[0], village.gap(0)
    client.force_login(people.dou())
    paths = (
        "/", "/households/", "/households/?q=韦", f"/households/{home.pk}/",
        f"/households/{home.pk}/why/child_in_school/", "/ledger/", f"/ledger/{gap.pk}/",
        "/ledger/zero/", "/compare/", upload, f"/village/{home.place.code}/",
        "/rulebook/simulate/?line=income&value=5000", "/ledger/list.xlsx",
    )  # fmt: skip

    answers = {path: client.get(path) for path in paths}

    for path, answer in answers.items():
        assert answer.status_code in (200, 403, 404), path
        words = answer.content.decode(errors="ignore")
        assert not any(child.name in words for child in village.children), path
        assert not any(each.head_name in words for each in village.homes), path


def test_the_auditor_sees_the_village_as_it_was_known_last_tuesday(client, village, settings):
    for child in village.children:
        says = {"members": {str(child.pk): {"schooling": "junior_1"}}}
        makers.write(child.household_id, seen_on=date(2020, 10, 12), says=says)
    settings.TODAY = MORNING.today.isoformat()
    client.force_login(people.worker("Shen", "auditor"))
    whole = f"/villages/{village.homes[0].place.code}/then/"
    was = text_of(client.get(f"{whole}?known={TUESDAY}"))
    now = text_of(client.get(whole))
    at_school = "适龄儿童少年在校或有合理原因"
    assert [f"{child.name}：{at_school}" in was for child in village.children] == [True] * 3
    assert at_school not in now
    assert all(home.code in was for home in village.homes)

    for order, home in enumerate(village.homes):
        address = f"/households/{home.pk}/?part=people"
        known = text_of(client.get(f"{address}&known={TUESDAY}"))
        held = text_of(client.get(f"{address}&as_of={TUESDAY}"))
        assert "七年级" in held
        assert "七年级" not in known
        assert ("未上学" in known or "非在校生" in known) is (order > 0)
