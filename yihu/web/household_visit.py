"""A visit noted at the desk: the same shortest list of questions as on the phone, one visit entry.

What is known is confirmed with one press; what was changed, and what was learned, is written with
the words, the help and the photos in one go, or nothing is. Photos of a form that was refused are
kept, so that nobody looks for them twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from yihu import loop
from yihu.book import dictionary, files
from yihu.book.actions import NewEntry
from yihu.book.models import Entry, StoredFile
from yihu.card.fold import Card, Known, fold
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.sync import asking
from yihu.web.days import day_of
from yihu.web.household import entries_of, frame_of, names_on
from yihu.web.household_forms import Field, as_written, field_of, keep, sent_for
from yihu.web.household_forms import where_written as where
from yihu.web.ledger_words import title_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, phrase, said
from yihu.web.typed_identity import NUMBER, require_possible
from yihu.web.typed_in import number_in
from yihu.web.values import MEASURES, fact_value

#: Questions that stand open; the rest of the plan is folded away.
FIRST = 8
HELPS, PHOTOS = 3, 12
MOST_YUAN = 10_000_000
LONGEST = 4000
#: Of what was promised in one line, or done to help; and of others who were there.
LONGEST_LINE, LONGEST_NAMES = 300, 60
OF = (("house", "房屋", "House"), ("card", "帮扶卡", "Card"), ("paper", "证件材料", "Paper"),
      ("person", "人", "Person"))  # fmt: skip


@dataclass(slots=True)
class Asked:
    """One question of the form. now: what is known, in words; confirmed: as it is said to be."""

    field: Field
    who: str
    settles: int
    now: str
    confirmed: bool = False

    @property
    def fields(self) -> list[Field]:
        """For the part of the page that shows fields."""
        return [self.field]

    @property
    def confirms(self) -> str:
        """How the form names its “still so”: of the entry it was read in, and of no later one."""
        return f"so:{self.number}:{self.field.name}"

    @property
    def number(self) -> int:
        """Number of the entry that says what is known."""
        return self.field.known.number if self.field.known else 0


@signed_in
def visit(request: DeskRequest, id: UUID) -> HttpResponse:
    """The form of a visit, and what is sent by it."""
    home = request.scope.one(Household, "write", pk=id)
    card = fold(entries_of(request, home))
    plan = asking.of(home, request.at.today)
    asked = list(_questions(request, home, card, [*plan.plan, *_sent_besides(request, plan.plan)]))
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        photos: list[str] = []
        try:
            photos = _photos(request)
            return _written(request, home, asked, photos)
        except Refused as refused:
            status = getattr(refused, "status", 400)
            _keep(request, home, asked, refused)
            context = {"refused": refused.sentence(language()), "code": refused.code,
                       "photos_lost": bool(request.FILES and not photos),
                       "kept": photos or request.POST.getlist("kept")}  # fmt: skip
    context |= {
        **frame_of(request, home, card),
        **_form(request, card, asked, new=context.get("code") == "visit.written_already"),
        "gaps": _gaps(request, home, names_on(card), plan.why),
        "based_on": fold(entries_of(request, home)).number,
    }  # fmt: skip
    return render(request, "household/visit.html", context, status=status)


def _form(request: DeskRequest, card: Card, asked: list[Asked], *, new: bool) -> dict[str, Any]:
    """What the page shows; new: sent again it is another visit."""
    given = request.POST
    names, unknown = names_on(card), [each for each in asked if not each.now]
    people = [(member.id, names.get(member.id, "")) for member in card.people]
    return {
        "first": unknown[:FIRST], "more": unknown[FIRST:],
        "known": [each for each in asked if each.now], "given": given, "people": people,
        "with": given.getlist("with"),
        "helps": [_help_given(given, n) for n in range(1, HELPS + 1)],
        "measures": [(zh, said(zh, en)) for zh, en in MEASURES],
        "of": [(key, said(zh, en)) for key, zh, en in OF],
        "visit_id": (not new and given.get("entry")) or str(uuid4()),
        "longest": LONGEST, "most_photos": PHOTOS,
    }  # fmt: skip


def _help_given(given: Mapping[str, str], n: int) -> dict[str, Any]:
    found = {name: given.get(f"{name}{n}", "") for name in ("measure", "yuan", "done", "person")}
    return {"n": n, **found, "open": n == 1 or any(found.values())}


def _gaps(
    request: DeskRequest, home: Household, names: Mapping[str, str],
    reasons: Mapping[tuple[str, str], dict[str, str]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Open gaps in plain words, with what is not known or not met."""
    rows = request.scope.of(Gap).filter(book_id=home.pk, todo=1).order_by("due_by", "pk")
    found = []
    for gap in rows:
        why = reasons.get((gap.rule, str(gap.person_id or "")), {"zh": "", "en": ""})
        found.append({"gap": gap, "words": title_of(gap), "why": why[language()],
                      "who": names.get(str(gap.person_id), "")})  # fmt: skip
    return found


# --- questions ------------------------------------------------------------------------------------


def _questions(
    request: DeskRequest, home: Household, card: Card, plan: list[dict[str, Any]]
) -> Iterator[Asked]:
    """The plan a phone would carry, as fields; what the worker may not see is not asked."""
    names = names_on(card)
    for each in plan:
        whose = str(each.get("person", "household"))
        spec = dictionary.active().facts.get((each["level"], each["fact"]))
        known = _known(card, whose)
        if spec is None or known is None or not request.scope.sees(spec.privacy, home):
            continue
        there = known.get(spec.name)
        now = "" if there is None or there.token else fact_value(
            there.value, f"{each['level']}.{spec.name}")  # fmt: skip
        # Empty, also where something is known: what is left empty was not answered.
        field = replace(field_of(spec, None), known=there, whose=whose)
        yield Asked(field, names.get(whose, ""), each["settles"], now)


def _sent_besides(request: DeskRequest, plan: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Questions that were answered and are asked no more, as somebody else answered meanwhile."""
    asked = {(str(each.get("person", "household")), each["fact"]) for each in plan}
    for name in request.POST:
        whose, _, fact = name.rpartition(":")[2].partition("/")
        if not fact or (whose, fact) in asked:
            continue
        asked.add((whose, fact))
        level = dictionary.HOUSEHOLD if whose == "household" else dictionary.PERSON
        yield {"level": level, "fact": fact, "person": whose, "settles": 0}


def _known(card: Card, whose: str) -> Mapping[str, Known] | None:
    if whose == "household":
        return card.facts
    return card.members[whose].facts if whose in card.members else None


def _keep(request: DeskRequest, home: Household, asked: list[Asked], refused: Refused) -> None:
    """Everything as it was typed; what others wrote meanwhile beside it."""
    now = fold(entries_of(request, home))
    named = refused.details.get("field")
    for each in asked:
        level = dictionary.HOUSEHOLD if each.field.whose == "household" else dictionary.PERSON
        keep(request, [each.field], refused, level, _known(now, each.field.whose) or {})
        if named is not None and each.field.name != named:
            # The same fact of somebody else.
            each.field.wrong = ""
        each.confirmed = each.confirms in request.POST


# --- writing --------------------------------------------------------------------------------------


def _written(
    request: DeskRequest, home: Household, asked: list[Asked], photos: list[str]
) -> HttpResponse:
    says = {**_facts(request, home, asked), **_told(request)}
    helps = list(_helps(request, home))
    if not says and not helps and not photos:
        raise Problem("visit.nothing")
    id, on = _id(request, home), day_of(request.POST.get("seen_on", ""))
    _require_same(request, home, id, says)
    common: dict[str, Any] = {"book": home.pk, "seen_on": on, "source": "visit"}
    based_on = number_in(request.POST.get("based_on", ""))
    entries = [NewEntry(kind="visit", says={"visit": str(id), **says}, based_on=based_on, id=id,
                        **common)]  # fmt: skip
    for n, help_says in enumerate(helps):
        entries.append(NewEntry(kind="help", says=help_says, id=uuid5(id, f"help {n}"), **common))
    for sha256 in map(_sha256, photos):
        kept = files.kept(sha256)
        if kept is not None:
            entries.append(_evidence(kept, request, home, id))
    rows = loop.write(entries, by=request.user, at=request.at)
    n = sum(len(each) for each in (says.get("household", {}), *says.get("members", {}).values()))
    told = phrase(
        "走访已写入户册：{n} 项答案。", "The visit stands in the book: {n} answer[s].", n=n
    )
    messages.success(request, told)
    return redirect(where(rows[0]) if rows else "household", *(() if rows else (home.pk,)))


def _require_same(request: DeskRequest, home: Household, id: UUID, says: dict[str, Any]) -> None:
    """A form sent again writes nothing; with other words under the same id it is refused.

    Raises  Problem (visit.written_already)
    """
    had = request.scope.of(Entry).filter(pk=id, book_id=home.pk).first()
    if had is not None and had.says != {"visit": str(id), **says}:
        raise Problem("visit.written_already", status=409, number=had.number)


def _evidence(kept: StoredFile, request: DeskRequest, home: Household, visit_id: UUID) -> NewEntry:
    of = request.POST.get("of", "")
    about = {"visit": str(visit_id), "of": of if of in {key for key, *_ in OF} else "house"}
    on = day_of(request.POST.get("seen_on", ""))
    made = files.evidence(kept, book=home.pk, seen_on=on, source="visit", about=about)
    return replace(made, id=uuid5(visit_id, kept.sha256))


def _id(request: DeskRequest, home: Household) -> UUID:
    """Made of the form's own id: sent twice it is written once, and no other entry has it."""
    try:
        return uuid5(UUID(request.POST.get("entry", "")), f"visit {home.pk}")
    except ValueError:
        return uuid4()


def _facts(request: DeskRequest, home: Household, asked: list[Asked]) -> dict[str, Any]:
    """What was answered or confirmed, by whose it is."""
    says: dict[str, Any] = {}
    _require_as_seen(request, asked)
    for each in asked:
        field = each.field
        sent = sent_for(request, field)
        changed = sent not in ("", [])
        so = each.confirms in request.POST and field.known is not None and not field.known.token
        if not changed and not so:
            continue
        at_home = field.whose == "household"
        level = dictionary.HOUSEHOLD if at_home else dictionary.PERSON
        try:
            value = field.known.value if not changed and field.known else as_written(
                level, field.spec, sent, request.at.today)  # fmt: skip
        except Refused as refused:
            refused.details["field"] = field.name
            raise
        of = says.setdefault("household", {}) if at_home else (
            says.setdefault("members", {}).setdefault(field.whose, {}))  # fmt: skip
        of[field.spec.name] = value
    _require_possible(request, home, says.get("members", {}))
    return says


def _require_possible(
    request: DeskRequest, home: Household, members: Mapping[str, dict[str, Any]]
) -> None:
    for whose, facts in members.items():
        if NUMBER in facts:
            try:
                require_possible(facts, _known(fold(entries_of(request, home)), whose) or {})
            except Refused as refused:
                refused.details["field"] = f"{whose}/{NUMBER}"
                raise


def _require_as_seen(request: DeskRequest, asked: list[Asked]) -> None:
    """Refuse a “still so” of a value that is no longer what was seen.

    Raises  Problem (book.behind)
    """
    pressed = {name.split(":", 2)[2]: name for name in request.POST if name.count(":") > 1
               and name.startswith("so:")}  # fmt: skip
    for each in asked:
        name = pressed.get(each.field.name)
        if name is not None and name != each.confirms:
            raise Problem(
                "book.behind", status=409, at=each.number, fact=each.field.spec.name,
                yours=number_in(request.POST.get("based_on", "")),
            )  # fmt: skip


def _told(request: DeskRequest) -> dict[str, Any]:
    """The words, who was there, and what was promised."""
    given = request.POST
    words = given.get("words", "").strip()
    if len(words) > LONGEST:
        raise Problem("visit.too_long", found=len(words), most=LONGEST)
    there = [name.strip() for name in [*given.getlist("with"), given.get("others", "")]]
    promised = [line.strip() for line in given.get("promised", "").splitlines()]
    _require_short(there[-1:], LONGEST_NAMES, "在场的人", "who was there")
    _require_short(promised, LONGEST_LINE, "答应的一件事", "one thing promised")
    told = {"words": words, "with": [name for name in there if name],
            "promised": [line for line in promised if line]}  # fmt: skip
    # Who was there is no visit by itself.
    if not told["words"] and not told["promised"] and not told["with"]:
        return {}
    return {name: value for name, value in told.items() if value}


def _require_short(texts: Sequence[str], most: int, zh: str, en: str) -> None:
    """Refuse words that would have to be cut. Raises Problem (visit.words_too_long)."""
    found = max(map(len, texts), default=0)
    if found > most:
        raise Problem("visit.words_too_long", what=en, what_zh=zh, found=found, most=most)


def _helps(request: DeskRequest, home: Household) -> Iterator[dict[str, Any]]:
    people = {str(pk) for pk in home.people.values_list("pk", flat=True)}
    for n in range(1, HELPS + 1):
        given = _help_given(request.POST, n)
        measure, yuan, done = given["measure"], given["yuan"].strip(), given["done"].strip()
        if not (measure or yuan or done):
            continue
        amount = _yuan(yuan)
        if measure not in {zh for zh, _ in MEASURES} or (yuan and amount is None):
            raise Problem("visit.help", n=n, found=yuan or "—")
        says: dict[str, Any] = {"measure": measure}
        if done:
            _require_short([done], LONGEST_LINE, "帮扶做了什么", "what was done to help")
            says["words"] = done
        if amount is not None:
            says["amount"] = {"yuan": amount}
        if given["person"] in people:
            says["person"] = given["person"]
        yield says


def _yuan(text: str) -> float | int | None:
    """An amount as people type it; None where it is none."""
    try:
        found = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        return None
    if not 0 <= found <= MOST_YUAN:
        return None
    return int(found) if found.is_integer() else round(found, 2)


# --- photos ---------------------------------------------------------------------------------------

_SIGNER = signing.Signer(salt="photo of a visit")


def _photos(request: DeskRequest) -> list[str]:
    """The photos of the form, kept, as the form names them again should it come back."""
    before = [each for each in request.POST.getlist("kept") if _is_ours(each)]
    sent = request.FILES.getlist("photo")
    if len(before) + len(sent) > PHOTOS:
        raise Problem("visit.too_many_photos", found=len(before) + len(sent), most=PHOTOS)
    found = list(before)
    with transaction.atomic():
        for file in sent:
            kept = files.keep(
                file.chunks(), name=file.name or "", by=request.user, now=request.at.now
            )
            found.append(_SIGNER.sign(kept.sha256))
    return list(dict.fromkeys(found))


def _is_ours(named: str) -> bool:
    try:
        _SIGNER.unsign(named)
    except signing.BadSignature:
        return False
    return True


def _sha256(named: str) -> str:
    return _SIGNER.unsign(named)


urls = [path("households/<uuid:id>/visit/", visit, name="household_visit")]
