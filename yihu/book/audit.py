"""Is every book whole? Numbers, chains, ends, sealed values, and the files entries speak of.

Nothing here writes. Books are looked at some hundred at a time, so that several processes can
share the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from yihu.access.sealing import Keys
from yihu.book import dictionary, files
from yihu.book.chain import link
from yihu.book.models import Book, Entry
from yihu.book.order import standing
from yihu.book.reading import Read
from yihu.book.says import facts_in
from yihu.problems import Problem


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: what (a code of FAULTS), in which book, at which entry, and more of it."""

    what: str
    book: UUID | None = None
    number: int | None = None
    more: str = ""


#: code → what it means, in Chinese and English.
FAULTS: dict[str, tuple[str, str]] = {
    "book.lost": ("记录所属的册不存在", "its book does not exist"),
    "number.missing": ("此前有记录缺失", "entries before it are missing"),
    "number.twice": ("编号重复", "the number stands twice"),
    "chain.broken": (
        "内容与校验链不符：本条被改动，或此前有记录被改动、删除",
        "it does not fit the chain: it was changed, or one before it was changed or removed",
    ),
    "end.differs": (
        "册末与登记的末条不符：末尾有记录被删除或添加",
        "the book does not end where it should: entries were cut off or put on at its end",
    ),
    "order.impossible": ("此后的记录不成立", "the entry cannot stand after those before it"),
    "seal.missing": ("密封值的密文丢失", "the token of a sealed value is missing"),
    "seal.wrong": ("密封值打不开，或不是本条所写的值",
                   "a sealed value cannot be opened, or is not the one the entry speaks of"),
    "keys.missing": ("密钥文件不在，密封值未查", "the keys are not here; sealed values unchecked"),
    "file.missing": ("附件不在", "the file is missing"),
    "file.changed": ("附件内容被改动", "the file was changed"),
    "card.missing": ("没有卡", "there is no card"),
    "card.differs": ("卡与册不符", "the card is not what the book makes"),
    "card.extra": ("卡没有对应的册", "the card belongs to no book"),
    "person.differs": ("成员与册不符", "a person is not what the book makes"),
    "gap.differs": ("台账与册不符", "a gap of the ledger is not what the book makes"),
    "index.differs": ("检索用的盲索引与册不符", "the blind index is not what the book makes"),
    "anchor.book_gone": ("存证中有这一册，现在整册不见了",
                         "the anchor knows this book; it is gone, with all its entries"),
    "anchor.cut_off": ("存证中有到这一条为止的记录，现在册末已被截去",
                       "the anchor knows entries up to this one; the end of the book was cut off"),
    "anchor.rewritten": ("这一条与存证不符：这一册从中间或从头被整条重写",
                         "it is not what the anchor knows: the chain was written anew"),
    "anchor.elsewhere": ("存证中这一册的记录，现在记在另一册名下（对调或移走）",
                         "its entries as the anchor knows them stand in another book now"),
    "anchor.edited": ("存证文件被改动：内容与自己的根值不符",
                      "the anchor itself was changed: it is not what its own root says"),
    "anchor.other_root": ("存证文件的根值不是给出的根值：文件被换过，或抄写有误",
                          "the anchor has another root than the one given: one was exchanged"),
}  # fmt: skip


# --- one book -------------------------------------------------------------------------------------


def faults_of(entries: Sequence[Read], book: Book, keys: Keys | None) -> Iterator[Fault]:
    """What is wrong with one book. keys: None where they are not at hand."""
    yield from _faults_of_chain(entries, book)
    for entry in entries:
        yield from _faults_of_seals(entry, keys)
    if book.place_id is None:
        try:
            standing(entries)
        except Problem as wrong:
            number = wrong.details.get("number")
            at = number if isinstance(number, int) else None
            yield Fault("order.impossible", book.pk, at, wrong.code)


def _faults_of_chain(entries: Sequence[Read], book: Book) -> Iterator[Fault]:
    before, last = b"", 0
    for entry in entries:
        if entry.number != last + 1:
            what = "number.twice" if entry.number == last else "number.missing"
            yield Fault(what, book.pk, entry.number)
        elif _link(entry, before) != entry.hash:
            yield Fault("chain.broken", book.pk, entry.number)
        # From here on as the entry itself says, so that one change is not told for all after it.
        before, last = entry.hash, entry.number
    if (book.last_number, bytes(book.last_hash)) != (last, before):
        yield Fault("end.differs", book.pk, last, f"{book.last_number} ≠ {last}")


def _link(entry: Read, before: bytes) -> bytes:
    return link(
        before, id=entry.id, book=entry.book_id, number=entry.number, kind=entry.kind,
        seen_on=entry.seen_on, written_at=entry.written_at, received_at=entry.received_at,
        author=entry.author_id, source=entry.source, based_on=entry.based_on,
        undoes=entry.undoes, batch=entry.batch_id, says=entry.says,
    )  # fmt: skip


def _faults_of_seals(entry: Read, keys: Keys | None) -> Iterator[Fault]:
    if entry.kind == "gap":
        return
    tokens = entry.sealed or {}
    for _, fact, value in facts_in(entry.says):
        if not isinstance(value, dict):
            continue
        commitment = value["sealed"]
        if commitment not in tokens:
            yield Fault("seal.missing", entry.book_id, entry.number, fact)
        elif keys is not None:
            try:
                keys.open(commitment, tokens[commitment])
            except ValueError:
                yield Fault("seal.wrong", entry.book_id, entry.number, fact)


# --- all of them ----------------------------------------------------------------------------------


def keys_at_hand() -> Keys | None:
    """The keys, where their file is here; it is never made by looking for it."""
    return dictionary.keys() if settings.KEYS.exists() else None


def lost_entries() -> Iterator[Fault]:
    """Entries whose book does not exist; no database that keeps its own rules has any."""
    lost = Entry.objects.exclude(book_id__in=Book.objects.values("pk"))
    for book, number in lost.values_list("book_id", "number")[:1000]:
        yield Fault("book.lost", book, number)


def faults_of_files(books: Sequence[UUID] | None = None) -> Iterator[Fault]:
    """Files that entries name and that are missing or changed; each file is read once.

    A photo whose words came up from a phone first is awaited until it has been here once.
    """
    named = Entry.objects.filter(kind="evidence")
    if books is not None:
        named = named.filter(book_id__in=books)
    whole: dict[str, bool | None] = {}
    for entry in named.only("book_id", "number", "says", "source").iterator(chunk_size=2000):
        sha256 = entry.says["sha256"]
        if sha256 not in whole:
            whole[sha256] = files.is_whole(sha256)
        if whole[sha256] is None and entry.source == "phone" and files.kept(sha256) is None:
            continue
        if not whole[sha256]:
            what = "file.missing" if whole[sha256] is None else "file.changed"
            yield Fault(what, entry.book_id, entry.number, sha256[:12])
