"""Saved views of the ledger: one's own, and those shared with a place and a role."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import makers, people
from yihu.access.scope import Scope
from yihu.ledger.models import SavedView

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def kept(client, name, query="late=1", **form):
    return client.post("/ledger/views/", {"name": name, "query": query, **form})


def named(client) -> list[str]:
    return [view["name"] for view in client.get("/ledger/").context["views"]]


def test_a_view_shared_with_a_township_is_found_in_its_villages_and_nowhere_else():
    far = people.worker("Far", "township", makers.place("township", "451022101"))
    mei, bo = people.mei(), people.bo()

    kept(signed_in(bo), "逾期的", share="451022100")
    kept(signed_in(bo), "只有我看")

    assert named(signed_in(mei)) == ["逾期的"]
    assert sorted(named(signed_in(bo))) == ["只有我看", "逾期的"]
    assert named(signed_in(far)) == []
    assert named(signed_in(people.dou())) == []
    assert "Bo" in signed_in(mei).get("/ledger/").content.decode()


def test_a_view_shared_with_a_role_is_found_by_that_role():
    mei, bo = people.mei(), people.bo()
    clerk = people.worker("Lin", "department", makers.place("township"), department="education")

    kept(signed_in(bo), "村里的", share="451022100", role="village")

    assert named(signed_in(mei)) == ["村里的"]
    assert named(signed_in(clerk)) == []


def test_whoever_reaches_less_sees_the_same_in_his_own_place():
    mei, chen = people.mei(), people.chen()
    makers.household()

    kept(signed_in(chen), "全县", query="late=1&place=451022", share="451022")

    (view,) = signed_in(mei).get("/ledger/").context["views"]
    assert view["query"] == "late=1"
    assert signed_in(mei).get(f"/ledger/?{view['query']}").status_code == 200


def test_nobody_shares_with_a_place_that_is_not_his_or_drops_what_is_anothers():
    mei, bo = people.mei(), people.bo()
    makers.place("township", "451022101")
    kept(signed_in(bo), "逾期的", share="451022100")
    view = SavedView.objects.get()

    assert kept(signed_in(bo), "别处", share="451022101").status_code == 404
    assert kept(signed_in(mei), "往上", share="451022100").status_code == 404
    signed_in(mei).post("/ledger/views/", {"drop": view.pk})

    assert list(SavedView.objects.all()) == [view]
    assert list(Scope(mei, makers.TODAY).of(SavedView, "drop")) == []
    signed_in(bo).post("/ledger/views/", {"drop": view.pk})
    assert not SavedView.objects.exists()


def test_a_shared_view_names_no_single_person():
    bo = people.bo()
    who = "5f0c1f36-3c0d-4a0e-9d38-8a2d6a0e7a11"

    kept(signed_in(bo), "某人", query=f"person={who}&late=1", share="451022100")

    assert SavedView.objects.get().filters == {"query": "late=1"}
