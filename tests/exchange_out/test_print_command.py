"""`yihu print`: the papers of a place in files, in the name of somebody who may."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests import makers, people
from yihu.access.models import Reading
from yihu.commands.print import command
from yihu.exchange import pdf
from yihu.problems import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_each_village_has_its_own_files_of_so_many_households(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "AT_ONCE", 2)
    near, far = makers.place(), makers.place(code="451022100202", name="别村")
    for _ in range(3):
        makers.household({"name": "农大"}, village=near)
    makers.household({"name": "覃一"}, village=far)
    people.bo()

    ended = run("451022100", "--by", "bo", "--out", tmp_path / "卡")

    assert ended.exit_code == 0, ended.output
    assert "4 户，3 份文件" in ended.output
    assert sorted(path.name for path in (tmp_path / "卡").iterdir()) == [
        f"{near.code}-{near.name}-1-帮扶联系卡.pdf",
        f"{near.code}-{near.name}-2-帮扶联系卡.pdf",
        "451022100202-别村-帮扶联系卡.pdf",
    ]
    assert all(path.read_bytes()[:5] == b"%PDF-" for path in (tmp_path / "卡").iterdir())
    assert Reading.objects.filter(what="printed").count() == 4


def test_only_the_status_that_is_asked_for(tmp_path):
    poor = makers.household({"name": "农大"})
    makers.write(poor.pk, kind="decision", says={"did": "identified"})
    makers.household({"name": "农二"})
    people.mei()

    ended = run(makers.CODES["village"], "--by", "mei", "--status", "poor", "--kind", "handbook",
                "--out", tmp_path)  # fmt: skip

    assert "1 户，1 份文件" in ended.output
    assert [path.suffix for path in tmp_path.iterdir()] == [".pdf"]
    assert Reading.objects.get(what="printed").household_id == poor.pk


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("mei", ["--whole"], "exchange.no_reason"),
        ("dou", [], "access.may_not"),
        ("xia", [], "access.not_yours"),
        ("nobody", [], "access.no_such_worker"),
    ],
)
def test_who_may_not_print_writes_nothing(tmp_path, name, more, code):
    makers.household({"name": "农大"})
    people.mei()
    people.dou()
    people.worker("Xia", "village", makers.place(code="451022100202"))

    ended = run(makers.CODES["village"], "--by", name, "--out", tmp_path, *more)

    assert isinstance(ended.exception, Problem)
    assert ended.exception.code == code
    assert list(tmp_path.iterdir()) == []
    assert not Reading.objects.exists()


def test_the_page_of_a_household_leads_to_its_papers(client):
    home = makers.household({"name": "农大"})
    client.force_login(people.mei())

    page = client.get(f"/households/{home.pk}/").content.decode()
    answer = client.post(f"/households/{home.pk}/papers/", {"kind": "card", "anyway": "1"})

    assert f'action="/households/{home.pk}/papers/"' in page
    assert 'value="handbook"' in page
    assert answer.content[:5] == b"%PDF-"
