"""The day in a real browser, at a desk that is served: what is pressed, typed and seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import makers, people
from tests.chromium import CHROMIUM
from tests.stories.test_the_day_by_pages import enrolment_list
from tests.stories.the_day import CHILDREN, TUESDAY, a_village

WAIT = 60_000

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium here (set YIHU_CHROMIUM to its path)"),
]


class Desk:
    """One worker's browser window at the desk."""

    def __init__(self, browser, address: str) -> None:
        window = {"width": 1440, "height": 900}
        self.context = browser.new_context(viewport=window, locale="zh-CN")
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._said)
        self.address = address

    def _said(self, message) -> None:
        # A refusal is an answer; that the browser notes its status is no fault of the page.
        if message.type == "error" and "status of 40" not in message.text:
            self.faults.append(message.text)

    def sign_in(self, name: str) -> None:
        self.go("/")
        self.page.fill("input[name=login]", name.lower())
        self.page.fill("input[name=password]", f"{name}-9f3k")
        self.page.click("form button[type=submit], form button:not([type])")
        self.page.wait_for_url(f"{self.address}/")

    def go(self, path: str) -> str:
        self.page.goto(f"{self.address}{path}", wait_until="networkidle")
        return self.page.inner_text("body")

    def close(self) -> None:
        assert self.faults == []
        self.context.close()


@pytest.fixture
def village(settings):
    settings.TODAY = makers.TODAY.isoformat()
    for code, name in (
        ("451022", "田东县（合成）"),
        ("451022100", "平马镇"),
        ("451022100201", "百乐村"),
    ):
        level = {6: "county", 9: "township", 12: "village"}[len(code)]
        makers.place(level, code=code, name=name)
    return a_village()


def test_the_day_at_a_desk_that_is_served(browser, live_server, village, tmp_path):
    for who in (people.mei, people.bo, people.chen, people.dou):
        who()
    people.worker("Shen", "auditor")

    def desk(name: str) -> Desk:
        made = Desk(browser, live_server.url)
        made.sign_in(name)
        return made

    mei_finds_out(desk("Mei"), village)
    bo_assigns(desk("Bo"), village)
    chen_settles(desk("Chen"), village, tmp_path)
    dou_sees_nothing(desk("Dou"), village)
    the_auditor_looks_back(desk("Shen"), village)


def mei_finds_out(desk: Desk, village) -> None:
    home, child = village.homes[0], village.children[0]
    # Ten gaps stand on the page of the day, in no order that a test may count on.
    today = desk.go("/")
    assert any(each.head_name in today for each in village.homes)
    assert home.head_name in desk.go("/ledger/")
    desk.go(f"/households/{home.pk}/write/person/person_school/?person={child.pk}")
    desk.page.select_option("[name=schooling]", "none")
    desk.page.select_option("[name=home_taught]", "false")
    desk.page.select_option("[name=absence_proved]", "false")
    desk.page.click("main form button.btn-primary")
    desk.page.wait_for_url("**/?part=people*")
    gap = village.gap(0)
    assert (gap.state, gap.answer) == ("open", "fails")
    said = desk.go(f"/ledger/{gap.pk}/")
    assert "教育局" in said
    assert child.name in said
    desk.close()


def bo_assigns(desk: Desk, village) -> None:
    gap = village.gap(0)
    assert village.homes[0].head_name in desk.go("/ledger/")
    desk.go(f"/ledger/{gap.pk}/")
    desk.page.fill("#to", "Mei (mei)")
    desk.page.fill("#due", "2020-10-31")
    desk.page.click("form[action$='/assign/'] button")
    desk.page.wait_for_load_state("networkidle")
    assert village.gap(0).state == "assigned"
    desk.close()


def chen_settles(desk: Desk, village, folder: Path) -> None:
    file = folder / "在籍学生名册.xlsx"
    file.write_bytes(enrolment_list(village))
    desk.go("/compare/")
    desk.page.set_input_files("main input[type=file]", file)
    desk.page.select_option("main select[name=department]", "education")
    desk.page.click("main form:has(input[type=file]) button")
    desk.page.wait_for_url("**/compare/*-*/")
    desk.page.click("form[action$='/columns/'] button.btn-primary")
    desk.page.wait_for_load_state("networkidle")
    said = desk.page.inner_text("main")
    assert all(name in said for name in CHILDREN)
    desk.page.click("form[action$='/confirm/'] button")
    desk.page.wait_for_load_state("networkidle")
    for name in CHILDREN[1:]:
        settle(desk, name, "theirs", "学校和家长都已核实在校")
    settle(desk, CHILDREN[0], "ours", "入户见到孩子在家，在册而不在校")
    assert [village.gap(of).state for of in range(3)] == ["assigned", "cleared", "cleared"]
    said = desk.go("/rulebook/simulate/?line=income&value=5000")
    assert village.homes[0].place.name in said
    desk.go("/ledger/zero/")
    assert desk.page.pdf()[:5] == b"%PDF-"
    desk.close()


def settle(desk: Desk, name: str, took: str, why: str) -> None:
    """Settle what differs about one child."""
    row = desk.page.locator("tr", has_text=name)
    row.locator("input[name=difference]").check()
    form = desk.page.locator("form[action$='/settle/']")
    form.locator("[name=took]").select_option(took)
    form.locator("[name=why]").fill(why)
    form.locator("button.btn-primary").click()
    desk.page.wait_for_load_state("networkidle")


def dou_sees_nothing(desk: Desk, village) -> None:
    home, gap = village.homes[0], village.gap(0)
    paths = (
        "/", "/households/?q=韦", f"/households/{home.pk}/", "/ledger/", f"/ledger/{gap.pk}/",
        "/compare/", "/rulebook/simulate/?line=income&value=5000",
    )  # fmt: skip
    for path in paths:
        said = desk.go(path)
        assert not any(name in said for name in CHILDREN), path
        assert not any(each.head_name in said for each in village.homes), path
    desk.close()


def the_auditor_looks_back(desk: Desk, village) -> None:
    home = village.homes[1]
    desk.go(f"/villages/{home.place.code}/")
    desk.page.click("[data-opens=days]")
    desk.page.fill("dialog [name=known]", TUESDAY.isoformat())
    desk.page.click("dialog[open] button.btn-primary")
    desk.page.wait_for_url("**/then/**")
    said = desk.page.inner_text("main")
    assert all(each.code in said for each in village.homes)
    assert "当时的农户" in said
    assert "新增 1 条" in said
    desk.page.click(f"a[href*='{home.pk}']")
    desk.page.wait_for_url(f"**known={TUESDAY}*")
    assert "七年级" in desk.go(f"/households/{home.pk}/?part=people")
    said = desk.go(f"/households/{home.pk}/?part=people&known={TUESDAY}")
    assert "七年级" not in said
    desk.close()
