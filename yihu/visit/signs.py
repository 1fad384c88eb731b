"""Signs of hollow help (帮扶不实), from what the books say of visits. Pure.

A sign is a question with its evidence, never a verdict: two visits can be seconds apart because
father and son share a courtyard. What cannot be known – no position was consented to, no line is
in force – gives no sign.
"""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations, pairwise
from statistics import median
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

KINDS = ("quick", "photo", "far", "words", "still")
#: What a photo shows that is one family's own. A paper, a well or a road is many families'.
OWN = ("house", "card", "person")
#: Signs of a shingle: two Chinese words.
SHINGLE = 4
EARTH = 6_371_000.0

T = TypeVar("T", "Visit", "Photo")


@dataclass(frozen=True, slots=True)
class Limits:
    """Lines in force; None: none is, and the sign is not looked for. Units as their lines say."""

    seconds: float | None = None
    courtyard: float | None = None
    metres: float | None = None
    door_visits: float | None = None
    share: float | None = None
    signs: float | None = None
    writers: float | None = None
    bits: float | None = None
    months: float | None = None
    helps: float | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a phone was: degrees, and metres it may be wrong."""

    latitude: float
    longitude: float
    metres: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit. began, until, spot: None where the helper did not consent to keep them."""

    book: UUID
    number: int
    author: UUID
    on: date
    began: datetime | None = None
    until: datetime | None = None
    spot: Spot | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in a book. of: what it shows; look: 64 bits of how it looks, if it was read."""

    book: UUID
    number: int
    author: UUID
    on: date
    sha256: str
    of: str = ""
    place: str = ""
    look: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A sign: its kind, whose entries, which (book, number), and the figures that show it."""

    kind: str
    author: UUID
    entries: tuple[tuple[UUID, int], ...]
    figures: Mapping[str, float]

    @property
    def id(self) -> UUID:
        """The same sign has the same id whenever the books are looked through."""
        named = ",".join(f"{book}/{number}" for book, number in sorted(self.entries)[:2])
        return uuid5(NAMESPACE_URL, f"yihu:sign:{self.kind}:{self.author}:{named}")


def metres_between(one: Spot, other: Spot) -> float:
    """Along the ground, on a globe."""
    north = math.radians(other.latitude - one.latitude)
    east = math.radians(other.longitude - one.longitude)
    across = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude))
    half = math.sin(north / 2) ** 2 + across * math.sin(east / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


def doors(visits: Iterable[Visit], limits: Limits) -> dict[UUID, Spot]:
    """Household → its usual door: the middle of where visits were, if enough agree."""
    spots = _spots(visits)
    found = {book: usual_door(own, limits) for book, own in spots.items()}
    return {book: spot for book, spot in found.items() if spot}


def usual_door(spots: Sequence[Spot], limits: Limits) -> Spot | None:
    """The middle of several positions; None for too few, or where they do not agree."""
    if limits.door_visits is None or limits.metres is None or len(spots) < limits.door_visits:
        return None
    middle = Spot(median(s.latitude for s in spots), median(s.longitude for s in spots))
    near = sum(metres_between(spot, middle) <= limits.metres / 2 for spot in spots)
    return middle if near * 3 >= len(spots) * 2 else None


def _spots(visits: Iterable[Visit]) -> dict[UUID, list[Spot]]:
    found: dict[UUID, list[Spot]] = defaultdict(list)
    for visit in visits:
        if visit.spot:
            found[visit.book].append(visit.spot)
    return found


# --- seconds apart --------------------------------------------------------------------------------


def too_quick(
    visits: Iterable[Visit], known: Mapping[UUID, Spot], limits: Limits
) -> Iterator[Found]:
    """Visits at different doors that began seconds after the last one ended, a run in one sign."""
    if limits.seconds is None or limits.courtyard is None:
        return
    for author, own in _by_author(v for v in visits if v.began and v.until).items():
        own.sort(key=lambda visit: (visit.began, visit.number))
        run: list[tuple[Visit, Visit]] = []
        for pair in pairwise(own):
            if _quick(*pair, known, limits):
                run.append(pair)
            elif run:
                yield _run(author, run)
                run = []
        if run:
            yield _run(author, run)


def _quick(one: Visit, other: Visit, known: Mapping[UUID, Spot], limits: Limits) -> bool:
    apart = _apart(one, other, known)
    return (
        one.book != other.book
        and _pause(one, other) < (limits.seconds or 0)
        and apart is not None
        and apart > (limits.courtyard or 0)
    )


def _pause(one: Visit, other: Visit) -> float:
    if one.until is None or other.began is None:
        return math.inf
    return (other.began - one.until).total_seconds()


def _apart(one: Visit, other: Visit, known: Mapping[UUID, Spot]) -> float | None:
    """Metres between two doors; where one is not known, between the phones."""
    if one.book in known and other.book in known:
        return metres_between(known[one.book], known[other.book])
    return metres_between(one.spot, other.spot) if one.spot and other.spot else None


def _run(author: UUID, run: Sequence[tuple[Visit, Visit]]) -> Found:
    visits = [run[0][0], *(other for _, other in run)]
    figures = {"seconds": min(_pause(*pair) for pair in run), "doors": len(visits)}
    return Found("quick", author, tuple((v.book, v.number) for v in visits), figures)


# --- far from the door ----------------------------------------------------------------------------


def far_off(visits: Sequence[Visit], limits: Limits) -> Iterator[Found]:
    """Visits further from the usual door than the line, by what the other visits say it is."""
    if limits.metres is None:
        return
    by_book: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.spot:
            by_book[visit.book].append(visit)
    for own in by_book.values():
        for visit in own:
            door = usual_door([v.spot for v in own if v is not visit and v.spot], limits)
            if door is None or visit.spot is None:
                continue
            # A phone under trees may be wrong by a kilometre, and says so.
            off = metres_between(visit.spot, door) - visit.spot.metres
            if off > limits.metres:
                at = ((visit.book, visit.number),)
                yield Found("far", visit.author, at, {"metres": round(off)})


# --- the same photo -------------------------------------------------------------------------------


def same_photo(
    photos: Iterable[Photo], known: Mapping[UUID, Spot], limits: Limits
) -> Iterator[Found]:
    """Photos of one helper that are the same, or look it, for two families or on two days."""
    for author, own in _by_author(photos).items():
        for group in _alike(own, limits, known):
            group.sort(key=lambda photo: (photo.on, str(photo.book), photo.number))
            same = len({photo.sha256 for photo in group}) == 1
            figures = {"photos": len(group), "same": int(same)}
            yield Found("photo", author, tuple((p.book, p.number) for p in group), figures)


def _alike(
    photos: Sequence[Photo], limits: Limits, known: Mapping[UUID, Spot]
) -> Iterator[list[Photo]]:
    usable = [photo for photo in photos if photo.of != "paper"]
    pairs = [
        (a, b)
        for (a, one), (b, other) in combinations(enumerate(usable), 2)
        if _one_picture(one, other, limits) and _odd(one, other, known, limits)
    ]
    for group in _groups(pairs):
        yield [usable[at] for at in group]


def _one_picture(one: Photo, other: Photo, limits: Limits) -> bool:
    if one.sha256 == other.sha256:
        return True
    if limits.bits is None or one.look is None or other.look is None or one.on == other.on:
        # On one day two pictures of one thing look alike.
        return False
    return (one.look ^ other.look).bit_count() <= limits.bits


def _odd(one: Photo, other: Photo, known: Mapping[UUID, Spot], limits: Limits) -> bool:
    """Is there a question in it? A shared well on one round, or one courtyard, is none."""
    if one.book == other.book:
        return one.on != other.on
    if limits.courtyard is not None and one.book in known and other.book in known:
        near = metres_between(known[one.book], known[other.book]) <= limits.courtyard
        if near and one.of != "card":
            return False
    own = any(photo.of in OWN or photo.of.startswith("signature") for photo in (one, other))
    return own or one.on != other.on or one.place != other.place


# --- copied words ---------------------------------------------------------------------------------


def plain(words: str) -> str:
    """Letters and figures only, in one width and case."""
    wide = unicodedata.normalize("NFKC", words).casefold()
    return "".join(sign for sign in wide if sign.isalnum())


def shingles(words: str) -> frozenset[str]:
    """All runs of some signs."""
    return frozenset(words[at : at + SHINGLE] for at in range(len(words) - SHINGLE + 1))


def copied_words(visits: Sequence[Visit], limits: Limits) -> Iterator[Found]:
    """Visits of one helper to different families in almost the same words.

    What several helpers write is a form letter – a policy told to all – and is left out first.
    """
    if limits.share is None or limits.signs is None or limits.writers is None:
        return
    texts = {id(visit): plain(visit.words) for visit in visits}
    by_author = _by_author(v for v in visits if len(texts[id(v)]) >= (limits.signs or 0))
    cuts = {text: shingles(text) for text in set(texts.values())}
    rough = {
        author: _copies(own, [cuts[texts[id(v)]] for v in own], limits)
        for author, own in by_author.items()
    }
    wanted = {s for author, pairs in rough.items() for pair in pairs
              for at in pair for s in cuts[texts[id(by_author[author][at])]]}  # fmt: skip
    shared = _shared(by_author, texts, cuts, wanted, int(limits.writers))
    for author, pairs in rough.items():
        if not pairs:
            continue
        own = by_author[author]
        bare = [cuts[texts[id(v)]] - shared for v in own]
        left = [
            (a, b) for a, b in pairs
            if min(len(bare[a]), len(bare[b])) + SHINGLE - 1 >= limits.signs
            and _share(bare[a], bare[b]) >= limits.share
        ]  # fmt: skip
        for group in _groups(left):
            visits_of = sorted((own[at] for at in group), key=lambda v: (v.on, v.number))
            share = min(_share(bare[a], bare[b]) for a, b in left if a in group)
            at = tuple((v.book, v.number) for v in visits_of)
            yield Found("words", author, at, {"share": round(share, 2), "doors": len(at)})


def _copies(
    own: Sequence[Visit], cut: Sequence[frozenset[str]], limits: Limits
) -> list[tuple[int, int]]:
    least = limits.share or 1.0
    return [
        (a, b)
        for a, b in combinations(range(len(own)), 2)
        if own[a].book != own[b].book
        # Sets of very different size cannot be alike.
        and least * len(cut[a]) <= len(cut[b]) <= len(cut[a]) / least
        and _share(cut[a], cut[b]) >= least
    ]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    whole = len(one) + len(other) - both
    return both / whole if whole else 0.0


def _shared(
    by_author: Mapping[UUID, Sequence[Visit]],
    texts: Mapping[int, str],
    cuts: Mapping[str, frozenset[str]],
    wanted: set[str],
    writers: int,
) -> frozenset[str]:
    """Of the shingles wanted, those that several helpers wrote."""
    many: dict[str, int] = defaultdict(int)
    for own in by_author.values():
        written = {texts[id(visit)] for visit in own}
        for cut in {s for text in written for s in cuts[text] & wanted}:
            many[cut] += 1
    return frozenset(cut for cut, count in many.items() if count >= writers)


# --- groups ---------------------------------------------------------------------------------------


def _by_author(rows: Iterable[T]) -> dict[UUID, list[T]]:
    found: dict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        found[row.author].append(row)
    return found


def _groups(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Those that hang together by pairs."""
    above: dict[int, int] = {}

    def top(at: int) -> int:
        while above.setdefault(at, at) != at:
            at = above[at]
        return at

    for a, b in pairs:
        above[top(b)] = top(a)
    found: dict[int, list[int]] = defaultdict(list)
    for at in above:
        found[top(at)].append(at)
    return [sorted(group) for group in found.values()]
