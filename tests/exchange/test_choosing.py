"""A person says which sheet is meant and what its columns are, in the words he knows."""

from __future__ import annotations

from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import makers, people
from tests.exchange.sheets import FORM_A, identity, xlsx
from yihu.card.models import Household
from yihu.exchange.models import Mapping, Upload
from yihu.exchange.targets import meant, near
from yihu.problems import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def workbook(*sheets) -> bytes:
    """A workbook of (name, lines)."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name, lines in sheets:
            page = book.add_worksheet(name)
            for row, line in enumerate(lines):
                page.write_row(row, 0, line)
    return file.getvalue()


def of_month(code: str, name: str):
    """Lines of a sheet of one household of one."""
    village = makers.place("village")
    where = [village.parent.name, village.name]
    return [FORM_A, [1, *where, code, f"{code}-1", name, identity("1970-01-01"), "户主", ""]]


#: More headings that are known than the other sheets have, and not the sheet that is meant.
NOTES = [[*FORM_A, "民族", "文化程度"], *([["说明"]] * 2)]


def send(client, content, name="名册.xlsx", to="/imports/", **form):
    answer = client.post(to, {"file": SimpleUploadedFile(name, content), "opens": "1", **form})
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.get(pk=answer.url.split("/")[2])


def test_the_sheet_somebody_chooses_is_read_and_no_other(client):
    client.force_login(people.chen())
    months = [("九月", of_month("A1", "韦一")), ("十月", of_month("A2", "韦二"))]
    upload = send(client, workbook(("样表", NOTES), *months))
    page = client.get(f"/imports/{upload.pk}/").content.decode()
    assert (upload.sheet, upload.wishes["sheets"]) == ("样表", ["样表", "九月", "十月"])
    assert "十月</option>" in page

    client.post(f"/imports/{upload.pk}/sheet/", {"sheet": "十月"})
    for each in ("columns", "write"):
        client.post(f"/imports/{upload.pk}/{each}/", {})

    upload.refresh_from_db()
    assert (upload.sheet, upload.state, upload.counts["rows"]) == ("十月", "written", 1)
    assert list(Household.objects.values_list("head_name", flat=True)) == ["韦二"]


def test_the_choice_is_remembered_with_the_mapping(client):
    client.force_login(people.chen())
    first = send(client, workbook(("样表", NOTES), ("九月", of_month("A1", "韦一"))))
    client.post(f"/imports/{first.pk}/sheet/", {"sheet": "九月"})
    client.post(f"/imports/{first.pk}/columns/", {})
    assert Mapping.objects.get().sheet == "九月"

    same = send(client, workbook(("样表", NOTES), ("九月", of_month("A2", "韦二"))))
    renamed = send(client, workbook(("样表", NOTES), ("十月", of_month("A3", "韦三"))))

    assert (same.sheet, same.wishes["remembered"]) == ("九月", True)
    assert renamed.sheet == "十月"


def test_a_list_to_compare_has_its_sheet_chosen_too(client):
    client.force_login(people.chen())
    content = workbook(("样表", NOTES), ("九月", of_month("A1", "韦一")))
    upload = send(client, content, to="/compare/", department="education")

    client.post(f"/compare/{upload.pk}/sheet/", {"sheet": "九月"})

    upload.refresh_from_db()
    assert upload.sheet == "九月"
    assert "九月" in client.get(f"/compare/{upload.pk}/").content.decode()


def test_a_sheet_the_workbook_has_not_is_refused(client):
    client.force_login(people.chen())
    upload = send(client, workbook(("样表", NOTES), ("九月", of_month("A1", "韦一"))))

    answer = client.post(f"/imports/{upload.pk}/sheet/", {"sheet": "十二月"})

    assert answer.status_code == 400
    assert "没有工作表“十二月”。可选：样表、九月" in answer.content.decode()
    upload.refresh_from_db()
    assert upload.sheet == "样表"


def test_nobody_turns_the_sheet_of_somebody_else(client):
    client.force_login(people.chen())
    upload = send(client, workbook(("样表", NOTES), ("九月", of_month("A1", "韦一"))))

    for worker, status in ((people.bo(), 404), (people.mei(), 403), (people.dou(), 403)):
        client.force_login(worker)
        answer = client.post(f"/imports/{upload.pk}/sheet/", {"sheet": "九月"})
        assert answer.status_code == status

    upload.refresh_from_db()
    assert upload.sheet == "样表"


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("person.schooling", "person.schooling"),
        ("在校生状况 [person.schooling]", "person.schooling"),
        ("在校生状况", "person.schooling"),
        ("AAR012", "household.phone"),
        ("户编号", "key.household"),
        ("  ", ""),
    ],
)
def test_a_column_is_named_as_people_know_it(typed, target):
    assert meant(typed) == target


def test_a_word_nobody_knows_is_refused_with_what_is_near(client):
    client.force_login(people.chen())
    lines = of_month("A1", "韦一")
    lines[0] = [*FORM_A[:8], "上学状况"]
    upload = send(client, xlsx(lines))

    answer = client.post(f"/imports/{upload.pk}/columns/", {"column-8": "在校生情形"})

    said = answer.content.decode()
    assert answer.status_code == 400
    assert "“上学状况”一列：没有指标“在校生情形”" in said
    assert "在校生状况 [person.schooling]" in said
    with pytest.raises(Problem):
        meant("不知所云")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_offers_facts_by_label_heading_and_code(client, language):
    client.force_login(people.chen())
    client.cookies["yihu_language"] = language
    lines = of_month("A1", "韦一")
    lines[0] = [*FORM_A[:8], "学生在校状况"]
    upload = send(client, xlsx(lines))

    page = client.get(f"/imports/{upload.pk}/").content.decode()

    phone = "户联系电话" if language == "zh-hans" else "household&#x27;s phone"
    assert f'<option value="{phone} [household.phone]">' in page
    assert "AAR012" in page
    assert 'data-fills="column-8"' in page
    assert "person.schooling" in near("学生在校状况")
