"""What the API takes and gives. The types of facts are those of the active rulebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from yihu.book import dictionary
from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.facts import FactSpec

T = TypeVar("T")
#: Text that both databases keep.
Words = Annotated[str, Field(pattern=r"^[^\x00]*$")]
#: Whole numbers that both databases hold.
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Field(ge=1, le=200, description="rows of a page")]


def json_type(spec: FactSpec) -> dict[str, Any]:
    """The JSON schema of a fact's value, as the book writes it."""
    described = {"title": spec.label.zh, "description": _about(spec)}
    # A fact that is kept is corrected and never emptied.
    empty = [] if spec.keep else [{"type": "null"}]
    return {"anyOf": [_plain_type(spec), *empty], **described}


def _about(spec: FactSpec) -> str:
    unit = f", {spec.unit}" if spec.unit else ""
    return f"{spec.label.en}{unit} ({spec.privacy})"


def _plain_type(spec: FactSpec) -> dict[str, Any]:
    codes = [code.key for code in spec.codes.codes] if spec.codes else []
    low, high = spec.bounds
    table: dict[str, Callable[[], dict[str, Any]]] = {
        "yes_no": lambda: {"type": "boolean"},
        "whole": lambda: {"type": "integer", "minimum": low, "maximum": high},
        "number": lambda: {"type": "number", "minimum": low, "maximum": high},
        "money": lambda: {
            "type": "number", "minimum": low / 100, "maximum": high / 100, "multipleOf": 0.01,
        },
        "date": lambda: {
            "type": "string", "format": "date",
            **({"x-from": str(day_of(int(low)))} if spec.low is not None else {}),
        },
        "month": lambda: {
            "type": "string", "pattern": r"^\\d{4}-\\d{2}$",
            **({"x-from": month_text(int(low))} if spec.low is not None else {}),
        },
        "code": lambda: {"type": "string", "enum": codes},
        "codes": lambda: {"type": "array", "items": {"type": "string", "enum": codes}},
    }  # fmt: skip
    return table.get(spec.kind, lambda: {"type": "string"})()


class _Says:
    """What an entry says: any names and values here, the rulebook's own in the description.

    The book judges what is sent, with a sentence in both languages; a copy of that judgement here
    would say less and could differ.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler(source)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        of_persons = {"type": "object", "additionalProperties": _facts_type("person")}
        own = {"household": _facts_type("household"), "members": of_persons}
        return {"type": "object", "properties": own, "description": "See docs/book.md"}


def _facts_type(level: str) -> dict[str, Any]:
    facts = dictionary.active().facts
    own = {name: json_type(spec) for (at, name), spec in facts.items() if at == level}
    return {"type": "object", "properties": own, "additionalProperties": False}


Says = Annotated[dict[str, Any], _Says()]


class Refusal(Schema):
    """Why something was not done; `code` is for programs and never changes."""

    code: str
    message: str
    where: list[str] = Field(default_factory=list)


class Page(Schema, Generic[T]):
    """Some rows of a list; `next` is the `after` of the next page, null at the end."""

    items: list[T]
    next: str | None


class PlaceOut(Schema):
    """A place, with the code and name it has on the day asked about."""

    code: str
    name: str
    level: str
    parent: str | None
    former_codes: list[str]
    poverty_village: bool


class HouseholdOut(Schema):
    """A household in a list: nothing sensitive, nothing secret."""

    id: UUID
    code: str
    place: str
    head: str
    size: int
    status: str
    closed_on: date | None
    number: int
    changed_at: datetime


class KnownOut(Schema):
    """A value, the day it held, the entry that says so, and its source. Secret ones are masked."""

    value: Any
    seen_on: date
    number: int
    source: str


class MemberOut(Schema):
    """A person of a household."""

    id: UUID
    head: bool
    joined_on: date
    left_on: date | None
    left_why: str
    facts: dict[str, KnownOut]


class CardOut(Schema):
    """A household as its book says it is on a day, as known at a moment."""

    id: UUID
    code: str
    place: str
    status: str
    closed_on: date | None
    closed_why: str
    number: int
    facts: dict[str, KnownOut]
    members: list[MemberOut]


class EntryOut(Schema):
    """One entry of a book."""

    id: UUID
    number: int
    kind: str
    seen_on: date
    written_at: datetime
    received_at: datetime
    author: str | None
    source: str
    based_on: int
    undoes: int | None
    says: dict[str, Any]
    hash: str


class EntryIn(Schema):
    """An entry to be written. `id` is made by the sender: sent again, it is written once.

    source    visit, paper, call or desk; the sender's own department; or the program's own name
    based_on  number of the last entry the sender knew; null: whatever the end is
    undoes    for a correction: number of the entry it counters
    """

    id: UUID
    kind: Literal["facts", "people", "visit", "help", "evidence", "correction"]
    seen_on: date
    source: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]
    based_on: Number | None = None
    written_at: datetime | None = None
    undoes: Number | None = None
    says: Says


class Written(Schema):
    """The receipt of an entry. again: it had been written before."""

    id: UUID
    number: int
    hash: str
    again: bool


class FindingsOut(Schema):
    """Answers of the rules for a household and its people: holds, fails, unknown.

    stale  the book has gone further than the card that was checked
    """

    household: UUID
    on: date
    rulebook: str
    version: str
    number: int
    stale: bool
    answers: dict[str, str]
    members: dict[str, dict[str, str]]


class GapOut(Schema):
    """A gap of the ledger."""

    id: UUID
    household: UUID | None
    place: str
    person: UUID | None
    origin: str
    rule: str
    title: str
    answer: str
    state: str
    department: str
    battle: str
    responsible: str | None
    opened_on: date
    due_on: date | None
    cleared_on: date | None
    times_opened: int


class GapsAsked(Schema):
    """Which gaps: at or below a place, of a household (its code), in a state, overdue."""

    place: Words | None = None
    household: Words | None = None
    state: Literal["open", "assigned", "answered", "cleared", "waived"] | None = None
    origin: Literal["rule", "inspection", "census", "visit", "complaint", "difference"] | None = (
        None
    )
    rule: Words | None = None
    department: Words | None = None
    battle: Words | None = None
    overdue: bool | None = None
    after: Words | None = None
    limit: Limit = 100


class FactOut(Schema):
    """A fact of the rulebook in use."""

    level: str
    name: str
    label: str
    label_en: str
    kind: str
    unit: str
    privacy: str
    codes: dict[str, str]


class FigureOut(Schema):
    """An indicator. value: a count, per cent, or yuan a person; incomes are of sums in fen."""

    label: str
    label_en: str
    unit: str
    value: int | float | None
    numerator: int
    denominator: int | None
    of: str
    of_en: str
    source: str
    year: int | None
    note: str
    note_en: str


class FiguresOut(Schema):
    """The indicators of a place, by name."""

    place: str
    on: date
    figures: dict[str, FigureOut]


class MeOut(Schema):
    """Whose token this is, and what it opens."""

    worker: str
    scopes: list[str]
    until: datetime | None
    posts: list[str]
    acts: list[str]
