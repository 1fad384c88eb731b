"""Who is offered as responsible: those who may be, where the worker assigns, and nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests import makers, people
from tests.ledger.test_pages import a_child_of_whom_nothing_is_known, signed_in
from yihu.access.models import Pairing, Post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = makers.TODAY.isoformat()


def offered(client: Client, address: str, **given: str) -> set[str]:
    return {worker.name for worker in client.get(address, given).context["workers"]}


@pytest.fixture
def staff():
    """People in and out of Bo's township, of every kind."""
    here, county = makers.place("village"), makers.place("county")
    other = makers.place(code="451022100202", name="别村")
    far = makers.place("village", "451022101201")
    people.mei()
    people.worker("Zhou", "village", other)
    people.worker("Far", "village", far)
    people.worker("Ins", "inspector", makers.place("township"))
    people.worker("Adm", "administrator", county)
    gone = people.worker("Gone", "village", here)
    Post.objects.filter(worker=gone).update(until=date(2020, 1, 1))
    Post.objects.create(worker=gone, role="village", place=far, since=date(2020, 1, 2))
    people.worker("Closed", "village", here)
    people.worker("Gu", "helper", here)
    people.worker("Lan", "helper", here)
    return people.bo()


def test_for_many_gaps_those_are_offered_who_answer_in_ones_places(staff):
    makers.household({"name": "覃一"})
    people.worker("Edu", "department", makers.place("township"), department="education")
    client = signed_in(staff)

    found = offered(client, reverse("ledger"))

    assert found == {"Mei", "Zhou", "Bo", "Edu", "Closed", "Gu", "Lan"}
    narrowed = offered(client, reverse("ledger"), place="451022100202")
    assert narrowed == {"Zhou", "Bo", "Edu"}


def test_for_one_gap_those_are_offered_who_reach_it(staff):
    home, gap = a_child_of_whom_nothing_is_known()
    helper = Post.objects.get(worker__username="gu").worker
    Pairing.objects.create(worker=helper, household=home, since=date(2020, 1, 1))

    assert offered(signed_in(staff), reverse("gap", args=[gap.pk])) == {"Mei", "Bo", "Gu", "Closed"}


def test_an_account_that_is_closed_is_offered_nowhere(staff):
    _, gap = a_child_of_whom_nothing_is_known()
    worker = Post.objects.get(worker__username="closed").worker
    worker.is_active = False
    worker.save(update_fields=["is_active"])
    client = signed_in(staff)

    assert "Closed" not in offered(client, reverse("ledger"))
    assert "Closed" not in offered(client, reverse("gap", args=[gap.pk]))
