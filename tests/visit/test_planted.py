"""The demo county's planted signs: all are found, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from yihu.access.models import Worker
from yihu.demo import visits
from yihu.demo.making import make
from yihu.visit.models import Burden, Sign
from yihu.visit.photo_looks import bits_of

pytestmark = pytest.mark.django_db


def test_all_that_is_planted_is_found_and_nothing_else(settings, tmp_path, monkeypatch):
    settings.FILES = tmp_path / "files"
    rounds = {}
    real = visits.fill

    def remembered(county, *, at):
        rounds.update(real(county, at=at))
        return rounds

    monkeypatch.setattr(visits, "fill", remembered)

    make(folder=tmp_path, seed=3, people=2_000, progress=lambda *_: None, processes=0)

    assert set(rounds) == {*visits.PLANTED, *visits.HONEST}
    planted = {(rounds[n].worker.pk, n.split()[0]) for n in visits.PLANTED}
    found = set(Sign.objects.values_list("worker_id", "kind"))
    missed, wrong = planted - found, found - planted
    names = dict(Worker.objects.values_list("pk", "username"))
    assert [(names[who], kind) for who, kind in wrong] == []
    assert missed == set()
    assert Burden.objects.filter(tapped__gt=0).exists()


def test_the_drawn_pictures_do_not_look_alike_by_chance():
    looks = [bits_of(visits.picture(seed)) or 0 for seed in (1, 2, 3, 4)]

    assert 0 not in looks
    assert all((a ^ b).bit_count() > 4 for n, a in enumerate(looks) for b in looks[:n])
