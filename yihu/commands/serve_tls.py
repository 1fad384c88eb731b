"""TLS for `yihu serve`: a certificate for the county's network, or one that is there already."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from yihu.commands.speaking import said
from yihu.lan import addresses, authority
from yihu.lan.authority import Kept
from yihu.lan.welcome import Welcome
from yihu.problems import Problem


def require_pair(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Certificate and key that were named, tried; None where neither was.

    Raises  Problem: desk.half_a_certificate, desk.bad_certificate
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        words = ("--key", "--certificate") if certificate is None else ("--certificate", "--key")
        raise Problem("desk.half_a_certificate", given=words[0], missing=words[1])
    try:
        # A password is refused by an answer, for at night nobody is there to type it.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: b"")
    except (OSError, ValueError) as wrong:
        why = getattr(wrong, "reason", None) or getattr(wrong, "strerror", None) or str(wrong)
        raise Problem("desk.bad_certificate", certificate=certificate, key=key, why=why) from None
    return certificate, key


@dataclass(slots=True)
class Network:
    """The desk in its network: what it is asked to be called, and what it is called now.

    port, phones_port  of the desk, and of the plain page that helps phones
    """

    folder: Path
    asked: list[str]
    port: int
    phones_port: int
    kept: Kept = field(init=False)
    _others: list[str] = field(init=False)

    def __post_init__(self) -> None:
        hosts = [name for name in os.environ.get("YIHU_HOSTS", "").split(",") if name]
        self._others = [name for name in hosts if name.startswith((".", "*"))]
        named = [name for name in hosts if name not in self._others]
        self.asked = addresses.said([*self.asked, *named])
        self.take(self.renew())

    def renew(self) -> Kept:
        """Authority and certificate for what this machine is called now; made where due."""
        return authority.ensure(self.folder, self.asked, addresses.found(), now=datetime.now(UTC))

    def take(self, kept: Kept) -> None:
        """Serve this from now on: the settings of processes to come say so."""
        self.kept = kept
        names = [f"[{name}]" if ":" in name else name for name in kept.names]
        os.environ["YIHU_HOSTS"] = ",".join([*names, *self._others])
        os.environ["YIHU_HTTPS"] = "lan"

    def again(self) -> None:
        """The certificate was renewed beside us: take what lies there now."""
        from django.conf import settings  # noqa: PLC0415  read long ago when this is called

        now = authority.kept(self.folder)
        if now is not None:
            self.take(now)
            # Processes to come are forked from this one, and read no settings again.
            settings.ALLOWED_HOSTS = os.environ["YIHU_HOSTS"].split(",")
            settings.CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in settings.ALLOWED_HOSTS]

    def welcome(self, kept: Kept) -> Welcome:
        """The page for phones, of this certificate."""
        return Welcome(kept, self.port, self.phones_port, self.asked)

    def say(self) -> None:
        """Where the desk is, where phones begin, and the fingerprint they compare."""
        page = self.welcome(self.kept)
        rows = _rows(authority.fingerprint(self.kept.authority.certificate))
        _say(
            said("  工作台：", "  The desk:  ") + page.desk(),
            said("  手机先打开：", "  Phones open first:  ") + page.here(),
            said("  证书指纹（SHA-256），请与手机上显示的核对：",
                 "  Fingerprint (SHA-256), to compare with the one a phone shows:"),
            *(f"    {row}" for row in rows),
        )  # fmt: skip
        if authority.AUTHORITY in self.kept.made:
            _say(said("  新建了证书机构：每部手机都要信任一次。",
                      "  The authority is new: every phone has to trust it once."))  # fmt: skip
        if sys.stdout.isatty():
            import segno  # noqa: PLC0415  only where somebody can scan it

            segno.make(page.here(), error="m").terminal(compact=True, border=2)
        _say(said("  （Ctrl-C 停止）", "  (Ctrl-C stops it)"))


def _rows(fingerprint: str) -> Sequence[str]:
    pairs = fingerprint.split(":")
    return [" ".join(pairs[at : at + 16]) for at in range(0, len(pairs), 16)]


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line)
