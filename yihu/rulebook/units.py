"""Units of facts and lines as people read them; a unit nobody listed stands as it is written."""

from __future__ import annotations

from yihu.rulebook.facts import Text

_ZH = {
    "yuan": "元", "10000 yuan": "万元", "EUR": "欧元", "peso": "比索",
    "year": "年", "years": "年", "month": "月", "months": "个月", "day": "天", "days": "天",
    "years of age": "岁", "minutes": "分钟", "seconds": "秒", "metres": "米", "characters": "字",
    "bits": "位", "occasions": "次",
    "person": "人", "persons": "人", "head": "头", "household": "户",
    "households": "户", "hamlets": "个自然村", "dwellings": "套住宅", "mu": "亩", "m": "米",
    "km": "公里", "m2": "平方米", "m3": "立方米", "l": "升", "kg": "公斤", "share": "比例",
    "percent": "%", "points": "分", "visits": "次", "times": "倍", "signatures": "个签名",
    "rooms": "间", "items": "项", "parts": "项", "kinds": "类", "questions": "题",
    "industries": "个产业", "hospitals": "所医院", "clinics": "个卫生室", "schools": "所学校",
    "toilets": "座厕所", "co-operatives": "个合作社", "groups": "个组", "measures": "项措施",
    "objections": "条异议", "periods": "期", "units": "个", "degree": "级", "grade": "级",
    "step": "步", "row": "行", "adult equivalents": "等值成人",
}  # fmt: skip


def unit_text(unit: str) -> Text:
    """A unit in both languages; nothing for a year of the calendar, which is no amount of years.

    >>> unit_text("yuan/person/year").zh, unit_text("year").en
    ('元/人/年', '')
    """
    if unit == "year":
        return Text("", "")
    return Text("/".join(_ZH.get(part, part) for part in unit.split("/")), unit)
