"""One value as people write it → the value the tree works with.

`Cell(fact)` knows everything a file may write for one fact. What is not known reads as None; what
cannot be meant is a `CellError` that says what was expected. The columns of whole files are read in
`intake_columns`; its fast paths must give what this module gives.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from yihu.rulebook.days import day_of, month_number, month_text, number_of
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.refusals import suggestion

Value: TypeAlias = int | float | str | None

#: Floats hold every whole number up to here; above, the last digits may already be lost.
EXACT = 2**53
#: Whole numbers and fen above this are refused: sums of a nation must still fit 64 bits.
LARGEST = 10**15
NOT_APPLICABLE = frozenset({"不适用", "-", "－", "—"})
YES = frozenset({"是", "yes", "true", "1"})
NO = frozenset({"否", "no", "false", "0"})

_EXCEL_DAY_0 = date(1899, 12, 30)
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?([eE][+-]?\d+)?")
_SPLIT_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?")
_SPLIT_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_POWER = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d+")
_SEVERAL = re.compile(r"[,;|、，；/\s]+")


class CellError(Exception):
    """A cell that cannot be meant: `code` and `details` belong to a sentence in `refusals`."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = f"intake.cell.{code}"
        self.details = details
        super().__init__(code)


def plain(word: str) -> str:
    """A word without the differences nobody means: width, spaces, capitals.

    >>> plain("　Ａ Ｂ（元） ")
    'ab(元)'
    """
    return "".join(unicodedata.normalize("NFKC", word).split()).casefold()


def word_of(value: object) -> str:
    """A cell of a sheet or of a typed column as text; whole floats without their ".0".

    >>> word_of(3.0), word_of(date(2020, 1, 31)), word_of(4.510221990010113e17)
    ('3', '2020-01-31', '4.510221990010113e+17')
    """
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < EXACT
        return str(int(value)) if whole else repr(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def is_blank(value: object) -> bool:
    """Nothing stands there: not known."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and not value.strip())


class Cell:
    """Reads the cells of one fact.

    >>> from yihu.rulebook.facts import FactSpec, Text
    >>> Cell(FactSpec("person", "born", "date", Text("出生日期", "born"))).read("2020年1月31日")
    751470
    """

    def __init__(self, fact: FactSpec) -> None:
        self.fact = fact
        self._of_kind = _KINDS[fact.kind]
        self._spellings = _spellings(fact)

    def read(self, value: object) -> Value:
        """The value meant, or None where it is not known.

        value   text, or a typed value of a sheet or column (number, bool, date, datetime)
        Raises  CellError
        """
        if is_blank(value):
            return None
        if isinstance(value, bool) and self.fact.kind != "yes_no":
            # A typed true is no code 1 and no 1 yuan: somebody exported the wrong column.
            raise CellError("truth_value")
        word = word_of(value)
        if word in NOT_APPLICABLE:
            return self.not_applicable
        return self.within(self._of_kind(self, value, word))

    @property
    def not_applicable(self) -> Value:
        """What "does not apply" stands for."""
        stands_for = self.fact.not_applicable
        return int(stands_for) if isinstance(stands_for, bool) else stands_for

    def within(self, value: Value) -> Value:
        """The value, if the fact's range allows it."""
        if isinstance(value, int | float) and not self.allows(value):
            low, high = (self.shown(bound) for bound in (self.fact.low, self.fact.high))
            raise CellError("out_of_range", low=low, high=high)
        return value

    def allows(self, value: float) -> bool:
        """Whether a value lies in the fact's range."""
        low, high = self.fact.low, self.fact.high
        return (low is None or value >= low) and (high is None or value <= high)

    def shown(self, bound: float | None) -> str:
        """A bound of the range as people write it."""
        if bound is None:
            return "…"
        if self.fact.kind == "date":
            return day_of(int(bound)).isoformat()
        if self.fact.kind == "month":
            return month_text(int(bound))
        if self.fact.kind == "money":
            return f"{Decimal(int(bound)) / 100:f}"
        return word_of(bound)

    def spelled(self, word: str) -> int:
        """The code or yes/no a word stands for. Raises KeyError."""
        found = self._spellings.get(word)
        return self._spellings[plain(word)] if found is None else found

    def nearest(self, word: str, lang: str) -> str:
        """A phrase that names the spelling nearest to a word."""
        return suggestion(word, [w for w in self._spellings if w], lang)


def _spellings(fact: FactSpec) -> dict[str, int]:
    found: dict[str, int] = {}
    if fact.codes is not None:
        found = fact.spellings()
    elif fact.kind == "yes_no":
        # A survey's own 1 and 2 come before the general 1 and 0.
        for value, words in ((1, fact.yes), (0, fact.no), (1, YES), (0, NO)):
            for word in words:
                found.setdefault(word, value)
    exact = dict(found)
    for word, value in exact.items():
        found.setdefault(plain(word), value)
    return found


def _yes_no(cell: Cell, _value: object, word: str) -> Value:
    try:
        return cell.spelled(word)
    except KeyError:
        known = "、".join([*cell.fact.yes[:1], "是", *cell.fact.no[:1], "否"])
        raise CellError("not_yes_no", known=known) from None


def _code(cell: Cell, _value: object, word: str) -> Value:
    return _place(cell, word)


def _place(cell: Cell, word: str) -> int:
    try:
        return cell.spelled(word)
    except KeyError:
        title = cell.fact.codes.title if cell.fact.codes else cell.fact.label
        titles = {"title_zh": title.zh, "title_en": title.en}
        days = cell.fact.other_days(word, plain)
        if days is not None:
            when = {"days_zh": days.zh, "days_en": days.en, "on": cell.fact.read_on[-1]}
            raise CellError("code_of_other_days", **titles, **when) from None
        near = {f"near_{lang}": cell.nearest(word, lang) for lang in ("zh", "en")}
        raise CellError("unknown_code", **titles, **near) from None


def _codes(cell: Cell, _value: object, word: str) -> Value:
    mask = 0
    for part in _SEVERAL.split(word):
        if part:
            mask |= 1 << _place(cell, part)
    return mask


def decimal_of(word: str) -> Decimal:
    """A written number, exactly. Raises CellError."""
    text = unicodedata.normalize("NFKC", word)
    if not _NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        raise CellError("not_number")
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise CellError("not_number") from None


def _whole(_cell: Cell, value: object, word: str) -> Value:
    number = decimal_of(word)
    if number != number.to_integral_value():
        raise CellError("not_whole")
    _require_exact(value, number)
    return int(number)


def _require_exact(value: object, number: Decimal) -> None:
    if isinstance(value, float) and abs(value) >= EXACT:
        raise CellError("lost_digits")
    if abs(number) > LARGEST:
        raise CellError("too_large")


def _number(_cell: Cell, _value: object, word: str) -> Value:
    number = float(decimal_of(word))
    if not math.isfinite(number):
        raise CellError("too_large")
    return number


def _money(_cell: Cell, value: object, word: str) -> Value:
    """Fen, exactly. A number (not text) with more decimals came out of a formula: half up."""
    fen = decimal_of(word) * 100
    _require_exact(value, fen)
    if fen == fen.to_integral_value():
        return int(fen)
    if isinstance(value, float):
        return math.floor(fen + Decimal("0.5"))
    raise CellError("too_many_decimals")


def _date(_cell: Cell, value: object, word: str) -> Value:
    return number_of(_day(value, word))


def _day(value: object, word: str) -> date:
    """Day of a date cell, of five spellings, of YYYYMMDD or of Excel's running number."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", word))
    split = _SPLIT_DAY.fullmatch(text)
    try:
        if split and (split[2], split[4]) in {("-", "-"), ("/", "/"), (".", "."), ("年", "月")}:
            return date(int(split[1]), int(split[3]), int(split[5]))
        if len(text) == 8 and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if len(text) == 5 and text.isdigit():
            return _EXCEL_DAY_0 + timedelta(days=int(text))
    except ValueError:
        raise CellError("no_such_day") from None
    raise CellError("not_date")


def _month(_cell: Cell, value: object, word: str) -> Value:
    """Months as 2020-05, 202005, 2020年5月; of a whole day its month."""
    text = unicodedata.normalize("NFKC", word)
    split = _SPLIT_MONTH.fullmatch(text)
    # The number 2020.1 may have been written 2020.1 or 2020.10: nobody can tell.
    if split and not isinstance(value, float):
        return _month_of(int(split[1]), int(split[2]))
    if len(text) == 6 and text.isdigit():
        return _month_of(int(text[:4]), int(text[4:]))
    try:
        day = _day(value, word)
    except CellError:
        raise CellError("not_month") from None
    return month_number(day)


def _month_of(year: int, month: int) -> int:
    if not (1 <= month <= 12 and year >= 1):
        raise CellError("not_month")
    return month_number(date(year, month, 1))


def _text(_cell: Cell, value: object, word: str) -> Value:
    require_all_digits(value, word)
    return word


def require_all_digits(value: object, word: str) -> None:
    """Refuse a long number that a spreadsheet has turned into 4.51E+17. Raises CellError."""
    if isinstance(value, float) and abs(value) >= EXACT:
        raise CellError("lost_digits")
    if _POWER.fullmatch(word):
        raise CellError("lost_digits")


_KINDS: dict[str, Callable[[Cell, object, str], Value]] = {
    "yes_no": _yes_no,
    "code": _code,
    "codes": _codes,
    "whole": _whole,
    "number": _number,
    "money": _money,
    "date": _date,
    "month": _month,
    "text": _text,
    "identity": _text,
}
