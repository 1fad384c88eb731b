"""What the log of readings says of a reason, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from yihu.sync.devices import ANEW, LEFT, TOO_MANY_PINS
from yihu.web.reading_words import why_said

ID = "0a7c9d55-3f0e-4b8e-8f43-6f1d2c9b7e55"


@pytest.mark.parametrize(
    ("what", "why", "zh", "en"),
    [
        ("exported", "visits due", "走访安排", "visits due"),
        ("unmasked export", "people place=4510 status=poor 核对 households 名单",
         "农户成员 地方 4510 登记状态 贫困户 核对 households 名单",
         "People of households place 4510 status Poor 核对 households 名单"),
        ("exported", "gaps state=waived&rule=child_in_school",
         "问题台账 状态 已豁免，规则 适龄儿童少年在校或有合理原因",
         "Gaps state waived, rule A child of school age is at school or has an accepted reason"),
        ("evidence", f"gap {ID} entry 12", f"问题 {ID} 记录 12", f"gap {ID} entry 12"),
        ("exported", "returned: 花名册.xlsx", "退回： 花名册.xlsx", "returned: 花名册.xlsx"),
        ("printed", "card", "帮扶联系卡", "card"),
        ("account", "appoint tan helper 451022100201", "任命 tan 帮扶干部 451022100201",
         "appointed tan Helper 451022100201"),
        ("phone", LEFT, "本人在手机上退出并清空", "left and wiped by its helper"),
        ("phone", TOO_MANY_PINS, "PIN 连错次数过多，手机已清空", "wiped after too many wrong PINs"),
        ("phone", ANEW, "手机清空后重新登记", "wiped, and registered anew"),
        ("unmasked", "card of the family", "card of the family", "card of the family"),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_the_log_says_in_the_language_of_the_desk_why_something_was_read(what, why, zh, en):
    with translation.override("zh-hans"):
        assert why_said(what, why) == zh
    with translation.override("en"):
        assert why_said(what, why) == en
