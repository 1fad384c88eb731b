"""TOML → Rulebook. A rulebook is refused as a whole; nothing is half loaded.

Every entry is checked for unknown keys, missing parts and wrong values, and every text is bound
on a day on which it is in force, so that a fault shows when the rulebook is read and not years
later on the day a text comes into force.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from yihu.rulebook import entries
from yihu.rulebook.bind import Binder
from yihu.rulebook.book import Rulebook, TableSpec
from yihu.rulebook.entries import Entry
from yihu.rulebook.facts import Level
from yihu.rulebook.refusals import Refused, suggestion

SHIPPED = Path(__file__).parent.parent / "rulebooks"
SECTIONS = ("rulebook", "level", "codes", "fact", "line", "derived", "rule", "table")
_HEADING = re.compile(r"^\s*\[\[?\s*([^\[\]#]+?)\s*\]\]?", re.MULTILINE)


def shipped() -> list[str]:
    """Names of the rulebooks that come with yihu."""
    return sorted(p.parent.name for p in SHIPPED.glob("*/rulebook.toml"))


def rulebook(name: str | Path, *, check: bool = True) -> Rulebook:
    """Read a rulebook by its shipped name or its folder.

    check   bind every text once (False: only for a rulebook that was checked before)
    Raises  Refused (rulebook.*); several faults come in one refusal
    """
    folder = _folder(name)
    found = _assembled(folder, _layers(folder, ()))
    if check:
        require_sound(found)
    return found


def _folder(name: str | Path) -> Path:
    for folder in (SHIPPED / str(name), Path(name)):
        if (folder / "rulebook.toml").is_file():
            return folder
    raise Refused("rulebook.not_found", name=name, known=", ".join(shipped()))


def _layers(folder: Path, seen: tuple[Path, ...]) -> list[Path]:
    """The folder with what it extends below it."""
    head = _toml(folder / "rulebook.toml").get("rulebook", {})
    base = head.get("extends")
    if base is None:
        return [folder]
    below = _folder(folder / base if (folder / base).is_dir() else base)
    if below in seen:
        raise Refused("rulebook.circle", at=folder, names=f"{folder.name} → {below.name}")
    return [*_layers(below, (*seen, folder)), folder]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Refused("rulebook.broken_toml", at=path, why=fault) from None


def _assembled(folder: Path, layers: list[Path]) -> Rulebook:
    parts: dict[str, dict[str, Entry]] = {s: {} for s in SECTIONS}
    faults: list[Refused] = []
    digest = hashlib.blake2b(digest_size=8)
    for layer in layers:
        own: dict[str, dict[str, Entry]] = {s: {} for s in SECTIONS}
        for path in sorted(layer.rglob("*.toml")):
            digest.update(path.read_bytes())
            for section, entry in _entries_of(path, layer, faults):
                _put(own[section], entry, faults)
        for path in sorted(layer.rglob("*.csv")):
            digest.update(path.read_bytes())
        for section, entered in own.items():
            for key, entry in entered.items():
                parts[section][key] = _merged(section, parts[section].get(key), entry)
    if faults:
        raise _together(folder.name, faults)
    return _built(folder, parts, digest.hexdigest())


def _put(own: dict[str, Entry], entry: Entry, faults: list[Refused]) -> None:
    if entry.key in own:
        faults.append(
            _bad(
                entry,
                f"stands twice (also {own[entry.key].where})",
                f"重复（另见{own[entry.key].where}）",
            )
        )
    own[entry.key] = entry


def _merged(section: str, below: Entry | None, entry: Entry) -> Entry:
    # A county's line adds its days to those of the rulebook it extends; all else is replaced.
    if section == "line" and below is not None:
        return Entry(entry.key, {**below.body, **entry.body}, entry.where, entry.folder)
    if section == "rulebook" and below is not None:
        return Entry(entry.key, {**below.body, **entry.body}, entry.where, entry.folder)
    return entry


def _entries_of(path: Path, base: Path, faults: list[Refused]) -> Iterator[tuple[str, Entry]]:
    document = _toml(path)
    lines = _heading_lines(path.read_text(encoding="utf-8-sig"))
    shown = path.relative_to(base.parent)
    for section, body in document.items():
        if section not in SECTIONS:
            near = suggestion(section, SECTIONS)
            why = f"“[{section}]” is no section of a rulebook{near}"
            faults.append(
                Refused(
                    "rulebook.bad_entry",
                    at=f"{shown}:{lines.get(section, 1)}",
                    what=section,
                    why=why,
                    advice="",
                )
            )
            continue
        for key, part in _parts(section, body):
            where = f"{shown}:{lines.get(f'{section}.{key}', lines.get(section, 1))}"
            yield section, Entry(key, part, where, path.parent)


def _parts(section: str, body: Any) -> Iterator[tuple[str, Any]]:
    if section == "rulebook":
        yield "rulebook", body
    elif section == "level":
        for part in body:
            yield str(part.get("name", "?")), part
    elif section in ("fact", "derived"):
        for level, named in body.items():
            for name, part in named.items():
                yield f"{level}.{name}", part
    elif section == "rule":
        for name, part in body.items():
            if (
                isinstance(part, Mapping)
                and "about" not in part
                and all(isinstance(v, Mapping) and "about" in v for v in part.values())
            ):
                for inner, spec in part.items():
                    yield f"{name}.{inner}", spec
            else:
                yield name, part
    else:
        yield from body.items()


def _heading_lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for match in _HEADING.finditer(text):
        name = match[1].replace('"', "").replace(" ", "")
        found.setdefault(name, text.count("\n", 0, match.start(1)) + 1)
    return found


def _built(folder: Path, parts: dict[str, dict[str, Entry]], digest: str) -> Rulebook:
    faults: list[Refused] = []

    def each(section: str, make: Any, *args: Any) -> dict[str, Any]:
        made = {}
        for key, entry in parts[section].items():
            try:
                made[key] = make(entry, *args)
            except Refused as fault:
                faults.append(fault)
        return made

    head = parts["rulebook"].get("rulebook")
    if head is None:
        raise Refused(
            "rulebook.bad_entry",
            at=folder,
            what="rulebook.toml",
            why="there is no [rulebook] section",
            advice="",
        )
    money = str(head.body.get("money", "yuan"))
    levels: dict[str, Level] = each("level", entries.level)
    names = tuple(levels)
    codes = each("codes", entries.code_list)
    facts = each("fact", entries.fact, codes, names, money)
    derived = each("derived", entries.derived, names)
    rules = each("rule", entries.rule, names)
    lines = each("line", entries.line)
    tables = each("table", _table, names)
    if faults:
        raise _together(folder.name, faults)
    book = Rulebook(
        name=str(head.body.get("name", folder.name)),
        version=str(head.body.get("version", "")),
        title=entries.text_of(head, "title"),
        money=money,
        levels=tuple(levels.values()),
        codes=codes,
        facts={(f.level, f.name): f for f in facts.values()},
        lines=lines,
        derived={(d.level, d.name): d for d in derived.values()},
        rules={(r.level, r.name): r for r in rules.values()},
        tables=tables,
        hash=digest,
        folder=str(folder),
    )
    _require_one_name(book)
    return book


def _require_one_name(book: Rulebook) -> None:
    seen: dict[tuple[str, str], str] = {}
    faults: list[Refused] = []
    for kind in (book.facts, book.derived, book.rules):
        for key, spec in kind.items():
            if key in seen:
                faults.append(
                    Refused(
                        "rulebook.bad_entry",
                        at=spec.where,
                        what=key[1],
                        why=f"the name stands already at {seen[key]}",
                        advice="One level has one space of names. ",
                    )
                )
            seen[key] = spec.where
    if faults:
        raise _together(book.name, faults)


def _table(entry: Entry, names: tuple[str, ...]) -> TableSpec:
    path = entry.folder / str(entry.body.get("file", ""))
    if not path.is_file():
        path = entry.folder.parent / "tables" / str(entry.body.get("file", ""))
    if not path.is_file():
        raise _bad(entry, f"there is no file “{entry.body.get('file')}”", "找不到文件")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file) if any(cell.strip() for cell in row)]
    return entries.table(entry, rows, names)


def require_sound(book: Rulebook) -> None:
    """Bind every text once. Raises Refused with all faults found."""
    faults: dict[str, Refused] = {}
    done: set[tuple[Any, ...]] = set()
    for day in sorted(_days(book)):
        binder = Binder(book, day)
        for key in (*book.derived, *book.rules):
            spec: Any = book.derived.get(key) or book.rules[key]
            texts = (spec.value,) if key in book.derived else (spec.holds, spec.amount)
            now = (key, *(t.on(day) for t in texts if t is not None))
            if now in done or not _may_be_asked(book, key, day):
                continue
            try:
                binder.output(spec) if key in book.rules else binder.lookup(*key)
                done.add(now)
            except Refused as fault:
                binder.under_way.clear()
                faults.setdefault(str(fault), fault)
    if faults:
        raise _together(book.name, list(faults.values()))


def _may_be_asked(book: Rulebook, key: tuple[str, str], day: date) -> bool:
    if key in book.rules:
        return book.rules[key].in_force(day)
    return book.derived[key].value.on(day) is not None


def _days(book: Rulebook) -> set[date]:
    """Days on which, together, every text of the book is in force at least once."""
    days: set[date] = set()
    for rule in book.rules.values():
        starts = {s for t in (rule.holds, rule.amount) if t for s, _ in t.texts}
        for start in starts | ({rule.since} if rule.since else set()):
            days.add(max(start, rule.since or date.min))
        if rule.until:
            days.add(rule.until)
    for derived in book.derived.values():
        days.update(start for start, _ in derived.value.texts)
    days.discard(date.min)
    latest = max((s for line in book.lines.values() for s, _ in line.steps), default=date.min)
    days.add(max(latest, date(2000, 1, 1)) + timedelta(days=1))
    return {d for d in days if d.year > 1}


def _bad(entry: Entry, why: str, zh: str) -> Refused:
    return Refused(
        "rulebook.bad_entry", at=entry.where, what=entry.key, why=why, why_zh=zh, advice=""
    )


def _together(name: str, faults: list[Refused]) -> Refused:
    if len(faults) == 1:
        return faults[0]
    listed = "\n".join(f"- {fault}" for fault in faults[:50])
    return Refused("rulebook.several", name=name, count=len(faults), list=listed, faults=faults)
