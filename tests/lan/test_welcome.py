"""The page at the plain door: what a phone is told, and that nothing else comes from it."""

from __future__ import annotations

import plistlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from yihu.lan.authority import ensure, fingerprint
from yihu.lan.welcome import CERTIFICATE, PROFILE, Welcome

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HERE = {"Host": "192.168.1.20:8080"}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"


@pytest.fixture
def welcome(tmp_path: Path) -> Welcome:
    return Welcome(ensure(tmp_path, ["192.168.1.20", "yihu.lan"], now=NOW), 8443, 8080)


def page(welcome: Welcome, target: str = "/", **headers: str) -> str:
    return welcome.answer(target, {**HERE, **headers}).body.decode()


def test_the_page_says_the_fingerprint_and_both_addresses(welcome: Welcome) -> None:
    shown = page(welcome)

    pairs = fingerprint(welcome.kept.authority.certificate).split(":")
    assert " ".join(pairs[:8]) in shown
    assert " ".join(pairs[24:]) in shown
    assert "http://192.168.1.20:8080" in shown
    assert "https://192.168.1.20:8443/field/" in shown
    assert shown.count('class="code"') == 2


def test_the_page_is_read_in_both_languages(welcome: Welcome) -> None:
    assert 'lang="zh-Hans"' in page(welcome)
    assert "安卓手机" in page(welcome)
    assert "Install anyway" in page(welcome, "/?lang=en")
    assert "Install anyway" in page(welcome, **{"Accept-Language": "en-GB,en;q=0.9"})
    assert "安卓手机" in page(welcome, "/?lang=zh", **{"Accept-Language": "en"})


def test_an_iphone_sees_its_own_steps_first(welcome: Welcome) -> None:
    assert 'id="apple" class="steps first"' in page(welcome, **{"User-Agent": IPHONE})
    assert 'id="android" class="steps first"' in page(welcome)


def test_whoever_comes_from_wechat_is_told_to_leave_it(welcome: Welcome) -> None:
    assert "在浏览器打开" in page(welcome, **{"User-Agent": f"{IPHONE} MicroMessenger/8.0"})
    assert "在浏览器打开" not in page(welcome, **{"User-Agent": IPHONE})


def test_the_certificate_is_the_authoritys_without_its_key(welcome: Welcome) -> None:
    reply = welcome.answer(CERTIFICATE, HERE)

    own = welcome.kept.authority
    secret = own.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    assert reply.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(reply.body) == own.certificate
    assert secret not in reply.body


def test_the_profile_carries_the_same_certificate_and_replaces_itself(welcome: Welcome) -> None:
    reply = welcome.answer(PROFILE, HERE)
    again = welcome.answer(PROFILE, HERE)

    profile = plistlib.loads(reply.body)
    inside = profile["PayloadContent"][0]
    assert reply.headers["Content-Type"] == "application/x-apple-aspen-config"
    assert profile["PayloadType"] == "Configuration"
    assert inside["PayloadType"] == "com.apple.security.root"
    assert inside["PayloadContent"] == welcome.answer(CERTIFICATE, HERE).body
    assert again.body == reply.body


@pytest.mark.parametrize(
    ("target", "to"),
    [
        ("/field/", "https://192.168.1.20:8443/field/"),
        ("/households/?q=1", "https://192.168.1.20:8443/households/?q=1"),
        ("//evil.example/x", "https://192.168.1.20:8443/x"),
        ("http://evil.example/x", "https://192.168.1.20:8443/x"),
        ("/authority.pem", "https://192.168.1.20:8443/authority.pem"),
    ],
)
def test_everything_else_leads_to_the_desk(welcome: Welcome, target: str, to: str) -> None:
    reply = welcome.answer(target, HERE)

    assert (reply.status, reply.headers["Location"], reply.body) == (302, to, b"")


@pytest.mark.parametrize("host", ["evil.example", "localhost:8080", "", "x\r\ny", "[::1"])
def test_a_strange_host_is_never_repeated(welcome: Welcome, host: str) -> None:
    shown = page(welcome, Host=host)

    assert "https://192.168.1.20:8443/field/" in shown
    assert "evil.example" not in shown


def test_the_page_runs_nothing_and_says_nothing_secret(welcome: Welcome) -> None:
    reply = welcome.answer("/", HERE)

    shown = reply.body.decode()
    assert "default-src 'self'" in reply.headers["Content-Security-Policy"]
    assert "<script" not in shown
    assert "style=" not in shown
