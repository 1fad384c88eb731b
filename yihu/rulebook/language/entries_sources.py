"""TOML entries of sources, and the labels by which everything else names them.

A source text is a list of parts, “PGFP A25-A35; FUP 5_14”; the first word of a part may be a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from yihu.rulebook.book import SourceSpec
from yihu.rulebook.facts import Text
from yihu.rulebook.language.entries import Entry
from yihu.rulebook.refusals import Phrase, Refused, meant, nearest

_KEYS = ("title", "issuer", "number", "date", "url", "note", "zh")
#: What is meant as a label, known or not: capitals and figures, two signs at least.
_LABEL = re.compile(r"(?=.*[A-Z])[A-Z0-9][A-Z0-9/-]+")
_ANYWHERE = re.compile(rf"(?<![A-Za-z0-9_/-]){_LABEL.pattern}", re.ASCII)
_PARTS = re.compile(r"\s*[;；]\s*")
#: The first word of a part, up to a comma, a colon or what is said of it in brackets.
_FIRST = re.compile(r"\s*([^\s(（,，:：]+)")
_URL = re.compile(r"https?://\S+")


def source(entry: Entry) -> SourceSpec:
    """[source.LABEL]."""
    entry.only(*_KEYS)
    zh = entry.text("zh")
    if not all(re.fullmatch(r"[^\s;；]+", label) for label in (entry.key, zh or entry.key)):
        raise entry.refuse("a label is one word", "标签应为一个词")
    if not {"title", "url"} & set(entry.body):
        raise entry.refuse("a source needs a title or a url", "来源需要 title 或 url")
    urls = entry.words("url")
    for url in urls:
        if not _URL.fullmatch(url):
            raise entry.refuse(f"“{url}” is no address", f"“{url}”不是网址")
    return SourceSpec(
        entry.key,
        entry.both("title") if "title" in entry.body else None,
        issuer=entry.text("issuer"),
        number=entry.text("number"),
        date=entry.day("date"),
        url=urls,
        note=entry.both("note") if "note" in entry.body else None,
        zh=zh,
    )


def labels_in(text: str) -> list[str]:
    """The first word of each part of a source text.

    >>> labels_in("PGFP A25-A35; GH-AUTO AC01；forms D, E")
    ['PGFP', 'GH-AUTO', 'forms']
    """
    parts = (_FIRST.match(part) for part in _PARTS.split(text))
    return list(dict.fromkeys(part[1] for part in parts if part))


def named_in(text: Text, sources: Mapping[str, SourceSpec]) -> list[SourceSpec]:
    """The listed sources a text names in either language: those in capitals wherever they stand.

    A label that is an ordinary word, as “form”, is one at the beginning of a part only.
    """
    known = {label: s for s in sources.values() for label in (s.zh, s.label) if label}
    labels = (
        label
        for words in (text.en, text.zh)
        for label in (*labels_in(words), *_ANYWHERE.findall(words))
    )
    found = (known[label] for label in labels if label in known)
    once: dict[str, SourceSpec] = {}
    for spec in found:  # “forms” and “form” are one word in Chinese
        once.setdefault(spec.labels.zh, spec)
    return list(once.values())


def unknown_labels(
    texts: Iterable[tuple[str, str, Text | None]], sources: Mapping[str, SourceSpec]
) -> list[Refused]:
    """Refusals of labels no source has, if the rulebook lists its sources at all.

    texts   place, name and source text of each entry
    """
    faults: dict[tuple[str, str], Refused] = {}
    for at, name, text in texts if sources else ():
        for label in [] if text is None else [*labels_in(text.zh), *labels_in(text.en)]:
            if label not in sources and _LABEL.fullmatch(label):
                near = meant(nearest(label, sources))
                faults[at, label] = Refused(
                    "rulebook.bad_entry",
                    at=at,
                    what=name,
                    why=Phrase(f"no source “{label}”{near}", f"没有来源“{label}”{near.zh}"),
                    advice=Phrase("Write it as [source.…]. ", "请写成 [source.…]。"),
                )
    return list(faults.values())
