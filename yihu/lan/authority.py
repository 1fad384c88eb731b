"""The desk's own authority and the certificate it gives the desk; both renewed when due.

Each is one file with certificate and key, so that no half of a pair is ever left behind:
authority.pem, which phones trust, and desk.pem, which is served. Nobody but the owner reads them.

The authority is bound to names and addresses of this network (name constraints): who steals its key
cannot pose as a bank before those whose system honours that.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from yihu.lan.addresses import OWN, address_of
from yihu.problems import Problem

AUTHORITY, DESK = "authority.pem", "desk.pem"
#: How long the authority holds: each change of it costs a walk to every phone.
AUTHORITY_DAYS = 3650
#: How long the desk's certificate holds. Apple's systems take none of more than 825 days, and
#: public authorities give at most 398.
DESK_DAYS = 397
#: So long before its end each is made anew.
BEFORE_END = timedelta(days=30)
#: A phone whose clock is behind must not find the certificate in its future.
BEHIND = timedelta(days=2)
#: What the authority may vouch for besides the names it is made with.
_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")
_RANGES = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as they stand in one file."""

    certificate: x509.Certificate
    key: _Key

    @property
    def ends_at(self) -> datetime:
        """When it holds no longer."""
        return self.certificate.not_valid_after_utc


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the folder now. made: which of the two files was made just now."""

    folder: Path
    authority: Pair
    desk: Pair
    made: tuple[str, ...]

    @property
    def file(self) -> Path:
        """What a server is given, as its certificate and as its key."""
        return self.folder / DESK

    @property
    def names(self) -> list[str]:
        """Names and addresses of the desk, those others use before its own."""
        return names_of(self.desk.certificate)


def ensure(folder: Path, asked: Sequence[str], also: Sequence[str] = (), *, now: datetime) -> Kept:
    """Authority and certificate for these names: those of the folder where they still serve.

    asked   names that must be in the certificate, the first one the best known
    also    names that were found: left out where the authority may not vouch for them
    Raises  Problem: lan.broken, lan.foreign, lan.outside
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    authority = _read(folder / AUTHORITY)
    if authority is None or authority.ends_at - now < BEFORE_END:
        if authority is not None:
            until = f"{authority.ends_at:%Y-%m-%d}"
            (folder / AUTHORITY).rename(folder / f"authority-until-{until}.pem")
            (folder / DESK).unlink(missing_ok=True)
        authority = _new_authority([*asked, *also], now)
        _write(folder / AUTHORITY, authority)
        made.append(AUTHORITY)
    _require_authority(folder / AUTHORITY, authority)
    names = _vouched(authority, asked, also)
    desk = _read(folder / DESK)
    if desk is not None:
        _require_from(folder / DESK, desk, authority)
    if desk is None or names_of(desk.certificate) != names or desk.ends_at - now < BEFORE_END:
        desk = _new_desk(authority, names, now)
        _write(folder / DESK, desk)
        made.append(DESK)
    return Kept(folder, authority, desk, tuple(made))


def kept(folder: Path) -> Kept | None:
    """What lies in the folder, without making anything; None where nothing does.

    Raises  Problem: lan.broken
    """
    authority, desk = _read(folder / AUTHORITY), _read(folder / DESK)
    return Kept(folder, authority, desk, ()) if authority and desk else None


def names_of(certificate: x509.Certificate) -> list[str]:
    """Names and addresses a certificate stands for, in its order."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(each.value) for each in found.value]


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, as phones show it: AB:CD:…"""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


# -- what may be vouched for -----------------------------------------------------------------------


def _vouched(authority: Pair, asked: Sequence[str], also: Sequence[str]) -> list[str]:
    for name in asked:
        if not _may_vouch(authority.certificate, name):
            raise Problem("lan.outside", name=name, file=AUTHORITY)
    rest = [name for name in also if _may_vouch(authority.certificate, name)]
    return list(dict.fromkeys([*asked, *rest, *OWN]))


def _may_vouch(authority: x509.Certificate, name: str) -> bool:
    bounds = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    address = address_of(name)
    for bound in bounds.permitted_subtrees or ():
        if isinstance(bound, x509.IPAddress):
            if address is not None and address in ip_network(str(bound.value)):
                return True
        elif address is None and f".{name}".endswith(f".{bound.value}"):
            return True
    return False


# -- making ----------------------------------------------------------------------------------------


def _new_authority(names: Sequence[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # A county may trust several: which is which must be told by name in a phone's settings.
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:6].upper()
    subject = _called(f"yihu 一户 CA {mark}")
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = (
        _begun(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_bounds(names), critical=True)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def _new_desk(authority: Pair, names: Sequence[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    days = min(DESK_DAYS, (authority.ends_at - now).days)
    issuer = authority.certificate
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = (
        # The blank keeps the name from being taken for one of a machine, which the authority
        # would have to be allowed.
        _begun(_called("yihu desk"), issuer.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
        .add_extension(above, critical=False)
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: _Key, now: datetime, days: int
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEHIND)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(own, critical=False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "yihu 一户"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _bounds(names: Sequence[str]) -> x509.NameConstraints:
    may: list[x509.GeneralName] = [x509.DNSName(name) for name in _NAMES]
    may += [x509.IPAddress(ip_network(area)) for area in _RANGES]
    for name in names:
        address = address_of(name)
        if address is None:
            may.append(x509.DNSName(name))
        elif not any(address in ip_network(area) for area in _RANGES):
            may.append(x509.IPAddress(ip_network(address)))
    return x509.NameConstraints(permitted_subtrees=may, excluded_subtrees=None)


def _general(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if address_of(name) else x509.DNSName(name)


def _usage(**given: bool) -> x509.KeyUsage:
    all_: dict[str, Any] = dict.fromkeys(
        (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
            "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    return x509.KeyUsage(**{**all_, **given})


# -- files -----------------------------------------------------------------------------------------


def _read(path: Path) -> Pair | None:
    """A pair of a file; None where there is no file. Raises Problem (lan.broken)."""
    if not path.exists():
        return None
    try:
        text = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(text)
        key = serialization.load_pem_private_key(text, None)
        is_pair = isinstance(key, _Key) and key.public_key() == certificate.public_key()
    except (ValueError, TypeError, OSError) as wrong:
        raise Problem("lan.broken", path=path) from wrong
    if not is_pair or not isinstance(key, _Key):
        raise Problem("lan.broken", path=path)
    path.chmod(0o600)
    return Pair(certificate, key)


def _write(path: Path, pair: Pair) -> None:
    body = pair.certificate.public_bytes(serialization.Encoding.PEM)
    body += pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    rough = path.with_suffix(".new")
    with suppress(FileNotFoundError):
        rough.unlink()
    with os.fdopen(os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    rough.rename(path)


def _require_authority(path: Path, pair: Pair) -> None:
    """Refuse a file that is whole and was not made here as an authority."""
    extensions = pair.certificate.extensions
    try:
        is_one = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        extensions.get_extension_for_class(x509.NameConstraints)
    except x509.ExtensionNotFound:
        is_one = False
    if not is_one:
        raise Problem("lan.foreign", path=path)


def _require_from(path: Path, desk: Pair, authority: Pair) -> None:
    """Refuse a certificate another authority gave: somebody put it there, and may want it."""
    try:
        desk.certificate.verify_directly_issued_by(authority.certificate)
        desk.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as wrong:
        raise Problem("lan.foreign", path=path) from wrong
