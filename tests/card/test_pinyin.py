"""Names as they are typed without Chinese keys."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

from yihu.card.pinyin import SURNAMES, spoken


def test_names_are_spelled_as_the_dictionary_spells_them():
    for name in ("银行", "长长", "行长", "重庆", "吕女", "张·买买提", "A月", "𠮷田", "欧阳 娜娜"):
        assert name[0] not in SURNAMES
        usual = lazy_pinyin(name, style=Style.NORMAL, v_to_u=False)
        assert spoken(name).split()[0] == "".join(usual).split()[0]
