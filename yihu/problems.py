"""Every refusal of the desk: a code for programs, a sentence for people, details for both.

A sentence says what was found, what was expected, what to do and whether anything was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from yihu.rulebook.refusals import Refused

#: code → sentence in Chinese and English, filled with the details by name.
SENTENCES: dict[str, dict[str, str]] = {
    # -- access -----------------------------------------------------------------------------------
    "access.not_yours": {
        "zh": "您的岗位看不到这一页的内容，或者它不存在。"
        "如工作需要，请联系管理员调整岗位。未写入任何内容。",
        "en": "Your posts do not reach this, or it does not exist. Ask an administrator if your "
        "work needs it. Nothing was written.",
    },
    "access.may_not": {
        "zh": "您的岗位不能{what_zh}。如工作需要，请联系管理员。未写入任何内容。",
        "en": "Your posts do not let you {what}. Ask an administrator if your work needs it. "
        "Nothing was written.",
    },
    "access.no_reason": {
        "zh": "查看完整号码要写明理由（至少 {least} 个字）。本次未显示。",
        "en": "Seeing whole numbers needs a reason of {least} characters at least. "
        "Nothing was shown.",
    },
    # -- book -------------------------------------------------------------------------------------
    "book.seen_in_future": {
        "zh": "“{what}”的发生日期 {seen_on} 晚于今天（{today}）。"
        "请填写实际发生的日期；未写入任何内容。",
        "en": "{what} is said to have held on {seen_on}, after today ({today}). Give the day it "
        "was seen; nothing was written.",
    },
    "book.behind": {
        "zh": "本户第 {at} 条记录也写了“{fact}”，而您看到的只到第 {yours} 条。"
        "请先看那一条，再决定是否提交；未写入任何内容。",
        "en": "Entry {at} of this household is about {fact} too; your copy ended at entry {yours}. "
        "Read that entry and send yours again; nothing was written.",
    },
    "book.closed": {
        "zh": "该户已于 {on} 关闭（{why}），不再接受新记录。"
        "如属误关，请先撤销关闭；未写入任何内容。",
        "en": "The household was closed on {on} ({why}) and takes no new entries. If that was a "
        "mistake, undo it first; nothing was written.",
    },
    "book.unknown_fact": {
        "zh": "规则书里没有{level}指标“{fact}”{suggestion_zh}。请改正名称；未写入任何内容。",
        "en": "The rulebook has no fact “{fact}” of a {level}{suggestion}. Mend the name; "
        "nothing was written.",
    },
    "book.bad_value": {
        "zh": "“{fact}”填写为 {found}，应为{expected_zh}。请改正；未写入任何内容。",
        "en": "{fact} is given as {found}; expected {expected}. Mend it; nothing was written.",
    },
    "book.no_such_person": {
        "zh": "本户没有编号为 {person} 的成员。请核对成员后重试；未写入任何内容。",
        "en": "The household has no member {person}. Check the member; nothing was written.",
    },
    "book.no_such_entry": {
        "zh": "本册没有第 {number} 条记录（共 {last} 条）。请核对编号；未写入任何内容。",
        "en": "The book has no entry {number}; it ends at {last}. Check the number; nothing was "
        "written.",
    },
    "book.undone_already": {
        "zh": "第 {number} 条已由第 {by} 条撤销。无需再次撤销；未写入任何内容。",
        "en": "Entry {number} was undone by entry {by} already. Nothing was written.",
    },
    # -- ledger -----------------------------------------------------------------------------------
    "ledger.only_evidence": {
        "zh": "“{rule}”的问题只能由新的事实清零，不能用文字关闭。"
        "请把核实到的事实写入户册；未写入任何内容。",
        "en": "A gap of rule “{rule}” is cleared by facts only, never by words. Write what was "
        "found into the book; nothing was written.",
    },
    "ledger.own_waiver": {
        "zh": "责任人或提出人不能批准自己的豁免。请由他人批准；未写入任何内容。",
        "en": "Nobody waives a gap he is responsible for. Let somebody else decide; nothing was "
        "written.",
    },
    "ledger.not_in_state": {
        "zh": "该问题现在的状态是“{state}”，不能“{did}”。请刷新后重试；未写入任何内容。",
        "en": "The gap is {state} now and cannot be {did}. Load the page again; nothing was "
        "written.",
    },
}


class Problem(Refused):
    """Something a person can put right at the desk; `status` is that of the HTTP answer."""

    sentences: ClassVar[Mapping[str, Mapping[str, str]]] = SENTENCES

    def __init__(self, code: str, status: int = 400, **details: object) -> None:
        self.status = status
        super().__init__(code, **details)
