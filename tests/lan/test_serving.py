"""`yihu serve` over TLS: fetched by a client that trusts the authority alone, and by a browser."""

from __future__ import annotations

import base64
import hashlib
import signal
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.chromium import ARGUMENTS, CHROMIUM
from tests.commands.test_run import answered, begun, free_port, stopped
from tests.web.browsing import AXE, barriers, wide
from yihu.lan import porter
from yihu.lan.authority import DESK, Kept, ensure, kept
from yihu.lan.welcome import Welcome
from yihu.web.field import FILES

NOW = datetime.now(UTC)


class Desk:
    """A desk that is served with TLS, and its plain door."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.door = home, free_port(), free_port()
        words = ["--port", str(self.port), "--phones-port", str(self.door), "--workers", "1"]
        self.process = begun(["serve", "--tls", "--host", "127.0.0.1", *words], home)

    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.home / "tls" / "authority.pem"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def get(self, path: str, name: str = "localhost", host: str = "") -> tuple[Any, bytes]:
        """Headers and body. host: what is asked for, unless the name itself."""
        named = {"Host": host} if host else {}
        request = urllib.request.Request(f"https://{name}:{self.port}{path}", headers=named)
        with urllib.request.urlopen(request, timeout=5, context=self.trusting()) as reply:
            return reply.headers, reply.read()

    def kept(self) -> Kept:
        found = kept(self.home / "tls")
        assert found
        return found

    def serial(self) -> int:
        """Number of the certificate that is served now."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain,
            self.trusting().wrap_socket(plain, server_hostname="127.0.0.1") as sealed,
        ):
            return x509.load_der_x509_certificate(sealed.getpeercert(True) or b"").serial_number


def patiently(ask: Callable[[], Any], seconds: float = 90) -> Any:
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    served = Desk(tmp_path_factory.mktemp("desk"))
    try:
        patiently(lambda: answered(f"http://127.0.0.1:{served.door}/page.css", seconds=1))
        patiently(lambda: served.get("/health"))
        yield served
    finally:
        said = stopped(served.process)
        assert "The desk is closed." in said, said
        assert "porter" not in said, said


def test_who_trusts_the_authority_reaches_the_desk_by_name_and_by_address(desk: Desk) -> None:
    headers, by_name = desk.get("/health")
    _, by_address = desk.get("/health", "127.0.0.1")

    assert by_name == by_address == b"ok"
    assert headers["Strict-Transport-Security"] is None


def test_who_does_not_trust_it_gets_nothing(desk: Desk) -> None:
    with pytest.raises(urllib.error.URLError) as refused:
        urllib.request.urlopen(
            f"https://localhost:{desk.port}/health",
            timeout=5,
            context=ssl.create_default_context(),
        )

    assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)


def test_cookies_travel_over_tls_only(desk: Desk) -> None:
    cookie = desk.get("/account/login/")[0]["Set-Cookie"]

    assert cookie.startswith("csrftoken=")
    assert "Secure" in cookie


def test_a_host_nobody_named_is_refused(desk: Desk) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        desk.get("/account/login/", host="evil.example")

    assert refused.value.code == 400
    refused.value.close()


def test_the_plain_door_has_the_page_and_the_certificate_and_no_more(desk: Desk) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    def at(path: str) -> bytes:
        with urllib.request.build_opener(Stay).open(
            f"http://127.0.0.1:{desk.door}{path}", timeout=5
        ) as reply:
            return bytes(reply.read())

    certificate = at("/yihu-ca.crt")
    with pytest.raises(urllib.error.HTTPError) as elsewhere:
        at("/households/")

    trusted = (desk.home / "tls" / "authority.pem").read_bytes()
    assert x509.load_der_x509_certificate(certificate) == x509.load_pem_x509_certificate(trusted)
    assert "SHA-256" in at("/").decode()
    assert elsewhere.value.code == 302
    assert elsewhere.value.headers["Location"].startswith("https://")
    elsewhere.value.close()


def test_nobody_else_reads_what_the_desk_keeps_for_tls(desk: Desk) -> None:
    folder = desk.home / "tls"

    modes = {path.stat().st_mode & 0o077 for path in [folder, *folder.iterdir()]}

    assert modes == {0}


def test_a_desk_that_runs_takes_up_a_renewed_certificate(desk: Desk) -> None:
    before = desk.serial()
    names = [*desk.kept().names, "10.9.8.7"]
    made = ensure(desk.home / "tls", names, now=NOW)

    desk.process.send_signal(signal.SIGHUP)
    # The old process answers beside the new for up to three seconds more: all have it after four.
    until, same = time.monotonic() + 120, 0
    while same < 20 and time.monotonic() < until:
        same = 0 if patiently(desk.serial) == before else same + 1
        time.sleep(0.2)

    assert made.made == (DESK,)
    assert patiently(desk.serial) == made.desk.certificate.serial_number != before
    assert patiently(lambda: desk.get("/health", host="10.9.8.7"))[1] == b"ok"


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.skipif(not (FILES / "index.html").exists(), reason="make env builds the field app")
def test_a_browser_that_trusts_it_keeps_the_field_app_for_days_without_a_signal(
    desk: Desk, playwright: Any, tmp_path: Path
) -> None:
    found = desk.kept()
    public = found.authority.certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    own = found.desk.certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # Trust in these two keys and nothing else takes the place of the phone's settings.
    marks = ",".join(base64.b64encode(hashlib.sha256(k).digest()).decode() for k in (public, own))
    arguments = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={marks}"]

    with playwright.chromium.launch_persistent_context(
        str(tmp_path / "profile"), executable_path=CHROMIUM, args=arguments
    ) as context:
        page = context.pages[0]
        page.goto(f"https://127.0.0.1:{desk.port}/field/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        worker = page.evaluate("navigator.serviceWorker.ready.then(r => r.active.scriptURL)")
        context.set_offline(True)
        page.reload()
        title = page.title()

    assert worker == f"https://127.0.0.1:{desk.port}/field/worker.js"
    assert title


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.skipif(not AXE.exists(), reason="make env brings axe")
def test_the_page_can_be_read_on_a_phone_and_aloud_and_breaks_no_policy(
    desk: Desk, browser: Any
) -> None:
    heard: list[str] = []
    barred: list[str] = []
    for language in ("zh", "en"):
        for width in (390, 1440):
            page = browser.new_page(viewport={"width": width, "height": 844})
            page.on("console", lambda message: heard.append(message.text))
            page.goto(f"http://127.0.0.1:{desk.door}/?lang={language}")
            barred += barriers(page) + wide(page)
            page.close()

    assert barred == heard == []


# -- refusals --------------------------------------------------------------------------------------


def refused(words: list[str], home: Path) -> str:
    server = begun(["serve", "--port", str(free_port()), *words], home)
    said, _ = server.communicate(timeout=60)
    assert server.returncode == 2, said
    assert "Traceback" not in said
    return said


def test_a_broken_authority_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    folder.mkdir()
    (folder / "authority.pem").write_text("nothing")

    said = refused(["--tls", "--phones-port", str(free_port())], tmp_path)

    assert "authority.pem does not hold one certificate and its key" in said.replace("\n", " ")
    assert [path.name for path in folder.iterdir()] == ["authority.pem"]
    assert not (tmp_path / "yihu.sqlite3").exists()


def test_half_a_certificate_is_refused_and_never_served_in_the_clear(tmp_path: Path) -> None:
    made = ensure(tmp_path / "own", ["localhost"], now=NOW)

    said = refused(["--certificate", str(made.file)], tmp_path / "home")

    assert "--certificate was given without --key" in said
    assert not (tmp_path / "home").exists()


def test_a_certificate_with_another_key_is_refused(tmp_path: Path) -> None:
    one = ensure(tmp_path / "one", ["localhost"], now=NOW)
    two = ensure(tmp_path / "two", ["localhost"], now=NOW)

    said = refused(["--certificate", str(one.file), "--key", str(two.file)], tmp_path / "home")

    assert "cannot be used as certificate and key" in said.replace("\n", " ")


def test_one_port_cannot_serve_both(tmp_path: Path) -> None:
    port = str(free_port())

    server = begun(["serve", "--tls", "--port", port, "--phones-port", port], tmp_path / "home")
    said, _ = server.communicate(timeout=60)

    assert server.returncode == 2
    assert "are both" in said
    assert not (tmp_path / "home" / "tls").exists()


def test_a_certificate_that_is_there_already_is_served_with_the_settings_of_tls(
    tmp_path: Path,
) -> None:
    made = ensure(tmp_path / "own", ["localhost"], now=NOW)
    port = free_port()
    words = ["serve", "--port", str(port), "--workers", "1"]
    words += ["--certificate", str(made.file), "--key", str(made.file)]
    server = begun(words, tmp_path / "home")
    context = ssl.create_default_context(cafile=str(made.folder / "authority.pem"))

    def cookie() -> str:
        address = f"https://localhost:{port}/account/login/"
        with urllib.request.urlopen(address, timeout=5, context=context) as reply:
            return str(reply.headers["Set-Cookie"])

    given = patiently(cookie)
    said = stopped(server)

    assert "Secure" in given
    assert f"https://127.0.0.1:{port}" in said


def test_the_porter_renews_by_himself_and_tells_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, door = ensure(tmp_path, ["192.168.1.20"], now=NOW), free_port()
    told: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: told.append(number))
    monkeypatch.setattr(porter, "EVERY", 0.1)

    def renew() -> Kept:
        return ensure(tmp_path, ["192.168.7.9"], now=NOW)

    child = porter.begin("127.0.0.1", door, lambda kept: Welcome(kept, 1, door), first, renew)
    try:
        until = time.monotonic() + 30
        while not told and time.monotonic() < until:
            time.sleep(0.1)
        shown = answered(f"http://127.0.0.1:{door}/")
    finally:
        child.terminate()
        child.join()
        signal.signal(signal.SIGHUP, before)

    assert told == [signal.SIGHUP]
    assert "https://192.168.7.9:1/field/" in shown
    assert (
        ensure(tmp_path, ["192.168.7.9"], now=NOW).authority.certificate
        == first.authority.certificate
    )
