"""Sealing: identity numbers, phones and bank cards, encrypted at rest.

A sealed value has three forms:
- commitment  SHA-256 over a random salt and the value. Stands in the book's entry and in its hash,
              so that the chain holds for ever, whatever happens to the keys. Says nothing.
- token       AES-256-GCM of salt and value, base64url, named by key. Stands beside the entry and on
              the card; changed when keys are renewed. Its associated data is the commitment: laid
              beside another entry or person it does not open. The id of a row is not used for
              that, because a value goes along when a person moves to another household's book,
              and because the commitment stands in the chain, which an id put beside it does not.
- index       HMAC-SHA-256 of the value with a key of its own, 16 bytes: finds exactly that value.
              Of an identity number a second one, of its last four figures.

Keys live in a file outside the database and its backups; see `Keys`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import unicodedata
from binascii import a2b_base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yihu.rulebook import identity

SALT = 16
NONCE = 12
#: Last figures of an identity number by which people ask for somebody.
ENDING = 4
#: Signs of a value of which none may stand in a masked one: the rest could be guessed.
SHORT = 8
_URL = bytes.maketrans(b"-_", b"+/")
_NOT_COMPARED = str.maketrans("", "", " -\u3000\t")


@dataclass(slots=True)
class Keys:
    """Keys by number; `now` seals, all open. index: key of the blind index."""

    now: int
    ciphers: dict[int, bytes]
    index: bytes
    _engines: dict[int, AESGCM] = field(default_factory=dict)
    _blank: hmac.HMAC | None = None

    @classmethod
    def new(cls) -> Keys:
        """Fresh random keys."""
        return cls(1, {1: os.urandom(32)}, os.urandom(32))

    @classmethod
    def load(cls, path: Path) -> Keys:
        """Keys from their file; made at the first call, readable by the owner only."""
        stored = json.loads(kept_once(path, lambda: cls.new().written()))
        ciphers = {int(n): base64.b64decode(key) for n, key in stored["ciphers"].items()}
        return cls(stored["now"], ciphers, base64.b64decode(stored["index"]))

    def save(self, path: Path) -> None:
        """Write the file whole or not at all."""
        _rough(path, self.written()).rename(path)

    def written(self) -> str:
        """The keys as the text of their file."""
        stored = {
            "now": self.now,
            "ciphers": {n: base64.b64encode(k).decode() for n, k in self.ciphers.items()},
            "index": base64.b64encode(self.index).decode(),
        }
        return json.dumps(stored)

    def renewed(self) -> Keys:
        """The same keys with a new one that seals from now on."""
        return Keys(self.now + 1, {**self.ciphers, self.now + 1: os.urandom(32)}, self.index)

    def without(self, number: int) -> Keys:
        """The same keys without an old one. What it sealed can never be opened again."""
        if number == self.now:
            raise ValueError("the key that seals now cannot be dropped")
        left = {n: key for n, key in self.ciphers.items() if n != number}
        return Keys(self.now, left, self.index)

    def engine(self, number: int) -> AESGCM:
        """The cipher of a key. Raises KeyError: the key is not in the file."""
        if number not in self._engines:
            self._engines[number] = AESGCM(self.ciphers[number])
        return self._engines[number]

    # --- the three forms --------------------------------------------------------------------------

    def seal(self, value: str) -> tuple[str, str]:
        """Commitment and token of a value."""
        salt = os.urandom(SALT)
        commitment = _commitment(salt, value)
        return commitment, self._token(salt + value.encode(), commitment)

    def _token(self, text: bytes, commitment: str) -> str:
        nonce = os.urandom(NONCE)
        body = self.engine(self.now).encrypt(nonce, text, commitment.encode())
        return f"{self.now}.{base64.urlsafe_b64encode(nonce + body).decode()}"

    def open(self, commitment: str, token: str) -> str:
        """The value. Raises ValueError where token and commitment do not belong together."""
        text = self._text(commitment, token)
        value = text[SALT:].decode()
        if _commitment(text[:SALT], value) != commitment:
            raise ValueError("the sealed value is not the one the book speaks of")
        return value

    def _text(self, commitment: str, token: str) -> bytes:
        number, _, body = token.partition(".")
        try:
            raw = base64.urlsafe_b64decode(body)
            engine = self.engine(int(number))
            return engine.decrypt(raw[:NONCE], raw[NONCE:], commitment.encode())
        except (InvalidTag, KeyError, ValueError) as wrong:
            raise ValueError("the sealed value cannot be opened with these keys") from wrong

    def read(self, commitment: str, token: str) -> str:
        """The value, for reading hundreds of thousands at once; the cipher alone is the witness.

        It binds the token to its commitment; that salt and value make this commitment is what
        `open` and the audit look at besides. Raises InvalidTag, KeyError, ValueError.
        """
        number, _, body = token.partition(".")
        # As bytes: to exchange two signs of a text costs more than to open it.
        raw = a2b_base64(body.encode().translate(_URL))
        text = self.engine(int(number)).decrypt(raw[:NONCE], raw[NONCE:], commitment.encode())
        return text[SALT:].decode()

    def again(self, commitment: str, token: str) -> str:
        """The same value under the key of now; the commitment stays."""
        if key_of(token) == self.now:
            return token
        text = self._text(commitment, token)
        return self._token(text, commitment)

    def blind(self, value: str) -> bytes:
        """The blind index of a value: equal values have equal ones."""
        return self._indexed(normal(value))

    def blind_ending(self, value: str) -> bytes:
        """The blind index of the last four figures: finds the few dozen values that end so.

        No value has such an index of its own: nothing `blind` is given keeps small letters.
        """
        return self._indexed(f"ends {normal(value)[-ENDING:]}")

    def _indexed(self, text: str) -> bytes:
        # A copy of one begun with the key: to begin takes three times as long as the rest.
        if self._blank is None:
            self._blank = hmac.new(self.index, digestmod="sha256")
        made = self._blank.copy()
        made.update(text.encode())
        return made.digest()[:16]

    def blinds(self, value: str) -> list[bytes]:
        """Blind indexes under which a value may be found: its own, and that of its twin."""
        return [self.blind(form) for form in forms_of(value)]


def key_of(token: str) -> int:
    """Number of the key that sealed a token."""
    return int(token.partition(".")[0])


def forms_of(number: str) -> list[str]:
    """A number as it may have been written: an identity number with 18 figures or the old 15.

    >>> forms_of("11010519491231002x")
    ['11010519491231002X', '110105491231002']
    >>> forms_of("110105491231002")
    ['110105491231002', '11010519491231002X']
    >>> forms_of("13800000000")
    ['13800000000']
    """
    own = normal(number)
    if identity.birth(own) is None:
        return [own]
    if len(own) == 15:
        first = f"{own[:6]}19{own[6:]}"
        return [own, first + identity.check_figure(first)]
    # The old numbers end with 1999: whoever was born later never had one.
    return [own, own[:6] + own[8:17]] if own[6:8] == "19" else [own]


def kept_once(path: Path, made: Callable[[], str]) -> str:
    """The text of a secret file, made at the first call and readable by the owner only.

    Of several processes that start together one wins, and all read what it wrote.
    """
    if not path.exists():
        rough = _rough(path, made())
        with suppress(FileExistsError):
            os.link(rough, path)
        rough.unlink()
    return path.read_text(encoding="ascii")


def _rough(path: Path, text: str) -> Path:
    """The text on disk under a name of this process, to be put in place whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return rough


def _commitment(salt: bytes, value: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(salt + value.encode()).digest()[:24]).decode()


def normal(value: str) -> str:
    """A number as it is compared: full-width figures narrow, X large, no spaces or hyphens.

    >>> normal("１１0105 19491231-002x")
    '11010519491231002X'
    """
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    return text.upper().translate(_NOT_COMPARED)


def masked(value: str) -> str:
    """A number that can be told from others but not used: first 3 and last 2 signs stay.

    Of a short one nothing stays: what is left out could be guessed.

    >>> masked("11010519491231002X"), masked("5220000")
    ('110*************2X', '*******')
    """
    if len(value) <= SHORT:
        return "*" * len(value)
    return value[:3] + "*" * (len(value) - 5) + value[-2:]


@lru_cache(maxsize=4)
def _keys_at(path: Path, _changed: int) -> Keys:
    return Keys.load(path)


def keys_in(path: Path) -> Keys:
    """The keys of a file, read again when it changes."""
    if not path.exists():
        Keys.load(path)
    return _keys_at(path, path.stat().st_mtime_ns)
