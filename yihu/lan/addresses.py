"""What this machine is called in its network: names and addresses a certificate has to name."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

from yihu.problems import Problem

#: Names by which the machine reaches itself.
OWN = ("localhost", "127.0.0.1", "::1")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE)
#: Linux: asks for the address of a network card (SIOCGIFADDR).
_ASK_ADDRESS = 0x8915


def address_of(name: str) -> IPv4Address | IPv6Address | None:
    """The name as an address, brackets or not; None where it is a name."""
    try:
        return ip_address(name.strip("[]"))
    except ValueError:
        return None


def said(names: Iterable[str]) -> list[str]:
    """Names as somebody typed them, in one spelling, each once.

    >>> said(["Yihu.Lan", "[::1]", "yihu.lan"])
    ['yihu.lan', '::1']

    Raises  Problem (lan.no_name)
    """
    found = []
    for name in names:
        word = name.strip().lower()
        address = address_of(word)
        # A name of figures alone would be a mistyped address.
        if address is None and (not _NAME.fullmatch(word) or re.fullmatch(r"[\d.]+", word)):
            raise Problem("lan.no_name", found=name[:60])
        found.append(str(address or word))
    return list(dict.fromkeys(found))


def found() -> list[str]:
    """What others in the network call this machine: the address they most likely use first.

    Only addresses of version 4: those of version 6 change by the day, and the certificate would.
    """
    hosts = [name for name in _host_names() if _NAME.fullmatch(name)]
    return list(dict.fromkeys([*_towards_others(), *_of_cards(), *hosts]))


def _host_names() -> Iterator[str]:
    name = socket.gethostname().lower()
    if name and name != "localhost":
        yield name
        if "." not in name:
            yield f"{name}.local"


def _towards_others() -> Iterator[str]:
    """The address this machine has where it would leave its network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door, suppress(OSError):
        door.connect(("192.0.2.1", 9))  # kept for examples: nobody is there
        yield from _outward(door.getsockname()[0])


def _of_cards() -> Iterator[str]:
    with suppress(ImportError, OSError):
        from fcntl import ioctl  # noqa: PLC0415  not on every system

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            for _, card in socket.if_nameindex():
                with suppress(OSError):
                    asked = struct.pack("256s", card.encode()[:15])
                    yield from _outward(socket.inet_ntoa(ioctl(door, _ASK_ADDRESS, asked)[20:24]))


def _outward(address: str) -> Iterator[str]:
    known = ip_address(address)
    if not (known.is_loopback or known.is_unspecified or known.is_link_local):
        yield address
