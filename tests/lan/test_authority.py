"""The desk's own authority: what it vouches for, what it renews, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from yihu.lan import addresses, authority
from yihu.lan.authority import AUTHORITY, DESK, ensure, fingerprint, kept
from yihu.problems import Problem

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = ["192.168.1.20", "yihu.lan"]
#: Apple's bound for certificates of authorities that were added by hand.
APPLE = timedelta(days=825)


def verified(folder: Path, name: str, at: datetime = NOW) -> bool:
    """Whether a strict verifier that trusts the authority only takes the desk for that name."""
    found = kept(folder)
    assert found
    general = x509.DNSName(name)
    address = addresses.address_of(name)
    subject = x509.IPAddress(address) if address else general
    store = Store([found.authority.certificate])
    try:
        PolicyBuilder().store(store).time(at).build_server_verifier(subject).verify(
            found.desk.certificate, []
        )
    except VerificationError:
        return False
    return True


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_certificate_is_one_phones_take(tmp_path: Path) -> None:
    made = ensure(tmp_path / "tls", NAMES, now=NOW)

    desk, above = made.desk.certificate, made.authority.certificate
    uses = desk.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert desk.not_valid_after_utc - desk.not_valid_before_utc < APPLE
    assert desk.not_valid_after_utc <= above.not_valid_after_utc
    assert list(uses) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert made.names == ["192.168.1.20", "yihu.lan", "localhost", "127.0.0.1", "::1"]
    assert desk.public_key() != above.public_key()
    assert len(fingerprint(above).split(":")) == 32


@pytest.mark.parametrize("name", [*NAMES, "localhost", "::1"])
def test_who_trusts_the_authority_trusts_the_desk_by_each_name(tmp_path: Path, name: str) -> None:
    ensure(tmp_path, NAMES, now=NOW)

    assert verified(tmp_path, name)
    assert not verified(tmp_path, "192.168.1.21")
    assert not verified(tmp_path, name, NOW + timedelta(days=400))


def test_the_authority_cannot_pose_as_anybody_outside_the_network(tmp_path: Path) -> None:
    made = ensure(tmp_path, NAMES, now=NOW)

    bounds = made.authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    basic = made.authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    with pytest.raises(Problem) as refused:
        ensure(tmp_path, [*NAMES, "bank.example.com"], now=NOW)

    assert bounds.critical
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    assert refused.value.code == "lan.outside"
    assert ensure(tmp_path, NAMES, now=NOW).made == ()


def test_a_name_of_the_county_is_within_bounds_when_the_authority_is_made_for_it(
    tmp_path: Path,
) -> None:
    ensure(tmp_path, ["yihu.county.example", "59.1.2.3"], now=NOW)

    assert verified(tmp_path, "yihu.county.example")
    assert verified(tmp_path, "59.1.2.3")


def test_an_address_that_was_only_found_is_left_out_where_it_is_out_of_bounds(
    tmp_path: Path,
) -> None:
    ensure(tmp_path, NAMES, now=NOW)

    again = ensure(tmp_path, NAMES, ["59.1.2.3", "10.0.0.7"], now=NOW)

    assert "59.1.2.3" not in again.names
    assert "10.0.0.7" in again.names


def test_nobody_else_reads_the_keys(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    folder.mkdir(mode=0o755)
    ensure(folder, NAMES, now=NOW)
    (folder / DESK).chmod(0o644)

    ensure(folder, NAMES, now=NOW)

    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert modes == {AUTHORITY: 0o600, DESK: 0o600}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, now=NOW)
    before = files(tmp_path)

    again = ensure(tmp_path, NAMES, now=NOW + timedelta(days=90))

    assert again.made == ()
    assert files(tmp_path) == before


def test_other_addresses_get_another_certificate_from_the_same_authority(tmp_path: Path) -> None:
    first = ensure(tmp_path, NAMES, now=NOW)

    again = ensure(tmp_path, ["192.168.7.9", "yihu.lan"], now=NOW)

    assert again.made == (DESK,)
    assert again.authority.certificate == first.authority.certificate
    assert verified(tmp_path, "192.168.7.9")
    assert not verified(tmp_path, "192.168.1.20")


def test_a_certificate_near_its_end_is_renewed_by_itself(tmp_path: Path) -> None:
    first = ensure(tmp_path, NAMES, now=NOW)
    later = first.desk.ends_at - timedelta(days=29)

    again = ensure(tmp_path, NAMES, now=later)

    assert again.made == (DESK,)
    assert verified(tmp_path, "yihu.lan", first.desk.ends_at + timedelta(days=100))


def test_an_authority_near_its_end_is_followed_by_a_new_one_and_kept_aside(tmp_path: Path) -> None:
    first = ensure(tmp_path, NAMES, now=NOW)
    later = first.authority.ends_at - timedelta(days=5)

    again = ensure(tmp_path, NAMES, now=later)

    aside = tmp_path / f"authority-until-{first.authority.ends_at:%Y-%m-%d}.pem"
    assert again.made == (AUTHORITY, DESK)
    assert again.authority.certificate != first.authority.certificate
    assert x509.load_pem_x509_certificate(aside.read_bytes()) == first.authority.certificate
    assert verified(tmp_path, "yihu.lan", later)


@pytest.mark.parametrize("name", [AUTHORITY, DESK])
@pytest.mark.parametrize("body", [b"", b"not a certificate", b"\x00\xff" * 40])
def test_a_broken_file_is_refused_and_left_as_it_is(tmp_path: Path, name: str, body: bytes) -> None:
    ensure(tmp_path, NAMES, now=NOW)
    (tmp_path / name).write_bytes(body)
    before = files(tmp_path)

    with pytest.raises(Problem) as refused:
        ensure(tmp_path, NAMES, now=NOW)

    assert refused.value.code == "lan.broken"
    assert str(tmp_path / name) in refused.value.sentence("en")
    assert files(tmp_path) == before


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    made = ensure(tmp_path, NAMES, now=NOW)
    certificate = made.desk.certificate.public_bytes(serialization.Encoding.PEM)
    other = (tmp_path / AUTHORITY).read_bytes()
    (tmp_path / DESK).write_bytes(certificate + other[other.index(b"-----BEGIN PRIVATE") :])

    with pytest.raises(Problem) as refused:
        ensure(tmp_path, NAMES, now=NOW)

    assert refused.value.code == "lan.broken"


@pytest.mark.parametrize("name", [AUTHORITY, DESK])
def test_somebody_elses_certificate_is_refused_and_not_replaced(tmp_path: Path, name: str) -> None:
    ensure(tmp_path / "ours", NAMES, now=NOW)
    ensure(tmp_path / "theirs", NAMES, now=NOW)
    foreign = (tmp_path / "theirs" / DESK).read_bytes()
    (tmp_path / "ours" / name).write_bytes(foreign)

    with pytest.raises(Problem) as refused:
        ensure(tmp_path / "ours", ["192.168.9.9"], now=NOW)

    assert refused.value.code == "lan.foreign"
    assert (tmp_path / "ours" / name).read_bytes() == foreign


@pytest.mark.parametrize("typed", ["http://yihu.lan", "192.168.1.300", "a b", "", "户.lan", "-x"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(Problem) as refused:
        addresses.said([typed])

    assert refused.value.code == "lan.no_name"


def test_what_this_machine_is_called_is_never_only_itself() -> None:
    found = addresses.found()

    assert not set(found) & set(addresses.OWN)
    assert addresses.said(found) == found


def test_a_certificate_made_with_a_stolen_key_for_a_bank_is_not_taken(tmp_path: Path) -> None:
    made = ensure(tmp_path, NAMES, now=NOW)

    forged = authority._new_desk(made.authority, ["bank.example.com"], NOW)

    store = Store([made.authority.certificate])
    verifier = PolicyBuilder().store(store).time(NOW)
    with pytest.raises(VerificationError):
        verifier.build_server_verifier(x509.DNSName("bank.example.com")).verify(
            forged.certificate, []
        )
