"""The pages of the ledger, as the one who may, the one who reads, and the one who may nothing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests import makers, people
from yihu.access.models import Pairing, Post
from yihu.ledger import actions
from yihu.ledger.actions import Raised
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db

CHILD = {"name": "小月", "birth": "2008-03-01", "relation": "05"}
WHEN: dict[str, Any] = {"now": makers.NOW, "today": makers.TODAY}


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = makers.TODAY.isoformat()


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, address: str, **given: str) -> str:
    answer = client.get(address, given)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def a_child_of_whom_nothing_is_known(village=None):
    home = makers.household({"name": "覃一", "birth": "1980-01-01"}, CHILD, village=village)
    return home, Gap.objects.get(rule="child_in_school", book_id=home.pk)


def test_mei_sees_her_village_and_no_other():
    mei = people.mei()
    _, mine = a_child_of_whom_nothing_is_known()
    elsewhere = makers.place(code="451022100202", name="别村")
    _, other = a_child_of_whom_nothing_is_known(elsewhere)

    client = signed_in(mei)
    page = text_of(client, reverse("ledger"), rule="child_in_school")
    assert str(mine.pk) in page
    assert str(other.pk) not in page
    assert "共 1 条" in page
    assert "别村" not in page
    assert client.get(reverse("gap", args=[other.pk])).status_code == 404
    assert client.get(reverse("ledger"), {"place": elsewhere.code}).status_code == 404
    assert client.get(reverse("ledger_zero"), {"place": elsewhere.code}).status_code == 404
    lines: Any = client.get(reverse("ledger_file", args=["csv"]), {"rule": "child_in_school"})
    assert b"".join(lines.streaming_content).decode("utf-8-sig").count("\n") == 2


def test_dou_sees_nothing_on_any_of_these_paths():
    dou = signed_in(people.dou())
    home, gap = a_child_of_whom_nothing_is_known()
    entries = home.book.entries.count()

    assert "覃一" not in text_of(dou, reverse("ledger"))
    assert "共 0 条" not in text_of(dou, reverse("ledger"))  # the empty page says no figure
    assert "覃一" not in text_of(dou, reverse("ledger_zero"))
    for name, args in (("gap", [gap.pk]), ("gap_raise", [home.pk])):
        assert dou.get(reverse(name, args=args)).status_code == 404
    for act in ("assign", "answer", "clear", "waive", "due"):
        address = reverse("gap_act", args=[gap.pk, act])
        assert dou.post(address, {"words": "已核实清楚"}).status_code in (403, 404)
    bulk = {"act": "assign", "gap": [str(gap.pk)], "to": "bo"}
    assert dou.post(reverse("ledger_bulk"), bulk).status_code == 403
    assert dou.get(reverse("ledger_file", args=["xlsx"])).status_code == 403
    assert home.book.entries.count() == entries


def test_bo_assigns_many_at_once_and_mei_may_not():
    bo, mei = people.bo(), people.mei()
    _, first = a_child_of_whom_nothing_is_known()
    _, second = a_child_of_whom_nothing_is_known()
    given = {"act": "assign", "to": "Mei (mei)", "due_on": "2020-11-01",
             "gap": [str(first.pk), str(second.pk)]}  # fmt: skip

    assert signed_in(mei).post(reverse("ledger_bulk"), given).status_code == 403
    answer = signed_in(bo).post(reverse("ledger_bulk"), given)

    assert answer.status_code == 302
    for gap in Gap.objects.filter(rule="child_in_school"):
        assert (gap.state, gap.responsible, gap.due_on) == ("assigned", mei, date(2020, 11, 1))


def test_all_that_a_filter_leaves_is_assigned_in_one_go():
    bo, mei = people.bo(), people.mei()
    for _ in range(3):
        a_child_of_whom_nothing_is_known()

    given = {"act": "due", "all": "1", "query": "rule=child_in_school", "due_on": "2020-12-01"}
    mark = signed_in(bo).post(reverse("ledger_bulk"), given).context["mark"]
    signed_in(bo).post(reverse("ledger_bulk"), {**given, "sure": mark})

    assert Gap.objects.filter(due_on=date(2020, 12, 1)).count() == 3
    assert "逾期" in text_of(signed_in(mei), reverse("ledger"))


def test_the_page_of_a_gap_says_why_in_plain_words_and_what_happened():
    bo, mei = people.bo(), people.mei()
    _, gap = a_child_of_whom_nothing_is_known()
    actions.assign([gap], to=mei, due_on=date(2020, 10, 20), by=bo, **WHEN)

    page = text_of(signed_in(mei), reverse("gap", args=[gap.pk]))

    assert "在校生状况：未知" in page
    assert "分派</strong> → Mei" in page
    assert reverse("gap_act", args=[gap.pk, "answer"]) in page
    assert reverse("gap_act", args=[gap.pk, "waive"]) not in page


def test_the_page_of_a_gap_leads_to_the_field_that_would_decide_it_for_who_may_write():
    home, gap = a_child_of_whom_nothing_is_known()
    mei = signed_in(people.mei())
    inspector = signed_in(people.worker("Ins", "inspector", makers.place("county")))

    form = mei.get(reverse("gap", args=[gap.pk])).context["form"]

    assert form == (
        f"/households/{home.pk}/write/person/person_school/?person={gap.person_id}#f-schooling"
    )
    assert 'id="f-schooling"' in text_of(mei, form.partition("#")[0])
    assert inspector.get(reverse("gap", args=[gap.pk])).context["form"] == ""


def test_who_may_waive_takes_a_waiver_back_on_the_page_of_the_gap():
    chen, mei = people.chen(), people.mei()
    _, gap = a_child_of_whom_nothing_is_known()
    address, act = reverse("gap", args=[gap.pk]), reverse("gap_act", args=[gap.pk, "unwaive"])
    waiver = {"words": "随父母在外读书", "until": "2021-01-01"}
    signed_in(chen).post(reverse("gap_act", args=[gap.pk, "waive"]), waiver)
    assert act in text_of(signed_in(chen), address)
    assert act not in text_of(signed_in(mei), address)

    refused = signed_in(mei).post(act, {"words": "孩子没有转学"})
    empty = signed_in(chen).post(act, {"words": "不"})
    signed_in(chen).post(act, {"words": "孩子没有转学"})

    assert (refused.status_code, empty.status_code) == (403, 400)
    gap.refresh_from_db()
    assert (gap.state, gap.waived_until) == ("open", None)
    page = text_of(signed_in(chen), address)
    assert "取消豁免" in page
    assert "孩子没有转学" in page
    assert act not in page


def test_a_page_offers_no_way_to_close_a_rule_by_words():
    chen = people.chen()
    _, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(chen)

    assert reverse("gap_act", args=[gap.pk, "clear"]) not in text_of(
        client, reverse("gap", args=[gap.pk])
    )
    words = {"words": "已解决", "evidence": "照片"}
    answer = client.post(reverse("gap_act", args=[gap.pk, "clear"]), words)

    assert answer.status_code == 409
    assert "只能由新的事实清零" in answer.content.decode()
    gap.refresh_from_db()
    assert gap.state == "open"


def test_chen_raises_a_problem_and_another_clears_it_on_evidence():
    chen, bo = people.chen(), people.bo()
    home, _ = a_child_of_whom_nothing_is_known()
    problem = {"origin": "inspection", "title": "屋顶漏雨", "department": "housing",
               "battle": "housing", "measures": "换瓦", "due_on": "2020-11-01"}  # fmt: skip

    made = signed_in(chen).post(reverse("gap_raise", args=[home.pk]), problem)
    gap = Gap.objects.get(title="屋顶漏雨")
    assert made.status_code == 302
    assert "换瓦" in text_of(signed_in(chen), reverse("gap", args=[gap.pk]))
    assert gap.raised_by == chen
    evidence = {"words": "已修", "evidence": "照片 13"}
    signed_in(bo).post(reverse("gap_act", args=[gap.pk, "clear"]), evidence)

    gap.refresh_from_db()
    assert gap.state == "cleared"


def test_a_cleared_gap_no_longer_says_the_answer_it_had_when_it_opened():
    bo = people.bo()
    home, gap = a_child_of_whom_nothing_is_known()
    page = reverse("gap", args=[gap.pk])
    before = text_of(signed_in(bo), page)
    makers.write(home.pk, says={"members": {str(gap.person_id): {"schooling": "primary"}}})

    after = text_of(signed_in(bo), page)
    row = text_of(signed_in(bo), reverse("ledger"), state="cleared", rule="child_in_school")

    assert "<dt>结论</dt><dd>待核实</dd>" in before
    assert "已销号" in after
    assert "<dt>结论</dt>" not in after
    assert str(gap.pk) in row
    assert "mark-ask" not in row


def test_unknown_is_counted_and_found_apart():
    bo = people.bo()
    home, gap = a_child_of_whom_nothing_is_known()
    says = {"members": {str(gap.person_id): {"schooling": "none", "home_taught": False,
                                             "absence_proved": False}}}  # fmt: skip
    makers.write(home.pk, says=says)
    client = signed_in(bo)

    asked = text_of(client, reverse("ledger"), answer="unknown")
    failing = text_of(client, reverse("ledger"), answer="fails", rule="child_in_school")

    assert str(gap.pk) not in asked
    assert str(gap.pk) in failing
    zero = text_of(client, reverse("ledger_zero"), by="battle")
    assert "待核实" in zero
    assert "义务教育保障" in zero


def test_the_way_to_zero_is_shown_by_everything():
    bo, mei = people.bo(), people.mei()
    _, gap = a_child_of_whom_nothing_is_known()
    actions.assign([gap], to=mei, due_on=None, by=bo, **WHEN)

    for by, said in (
        ("township", "township 451022100"),
        ("village", "village 451022100201"),
        ("department", "教育局"),
        ("person", "Mei"),
        ("battle", "饮水安全保障"),
    ):
        page = text_of(signed_in(bo), reverse("ledger_zero"), by=by)
        assert said in page
        assert 'data-chart="to-zero"' in page


def test_pages_follow_one_another_without_loss():
    bo = people.bo()
    home = makers.household()
    problems = [
        Raised(book=home.pk, origin="visit", title=f"问题{n:03d}", department="")
        for n in range(120)
    ]
    actions.raise_gaps(problems, by=bo, **WHEN)
    client, seen, address = signed_in(bo), [], reverse("ledger") + "?origin=visit"

    while address:
        answer = client.get(address)
        seen += [row["gap"].title for row in answer.context["rows"]]
        address = answer.context["page"]["after"]

    assert sorted(seen) == [f"问题{n:03d}" for n in range(120)]
    back = client.get(answer.context["page"]["before"])
    assert len(back.context["rows"]) == 50


def test_views_are_kept_under_a_name():
    client = signed_in(people.bo())

    client.post(reverse("ledger_views"), {"name": "逾期的", "query": "late=1"})
    page = text_of(client, reverse("ledger"))
    assert "逾期的" in page
    assert 'href="?late=1"' in page


def test_a_department_begins_with_its_own_gaps():
    education = people.worker("Lin", "department", makers.place("county"), department="education")
    a_child_of_whom_nothing_is_known()

    rows = signed_in(education).get(reverse("ledger")).context["rows"]

    assert {row["gap"].department for row in rows} == {"education"}


def test_a_wrong_filter_is_refused_and_an_unknown_gap_too():
    client = signed_in(people.bo())

    for wrong in ({"state": "lost"}, {"before": "soon"}, {"who": "me"}, {"next": "x.y"}):
        assert client.get(reverse("ledger"), wrong).status_code == 400
    assert client.get(reverse("gap", args=[uuid4()])).status_code == 404


def test_every_page_speaks_english_too():
    bo = people.bo()
    _, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(bo)
    client.cookies["yihu_language"] = "en"

    assert "Overdue first" in text_of(client, reverse("ledger"))
    assert "schooling now: unknown" in text_of(client, reverse("gap", args=[gap.pk]))
    assert "What is open" in text_of(client, reverse("ledger_zero"))
    assert Post.objects.count() == 1


def test_nobody_is_made_responsible_for_a_gap_he_does_not_see():
    chen, helper = people.chen(), people.worker("Gu", "helper", makers.place("village"))
    there = people.worker("Lan", "village", makers.place(code="451022100202", name="别村"))
    _, gap = a_child_of_whom_nothing_is_known()

    told = [
        signed_in(chen).post(reverse("gap_act", args=[gap.pk, "assign"]), {"to": to.username})
        for to in (there, helper)
    ]

    assert [answer.status_code for answer in told] == [403, 403]
    assert "1 条不在Gu的岗位或结对范围内" in told[1].content.decode()
    gap.refresh_from_db()
    assert (gap.state, gap.responsible) == ("open", None)


def test_a_helper_is_made_responsible_for_the_families_paired_with_him():
    chen, helper = people.chen(), people.worker("Gu", "helper", makers.place("village"))
    home, gap = a_child_of_whom_nothing_is_known()
    Pairing.objects.create(worker=helper, household=home, since=date(2020, 1, 1))

    signed_in(chen).post(reverse("gap_act", args=[gap.pk, "assign"]), {"to": "gu"})

    gap.refresh_from_db()
    assert (gap.state, gap.responsible) == ("assigned", helper)


def test_a_deadline_is_moved_on_the_page_of_its_gap_with_a_reason():
    bo, chen = signed_in(people.bo()), people.chen()
    _, gap = a_child_of_whom_nothing_is_known()
    actions.set_due([gap], due_on=date(2020, 11, 1), why="先定到月初", by=chen, **WHEN)
    address = reverse("gap_act", args=[gap.pk, "due"])

    bare = bo.post(address, {"due_on": "2020-12-01"})
    far = bo.post(address, {"due_on": "2999-01-01", "why": "雨季不能施工"})
    none = bo.post(address, {"why": "雨季不能施工"})
    done = bo.post(address, {"due_on": "2020-12-01", "why": "雨季不能施工"})

    assert [answer.status_code for answer in (bare, far, none, done)] == [400, 400, 400, 302]
    assert "要写明理由" in bare.content.decode()
    assert 'value="2020-12-01"' in bare.content.decode()
    assert "2021-12-31" in far.content.decode() or "2021年12月31日" in far.content.decode()
    assert "没有填期限" in none.content.decode()
    page = text_of(bo, reverse("gap", args=[gap.pk]))
    assert "雨季不能施工" in page
    assert "2020年12月1日" in page


def test_many_deadlines_are_moved_with_a_reason_or_not_at_all():
    bo, chen = signed_in(people.bo()), people.chen()
    for _ in range(2):
        _, gap = a_child_of_whom_nothing_is_known()
        actions.set_due([gap], due_on=date(2020, 11, 1), why="先定到月初", by=chen, **WHEN)
    given = {"act": "due", "all": "1", "query": "rule=child_in_school", "due_on": "2020-12-01"}

    bare = bo.post(reverse("ledger_bulk"), given)
    asked = bo.post(reverse("ledger_bulk"), {**given, "why": "雨季不能施工"})

    assert bare.status_code == 400
    assert "2 条已有期限" in bare.content.decode()
    assert "其中已有期限，将改期" in asked.content.decode()
    assert "雨季不能施工" in asked.content.decode()
    assert not Gap.objects.filter(due_on=date(2020, 12, 1)).exists()
    sure = {**given, "why": "雨季不能施工", "sure": asked.context["mark"]}
    assert bo.post(reverse("ledger_bulk"), sure).status_code == 302
    assert Gap.objects.filter(due_on=date(2020, 12, 1)).count() == 2
