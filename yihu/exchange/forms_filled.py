"""A form filled for chosen households: one workbook, or one for each household in a zip."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.exchange.forms import in_order
from yihu.exchange.forms_out import Unfilled, fill_form
from yihu.exchange.kept import in_clear
from yihu.exchange.models import Form
from yihu.exchange.out import Column, Listing
from yihu.exchange.targets import Choice
from yihu.places.models import Place, within
from yihu.problems import Problem

#: Households in one list, and forms of one household in one zip.
MOST_ROWS, MOST_FORMS = 5000, 200
#: Of the list of cells that were not filled: Chinese, English.
HEADINGS = (
    ("户编号、姓名", "工作表", "单元格", "应填", "未填原因"),
    ("household, name", "sheet", "cell", "what", "why not filled"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which households: of a place, of a status, or those with these codes."""

    place: str = ""
    status: str = ""
    codes: tuple[str, ...] = ()


@dataclass(slots=True)
class Filled:
    """What was filled, and what was not: household's code ("" in a list) and cell.

    Columns and cells nobody mapped come first, each once.
    """

    content: bytes
    ending: str
    count: int
    unfilled: list[tuple[str, Unfilled]]


def is_list(form: Form) -> bool:
    """A row for each, or a sheet for one household?"""
    return bool(form.mapping.get("columns"))


def homes_of(form: Form, chosen: Chosen, scope: Scope) -> list[Household]:
    """The households to fill a form for, in the order of their places and codes.

    Raises  Problem: access.not_yours, exchange.form_nobody, exchange.form_too_many
    """
    rows = scope.of(Household, "export").filter(closed_on=None)
    if chosen.place:
        rows = rows.filter(within(scope.one(Place, code=chosen.place).path, "place_path"))
    if chosen.status:
        rows = rows.filter(status=chosen.status)
    if chosen.codes:
        rows = rows.filter(code__in=chosen.codes)
    most = MOST_ROWS if is_list(form) else MOST_FORMS
    count = rows.count()
    if count > most:
        raise Problem("exchange.form_too_many", count=count, most=most)
    found = list(
        rows.select_related("place__parent__parent__parent__parent").order_by("place_path", "code")
    )
    missing = [code for code in chosen.codes if code not in {home.code for home in found}]
    if missing or not found:
        raise Problem("exchange.form_nobody", status=404, codes=", ".join(missing[:5]) or "—")
    return found


def fill(form: Form, homes: Sequence[Household], *, scope: Scope, whole: bool = False) -> Filled:
    """Fill a form. whole: numbers in full, for who may unmask.

    Raises  Problem: access.may_not, exchange.no_mapping, exchange.form_full, exchange.file_gone
    """
    with (
        in_clear(form.pk, form.file_name) as blank,
        tempfile.TemporaryDirectory(prefix="yihu-") as folder,
    ):
        out, unfilled = Path(folder) / "filled", _unmapped(form)
        if is_list(form) or len(homes) == 1:
            left = fill_form(blank, out, form.mapping, homes, scope=scope, whole=whole)
            code = "" if is_list(form) else homes[0].code
            unfilled += [(code, each) for each in left]
            return Filled(out.read_bytes(), "xlsx", len(homes), unfilled)
        packed = Path(folder) / "filled.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as book:
            for home in homes:
                left = fill_form(blank, out, form.mapping, [home], scope=scope, whole=whole)
                unfilled += [(home.code, each) for each in left]
                book.write(out, f"{home.code}-{form.file_name}")
        return Filled(packed.read_bytes(), "zip", len(homes), unfilled)


def _unmapped(form: Form) -> list[tuple[str, Unfilled]]:
    """Headings of the form for which nobody said what stands there."""
    asked = {**form.mapping.get("columns", {}), **form.mapping.get("cells", {})}
    sheet = str(form.mapping.get("sheet", ""))
    return [
        ("", Unfilled(sheet, at, " ".join(form.headings[at].split()), "unmapped"))
        for at in sorted(form.headings, key=in_order)
        if not asked.get(at)
    ]


def listing(
    unfilled: Sequence[tuple[str, Unfilled]],
    names: dict[str, Choice],
    why: dict[str, str],
    lang: str,
) -> Listing:
    """The list of cells that were not filled. lang: zh or en."""

    def rows() -> Iterator[list[str | int | float | None]]:
        for code, each in unfilled:
            label = names[each.what].label if each.what in names else None
            what = (label.en if lang == "en" else label.zh) if label else each.what
            whose = code or each.whose
            yield [whose, each.sheet, each.address, what, why.get(each.why, each.why)]

    headings = HEADINGS[lang == "en"]
    return Listing("unfilled", [Column(heading) for heading in headings], len(unfilled), rows)
