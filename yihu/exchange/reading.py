"""The rows of a sheet in the spelling of the book, and what is wrong with each.

Cells are read by `rulebook.intake.cells`, which knows all a register may write; a value is read
once however often it stands there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.exchange.mapping import relation_place, spec_of
from yihu.problems import SENTENCES as DESK
from yihu.problems import Problem
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.identity import is_valid
from yihu.rulebook.intake.cells import Cell, CellError, is_blank, plain, word_of
from yihu.rulebook.intake.error_cells import UNRECKONED
from yihu.rulebook.intake.heads import Heads, HeadsAbove
from yihu.rulebook.intake.opened import Batch, Table
from yihu.rulebook.refusals import SENTENCES

#: Rows read at a time; between two batches progress is told.
AT_ONCE = 10_000
#: Columns from the left in which a line may say that it is a total.
LEFT = 8
#: Signs a text and a name may have: as many as the phone lets be typed (fieldapp/src/Ask.vue), and
#: as the tables of people keep. Notes in real registers are far below; more is a slipped cell.
LONGEST_TEXT, LONGEST_NAME = 500, 60
#: A household without a number of its own is named by its head's row: "#12".
BY_ROW = "#"
_ERRORS = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|GETTING_DATA)", re.IGNORECASE)
#: A line that adds the others up, and a line of words below a table: neither is anybody's.
_TOTAL = re.compile(
    r"(.{0,12}[省市县区镇乡村组屯队页户年月])?(合计|总计|小计|共计|累计)(\(.*\))?[::]?"
)
_WORDS = re.compile(
    r"(注|备注|说明|填表|填报|制表|审核|审批|复核|经办|负责|单位|联系)\w{0,8}[::].*"
)
_FORMULA = ("=", "@", "\t", "\r")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·\s]+")
_UNSEEN = {ord(sign): None for sign in "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"}
#: Called between batches with what is being done, rows done and rows in all (0: not known).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused. place: the column, None where the whole row is meant."""

    place: int | None
    code: str
    found: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, lang: str) -> str:
        """What stands there and what was expected."""
        sentences = DESK.get(self.code) or SENTENCES[self.code]
        return sentences[lang].format(found=self.found, **self.details)


@dataclass(slots=True)
class Rows:
    """What a file says, row by row: all lists are as long as `numbers`.

    numbers  row numbers as people count them
    values   target → values in the spelling of the book, None where nothing is said
    homes    what names the row's household in the file: its 户编号, "#12", or None
    cells    place in the lists → what is wrong with its cells
    bad      the same with what is wrong with the row: see `plan`
    first    number of the first row below the headings
    left_out lines that are no rows of the table: those that add up, notes below it
    """

    numbers: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    homes: list[str | None] = field(default_factory=list)
    cells: dict[int, list[Reason]] = field(default_factory=dict)
    bad: dict[int, list[Reason]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    first: int = 2
    left_out: int = 0

    def get(self, target: str, row: int) -> Any:
        """One value; None where the file has no such column."""
        column = self.values.get(target)
        return None if column is None else column[row]

    def refuse(
        self, row: int, code: str, target: str = "", found: str = "", /, **of: object
    ) -> None:
        """Note a reason against a row."""
        self.bad.setdefault(row, []).append(Reason(self.places.get(target), code, found, of))


def read(
    table: Table,
    columns: Mapping[int, str],
    progress: Progress = lambda *_: None,
    on: date = date.max,
) -> Rows:
    """All rows of a sheet in which something stands; totals and notes are left out and counted.

    columns  place of the column → target
    on       day whose forms texts must have, such as that of a telephone number
    Raises   Refused (intake.broken)
    """
    rows = Rows(places={target: place for place, target in columns.items()})
    rows.first = getattr(table, "first_row", rows.first)
    readers = {place: Column(place, target, on) for place, target in columns.items()}
    rows.values = {target: [] for target in columns.values()}
    relation = relation_place(columns, table.headings)
    heads = HeadsAbove(Heads(relation)) if relation is not None else None
    # What a line is often stands in a column nobody reads (序号): all to the left are looked at.
    left = range(min(max(columns), LEFT)) if columns else ()
    places = sorted({*left, *columns, *(() if relation is None else (relation,))})
    for batch in table.batches(places, AT_ONCE):
        _take(batch, readers, heads, rows)
        progress("reading", len(rows.numbers), 0)
    return rows


def _take(
    batch: Batch, readers: Mapping[int, Column], heads: HeadsAbove | None, rows: Rows
) -> None:
    """Add a batch to the rows."""
    for number, text, error in batch.odd:
        rows.numbers.append(number)
        rows.homes.append(None)
        for column in rows.values.values():
            column.append(None)
        reason = Reason(None, error.code, text[:40], error.details)
        rows.cells[len(rows.numbers) - 1] = [reason]
    if not len(batch.rows):
        return
    raw = {place: _cells(column) for place, column in batch.columns.items()}
    kept = _kept(raw, readers, rows)
    homes = _homes(Batch(batch.rows, dict(raw)), readers, heads)
    first = len(rows.numbers)
    rows.numbers += [batch.rows[i] for i in kept]
    rows.homes += [homes[i] for i in kept]
    for place, reader in readers.items():
        into = rows.values[reader.target]
        for value in (raw[place][i] for i in kept):
            found = reader.read(value)
            if type(found) is Reason:
                rows.cells.setdefault(len(into), []).append(found)
                found = None
            into.append(found)
    _same_length(rows, first + len(kept))


def _same_length(rows: Rows, length: int) -> None:
    if any(len(column) != length for column in rows.values.values()):
        raise AssertionError("columns of different length")


def _cells(raw: pa.Array | list[object]) -> list[object]:
    if isinstance(raw, list):
        return raw
    cells: list[object] = raw.to_pylist()
    return cells


def _kept(raw: Mapping[int, list[object]], readers: Mapping[int, Column], rows: Rows) -> list[int]:
    """Places of the rows in which something is to be read and which are rows of the table."""
    kept = []
    read = [raw[place] for place in readers]
    for at, line in enumerate(zip(*(raw[place] for place in sorted(raw)), strict=True)):
        if all(column[at] is None or is_blank(column[at]) for column in read):
            continue
        if _is_row(line):
            kept.append(at)
        else:
            rows.left_out += 1
    return kept


def _is_row(line: Sequence[object]) -> bool:
    """Whether no cell says that the line is a total, and the first is no note below a table.

    >>> _is_row([3, "韦一", "451022"]), _is_row(["本页小计", 120]), _is_row(["填表人：韦二", None])
    (True, False, False)
    """
    words = [cell for cell in line if isinstance(cell, str) and cell.strip()]
    if not words:
        return True
    return not _says_total(words) and not _WORDS.fullmatch(plain(words[0]))


def _says_total(words: Sequence[str]) -> bool:
    # Only short words are looked at closer: a table of a million rows has many cells.
    return any("计" in word and _TOTAL.fullmatch(plain(word)) is not None for word in words[:LEFT])


def _homes(
    raw: Batch, readers: Mapping[int, Column], heads: HeadsAbove | None
) -> Sequence[str | None]:
    place = next((p for p, r in readers.items() if r.target == "key.household"), None)
    given = None
    if place is not None:
        cells = _cells(raw.columns[place])
        found = [readers[place].read(value) for value in cells]
        given = [value if isinstance(value, str) else None for value in found]
    if heads is None:
        return given or [None] * len(raw.rows)
    own = None if given is None else pa.array(given, pa.large_string())
    homes: list[str | None] = heads.keys(raw, own, BY_ROW).to_pylist()
    return homes


class Column:
    """Reads one column; remembers what it read. on: the day whose forms texts must have."""

    def __init__(self, place: int, target: str, on: date) -> None:
        self.place, self.target, self.on = place, target, on
        spec = spec_of(target)
        self.spec = spec or FactSpec("key", target, "text", Text(target, target))
        self.is_key = spec is None
        self._cell = Cell(self.spec)
        self._is_name = target in ("person.name", "household.head_name")
        self._read: dict[tuple[type, object], Any] = {}

    def read(self, value: object) -> Any:
        """The value in the spelling of the book, None, or the Reason it cannot be meant."""
        if value is None or value == "":
            return None
        key = (type(value), value)
        try:
            return self._read[key]
        except KeyError:
            found = self._read[key] = self._meant(value)
            return found

    def _meant(self, value: object) -> Any:
        cleaned = self._cleaned(value) if isinstance(value, str) else value
        try:
            if isinstance(cleaned, str) and cleaned.startswith(UNRECKONED):
                raise _bad("formula_unreckoned")
            if isinstance(cleaned, str) and _ERRORS.fullmatch(cleaned):
                raise _bad("formula_error")
            found = self._cell.read(cleaned)
            if found is None:
                return None
            if isinstance(found, str):
                _require_plain(found)
                self._require_short(found)
                self._require_form(found)
            if self.spec.kind == "identity":
                _require_whole_number(value, str(found))
        except CellError as error:
            word = str(value).lower() if isinstance(value, bool) else word_of(value)
            word = word.removeprefix("#") if word.startswith(UNRECKONED) else word
            return Reason(self.place, error.code, self._shown(word), error.details)
        if self.spec.kind == "yes_no":
            return bool(found)
        return found if self.is_key else dictionary.spelled(self.spec, found)

    def _require_short(self, text: str) -> None:
        most = LONGEST_NAME if self._is_name else LONGEST_TEXT
        if len(text) > most:
            error = _bad("too_long")
            error.details = {"size": f"{len(text):,}", "most": most}
            raise error

    def _require_form(self, text: str) -> None:
        forms = dictionary.other_form(self.spec, text, self.on)
        if forms is not None:
            error = _bad("form")
            error.details = {"forms_zh": forms.zh, "forms_en": forms.en}
            raise error

    def _shown(self, word: str) -> str:
        """What stood there; of secret facts only what tells it from others."""
        if self.spec.privacy == "secret":
            return masked(word)
        return word if len(word) <= 40 else f"{word[:40]}…"

    def _cleaned(self, text: str) -> str:
        text = text.translate(_UNSEEN).strip()
        if self.spec.kind == "identity":
            return unicodedata.normalize("NFKC", text).lstrip("'`’").strip()
        if self.spec.forms:
            return "".join(unicodedata.normalize("NFKC", text).lstrip("'`’").split())
        if self._is_name and _HAN.fullmatch(text):
            # Names of two signs are often spread to the width of three.
            return "".join(text.split())
        return text


def _require_plain(text: str) -> None:
    """Refuse what a spreadsheet would run when the value is written into one again."""
    if text.startswith(_FORMULA):
        raise _bad("formula")


def _bad(code: str) -> CellError:
    error = CellError(code)
    error.code = f"exchange.cell.{code}"
    return error


def _require_whole_number(value: object, text: str) -> None:
    """Refuse numbers that a spreadsheet has rounded: 18 figures are more than it keeps.

    What it could not keep stands as zeros, and the check digit no longer fits.
    """
    if len(text) == 18 and text.endswith("000") and not is_valid(text):
        raise CellError("lost_digits")
    if isinstance(value, float) and len(text) > 15:
        raise CellError("lost_digits")


def value_typed(target: str, text: str, on: date = date.max) -> Any:
    """A value as somebody typed it on a day, in the spelling of the book.

    Raises  Problem (exchange.typed)
    """
    found = Column(0, target, on).read(text)
    if found is None or isinstance(found, Reason):
        why = {lang: found.sentence(lang) if found else "—" for lang in ("zh", "en")}
        raise Problem("exchange.typed", why=why["en"], why_zh=why["zh"])
    return found


def counted(rows: Rows) -> Iterator[tuple[int, list[Reason]]]:
    """Refused rows with their reasons, in the order of the file."""
    for row in sorted(rows.bad, key=lambda at: rows.numbers[at]):
        yield row, rows.bad[row]
