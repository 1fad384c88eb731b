"""Who works in the demo county: helpers, village, township and county officers, the demo people.

Nobody can sign in but those, whose passwords are drawn anew for each demo and kept beside it.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import transaction

from yihu.access.models import Post, Worker
from yihu.demo.county import County, id_of
from yihu.places.models import Place
from yihu.synthetic.help_given import UNITS
from yihu.synthetic.names import SURNAMES

SINCE = date(2015, 10, 1)
#: Departments with somebody in the county office of each; as owners of rules.
DEPARTMENTS = (
    "education", "housing", "medical_insurance", "health", "water", "civil_affairs",
    "human_resources", "relocation", "poverty_office", "finance", "transport", "agriculture",
)  # fmt: skip
INSPECTORS = 3
GIVEN = "建国志强文明海永福光德才家秀美丽英兰芳梅凤玉珍春彩莲爱月红云燕"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of those who can sign in. zh, en: what they do here."""

    name: str
    role: str
    level: str
    zh: str
    en: str


PEOPLE = (
    DemoPerson("Mei", "village", "village", "管一个村", "keeps one village"),
    DemoPerson("Lan", "helper", "village", "帮扶几户，手机端 /field/ 用这个账号",
               "helps some families: sign in with it on the phone, /field/"),
    DemoPerson("Bo", "township", "township", "管一个乡镇", "leads the township"),
    DemoPerson("Chen", "county", "county", "县专班", "county office"),
    DemoPerson("Su", "inspector", "county", "县督查组，看走访疑问 /signs/",
               "inspects: questions about visits, /signs/"),
    DemoPerson("Dou", "", "", "没有岗位，什么也看不到", "has no post and sees nothing"),
)  # fmt: skip
#: The helper among them: one of the drawn, with books that speak of her.
HELPER = "Lan"


def helper_id(county: County, number: int) -> UUID:
    """Id of a helper."""
    return id_of(county.seed, "helper", number)


def officer_id(county: County, level: str, number: int) -> UUID:
    """Id of the officer of a village or township, by its place in the plan."""
    return id_of(county.seed, level, number)


def helper_names(county: County) -> list[str]:
    """Name of each helper, by number."""
    found = names(county.helpers, seed=county.seed)
    found[county.shown_helper] = HELPER
    return found


def names(count: int, *, seed: int) -> list[str]:
    """Names drawn by chance."""
    rng = np.random.default_rng([seed, 4, 4])
    family, one, two = (rng.integers(0, n, count) for n in (len(SURNAMES), len(GIVEN), len(GIVEN)))
    known = list(SURNAMES)
    return [known[a] + GIVEN[b] + GIVEN[c] for a, b, c in zip(family, one, two, strict=True)]


@transaction.atomic
def make_staff(county: County) -> None:
    """Workers with their posts, all but Mei, Bo, Chen, Su and Dou; nobody of them can sign in."""
    places = {place.code: place for place in Place.objects.exclude(level="hamlet")}
    made: list[tuple[Worker, Post]] = []

    def add(
        id: UUID, username: str, name: str, unit: str, role: str, at: Place, of: str = ""
    ) -> None:
        worker = Worker(
            id=id, username=username, name=name, unit=unit, password=make_password(None)
        )
        made.append((worker, Post(worker=worker, role=role, place=at, department=of, since=SINCE)))

    officers = iter(names(2_000, seed=county.seed + 1))
    for number, place in enumerate(county.plan.villages):
        id = officer_id(county, "village", number)
        add(id, f"v{place.code}", next(officers), "驻村工作队", "village", places[place.code])
    for number, place in enumerate(county.plan.townships):
        id = officer_id(county, "township", number)
        add(id, f"t{place.code}", next(officers), "镇人民政府", "township", places[place.code])
    top = places[county.plan.code]
    for number, name in enumerate(DEPARTMENTS):
        id = id_of(county.seed, "department", number)
        add(id, f"d{number:02d}", next(officers), name, "department", top, name)
    for number in range(INSPECTORS):
        id = id_of(county.seed, "inspector", number)
        add(id, f"i{number:02d}", next(officers), "县督查组", "inspector", top)
    homes = _villages_of_helpers(county)
    for number, name in enumerate(helper_names(county)):
        village = places[county.plan.villages[homes[number]].code]
        unit = UNITS[number % len(UNITS)]
        username = HELPER.lower() if number == county.shown_helper else f"h{number:04d}"
        add(helper_id(county, number), username, name, unit, "helper", village)
    Worker.objects.bulk_create([worker for worker, _ in made], batch_size=500)
    Post.objects.bulk_create([post for _, post in made], batch_size=500)


def _villages_of_helpers(county: County) -> list[int]:
    """Village of each helper's first household; those without one work in the first village."""
    found = [0] * county.helpers
    for village, helper in zip(county.village[::-1], county.helper[::-1], strict=True):
        if helper >= 0:
            found[helper] = int(village)
    return found


def make_people(county: County, folder: Path) -> list[tuple[str, str]]:
    """The demo people with new passwords; returns (name, password) of each.

    Mei keeps the poverty village with the most people, Lan helps there, Bo has its township.
    """
    village = county.plan.villages[county.shown_village].code
    codes = {"village": village, "township": village[:9], "county": county.plan.code}
    passwords = {}
    for who in PEOPLE:
        passwords[who.name] = "-".join(secrets.token_hex(2) for _ in range(3))
        worker, _ = Worker.objects.update_or_create(
            username=who.name.lower(),
            defaults={"name": who.name, "password": make_password(passwords[who.name])},
        )
        worker.posts.all().delete()
        if who.role:
            place = Place.objects.get(code=codes[who.level])
            Post.objects.create(worker=worker, role=who.role, place=place, since=SINCE)
    _keep(folder / "demo-people.json", passwords)
    return list(passwords.items())


def _keep(path: Path, passwords: dict[str, str]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(passwords, file)


def kept_people(folder: Path) -> dict[str, str]:
    """Name → password of the demo people; empty where there is no demo."""
    path = folder / "demo-people.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
