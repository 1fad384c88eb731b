"""Notes at the cells of a sheet (批注), beside those that are there already."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from yihu.exchange.returned_marks import Marks
from yihu.exchange.workbook_parts import RELATIONS, Element, Parts, letters, written

#: Notes put at most: a spreadsheet draws every one when it opens the file.
MOST_NOTES = 1_000
#: Who wrote a note of ours; those of an earlier return go when a file is returned again.
AUTHOR = "yihu"
_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NO_COMMENTS = (
    f'<comments xmlns="{_MAIN}"><authors></authors><commentList></commentList></comments>'
).encode()
_NO_DRAWING = b"""<xml xmlns:v="urn:schemas-microsoft-com:vml" \
xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">\
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">\
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>\
</xml>"""
_SHAPE = b"""<v:shape id="_x0000_s%d" type="#_x0000_t202" style="position:absolute;\
margin-left:60pt;margin-top:2pt;width:240pt;height:72pt;z-index:1;visibility:hidden" \
fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>\
<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>\
<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>\
<x:Anchor>%d, 15, %d, 2, %d, 31, %d, 5</x:Anchor><x:AutoFill>False</x:AutoFill>\
<x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>"""
_ONE_SHAPE = re.compile(rb"<v:shape\s.*?</v:shape>", re.DOTALL)
_PLACE = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>\s*<x:Column>\s*(\d+)\s*</x:Column>")
_REF = re.compile(rb"""\sref=["']([A-Z]+\d+)["']""")
#: Numbers of shapes of ours begin far above those others give.
_FIRST_SHAPE = 900_000


def put_notes(
    parts: Parts, part: str, rows: Element, order: Sequence[str], marks: Marks, column: int
) -> None:
    """Put the remarks as notes at their cells, and what is to be known at the heading.

    rows   what stands behind the rows of the sheet; leads to the drawing of the notes
    """
    comments = next(iter(parts.related(part, "comments").values()), "")
    drawings = parts.related(part, "vmlDrawing")
    leads = rows.find("legacyDrawing") or b""
    drawing = next((to for id, to in drawings.items() if b'"%b"' % id.encode() in leads), "")
    if not comments:
        comments = _new(parts, part, "comments", "xml", _NO_COMMENTS, _COMMENTS)
    if not drawing:
        drawing = _new(parts, part, "vmlDrawing", "vml", _NO_DRAWING, _DRAWING)
        id = next(id for id, to in parts.related(part, "vmlDrawing").items() if to == drawing)
        tag = b'<%b xmlns:r="%b" r:id="%b"/>' % (
            rows.tag("legacyDrawing"), RELATIONS.encode(), id.encode(),
        )  # fmt: skip
        rows.put("legacyDrawing", tag, order)
    gone, taken = _written(parts, comments, marks, column)
    _drawn(parts, drawing, gone, taken)


def _new(parts: Parts, part: str, kind: str, ending: str, content: bytes, what: str) -> str:
    folder = posixpath.dirname(posixpath.dirname(part))
    number = next(
        n for n in range(1, 10_000)
        if not parts.has(posixpath.join(folder, f"{kind}Yihu{n}.{ending}"))
    )  # fmt: skip
    name = posixpath.join(folder, f"{kind}Yihu{number}.{ending}")
    parts.put[name] = content
    parts.declare(name, what)
    parts.relate(part, kind, name)
    return name


def _written(
    parts: Parts, part: str, marks: Marks, column: int
) -> tuple[set[bytes], list[tuple[int, int]]]:
    """Write the notes; the cells of those that went and (row, column) of those that came."""
    comments = Element(parts.read(part), "comments")
    p = comments.prefix
    authors = Element(comments.find("authors") or b"<%bauthors/>" % p, "authors")
    own = next((i for i, (_, text) in enumerate(authors.parts) if b">yihu<" in text), None)
    if own is None:
        own = authors.add("author", b"<%bauthor>%b</%bauthor>" % (p, AUTHOR.encode(), p))
    listed = Element(comments.find("commentList") or b"<%bcommentList/>" % p, "commentList")
    ours = b'authorId="%d"' % own
    gone = {_ref(text) for _, text in listed.parts if ours in text.partition(b">")[0]}
    listed.parts = [each for each in listed.parts if ours not in each[1].partition(b">")[0]]
    there = {_ref(text) for _, text in listed.parts}
    taken: list[tuple[int, int]] = []
    for (row, place), said in _notes(marks, column):
        ref = f"{letters(place)}{row}".encode()
        if ref not in there:
            taken.append((row, place))
            text = b'<%bcomment ref="%b" %b><%btext><%br><%bt xml:space="preserve">%b</%bt></%br></%btext></%bcomment>'  # noqa: E501
            listed.parts.append(
                ("comment", text % (p, ref, ours, p, p, p, written(said), p, p, p, p))
            )
    order = ("authors", "commentList", "extLst")
    comments.put("authors", authors.text(), order)
    comments.put("commentList", listed.text(), order)
    parts.put[part] = comments.whole()
    return gone, taken


def _notes(marks: Marks, column: int) -> list[tuple[tuple[int, int], str]]:
    """(row, column) → what is said there, the first MOST_NOTES of them."""
    said: dict[tuple[int, int], str] = {(marks.head, column): marks.note}
    for row, place, words in marks.cells():
        if len(said) > MOST_NOTES:
            break
        before = said.get((row, place))
        said[row, place] = f"{before}\n{words}" if before else words
    return list(said.items())


def _ref(comment: bytes) -> bytes:
    found = _REF.search(comment)
    return found[1] if found else b""


def _drawn(parts: Parts, part: str, gone: set[bytes], taken: list[tuple[int, int]]) -> None:
    """Take the boxes of the notes that went away, and draw those of the new ones."""
    drawing = parts.read(part)

    def unless_gone(shape: re.Match[bytes]) -> bytes:
        at = _PLACE.search(shape[0])
        ref = f"{letters(int(at[2]))}{int(at[1]) + 1}".encode() if at else b""
        return b"" if ref in gone else shape[0]

    drawing = _ONE_SHAPE.sub(unless_gone, drawing)
    made = b"".join(
        _SHAPE % (_FIRST_SHAPE + n, at + 1, row - 1, at + 5, row + 4, row - 1, at)
        for n, (row, at) in enumerate(taken)
    )
    end = drawing.rindex(b"</xml>")
    parts.put[part] = drawing[:end] + made + drawing[end:]
