"""Identity numbers typed at the desk: asked for openly, judged, sealed, and never shown whole."""

from __future__ import annotations

import pytest

from tests import makers, people
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.rulebook.identity import check_figure

pytestmark = pytest.mark.django_db
OLD, NEW = (first + check_figure(first) for first in ("45102219800101002", "45102219800102004"))
WRONG = NEW[:17] + ("1" if NEW[17] != "1" else "2")


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home():
    return makers.household({"name": "覃秀英", "identity": OLD}, {"name": "覃小月"})


def form_of(home, person):
    return f"/households/{home.pk}/write/person/person_basic/?person={person.pk}"


def sent(home, **facts):
    on = makers.TODAY.isoformat()
    home.refresh_from_db()
    return {"seen_on": on, "source": "paper", "based_on": home.number, **facts}


def number_of(person):
    """The number of a person as the card keeps it, opened."""
    person.refresh_from_db()
    pair = person.sealed.get("identity")
    return dictionary.keys().open(*pair) if pair else None


def test_the_way_to_the_number_is_seen_and_the_form_says_what_happens_to_it(client, home):
    client.force_login(people.mei())
    head, child = makers.members(home)

    side = client.get(f"/households/{home.pk}/?part=people").content.decode()
    with_one, without = (client.get(form_of(home, each)).content.decode() for each in (head, child))

    assert f"/write/person/person_basic/?person={child.pk}#f-identity" in side
    assert "已加密，只显示首尾" in with_one
    assert OLD not in with_one
    assert "还没有号码。写入后加密" in without


def test_a_corrected_number_is_sealed_masked_and_stands_under_its_writer(client, home):
    mei = people.mei()
    client.force_login(mei)
    head = makers.members(home)[0]

    answer = client.post(form_of(home, head), sent(home, identity=f" {NEW.lower()} "))
    page = client.get(answer.url.partition("#")[0]).content.decode()

    last = Entry.objects.filter(book_id=home.pk, kind="facts").latest("number")
    assert answer.status_code == 302
    assert number_of(head) == NEW
    assert (last.author, last.source) == (mei, "paper")
    assert NEW not in str(last.says)
    assert NEW not in page
    assert f"{NEW[:3]}*************{NEW[-2:]}" in page


@pytest.mark.parametrize("typed", [WRONG, NEW[:17], "45102219801302004X", "abc", NEW + "9"])
def test_a_number_no_document_has_is_refused_and_nothing_is_written(client, home, typed):
    client.force_login(people.mei())
    head, before = makers.members(home)[0], Entry.objects.count()

    answer = client.post(form_of(home, head), sent(home, identity=typed))

    (field,) = [each for each in answer.context["fields"] if each.spec.name == "identity"]
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "末位是校验码" in field.wrong
    assert field.typed == typed
    assert f'value="{typed}" placeholder="{OLD[:3]}*' in page
    assert typed not in field.wrong or len(typed) < 8
    assert (Entry.objects.count(), number_of(head)) == (before, OLD)


@pytest.mark.parametrize("known_before", [True, False])
def test_a_passport_has_a_number_of_its_own_kind(client, home, known_before):
    client.force_login(people.mei())
    head = makers.members(home)[0]
    if known_before:
        makers.write(home.pk, says={"members": {str(head.pk): {"id_kind": "passport"}}})
    kind = {} if known_before else {"id_kind": "passport"}

    answer = client.post(form_of(home, head), sent(home, identity="E12345678", **kind))

    assert answer.status_code == 302
    assert number_of(head) == "E12345678"


def test_a_field_left_empty_leaves_the_number_as_it_is(client, home):
    client.force_login(people.mei())
    head = makers.members(home)[0]

    client.post(form_of(home, head), sent(home, identity="", politics="masses"))

    assert number_of(head) == OLD


@pytest.mark.parametrize(("typed", "status"), [(NEW, 302), (WRONG, 400), ("", 302)])
def test_who_joins_brings_sex_and_number(client, home, typed, status):
    client.force_login(people.mei())
    page = client.get(f"/households/{home.pk}/people/").content.decode()
    on = makers.TODAY.isoformat()
    who = {"did": "join", "why": "married_in", "name": "韦新", "sex": "male", "identity": typed}

    answer = client.post(f"/households/{home.pk}/people/", {"on": on, "source": "paper", **who})

    joined = [each for each in makers.members(home) if each.name == "韦新"]
    assert 'name="identity"' in page
    assert '<option value="male">' in page
    assert answer.status_code == status
    assert [number_of(each) for each in joined] == ([] if status == 400 else [typed or None])
    assert [each.facts["sex"] for each in joined] == ([] if status == 400 else ["male"])


def test_what_was_typed_of_who_joins_comes_back_with_the_refusal(client, home):
    client.force_login(people.mei())
    who = {"did": "join", "why": "married_in", "name": "韦新", "sex": "male", "birth": "1990-02-03",
           "identity": WRONG, "on": "2020-10-01", "source": "paper"}  # fmt: skip

    answer = client.post(f"/households/{home.pk}/people/", who)

    page = answer.content.decode()
    join, *others = page.split('name="did"')[1:]
    assert answer.status_code == 400
    assert page.count('role="alert"') == 1
    assert 'role="alert"' in join
    for kept in ("韦新", "1990-02-03", WRONG, "2020-10-01", 'value="male" selected',
                 'value="married_in" selected', 'value="paper" selected'):  # fmt: skip
        assert kept in join
    assert not any("韦新" in other for other in others)


def test_who_sees_no_number_is_asked_for_none(client, home):
    client.force_login(people.worker("Ada", "administrator", makers.place("county")))

    page = client.get(f"/households/{home.pk}/?part=people").content.decode()

    assert "f-identity" not in page


@pytest.mark.parametrize(
    ("language", "says"), [("zh-hans", "出生日期不能改成空白"), ("en", "cannot be emptied")]
)
def test_a_day_of_birth_is_not_emptied_by_a_form_and_one_not_known_stays_so(client, language, says):
    home = makers.household({"name": "覃秀英", "birth": "1980-01-01"}, {"name": "覃小月"})
    client.force_login(people.mei())
    client.cookies["yihu_language"] = language
    head, child = makers.members(home)
    before = Entry.objects.filter(book_id=home.pk).count()

    emptied = client.post(form_of(home, head), sent(home, birth="", name="覃秀英"))

    assert emptied.status_code == 400
    assert says in emptied.content.decode()
    assert Entry.objects.filter(book_id=home.pk).count() == before
    blank = client.post(
        form_of(home, child), sent(home, birth="", identity="", name="覃小月", sex="female")
    )
    assert blank.status_code == 302, blank.content.decode()
    child.refresh_from_db()
    assert child.facts["sex"] == "female"
