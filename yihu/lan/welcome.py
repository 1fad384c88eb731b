"""The page on which a phone learns to trust the desk, and the files it fetches there.

It comes over plain HTTP, for a phone cannot use anything else yet. So it says nothing secret, and
the fingerprint is what somebody compares with the one the office gives out.
"""

from __future__ import annotations

import hashlib
import plistlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit
from uuid import UUID, uuid5

import segno
from cryptography.hazmat.primitives import hashes, serialization
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from yihu.lan.addresses import OWN, address_of
from yihu.lan.authority import Kept, fingerprint

CERTIFICATE, PROFILE = "/yihu-ca.crt", "/yihu-ca.mobileconfig"
_STYLE = Path(__file__).parents[1] / "web" / "static" / "lan" / "page.css"
#: Space of the ids of profiles: the same authority gives the same profile, which replaces itself.
_PROFILES = UUID("7f0f4c7e-3c55-5d0a-9a53-5c4f6f0d7a10")
_SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answers for one certificate. port, own_port: of the desk, and of this page."""

    kept: Kept
    port: int
    own_port: int
    asked: Sequence[str] = field(default=())

    def answer(self, target: str, headers: Mapping[str, str]) -> Reply:
        """The page, the certificate in two forms, or the way to the desk."""
        where = _split(target)
        if where.path == "/":
            return self._page(parse_qs(where.query), headers)
        if where.path == "/page.css":
            return _file(_STYLE.read_bytes(), "text/css; charset=utf-8")
        if where.path == CERTIFICATE:
            return _file(self._der(), "application/x-x509-ca-cert", "yihu-ca.crt")
        if where.path == PROFILE:
            return _file(self._profile(), "application/x-apple-aspen-config", "yihu.mobileconfig")
        path = where.path if where.path.startswith("/") else "/"
        query = f"?{where.query}" if where.query else ""
        address = f"{self.desk(headers.get('Host', ''))}{path}{query}"
        # Not for ever: the desk may be served without TLS tomorrow.
        return Reply(302, {**_SAFE, "Location": address})

    def desk(self, host: str = "") -> str:
        """The desk's address, by the name somebody came by where the certificate has it."""
        return f"https://{_shown(self._name(host))}{_port(self.port, 443)}"

    def here(self, host: str = "") -> str:
        """The address of this page."""
        return f"http://{_shown(self._name(host))}{_port(self.own_port, 80)}"

    def _name(self, host: str) -> str:
        name = _split(f"//{host}").hostname if _is_plain(host) else ""
        best = next((n for n in (*self.asked, *self.kept.names) if n not in OWN), OWN[0])
        # Who opens the page on the desk's own machine holds a phone beside it.
        return name if name in self.kept.names and name not in OWN else best

    def _page(self, query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> Reply:
        lang, host = _language(query, headers), headers.get("Host", "")
        agent = headers.get("User-Agent", "")
        app = f"{self.desk(host)}/field/"
        certificate = self.kept.authority.certificate
        told = {
            "lang": lang, "here": self.here(host), "desk": self.desk(host), "app": app,
            "certificate": CERTIFICATE, "profile": PROFILE, "qr_here": _code(self.here(host)),
            "qr_app": _code(app), "fingerprint": _in_rows(fingerprint(certificate)),
            "authority": _common_name(self.kept), "until": self.kept.authority.ends_at.date(),
            "is_apple": any(word in agent for word in ("iPhone", "iPad", "iPod")),
            "is_wechat": "MicroMessenger" in agent,
        }  # fmt: skip
        with translation.override("en" if lang == "en" else "zh-hans"):
            page = render_to_string("lan/page.html", told)
        return _file(page.encode(), "text/html; charset=utf-8")

    def _der(self) -> bytes:
        return self.kept.authority.certificate.public_bytes(serialization.Encoding.DER)

    def _profile(self) -> bytes:
        certificate = self.kept.authority.certificate
        mark = certificate.fingerprint(hashes.SHA256()).hex()
        name = _common_name(self.kept)
        content = {
            "PayloadType": "com.apple.security.root", "PayloadVersion": 1,
            "PayloadIdentifier": f"yihu.lan.{mark[:12]}.authority",
            "PayloadUUID": str(uuid5(_PROFILES, f"{mark}/authority")).upper(),
            "PayloadDisplayName": name, "PayloadCertificateFileName": "yihu-ca.crt",
            "PayloadContent": self._der(),
        }  # fmt: skip
        return plistlib.dumps(
            {
                "PayloadType": "Configuration", "PayloadVersion": 1,
                "PayloadIdentifier": f"yihu.lan.{mark[:12]}",
                "PayloadUUID": str(uuid5(_PROFILES, mark)).upper(),
                "PayloadDisplayName": name, "PayloadContent": [content],
                "PayloadDescription": "让手机信任本单位的一户工作台。"
                "Lets this phone trust the yihu desk of your office.",
            }
        )  # fmt: skip


def _common_name(kept: Kept) -> str:
    last = list(kept.authority.certificate.subject)[-1]
    return str(last.value)


def _file(body: bytes, kind: str, name: str = "") -> Reply:
    headers = {**_SAFE, "Content-Type": kind, "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Reply(200, headers, body)


def _language(query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> str:
    wanted = (query.get("lang") or [""])[0]
    if wanted in ("zh", "en"):
        return wanted
    first = headers.get("Accept-Language", "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"


def _split(address: str) -> SplitResult:
    """An address in its parts; the page itself where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("/")


def _is_plain(host: str) -> bool:
    return len(host) < 256 and all(sign.isalnum() or sign in "-.:[]" for sign in host)


def _shown(name: str) -> str:
    address = address_of(name)
    return f"[{name}]" if address is not None and address.version == 6 else name


def _port(port: int, usual: int) -> str:
    return "" if port == usual else f":{port}"


def _in_rows(print_: str) -> list[str]:
    """A fingerprint in four rows of eight pairs, which two people can read to each other."""
    pairs = print_.split(":")
    return [" ".join(pairs[at : at + 8]) for at in range(0, len(pairs), 8)]


def _code(address: str) -> str:
    drawn = segno.make(address, error="m").svg_inline(border=2, omitsize=True, svgclass="code")
    return mark_safe(drawn)  # noqa: S308  drawn by us from an address of ours
