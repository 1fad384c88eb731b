"""The indicators: name, both labels, unit, denominator and source, each defined once.

An indicator is computed for a day from the books, as far as the asker reaches. Shares of small
numbers are kept back where the public reads them: see `Figure.public`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from yihu.book import dictionary
from yihu.statistics import queries
from yihu.statistics.steps import LISTED
from yihu.statistics.sums import Count2, Reach, Sums, all_rows, read_sums

#: Fewer households or people than this are not told the public.
SMALL = 10
BASE_DAY = date(2015, 12, 31)
PGFP = "广西贫困退出统计口径（PGFP）"
BOOKS = "户册"


@dataclass(frozen=True, slots=True)
class Figure:
    """One computed figure. numerator and denominator: whole numbers, or fen for incomes.

    value      what is read: a count, per cent to two places (half up), or yuan a person
    year       the year it is of; None: the day
    note       zh and en, what the reader must know (synthetic, interpolated)
    """

    name: str
    zh: str
    en: str
    unit: str
    value: Decimal | int | None
    numerator: int
    denominator: int | None = None
    of_zh: str = ""
    of_en: str = ""
    source: str = BOOKS
    year: int | None = None
    note: tuple[str, str] = ("", "")

    @property
    def public(self) -> Figure:
        """The same for everybody's eyes: nothing from which a household could be told."""
        small = 0 < self.numerator < SMALL and self.unit in ("户", "人", "%")
        return replace(self, value=None, numerator=0, denominator=None) if small else self

    def as_json(self) -> dict[str, Any]:
        """As `yihu figures --json` prints it."""
        return {
            "zh": self.zh, "en": self.en, "unit": self.unit,
            "value": float(self.value) if isinstance(self.value, Decimal) else self.value,
            "numerator": self.numerator, "denominator": self.denominator,
            "of": {"zh": self.of_zh, "en": self.of_en}, "source": self.source, "year": self.year,
            "note": {"zh": self.note[0], "en": self.note[1]},
        }  # fmt: skip


def per_cent(numerator: int, denominator: int) -> Decimal | None:
    """Per cent, rounded half up to two places; None of nothing.

    >>> per_cent(52109, 347162)
    Decimal('15.01')
    """
    if not denominator:
        return None
    share = Decimal(100 * numerator) / denominator
    return share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def yuan_each(fen: int, people: int) -> Decimal | None:
    """Yuan a person, rounded half up to the yuan; None of nobody."""
    if not people:
        return None
    return (Decimal(fen) / 100 / people).quantize(Decimal(1), rounding=ROUND_HALF_UP)


@dataclass
class Figures:
    """All figures of a day, as far as somebody reaches.

    given  the sums of what is reached, where they were read already
    """

    day: date
    reach: Reach = field(default=all_rows)
    given: Sums | None = None

    @cached_property
    def sums(self) -> Sums:
        """Of the books that are reached; read unless they were given."""
        return self.given or read_sums(self.reach)

    def all(self) -> dict[str, Figure]:
        """Name → figure, in the order of the page."""
        parts: tuple[Callable[[Figures], Iterator[Figure]], ...] = (
            _stock, _flow, _incidence, _incomes, _natural, _villages, _helpers, _monitored,
            _causes,
        )  # fmt: skip
        return {figure.name: figure for part in parts for figure in part(self)}

    @property
    def years(self) -> list[int]:
        """Years that have ended by the evening of the day, from the base on."""
        return list(range(BASE_DAY.year, self.day.year + self.ends_year))

    @property
    def ends_year(self) -> bool:
        """Whether the day is the last of its year."""
        return (self.day.month, self.day.day) == (12, 31)

    @cached_property
    def base(self) -> int:
        """Rural people at the end of 2015: the denominator of every rate."""
        return self.sums.stock(min(BASE_DAY, self.day), None).people

    @cached_property
    def exits(self) -> dict[int, Count2]:
        """Exits by year, up to the day."""
        found = self.sums.flow_by_year("exited")
        found = {year: count for year, count in found.items() if year < self.day.year}
        start = date(self.day.year, 1, 1)
        return found | {self.day.year: self.sums.flow("exited", start, self.day)}

    def poor(self, day: date) -> Count2:
        """Poor households and people at the end of a day."""
        return self.sums.stock(day, "poor")


def _count(name: str, zh: str, en: str, unit: str, number: int, **more: Any) -> Figure:
    return Figure(name, zh, en, unit, number, number, **more)


def _pair(name: str, zh: str, en: str, of: Count2, **more: Any) -> Iterator[Figure]:
    yield _count(
        f"{name}_households", f"{zh}户数", f"{en}, households", "户", of.households, **more
    )
    yield _count(f"{name}_people", f"{zh}人数", f"{en}, people", "人", of.people, **more)


def _stock(of: Figures) -> Iterator[Figure]:
    yield _count("base_people", "2015年末农村人口", "Rural people, end of 2015", "人", of.base)
    all_open = of.sums.stock(of.day, None)
    yield from _pair("all", "全部监测", "All under monitoring", all_open)
    yield from _pair("poor", "未脱贫", "Still poor", of.poor(of.day), source=PGFP)
    for year in of.years:
        yield from _pair(
            f"poor_{year}", f"{year}年末贫困", f"Poor, end of {year}",
            of.poor(date(year, 12, 31)), year=year, source=PGFP,
        )  # fmt: skip


def _flow(of: Figures) -> Iterator[Figure]:
    total = Count2(
        sum(c.households for c in of.exits.values()), sum(c.people for c in of.exits.values())
    )
    yield from _pair("exited", "累计脱贫", "Out of poverty in all", total, source=PGFP)
    for year, count in of.exits.items():
        yield from _pair(
            f"exited_{year}", f"{year}年脱贫", f"Out of poverty in {year}", count,
            year=year, source=PGFP,
        )  # fmt: skip
    for did, zh, en in (
        ("identified", "新识别", "Identified"), ("returned", "返贫", "Returned to poverty"),
        ("corrected_out", "识别不准剔除", "Struck as wrongly registered"),
    ):  # fmt: skip
        for year, count in of.sums.flow_by_year(did).items():
            if year <= of.day.year:
                yield from _pair(
                    f"{did}_{year}", f"{year}年{zh}", f"{en}, {year}", count, year=year
                )


def _incidence(of: Figures) -> Iterator[Figure]:
    for year in of.years:
        poor = of.poor(date(year, 12, 31)).people
        yield Figure(
            f"incidence_{year}", f"{year}年贫困发生率", f"Poverty incidence {year}", "%",
            per_cent(poor, of.base), poor, of.base, "2015年末农村人口",
            "rural people at the end of 2015", PGFP, year,
        )  # fmt: skip


#: Said of incomes that were interpolated.
BETWEEN = ("合成：在两个已知年份之间插值", "synthetic: interpolated between two known years")


def _incomes(of: Figures) -> Iterator[Figure]:
    for listed, name, zh, en in (
        (False, "rural_income", "农村居民人均可支配收入", "Rural income per person"),
        (True, "registered_income", "建档立卡户人均纯收入", "Registered households' income each"),
    ):
        for year, income in of.sums.incomes(listed=listed).items():
            if year >= of.day.year + of.ends_year:
                continue
            yield Figure(
                f"{name}_{year}", f"{year}年{zh}", f"{en}, {year}", "元/人/年",
                yuan_each(income.fen, income.people), income.fen, income.people,
                "有收入记录的户的人口", "people of households whose income is known",
                BOOKS, year, BETWEEN if income.between else ("", ""),
            )  # fmt: skip


def _natural(of: Figures) -> Iterator[Figure]:
    for did, zh, en in (
        ("born", "出生", "Born"), ("died", "死亡", "Died"), ("married_in", "婚入", "Married in"),
        ("married_out", "婚出", "Married out"), ("moved_out", "迁出", "Moved out"),
    ):  # fmt: skip
        for year, count in of.sums.flow_by_year(did).items():
            if year <= of.day.year:
                name = f"{did}_{year}"
                yield _count(
                    name, f"{year}年{zh}", f"{en}, {year}", "人", count.households, year=year
                )


def _villages(of: Figures) -> Iterator[Figure]:
    listed, out = queries.poverty_villages(of.day, of.reach)
    yield _count("poverty_villages", "贫困村", "Poverty villages", "个", listed)
    yield _count("poverty_villages_out", "已出列贫困村", "Poverty villages out", "个", out)
    yield _count("poverty_villages_left", "未出列贫困村", "Still to leave", "个", listed - out)


def _helpers(of: Figures) -> Iterator[Figure]:
    posts, paired, households = of.sums.helpers(of.day)
    yield _count("helpers", "帮扶干部", "Helpers", "人", posts)
    yield _count("helpers_paired", "有结对户的帮扶干部", "Helpers with households", "人", paired)
    yield _count("households_paired", "有帮扶人的户", "Households with a helper", "户", households)


def _monitored(of: Figures) -> Iterator[Figure]:
    for status, zh, en in (
        ("unstable", "脱贫不稳定", "Unstable after exit"), ("marginal", "边缘易致贫", "Marginal"),
        ("sudden", "突发严重困难", "Sudden hardship"),
    ):  # fmt: skip
        count = of.sums.stock(of.day, status)
        yield from _pair(f"monitored_{status}", zh, en, count)


def _causes(of: Figures) -> Iterator[Figure]:
    found = queries.causes(of.reach)
    total = sum(count.households for count in found.values())
    for cause, count in sorted(found.items(), key=lambda item: -item[1].households):
        zh, en = cause_words(cause)
        yield Figure(
            f"cause_{cause or 'unknown'}", f"致贫原因：{zh}", f"Cause of poverty: {en}", "%",
            per_cent(count.households, total), count.households, total,
            f"在册户（{'、'.join(LISTED)}）", f"households on the register ({', '.join(LISTED)})",
        )  # fmt: skip


def cause_words(cause: str) -> tuple[str, str]:
    """Label of a cause in Chinese and English."""
    if not cause:
        return "未填", "not said"
    spec = dictionary.spec_of("household", "cause")
    label = next(c.label for c in spec.codes.codes if c.key == cause) if spec.codes else None
    return (label.zh, label.en) if label else (cause, cause)


def sentence(figures: dict[str, Figure], *, first: int, last: int) -> tuple[str, str]:
    """What a county says of its years, every number from its books."""
    f = {name: figure.value for name, figure in figures.items()}
    zh = (
        f"全县累计减贫{f['exited_households']}户{f['exited_people']}人，"
        f"贫困发生率从{first}年的{f[f'incidence_{first}']}%降至{last}年的{f[f'incidence_{last}']}%；"
        f"全县农村居民可支配收入从{first}年的{f[f'rural_income_{first}']}元增长到"
        f"{last}年的{f[f'rural_income_{last}']}元，建档立卡贫困户人均纯收入由{first}年的"
        f"{f[f'registered_income_{first}']}元增加到{last}年的{f[f'registered_income_{last}']}元"
    )
    en = (
        f"{f['exited_households']} households and {f['exited_people']} people left poverty; "
        f"incidence fell from {f[f'incidence_{first}']} % in {first} to "
        f"{f[f'incidence_{last}']} % in {last}; rural income rose from "
        f"{f[f'rural_income_{first}']} to {f[f'rural_income_{last}']} yuan a person, that of "
        f"registered households from {f[f'registered_income_{first}']} to "
        f"{f[f'registered_income_{last}']}"
    )
    return zh, en
