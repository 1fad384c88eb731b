"""Submissions of ODK and KoboToolbox as trees: from JSON, from CSV, from XForms XML, or from a zip.

A tree is {question: answer}, a group {name: tree}, a repeat {name: [tree, …]}. Names may be paths
already, as exports write them (`household/code`). What is no submission is refused whole.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from xml.parsers import expat

from yihu.problems import Problem
from yihu.rulebook.intake.written import SEPARATORS, encoding_of
from yihu.rulebook.refusals import Phrase

Tree = dict[str, Any]

#: Bytes of one file of answers, unpacked: ten thousand visits with their members have some 50 MB.
LARGEST = 128 * 1024 * 1024
#: Files in a zip, and how deep answers may be nested.
MOST_FILES = 50_000
DEEPEST = 40
#: Headings that only exports of submissions have.
IDS = frozenset(
    {
        "_submission", "_uuid", "__id", "instanceid", "meta/instanceid", "meta-instanceid",
        "meta.instanceid", "meta/rootuuid",
    }
)  # fmt: skip
#: Briefcase and Central call the id so; alone it may be a heading of any sheet.
_KEY = {"key", "submissiondate"}
_INDEXED = re.compile(r"(.+?)\[(\d{1,4})\][/.\-:](.+)")
_KEY_REPEAT = re.compile(r".*/([^/\[]+)\[\d+\]")
_FORM_IN_CONTEXT = re.compile(r"/forms/([^/]+)\.svc")
_DATA = (".json", ".csv", ".xml")


@dataclass(slots=True)
class Sent:
    """What a file holds. form: id of the form; partial: the server had more than the file says."""

    trees: list[Tree] = field(default_factory=list)
    form: str = ""
    partial: bool = False


def is_submissions(path: Path) -> bool:
    """Whether a file is one of submissions: by its ending, a CSV by its headings."""
    ending = path.suffix.lower()
    if ending in (".json", ".xml", ".zip"):
        return True
    return ending in (".csv", ".txt") and _has_id(_headings_of(path))


def _has_id(headings: Sequence[str]) -> bool:
    lows = {_low(heading) for heading in headings}
    return bool(IDS & lows) or lows >= _KEY


def read_file(path: Path) -> Sent:
    """The submissions of a file.

    Raises  Problem: exchange.not_submissions, exchange.too_large
    """
    if path.suffix.lower() == ".zip":
        return _of_zip(path)
    if path.stat().st_size > LARGEST:
        _too_large(path.name)
    if path.suffix.lower() in (".csv", ".txt"):
        return _of_tables({path.name: _read_lines(path.name, _text_of(path))})
    return _of_text(path.name, path.read_bytes())


def _of_text(name: str, body: bytes) -> Sent:
    return of_json(name, body) if name.lower().endswith(".json") else of_xml(name, body)


# -- JSON ------------------------------------------------------------------------------------------


def of_json(name: str, body: bytes) -> Sent:
    """Kobo's `results`, OData's `value`, a bare list, or one submission."""
    try:
        found = json.loads(body, parse_constant=lambda word: _no(name, word))
    except (ValueError, RecursionError) as wrong:
        why = str(wrong)[:80] if isinstance(wrong, ValueError) else "too deep"
        _refuse(name, Phrase(f"it is not JSON ({why})", f"不是 JSON（{why}）"))
    partial, form = False, ""
    if isinstance(found, dict):
        partial = bool(found.get("next") or found.get("@odata.nextLink"))
        context = _FORM_IN_CONTEXT.search(str(found.get("@odata.context", "")))
        form = context[1] if context else ""
        listed = found.get("results", found.get("value"))
        found = listed if isinstance(listed, list) else [found]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        _refuse(name, Phrase("it holds no list of submissions", "里面没有提交的列表"))
    for tree in found:
        _require_shallow(name, tree)
        form = form or str(tree.get("_xform_id_string") or "")
    return Sent(found, form, partial)


def _no(name: str, word: str) -> NoReturn:
    _refuse(name, Phrase(f"{word} is no number", f"{word} 不是数"))


def _require_shallow(name: str, value: Any, deep: int = 0) -> None:
    if deep > DEEPEST:
        _refuse(name, Phrase("its answers are nested too deep", "答案嵌套过深"))
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for each in inside:
            _require_shallow(name, each, deep + 1)


# -- XForms XML ------------------------------------------------------------------------------------


class _Element:
    """An element of an XML file: what a submission is made of."""

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name, self.attributes = name.rpartition(":")[2], attributes
        self.text: list[str] = []
        self.inside: list[_Element] = []

    def tree(self) -> Any:
        """Text of a question, tree of a group; what stands more than once is a repeat."""
        if not self.inside:
            return "".join(self.text).strip()
        made: Tree = {}
        for each in self.inside:
            value = each.tree()
            if each.name in made:
                before = made[each.name]
                made[each.name] = [*(before if isinstance(before, list) else [before]), value]
            else:
                made[each.name] = value
        return made


def of_xml(name: str, body: bytes) -> Sent:
    """One submission, as a phone sends it or a server gives it back.

    A document type is refused: it is how entities are brought in that unpack to gigabytes or read
    other files, and no submission has one.
    """
    root = _parsed(name, body)
    if root.name == "submission":
        data = next((each for each in root.inside if each.name == "data"), root)
        root = data.inside[0] if data.inside else root
    tree = root.tree()
    if not isinstance(tree, dict):
        _refuse(name, Phrase("it holds no answers", "里面没有答案"))
    for known in ("instanceID", "submissionDate"):
        if known in root.attributes:
            tree.setdefault(known, root.attributes[known])
    return Sent([tree], root.attributes.get("id", ""))


def _parsed(name: str, body: bytes) -> _Element:
    top = _Element("", {})
    open_ = [top]

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if len(open_) > DEEPEST:
            _refuse(name, Phrase("its answers are nested too deep", "答案嵌套过深"))
        element = _Element(tag, attributes)
        open_[-1].inside.append(element)
        open_.append(element)

    def heard(text: str) -> None:
        open_[-1].text.append(text)

    def doctype(*_: object) -> None:
        _refuse(name, Phrase("it brings a document type (DOCTYPE)", "里面有文档类型（DOCTYPE）"))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: open_.pop()
    parser.CharacterDataHandler = heard
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as wrong:
        _refuse(name, Phrase(f"it is not XML ({wrong})", f"不是 XML（{wrong}）"))
    return top.inside[0]


# -- CSV -------------------------------------------------------------------------------------------


def _headings_of(path: Path) -> list[str]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        first = file.readline(1 << 20)
    try:
        return next(iter(_lines(first)), [])
    except csv.Error:
        return []  # what a sheet it is, and what is wrong with it, is the sheets' to say


def _lines(text: str) -> list[list[str]]:
    """Rows of a text; of the separators the one that cuts the headings most."""
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _text_of(path: Path) -> str:
    return path.read_bytes().decode(encoding_of(path))


def _read_lines(name: str, text: str) -> list[list[str]]:
    try:
        return _lines(text)
    except csv.Error as wrong:
        _refuse(name, Phrase(f"it is no CSV ({wrong})", f"不是 CSV（{wrong}）"))


def _of_tables(tables: Mapping[str, Sequence[Sequence[str]]]) -> Sent:
    """The table of submissions, and those of its repeats that name their parents."""
    mains: dict[str, tuple[list[str], Sequence[Sequence[str]]]] = {}
    children: dict[str, tuple[list[str], Sequence[Sequence[str]]]] = {}
    for name, lines in tables.items():
        heads = [heading.strip().lstrip("\ufeff") for heading in lines[0]] if lines else []
        lows = {_low(heading) for heading in heads}
        is_child = bool({"parent_key", "_parent_index", "__submissions-id"} & lows)
        (children if is_child else mains)[name] = (heads, lines[1:])
    if len(mains) != 1:
        names = ", ".join(sorted(mains)[:5]) or "—"
        _refuse(names, Phrase("not one table of submissions", "不是恰好一张提交表"))
    ((name, (heads, lines)),) = mains.items()
    if not _has_id(heads):
        _refuse(name, Phrase("no column holds the id of a submission", "没有一列是提交编号"))
    trees = [_indexed(dict(zip(heads, line, strict=False))) for line in lines if any(line)]
    for child, (of, rows) in sorted(children.items()):
        _hang(trees, child, [dict(zip(of, row, strict=False)) for row in rows if any(row)])
    forms = {str(tree.get("_form", "")) for tree in trees} - {""}
    return Sent(trees, forms.pop() if len(forms) == 1 else "")


def _indexed(flat: Tree) -> Tree:
    """`members[1]/name` as the name of the first of the members."""
    made: Tree = {}
    for path, value in flat.items():
        cut = _INDEXED.fullmatch(path)
        if cut is None:
            made[path] = value
        elif value:
            listed = made.setdefault(cut[1], [])
            while len(listed) < int(cut[2]):
                listed.append({})
            listed[int(cut[2]) - 1][cut[3]] = value
    return made


def _hang(trees: Sequence[Tree], name: str, rows: Sequence[Tree]) -> None:
    """Put rows of a repeat under the submissions they name."""
    of = {_first(tree, ("KEY", "__id", "_index", "meta-instanceID")): tree for tree in trees}
    for row in rows:
        parent = of.get(_first(row, ("PARENT_KEY", "__Submissions-id", "_parent_index")))
        if parent is None:
            _refuse(name, Phrase("a row names no submission of the file", "有一行找不到所属的提交"))
        named = _KEY_REPEAT.fullmatch(str(row.get("KEY", "")))
        repeat = named[1] if named else PurePosixPath(name).stem.rpartition("-")[2]
        answers = {k: v for k, v in row.items() if _low(k) not in _OF_ROWS}
        parent.setdefault(repeat, [])
        if not isinstance(parent[repeat], list):
            parent[repeat] = []
        parent[repeat].append(answers)


_OF_ROWS = {"parent_key", "key", "__submissions-id", "__id", "_parent_index", "_index"}


def _first(tree: Tree, names: Sequence[str]) -> str:
    return next((str(tree[name]) for name in names if tree.get(name)), "")


# -- zip -------------------------------------------------------------------------------------------


def _of_zip(path: Path) -> Sent:
    made, tables = Sent(), {}
    for name, body in data_in(path):
        if name.lower().endswith(".csv"):
            tables[name] = _read_lines(name, _decoded(name, body))
        else:
            sent = _of_text(name, body)
            made.trees += sent.trees
            made.partial |= sent.partial
            if made.form and sent.form and made.form != sent.form:
                _refuse(name, Phrase("it is of another form", "是另一张表单的"))
            made.form = made.form or sent.form
    if tables:
        sent = _of_tables(tables)
        made.trees += sent.trees
        made.form = made.form or sent.form
    if not made.trees:
        _refuse(path.name, Phrase("it holds no submissions", "里面没有提交"))
    return made


def data_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files of answers in a zip. Raises Problem."""
    left = LARGEST
    with opened_zip(path) as zipped:
        for entry in zipped.infolist():
            name = entry.filename
            if not name.lower().endswith(_DATA) or PurePosixPath(name).name.startswith("."):
                continue
            body = bounded(zipped, entry, left)
            left -= len(body)
            yield name, body


def opened_zip(path: Path) -> zipfile.ZipFile:
    """A zip that can be read. Raises Problem (exchange.not_submissions)."""
    try:
        zipped = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as wrong:
        _refuse(path.name, Phrase(f"it is no zip ({wrong})", f"不是 zip（{wrong}）"))
    if len(zipped.infolist()) > MOST_FILES:
        zipped.close()
        _refuse(path.name, Phrase(f"over {MOST_FILES} files", f"文件超过 {MOST_FILES} 个"))
    return zipped


def bounded(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of a file of a zip, never more than so many whatever it claims."""
    try:
        with zipped.open(entry) as file:
            body = file.read(most + 1)
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError) as wrong:
        _refuse(entry.filename, Phrase(f"it cannot be unpacked ({wrong})", f"解不开（{wrong}）"))
    if len(body) > most:
        _too_large(entry.filename)
    return body


def _decoded(name: str, body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _refuse(name, Phrase("its text is in an unknown encoding", "文字编码不明"))


def _low(heading: str) -> str:
    return heading.strip().lstrip("\ufeff").lower()


def _too_large(name: str) -> NoReturn:
    raise Problem("exchange.too_large", status=413, file=name, most=f"{LARGEST / 1e6:,.0f}")


def _refuse(name: str, why: Phrase) -> NoReturn:
    raise Problem("exchange.not_submissions", file=name[-100:], why=why)
