"""What is to be said beside the rows of a file that goes back to who sent it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yihu.rulebook.intake.headings import is_code_line

#: Row of the file → (place of the column, or None for the whole row, and what is to be said of it)
Remarks = Mapping[int, Sequence[tuple[int | None, str]]]
#: Headings of what we put beside rows; when the file comes again, these columns are not read.
ADDED = ("原行号", "退回原因", "Why returned")


def is_added(heading: str) -> bool:
    """Whether a heading is one of ours; an upper line of others may reach over it."""
    return heading.rpartition("\n")[2] in ADDED


def reasons_before(headings: Sequence[str]) -> int | None:
    """The column of reasons of a file that was returned before."""
    found = [place for place, heading in enumerate(headings) if is_added(heading)]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Words:
    """What is written into a file besides the reasons, in one language."""

    heading: str
    beside: str
    note: str
    between: str
    colon: str


WORDS = {
    "zh": Words(
        "退回原因", "同户，未退回",
        "已筛选，只显示要改的 {n} 行和同户的行。改好以后，把这份文件原样再上传即可；"
        "本列不会读入。清除筛选可以看到全部行。",
        "；", "：",
    ),
    "en": Words(
        "Why returned", "same household, not returned",
        "Filtered: only the {n} rows to put right and those of the same households are shown. "
        "When they are right, send this file again as it is; this column is not read. Clear the "
        "filter to see every row.",
        "; ", ": ",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """Remarks on the rows of a table, and where the table lies in its file.

    beside       rows without a remark that are shown too
    first, last  rows of the table, below its headings
    """

    remarks: Remarks
    headings: Sequence[str]
    words: Words
    sheet: str = ""
    beside: frozenset[int] = frozenset()
    first: int = 2
    last: int = 1

    def said(self) -> dict[int, str]:
        """Row → what stands in the column of reasons, the heading of the column too."""
        said = dict.fromkeys(self.beside, self.words.beside)
        said |= {row: self.whole(remarks) for row, remarks in self.remarks.items()}
        return said | {self.head: self.words.heading}

    @property
    def _lower(self) -> list[str]:
        """The lower line of headings in two lines."""
        words = (heading.partition("\n")[2] for heading in self.headings)
        return [word for word in words if word and word not in ADDED]

    @property
    def head(self) -> int:
        """The row of our own heading: the upper of two, for a line of codes must stay one."""
        return self.first - 2 if self._lower and self.first > 2 else self.first - 1

    @property
    def is_merged(self) -> bool:
        """Whether our heading reaches over two lines, as those of others do."""
        return self.head < self.first - 1 and not is_code_line(self._lower)

    def whole(self, remarks: Sequence[tuple[int | None, str]]) -> str:
        """All remarks on a row in one text, each with its column."""
        said = []
        for place, words in remarks:
            heading = "" if place is None else self.headings[place].replace("\n", " ")
            said.append(f"{heading}{self.words.colon}{words}" if heading else words)
        return self.words.between.join(said)

    def cells(self) -> Iterator[tuple[int, int, str]]:
        """(row, place, what is said) of the cells with a remark of their own, in order."""
        for row in sorted(self.remarks):
            for place, words in self.remarks[row]:
                if place is not None:
                    yield row, place, words

    @property
    def note(self) -> str:
        """What whoever opens the file is told."""
        return self.words.note.format(n=len(self.remarks))
