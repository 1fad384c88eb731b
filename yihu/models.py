"""Gathers the tables, which stand in the modules they belong to."""

from __future__ import annotations

from yihu.access.models import Pairing, Post, Reading, Token, Worker
from yihu.book.models import Batch, Book, Entry, StoredFile
from yihu.card.models import Household, Person, Sealed, Spelling
from yihu.check.models import HouseholdFindings, PlaceFindings, Run
from yihu.exchange.models import (
    Difference,
    DuplicatePair,
    DuplicateSearch,
    Form,
    Mapping,
    PossibleMatch,
    Settlement,
    Upload,
)
from yihu.ledger.models import Gap, GapFlow, SavedView
from yihu.places.models import Place, PlaceChange, PlaceName
from yihu.statistics.models import Step, Summary, YearEnd
from yihu.sync.models import Arrival, Attendance, Device, Notice, NoticeRead
from yihu.visit.models import Burden, Look, PhotoLook, Planned, Sign, VisitSum

__all__ = [
    "Arrival",
    "Attendance",
    "Batch",
    "Book",
    "Burden",
    "Device",
    "Difference",
    "DuplicatePair",
    "DuplicateSearch",
    "Entry",
    "Form",
    "Gap",
    "GapFlow",
    "Household",
    "HouseholdFindings",
    "Look",
    "Mapping",
    "Notice",
    "NoticeRead",
    "Pairing",
    "Person",
    "PhotoLook",
    "Place",
    "PlaceChange",
    "PlaceFindings",
    "PlaceName",
    "Planned",
    "PossibleMatch",
    "Post",
    "Reading",
    "Run",
    "SavedView",
    "Sealed",
    "Settlement",
    "Sign",
    "Spelling",
    "Step",
    "StoredFile",
    "Summary",
    "Token",
    "Upload",
    "VisitSum",
    "Worker",
    "YearEnd",
]
