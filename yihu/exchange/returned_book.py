"""An xlsx file as it came, with the reasons in it: in a column of their own and at the cells.

All sheets, styles, titles, headings and merged cells stay as they were, for nothing is taken apart
that is not marked. Rows that were not refused are hidden by a filter on the column of reasons: who
puts the others right sends the workbook again as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from yihu.exchange.returned_marks import Marks, reasons_before
from yihu.exchange.returned_notes import put_notes
from yihu.exchange.returned_rows import PIECE, Lines, rows_rewritten, widest
from yihu.exchange.workbook_parts import Element, Parts, column_of, letters, quoted, written

#: Cells coloured at most: nobody puts more right by hand, and every one costs at each opening.
MOST_COLOURED = 5_000
#: Places named in one rule of colours.
_AT_ONCE = 200
#: Faster than the best by far, and little larger.
_PACKED = 3
RED, PALE = b"FFB02A37", b"FFF8D7DA"
#: What may stand in a sheet behind its rows, in a styles part and in a workbook, in this order.
SHEET = (
    *("sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState"),
    *("dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting"),
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter"),
    *("rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags"),
    *("drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects"),
    *("controls", "webPublishItems", "tableParts", "extLst"),
)
STYLES = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"),
    *("tableStyles", "colors", "extLst"),
)
WORKBOOK = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets"),
    *("functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize"),
    *("customWorkbookViews", "pivotCaches", "fileRecoveryPr", "webPublishing", "extLst"),
)
_OURS = "_yihu"
_FILTER = "_xlnm._FilterDatabase"


def write_book(path: Path, sheet: str, marks: Marks, into: BinaryIO) -> bool:
    """Write the workbook with its reasons; False where it is not built as an xlsx file is."""
    try:
        with ZipFile(path) as book:
            parts = Parts(book)
            place, part = parts.sheet(sheet)
            with ZipFile(into, "w", ZIP_DEFLATED, compresslevel=_PACKED) as out:
                _Book(parts, book, place, part, marks).write(out)
    except (BadZipFile, KeyError, ValueError, StopIteration, ET.ParseError):
        into.seek(0)
        into.truncate()
        return False
    return True


class _Book:
    """The workbook while it is written anew."""

    def __init__(self, parts: Parts, file: ZipFile, place: int, part: str, marks: Marks) -> None:
        self.parts, self.zip, self.place, self.part, self.marks = parts, file, place, part, marks
        self.column = self._column()
        self.look, self.colour = self._styles()

    def write(self, out: ZipFile) -> None:
        """The sheet first: what it needs of the other parts is known when it is done."""
        with out.open(self.part, "w", force_zip64=True) as file:
            for piece in self._sheet():
                file.write(piece)
        self._name_filter()
        for info in self.zip.infolist():
            if info.filename != self.part and info.filename not in self.parts.put:
                with self.zip.open(info) as old, out.open(info.filename, "w") as new:
                    while piece := old.read(PIECE):
                        new.write(piece)
        for name, content in self.parts.put.items():
            out.writestr(name, content)

    # -- the sheet ---------------------------------------------------------------------------------

    def _column(self) -> int:
        """Where the reasons go: where they stood before, else behind all that is written."""
        before = reasons_before(self.marks.headings)
        if before is not None:
            return before
        with self.zip.open(self.part) as file:
            return max(len(self.marks.headings), widest(file))

    def _sheet(self) -> Iterator[bytes]:
        marks = self.marks
        lines = Lines(self.column, marks.first, marks.last, marks.said(), self.look)
        with self.zip.open(self.part) as file:
            head = b""
            while not (begins := re.search(rb"<((?:[\w.-]+:)?)sheetData\s*>", head)):
                piece = file.read(PIECE)
                if not piece or not (head + piece).lstrip(b"\xef\xbb\xbf").startswith(b"<"):
                    raise ValueError("no rows in the sheet")
                head += piece
            prefix = begins[1]
            yield self._head(head[: begins.start()], prefix)
            yield begins[0]
            last = b""
            for piece in rows_rewritten(file.read, head[begins.end() :], lines, prefix):
                yield last
                last = piece
            yield self._tail(last + file.read(), prefix)

    def _head(self, head: bytes, prefix: bytes) -> bytes:
        """What stands before the rows: the column of reasons is wide."""
        here = self.column + 1
        wide = b'<%bcol min="%d" max="%d" width="60" customWidth="1"/>' % (prefix, here, here)
        found = re.search(rb"<(?:[\w.-]+:)?cols>(.*?)</(?:[\w.-]+:)?cols>", head, re.DOTALL)
        columns = []
        for one in re.findall(rb"<[^>]*>", found[1]) if found else ():
            columns += _beside(one, here)
        columns.append((here, wide))
        made = b"".join(text for _, text in sorted(columns))
        made = b"<%bcols>%b</%bcols>" % (prefix, made, prefix)
        dimension = rb"""(<(?:[\w.-]+:)?dimension\s+ref=["'])([A-Z]+)(\d+):([A-Z]+)(\d+)"""
        head = re.sub(dimension, self._wider, head)
        return head[: found.start()] + made + head[found.end() :] if found else head + made

    def _wider(self, said: re.Match[bytes]) -> bytes:
        last = max(column_of(said[4].decode()), self.column)
        return b"%b%b%b:%b%b" % (said[1], said[2], said[3], letters(last).encode(), said[5])

    def _tail(self, tail: bytes, prefix: bytes) -> bytes:
        """What stands behind the rows: the filter, the colours, the notes."""
        end, _, rest = tail.partition(b">")
        rows = Element(b"<%bworksheet>" % prefix + rest, "worksheet")
        if rows.find("tableParts") is None:
            rows.put("autoFilter", self._filter(prefix), SHEET)
        if self.colour is not None:
            rows.parts = [each for each in rows.parts if not _is_ours(*each)]
            for text in self._coloured(prefix):
                rows.put("conditionalFormatting", text, SHEET, more=True)
        self._merge(rows)
        put_notes(self.parts, self.part, rows, SHEET, self.marks, self.column)
        whole = rows.whole().removeprefix(b"<%bworksheet>" % prefix)
        return end + b">" + whole

    def _merge(self, rows: Element) -> None:
        """Our heading reaches over two lines where those of others do."""
        if not self.marks.is_merged:
            return
        p, name, head = rows.prefix, letters(self.column), self.marks.head
        ref = f'ref="{name}{head}:{name}{head + 1}"'.encode()
        merged = rows.find("mergeCells") or b"<%bmergeCells></%bmergeCells>" % (p, p)
        if ref not in merged:
            listed = Element(merged, "mergeCells")
            listed.add("mergeCell", b"<%bmergeCell %b/>" % (p, ref))
            rows.put("mergeCells", listed.text(), SHEET)

    def _range(self) -> tuple[str, str]:
        marks = self.marks
        last = letters(max(self.column, len(marks.headings) - 1))
        return f"A{marks.first - 1}", f"{last}{max(marks.last, marks.first - 1)}"

    def _filter(self, prefix: bytes) -> bytes:
        begin, end = self._range()
        return (
            b'<%bautoFilter ref="%b:%b"><%bfilterColumn colId="%d"><%bcustomFilters>'
            b'<%bcustomFilter operator="notEqual" val=" "/></%bcustomFilters></%bfilterColumn>'
            b"</%bautoFilter>"
        ) % (
            prefix, begin.encode(), end.encode(), prefix, self.column, prefix,
            prefix, prefix, prefix, prefix,
        )  # fmt: skip

    def _coloured(self, prefix: bytes) -> Iterator[bytes]:
        """Rules that colour what was wrong, until its reason is cleared."""
        name = letters(self.column)
        # The word tells these rules from others when the file comes again.
        rule = f'AND("{_OURS}"<>"",LEN(INDEX(${name}:${name},ROW()))>0)'
        places = self._places()
        for at in range(0, len(places), _AT_ONCE):
            some = " ".join(places[at : at + _AT_ONCE]).encode()
            yield (
                b'<%bconditionalFormatting sqref="%b"><%bcfRule type="expression" dxfId="%d" '
                b'priority="1"><%bformula>%b</%bformula></%bcfRule></%bconditionalFormatting>'
            ) % (
                prefix, some, prefix, self.colour or 0, prefix, written(rule), prefix, prefix,
                prefix,
            )  # fmt: skip

    def _places(self) -> list[str]:
        """Cells with a reason, those below each other in one range."""
        columns = defaultdict[int, list[int]](list)
        for count, (row, place, _) in enumerate(self.marks.cells()):
            if count == MOST_COLOURED:
                break
            columns[place].append(row)
        return [
            f"{letters(place)}{first}:{letters(place)}{last}"
            for place, rows in columns.items()
            for first, last in _runs(rows)
        ]

    # -- other parts -------------------------------------------------------------------------------

    def _styles(self) -> tuple[int, int | None]:
        """The style of a cell with a reason, and the colour of a cell that has one."""
        part = next(iter(self.parts.related(self.parts.workbook, "styles").values()), "")
        if not self.parts.has(part):
            return 0, None
        sheet = Element(self.parts.read(part), "styleSheet")
        p = sheet.prefix
        font = b'<%bfont><%bsz val="10"/><%bcolor rgb="%b"/></%bfont>' % (p, p, p, RED, p)
        font_id = _added(sheet, "fonts", "font", font)
        look = (
            b'<%bxf numFmtId="0" fontId="%d" fillId="0" borderId="0" xfId="0" applyFont="1" '
            b'applyAlignment="1"><%balignment vertical="top" wrapText="1"/></%bxf>'
        ) % (p, font_id, p, p)
        look_id = _added(sheet, "cellXfs", "xf", look)
        colour = (
            b'<%bdxf><%bfill><%bpatternFill patternType="solid"><%bfgColor rgb="%b"/>'
            b'<%bbgColor rgb="%b"/></%bpatternFill></%bfill></%bdxf>'
        ) % (p, p, p, p, PALE, p, PALE, p, p, p)
        if sheet.find("dxfs") is None:
            sheet.put("dxfs", b'<%bdxfs count="0"></%bdxfs>' % (p, p), STYLES)
        colour_id = _added(sheet, "dxfs", "dxf", colour)
        self.parts.put[part] = sheet.whole()
        return look_id, colour_id

    def _name_filter(self) -> None:
        """The filter's range, under the name every workbook gives it."""
        book = Element(self.parts.read(self.parts.workbook), "workbook")
        p, own = book.prefix, b'localSheetId="%d"' % self.place
        names = book.find("definedNames") or b"<%bdefinedNames></%bdefinedNames>" % (p, p)
        named, ours = Element(names, "definedNames"), _FILTER.encode()
        named.parts = [e for e in named.parts if not (ours in e[1] and own in e[1])]
        begin, end = ("$" + re.sub(r"(\d+)", r"$\1", each) for each in self._range())
        sheet = self.marks.sheet.replace("'", "''")
        said = written(f"'{sheet}'!{begin}:{end}")
        text = b"<%bdefinedName name=%b %b hidden=\"1\">%b</%bdefinedName>" % (
            p, quoted(_FILTER), own, said, p,
        )  # fmt: skip
        named.parts.insert(0, ("definedName", text))
        book.put("definedNames", named.text(), WORKBOOK)
        self.parts.put[self.parts.workbook] = book.whole()


def _added(sheet: Element, name: str, child: str, text: bytes) -> int:
    """Add to a list of the styles; its number there."""
    found = sheet.find(name)
    if found is None:
        raise KeyError(name)
    listed = Element(found, name)
    number = listed.add(child, text)
    sheet.put(name, listed.text(), STYLES)
    return number


def _is_ours(name: str, text: bytes) -> bool:
    """Whether a part of a sheet is a rule of colours of an earlier return."""
    return name == "conditionalFormatting" and _OURS.encode() in text


def _beside(column: bytes, here: int) -> list[tuple[int, bytes]]:
    """A <col> without the column that is taken: what is left of it on both sides."""
    said = {name: int(re.search(rb'%b="(\d+)"' % name, column)[1]) for name in (b"min", b"max")}  # type: ignore[index]
    spans = [
        (said[b"min"], min(said[b"max"], here - 1)),
        (max(said[b"min"], here + 1), said[b"max"]),
    ]
    if not said[b"min"] <= here <= said[b"max"]:
        return [(said[b"min"], column)]
    return [
        (low, re.sub(rb'max="\d+"', b'max="%d"' % high,
                     re.sub(rb'min="\d+"', b'min="%d"' % low, column)))
        for low, high in spans
        if low <= high
    ]  # fmt: skip


def _runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, as (first, last).

    >>> list(_runs([3, 4, 5, 9]))
    [(3, 5), (9, 9)]
    """
    first = last = None
    for row in sorted(set(rows)):
        if last is not None and row == last + 1:
            last = row
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = row
    if first is not None and last is not None:
        yield first, last
