"""The newest anchor on the administration page, and on paper for another office."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.access.test_pages import signed_in
from yihu.book import anchor
from yihu.card import anchoring

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_administration_shows_the_newest_anchor_to_be_printed(language, settings, tmp_path):
    settings.HOME, settings.SNAPSHOTS = tmp_path, tmp_path / "snapshots"
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    client, mei = signed_in(keeper, language), signed_in(people.mei(), language)
    none = client.get("/administration/anchor/").content.decode()
    (tmp_path / "backups").mkdir()
    kept = anchoring.take(day=makers.TODAY, now=makers.NOW)
    anchor.write(kept, tmp_path / "backups" / "anchor.gz")

    page = client.get("/administration/").content.decode()
    paper = client.get("/administration/anchor/").content.decode()

    assert ("还没有存证" in none) == (language == "zh-hans")
    assert kept.head.groups in page
    assert kept.head.groups in paper
    assert "backups/anchor.gz" in paper
    assert str(tmp_path) not in paper
    assert mei.get("/administration/anchor/").status_code == 403
