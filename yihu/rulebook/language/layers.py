"""Files of a rulebook → entries, those of a county's own rulebook laid over what it extends.

A rulebook may come from anybody: it names files of its own folder only, and whatever its files
hold is either read or refused.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yihu.rulebook.language.entries import Entry
from yihu.rulebook.refusals import Phrase, Refused, meant, nearest

SHIPPED = Path(__file__).parents[2] / "rulebooks"
SECTIONS = (
    "rulebook",
    "level",
    "codes",
    "form",
    "fact",
    "line",
    "derived",
    "rule",
    "table",
    "source",
)
#: Rulebooks that extend one another in a row, and bytes of one file.
MOST_LAYERS = 5
MOST_BYTES = 4_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HEADING = re.compile(r"^[ \t]*\[\[?[ \t]*([^\[\]#\n]+?)[ \t]*\]\]?", re.MULTILINE)
_PLAIN_NAME = re.compile(r"[\w-]+")

Entries = dict[str, dict[str, Entry]]


@dataclass(frozen=True, slots=True)
class Layers:
    """All entries of a rulebook by section and key; hash names their text."""

    entries: Entries
    hash: str


def shipped() -> list[str]:
    """Names of the rulebooks that come with yihu."""
    return sorted(p.parent.name for p in SHIPPED.glob("*/rulebook.toml"))


def folder_of(name: str | Path) -> Path:
    """Folder of a rulebook by its shipped name or its path. Raises Refused."""
    return _first((SHIPPED / str(name), Path(name)), name)


def _first(folders: tuple[Path, ...], name: object) -> Path:
    for folder in folders:
        if (folder / "rulebook.toml").is_file():
            return folder
    known = shipped()
    raise Refused(
        "rulebook.not_found",
        name=name,
        suggestion=meant(nearest(Path(str(name)).name, known)),
        known=", ".join(known),
    )


def layers(folder: Path) -> Layers:
    """Read a rulebook with all it extends. Raises Refused with all faults found."""
    parts: Entries = {section: {} for section in SECTIONS}
    faults: list[Refused] = []
    digest = hashlib.blake2b(digest_size=8)
    for layer in _stack(folder):
        own: Entries = {section: {} for section in SECTIONS}
        for path in _files(layer, "*.toml"):
            content = _bytes(path, layer)
            digest.update(content)
            for section, entry in _entries_of(path, layer, content, faults):
                _put(own[section], entry, faults)
        for path in _files(layer, "*.csv"):
            digest.update(_bytes(path, layer))
        for section, entered in own.items():
            for key, entry in entered.items():
                parts[section][key] = _merged(section, parts[section].get(key), entry)
    require_none(folder.name, faults)
    return Layers(parts, digest.hexdigest())


def require_none(name: str, faults: list[Refused]) -> None:
    """Refuse all faults in one refusal, if there are any."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Refused("rulebook.several", name=name, count=len(faults), list="", faults=faults)


def _stack(folder: Path) -> list[Path]:
    """The folder with what it extends below it, the lowest first."""
    found = [folder]
    while (base := _extends(found[0])) is not None:
        below = _first((SHIPPED / base, found[0].parent / base), base)
        if below.resolve() in [layer.resolve() for layer in found] or len(found) >= MOST_LAYERS:
            names = " → ".join(layer.name for layer in (*reversed(found), below))
            raise Refused("rulebook.circle", at=folder, names=names)
        found.insert(0, below)
    return found


def _extends(folder: Path) -> str | None:
    path = folder / "rulebook.toml"
    head = _document(path, folder, _bytes(path, folder)).get("rulebook", {})
    base = head.get("extends") if isinstance(head, Mapping) else None
    if base is None:
        return None
    if not isinstance(base, str) or not _PLAIN_NAME.fullmatch(base):
        raise Entry("rulebook", head, _shown(path, folder), folder).refuse(
            "extends is the name of a rulebook: a shipped one, or a folder beside this one",
            "extends 应为规则书的名称：随附的，或旁边的文件夹",
        )
    return base


def _files(layer: Path, pattern: str) -> list[Path]:
    found = sorted(path for path in layer.rglob(pattern) if path.is_file())
    home = layer.resolve()
    for path in found:
        # A link may lead to anything this machine keeps; a rulebook is what lies in its folder.
        if not path.resolve().is_relative_to(home):
            why = Phrase(
                "a link that leads out of the rulebook's folder", "链接指向规则书文件夹之外"
            )
            raise _unreadable(path, layer, why)
    return found


def _shown(path: Path, layer: Path) -> str:
    return f"{layer.name}/{path.relative_to(layer).as_posix()}"


def _bytes(path: Path, layer: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise _unreadable(
            path, layer, Phrase(f"over {MOST_BYTES} bytes", f"超过 {MOST_BYTES} 字节")
        )
    return path.read_bytes()


def _unreadable(path: Path, layer: Path, why: object) -> Refused:
    return Refused("rulebook.broken_toml", at=_shown(path, layer), why=why)


def _document(path: Path, layer: Path, content: bytes) -> dict[str, Any]:
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
        steers = _has_control_signs(document)
    except ValueError as fault:  # what tomllib raises, also for bytes that are not UTF-8
        raise _unreadable(path, layer, fault) from None
    except RecursionError:
        raise _unreadable(
            path, layer, Phrase("lists within lists too deep", "列表层层相套太深")
        ) from None
    if steers:
        raise _unreadable(path, layer, Phrase("it holds control signs", "含有控制字符"))
    return document


def _has_control_signs(part: object) -> bool:
    """Whether a text inside would steer a terminal (escape, bell, …); line ends and tabs may be."""
    if isinstance(part, str):
        return _CONTROL.search(part) is not None
    if isinstance(part, Mapping):
        return any(_has_control_signs(x) for pair in part.items() for x in pair)
    return isinstance(part, list) and any(_has_control_signs(x) for x in part)


def _entries_of(
    path: Path, layer: Path, content: bytes, faults: list[Refused]
) -> Iterator[tuple[str, Entry]]:
    document = _document(path, layer, content)
    lines = _heading_lines(content.decode("utf-8-sig"))
    shown = _shown(path, layer)
    for section, body in document.items():
        whole = Entry(section, body, f"{shown}:{_line(lines, section)}", path.parent)
        if section not in SECTIONS:
            near = meant(nearest(section, SECTIONS))
            faults.append(
                whole.refuse(
                    f"“[{section}]” is no section of a rulebook{near}",
                    f"规则书没有“[{section}]”这一部分{near.zh}",
                )
            )
            continue
        try:
            for number, (key, part) in enumerate(_parts(section, whole)):
                line = _line(lines, f"{section}.{key}", number if section == "level" else 0)
                yield section, Entry(key, part, f"{shown}:{line}", path.parent)
        except Refused as fault:
            faults.append(fault)


def _parts(section: str, whole: Entry) -> Iterator[tuple[str, Any]]:
    """The entries of a section with their keys: level.name for facts, name for rules."""
    if section == "rulebook":
        yield "rulebook", whole.body
    elif section == "level":
        if not isinstance(whole.body, list):
            raise whole.refuse("levels are written [[level]]", "层级应写作 [[level]]")
        for number, part in enumerate(whole.body, 1):
            yield str(_table(whole, part).get("name", number)), part
    elif section in ("fact", "derived"):
        for level, named in _table(whole, whole.body).items():
            for name, part in _table(whole.inner(level, named), named).items():
                yield f"{level}.{name}", part
    else:
        for name, part in _table(whole, whole.body).items():
            if section == "rule" and _is_group(part):
                yield from ((f"{name}.{inner}", spec) for inner, spec in part.items())
            else:
                yield name, part


def _is_group(part: object) -> bool:
    """Whether rules stand under one more name, as in [rule.housing.walls]."""
    return (
        isinstance(part, Mapping)
        and "about" not in part
        and bool(part)
        and all(isinstance(inner, Mapping) and "about" in inner for inner in part.values())
    )


def _table(entry: Entry, body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise entry.refuse("expected a table of keys and values", "此处应为键值表")
    return body


def _heading_lines(text: str) -> dict[str, list[int]]:
    """Heading → the lines it stands on."""
    found: dict[str, list[int]] = {}
    line, seen = 1, 0
    for match in _HEADING.finditer(text):
        line += text.count("\n", seen, match.start(1))
        seen = match.start(1)
        found.setdefault(re.sub(r"[\"' \t]", "", match[1]), []).append(line)
    return found


def _line(lines: Mapping[str, list[int]], heading: str, number: int = 0) -> int:
    """The line of a heading, or of the nearest one it stands under."""
    while heading:
        if heading in lines:
            return lines[heading][min(number, len(lines[heading]) - 1)]
        heading = heading.rpartition(".")[0]
    return 1


def _put(own: dict[str, Entry], entry: Entry, faults: list[Refused]) -> None:
    if entry.key in own:
        also = own[entry.key].where
        faults.append(entry.refuse(f"stands twice (also {also})", f"重复（另见 {also}）"))
    own[entry.key] = entry


def _merged(section: str, below: Entry | None, entry: Entry) -> Entry:
    # A county's line adds its days to those of the rulebook it extends; all else is replaced.
    if section not in ("line", "rulebook") or below is None:
        return entry
    if not isinstance(below.body, Mapping) or not isinstance(entry.body, Mapping):
        return entry
    return Entry(entry.key, {**below.body, **entry.body}, entry.where, entry.folder)


def sheet(entry: Entry) -> list[tuple[str, ...]]:
    """Rows of the sheet a decision table names: a file beside it or in the folder tables."""
    name = entry.text("file", None)
    if Path(name).name != name:
        raise entry.refuse(
            "file is the name of a sheet, without a path", "file 只写文件名，不含路径"
        )
    for folder in (entry.folder, entry.folder.parent / "tables"):
        if (folder / name).is_file():
            return _rows(entry, folder / name)
    raise entry.refuse(f"there is no file “{name}”", f"找不到文件“{name}”")


def _rows(entry: Entry, path: Path) -> list[tuple[str, ...]]:
    content = _bytes(path, path.parent)
    try:
        lines = content.decode("utf-8-sig").splitlines()
        return [tuple(row) for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    except (ValueError, csv.Error) as fault:
        raise entry.refuse(f"“{path.name}”: {fault}", f"“{path.name}”：{fault}") from None
