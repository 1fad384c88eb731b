"""Keys are renewed while everything stays what it was, and numbers are found by their twins."""

from __future__ import annotations

import json

import pytest

from tests import makers
from yihu.access.sealing import Keys
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card import renewing
from yihu.card.audit import audit_all
from yihu.card.models import Person, Sealed
from yihu.check.cards import opened
from yihu.problems import Problem

pytestmark = pytest.mark.django_db
IDENTITY = "11010519491231002X"


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    settings.KEYS = tmp_path / "keys.json"


def test_with_a_new_key_all_is_as_it_was():
    home = makers.household({"identity": IDENTITY}, {"phone": "13800000000"})
    hashes = list(Entry.objects.order_by("number").values_list("hash", flat=True))
    index = list(Sealed.objects.order_by("pk").values_list("index", flat=True))

    keys = renewing.begin()
    count = renewing.seal_again()

    assert (keys.now, count, dict(renewing.keys_in_use())) == (2, 2, {2: 2})
    assert list(Entry.objects.order_by("number").values_list("hash", flat=True)) == hashes
    assert list(Sealed.objects.order_by("pk").values_list("index", flat=True)) == index
    assert renewing.drop_unused() == [1]
    assert renewing.drop_unused() == []
    person = Person.objects.get(household=home, is_head=True)
    assert opened(person.facts, person.sealed)["identity"] == IDENTITY
    assert audit_all().faults == []


def test_a_renewal_that_was_stopped_goes_on_and_drops_no_key_in_use(monkeypatch):
    for _ in range(3):
        makers.household({"identity": IDENTITY})
    monkeypatch.setattr(renewing, "CHUNK", 1)
    renewing.begin()

    def stop(done, of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        renewing.seal_again(progress=stop)
    used = renewing.keys_in_use()
    assert used[1] > 0
    assert renewing.drop_unused() == []
    assert audit_all().faults == []

    assert renewing.begin().now == 2
    renewing.seal_again()
    assert set(renewing.keys_in_use()) == {2}
    assert audit_all().faults == []


def test_keys_that_are_gone_are_not_replaced_in_silence(settings):
    makers.household({"identity": IDENTITY})
    settings.KEYS.unlink()

    with pytest.raises(Problem) as refused:
        makers.household({"identity": IDENTITY})

    assert refused.value.code == "keys.missing"
    assert not settings.KEYS.exists()
    assert [f.what for f in audit_all().faults] == ["keys.missing"]


def test_a_token_opens_only_beside_its_own_commitment():
    keys = Keys.new()
    one, other = keys.seal(IDENTITY), keys.seal(IDENTITY)

    assert keys.open(*one) == IDENTITY
    for wrong in ((one[0], other[1]), (one[0], "7.abcd"), (one[0], one[1][:-8])):
        with pytest.raises(ValueError, match="cannot be opened"):
            keys.open(*wrong)


def test_an_old_number_finds_the_new_one_and_the_new_one_finds_the_old():
    makers.household({"identity": IDENTITY}, {"identity": "110105491231002"})
    keys = dictionary.keys()

    for searched in (IDENTITY, "110105491231002", " 1101０5 19491231-002x"):
        assert Sealed.objects.filter(index__in=keys.blinds(searched)).count() == 2
    assert Sealed.objects.filter(index__in=keys.blinds("110105200012310029")).count() == 0


def test_keys_are_readable_by_their_owner_only(settings):
    dictionary.keys()

    assert settings.KEYS.stat().st_mode & 0o077 == 0
    assert set(json.loads(settings.KEYS.read_text())) == {"now", "ciphers", "index"}
