"""The second factor and the lock-out: what the pages say, and what they let through."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests import makers, people
from yihu.access.actions import renew_password

pytestmark = pytest.mark.django_db

PASSWORD = "Mei-9f3k"


@pytest.fixture(autouse=True)
def on_the_day(settings, monkeypatch):
    settings.TODAY = makers.TODAY.isoformat()
    cache.clear()
    # A code holds for half a minute; a busy machine is no slower than that by this clock.
    now = time.time()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now))


def code_of(secret: str, ahead: int = 0) -> str:
    """The six digits an authenticator shows now."""
    counter = int(auth.time.time()) // 30 + ahead
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def text_of(answer, status: int = 200) -> str:
    found = answer.content.decode()
    assert answer.status_code == status, found[:2000]
    return found


class Door:
    """Mei's browser at the door."""

    def __init__(self, language: str = "zh-hans") -> None:
        self.client = Client(headers={"Accept-Language": language})

    def password(self, given: str = PASSWORD):
        return self.client.post("/account/login/", {"login": "mei", "password": given})

    def code(self, given: str):
        return self.client.post("/account/2fa/authenticate/", {"code": given})

    def again(self, address: str):
        """Open a page that asks for the password again before it opens."""
        asked = self.client.get(address)
        assert asked["Location"].startswith("/account/reauthenticate/")
        text_of(self.client.get(asked["Location"]))
        answer = self.client.post(asked["Location"], {"password": PASSWORD})
        assert answer["Location"] == address
        return self.client.get(address)

    @property
    def inside(self) -> bool:
        return self.client.get("/people/").status_code == 200

    def enrol(self) -> str:
        """Turn the second factor on; returns its secret."""
        page = text_of(self.again("/account/2fa/totp/activate/"))
        (secret,) = re.findall(r"<code>([A-Z2-7]{16,})</code>", page)
        answer = self.client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
        assert answer.status_code == 302, answer.content.decode()[:2000]
        # A code opens once; the clock of the test does not wait for the next.
        cache.clear()
        return secret


def enrolled() -> tuple[str, list[str]]:
    """Mei with a second factor: its secret and her recovery codes."""
    people.mei()
    door = Door()
    door.password()
    secret = door.enrol()
    page = text_of(door.client.get("/account/2fa/recovery-codes/"))
    return secret, re.findall(r"<li><code>(\w+)</code></li>", page)


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "密码太短，至少 8 个字符。"), ("en", "It must contain at least 8 characters.")],
)
def test_too_short_a_password_is_refused_in_the_language_of_the_desk(language, words):
    people.mei()
    door = Door(language)
    door.password()
    form = {"oldpassword": PASSWORD, "password1": "qz7", "password2": "qz7"}

    page = text_of(door.client.post("/account/password/change/", form))

    assert words in page
    assert ("This password" in page) == (language == "en"), page


@pytest.mark.parametrize(
    ("language", "why", "done"),
    [("zh-hans", "您登录用的是一次性密码", "密码已更换"),
     ("en", "You signed in with a one-time password", "Your password is changed")],
)  # fmt: skip
def test_whoever_changed_a_one_time_password_is_led_on_to_the_day(language, why, done):
    mei = people.mei()
    given = renew_password(mei, now=timezone.now())
    door = Door(language)
    assert door.password(given)["Location"] == "/account/password/change/"
    assert door.client.get("/")["Location"] == "/account/password/change/"
    asked = text_of(door.client.get("/account/password/change/"))
    assert why in asked
    assert 'class="alert' not in asked

    own = "a-long-row-of-words-7"
    form = {"oldpassword": given, "password1": own, "password2": own}
    answer = door.client.post("/account/password/change/", form)

    assert answer["Location"] == "/"
    assert done in text_of(door.client.get("/"))


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "动态验证码"), ("en", "Second factor")])
def test_the_account_page_offers_the_second_factor_and_says_when_it_is_on(language, word):
    people.mei()
    door = Door(language)
    door.password()
    before = text_of(door.client.get("/account/2fa/"))

    door.enrol()

    after = text_of(door.client.get("/account/2fa/"))
    assert word in before
    assert "/account/2fa/totp/activate/" in before
    assert ("已启用" if language == "zh-hans" else ">On<") in after.replace("</svg>", ">")
    assert "/account/2fa/totp/deactivate/" in after


def test_a_wrong_code_turns_nothing_on():
    people.mei()
    door = Door()
    door.password()
    door.again("/account/2fa/totp/activate/")

    page = text_of(door.client.post("/account/2fa/totp/activate/", {"code": "000000"}))

    assert not Authenticator.objects.exists()
    assert "/account/2fa/totp/activate/" in page


def test_the_password_alone_opens_nothing_once_the_second_factor_is_on():
    secret, _ = enrolled()
    door = Door()

    answer = door.password()

    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert "六位数字" in text_of(door.client.get("/account/2fa/authenticate/"))
    assert not door.inside
    assert door.code(code_of(secret)).status_code == 302
    assert door.inside


def test_a_wrong_code_opens_nothing_and_many_are_refused_for_a_while():
    secret, _ = enrolled()
    door = Door()
    door.password()
    wrong = f"{(int(code_of(secret)) + 500_000) % 1_000_000:06d}"

    pages = [text_of(door.code(wrong)) for _ in range(6)]
    right = door.code(code_of(secret))

    assert len(set(map(len, pages))) > 1, "the last says something else than the first"
    assert right.status_code == 200
    assert not door.inside


def test_a_code_opens_once():
    secret, _ = enrolled()
    first, second = Door(), Door()
    code = code_of(secret)
    first.password()
    first.code(code)

    second.password()
    second.code(code)

    assert first.inside
    assert not second.inside


def test_each_recovery_code_opens_once_when_the_phone_is_lost():
    _, codes = enrolled()
    first, second = Door(), Door()

    first.password()
    first.code(codes[0])
    second.password()
    second.code(codes[0])

    assert len(codes) == len(set(codes)) == 10
    assert first.inside
    assert not second.inside
    assert codes[0] not in text_of(first.again("/account/2fa/recovery-codes/"))


def test_turning_it_off_lets_the_password_open_again():
    enrolled()
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    door = Door()
    door.password()
    door.code(codes[0])

    assert "停用" in text_of(door.again("/account/2fa/totp/deactivate/"))
    assert door.client.post("/account/2fa/totp/deactivate/").status_code == 302

    fresh = Door()
    fresh.password()
    assert fresh.inside


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ("5 次", "15 分钟", "管理员")),
        ("en", ("5 times", "15 minutes", "administrator")),
    ],
)
def test_the_lock_out_says_how_long_it_lasts_and_ends_then(language, words):
    people.mei()
    door = Door(language)
    for n in range(4):
        door.password(f"wrong-{n}")

    page = text_of(door.password("wrong-4"), 429)

    assert all(word in page for word in words)
    assert door.password().status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert door.password().status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert door.password().status_code == 302
    assert door.inside


def locked() -> None:
    for n in range(5):
        Door().password(f"wrong-{n}")


def keeper(at: str = "county") -> Client:
    client = Client()
    client.force_login(people.worker("Ann", "administrator", makers.place(at)))
    return client


def test_an_administrator_lifts_the_lock():
    mei = people.mei()
    locked()
    client = keeper()

    assert "已锁定" in text_of(client.get(f"/people/{mei.pk}/"))
    assert client.post(f"/people/{mei.pk}/unlock/").status_code == 302

    assert "已锁定" not in text_of(client.get(f"/people/{mei.pk}/"))
    door = Door()
    door.password()
    assert door.inside


def test_an_administrator_takes_a_lost_second_factor_away_with_the_password():
    enrolled()
    mei = people.Worker.objects.get(username="mei")
    client = keeper()

    page = text_of(client.post(f"/people/{mei.pk}/second-factor/", follow=True))

    (given,) = re.findall(r"[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}", page)
    assert not Authenticator.objects.exists()
    door = Door()
    assert door.password().status_code == 200, "whoever found the password has no way in"
    door.password(given)
    assert door.client.get("/people/")["Location"] == "/account/password/change/"


def test_nobody_lifts_a_lock_or_a_second_factor_out_of_his_reach():
    enrolled()
    mei = people.Worker.objects.get(username="mei")
    locked()
    elsewhere = Client()
    elsewhere.force_login(
        people.worker("Far", "administrator", makers.place("township", "451022101"))
    )
    bo = Client()
    bo.force_login(people.bo())

    for act in ("unlock", "second-factor"):
        assert elsewhere.post(f"/people/{mei.pk}/{act}/").status_code == 404
        assert bo.post(f"/people/{mei.pk}/{act}/").status_code == 403

    assert Authenticator.objects.count() == 2
    assert AccessAttempt.objects.exists()


@pytest.mark.parametrize(
    "page",
    ["email/", "confirm-email/", "password/set/", "password/reset/", "login/code/confirm/"],
)
def test_no_page_is_there_for_accounts_with_an_address_for_letters(page):
    mei, stranger = Client(), Client()
    mei.force_login(people.mei())
    for client in (mei, stranger):
        assert client.get(f"/account/{page}").status_code == 404
        assert client.post(f"/account/{page}", {"email": "x@example.org"}).status_code == 404


def test_a_phone_whose_owner_has_a_one_time_password_leads_him_to_its_change_and_back():
    given = renew_password(people.mei(), now=timezone.now())
    door = Door()
    change = "/account/password/change/"

    sent = {"login": "mei", "password": given, "next": "/field/"}
    assert door.client.post("/account/login/", sent)["Location"] == change
    # From the app in the phone's store, which asks for nothing but to sign in.
    assert door.client.get("/api/v1/sync/hello").status_code == 401
    assert door.client.get("/account/login/?next=/field/")["Location"] == change
    own = "a-long-row-of-words-7"
    form = {"oldpassword": given, "password1": own, "password2": own}
    assert door.client.post(change, form)["Location"] == "/field/"

    assert door.client.get("/api/v1/sync/hello").json()["name"]


def test_a_one_time_password_leads_nowhere_outside():
    given = renew_password(people.mei(), now=timezone.now())
    door = Door()
    sent = {"login": "mei", "password": given, "next": "https://elsewhere.example/"}
    door.client.post("/account/login/", sent)
    own = "a-long-row-of-words-7"
    form = {"oldpassword": given, "password1": own, "password2": own}
    assert door.client.post("/account/password/change/", form)["Location"] == "/"
