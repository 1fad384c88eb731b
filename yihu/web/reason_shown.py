"""A reason on a page: what the check found, the facts, what would settle it; the working folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from yihu.rulebook.explain.because import WORKING
from yihu.rulebook.explain.missing import HEADING
from yihu.web.says import phrase


@dataclass(slots=True)
class Section:
    """Lines under a heading.

    folded  only who wants it opens it
    lines   (steps to the right, text)
    """

    heading: str
    folded: bool = False
    lines: list[tuple[int, str]] = field(default_factory=list)


def sections(sentences: Sequence[str], *, owner: str = "") -> list[Section]:
    """The sentences of a reason by heading; the first section's heading is the finding itself.

    owner   the department whose rule it is: where something is to be asked, it may know
    """
    found: list[Section] = []
    for sentence in sentences:
        text = sentence.lstrip(" ")
        depth = (len(sentence) - len(text)) // 2
        if depth == 0 or not found:
            found.append(Section(text, folded=text in WORKING))
        else:
            found[-1].lines.append((depth - 1, text.removeprefix("- ")))
    for each in found:
        if owner and each.heading in (HEADING.zh, HEADING.en):
            known = phrase(
                "责任部门的名单里也许已有：{owner}",
                "The department may have it on a list: {owner}",
                owner=owner,
            )
            each.lines.append((0, known))
    # The working is for who doubts; before it comes what anybody wants to know.
    return [each for each in found if not each.folded] + [each for each in found if each.folded]
