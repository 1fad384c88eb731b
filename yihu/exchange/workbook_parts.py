"""The parts of an xlsx file: how they refer to each other, and changing one without reading it all.

A part is changed as text, so that whatever else its writer put there stays as it was: styles,
pictures, formulas, settings no library knows. Pure.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile

#: What stands before the kind of a relation, and the namespace of its id in a sheet.
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STRICT = b"http://purl.oclc.org/ooxml/"
_TAG = re.compile(rb"""<(/?)([\w:.-]+)((?:"[^"]*"|'[^']*'|[^"'>])*?)(/?)>""")


def letters(column: int) -> str:
    """The name of a column counted from 0.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_of(name: str) -> int:
    """The place of a column, counted from 0: `column_of("AA") == 26`."""
    number = 0
    for sign in name.upper():
        number = number * 26 + ord(sign) - 64
    return number - 1


def written(text: str) -> bytes:
    """Text as it stands between two tags, without the signs XML has no place for."""
    clean = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return escape(clean).encode()


def quoted(text: str) -> bytes:
    """Text as the value of an attribute, with its quotation marks."""
    return quoteattr(text).encode()


def children(inner: bytes) -> Iterator[tuple[str, int, int]]:
    """(name without prefix, begin, end) of the elements of the uppermost level of a text."""
    depth, begin, name = 0, 0, b""
    for tag in _TAG.finditer(inner):
        closes, found, _, alone = tag.groups()
        if closes:
            depth -= 1
        elif depth == 0:
            begin, name = tag.start(), found
        if not closes and not alone:
            depth += 1
        if depth == 0:
            yield name.rpartition(b":")[2].decode(), begin, tag.end()


class Element:
    """One element as text: its own tag, and its children one by one.

    before, after  what stands around it in its part
    """

    def __init__(self, xml: bytes, name: str) -> None:
        opening = re.search(rb"<((?:[\w.-]+:)?)%b(?=[\s/>])[^>]*>" % name.encode(), xml)
        if opening is None:
            raise KeyError(name)
        self.prefix, self.name = opening[1], name
        self.before, self._open = xml[: opening.start()], opening[0]
        inner, self.after = b"", xml[opening.end() :]
        if self._open.endswith(b"/>"):
            self._open = self._open[:-2].rstrip() + b">"
        else:
            end = self.after.rindex(b"</%b>" % self.tag(name))
            inner, self.after = self.after[:end], self.after[end + len(self.tag(name)) + 3 :]
        self.parts = [(part, inner[begin:end]) for part, begin, end in children(inner)]

    def tag(self, name: str) -> bytes:
        """A name with the prefix of this element."""
        return self.prefix + name.encode()

    def find(self, name: str) -> bytes | None:
        """The text of the first child of this name."""
        return next((text for part, text in self.parts if part == name), None)

    def put(self, name: str, text: bytes, order: Sequence[str], *, more: bool = False) -> None:
        """Put a child in its place; more: beside those of its name, else instead of them."""
        if not more:
            self.parts = [each for each in self.parts if each[0] != name]
        later = set(order[order.index(name) + 1 :])
        at = next((i for i, each in enumerate(self.parts) if each[0] in later), len(self.parts))
        self.parts.insert(at, (name, text))

    def add(self, name: str, text: bytes) -> int:
        """Add a child at the end; its place among them, which `count` then says too."""
        self.parts.append((name, text))
        count = b'count="%d"' % len(self.parts)
        self._open = re.sub(rb'\bcount="\d*"', count, self._open)
        return len(self.parts) - 1

    def text(self) -> bytes:
        """The element as it is now."""
        inner = b"".join(text for _, text in self.parts)
        return self._open + inner + b"</%b>" % self.tag(self.name)

    def whole(self) -> bytes:
        """The part as it is now."""
        return self.before + self.text() + self.after


class Parts:
    """The parts of a workbook that is being written anew; what is put replaces what was there.

    Raises  KeyError, ValueError, ParseError: it is no workbook of this kind
    """

    def __init__(self, file: ZipFile) -> None:
        self._zip = file
        self.put: dict[str, bytes] = {}
        (self.workbook,) = self.related("", "officeDocument").values()
        if _STRICT in self.read(self.workbook):
            raise ValueError("names of the strict format: what is put here would not be known")

    def read(self, part: str) -> bytes:
        """A part as it is now."""
        return self.put[part] if part in self.put else self._zip.read(part)

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self.put or part in self._zip.NameToInfo

    def related(self, part: str, kind: str) -> dict[str, str]:
        """Id of the relation → the part it leads to, for relations of a kind."""
        found = {}
        if self.has(_relations_of(part)):
            for one in ET.fromstring(self.read(_relations_of(part))):  # noqa: S314
                if one.get("Type", "").endswith(f"/{kind}") and one.get("TargetMode") is None:
                    target = posixpath.join("/", posixpath.dirname(part), one.get("Target", ""))
                    found[one.get("Id", "")] = posixpath.normpath(target).lstrip("/")
        return found

    def sheet(self, name: str) -> tuple[int, str]:
        """Place of a sheet among all and the part it is in."""
        sheets = ET.fromstring(self.read(self.workbook)).find("{*}sheets")  # noqa: S314
        leads = self.related(self.workbook, "worksheet")
        for place, sheet in enumerate(() if sheets is None else sheets):
            if sheet.get("name") == name:
                id = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
                return place, leads[id]
        raise KeyError(name)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let a part lead to another; the id of the relation."""
        path = _relations_of(part)
        empty = f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode()
        xml = self.read(path) if self.has(path) else empty
        id = next(id for n in range(1, 10_000) if (id := f"rIdYihu{n}").encode() not in xml)
        relations = Element(xml, "Relationships")
        relations.parts.append((
            "Relationship",
            b'<%b Id="%b" Type="%b" Target="/%b"/>' % (
                relations.tag("Relationship"), id.encode(), f"{RELATIONS}/{kind}".encode(),
                target.encode(),
            ),
        ))  # fmt: skip
        self.put[path] = relations.whole()
        return id

    def declare(self, part: str, kind: str) -> None:
        """Say of what kind a new part is."""
        types = Element(self.read("[Content_Types].xml"), "Types")
        said = b'<%b PartName="/%b" ContentType="%b"/>' % (
            types.tag("Override"), part.encode(), kind.encode(),
        )  # fmt: skip
        types.parts.append(("Override", said))
        self.put["[Content_Types].xml"] = types.whole()


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
