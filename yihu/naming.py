"""What refusals call the rules, facts, kinds of entries and states that programs know by a key."""

from __future__ import annotations

from yihu.book import dictionary
from yihu.problems import Problem
from yihu.rulebook.facts import Text
from yihu.rulebook.refusals import Phrase

#: Kind of an entry → what it is called.
KINDS = {
    "facts": ("填写指标", "Facts"),
    "people": ("人口变动", "People"),
    "visit": ("走访", "Visit"),
    "help": ("帮扶", "Help"),
    "decision": ("认定", "Decision"),
    "signature": ("签字", "Signature"),
    "evidence": ("凭证", "Evidence"),
    "correction": ("撤销", "Correction"),
    "import": ("导入", "Import"),
    "comparison": ("比对", "Comparison"),
    "gap": ("问题", "Gap"),
}
#: State of a file that was sent → what it is called.
STATES = {
    "kept": ("已上传", "kept"),
    "reading": ("试算中", "being tried out"),
    "read": ("已试算，未写入", "tried out and not written"),
    "writing": ("写入中", "being written"),
    "written": ("已写入", "written"),
    "undone": ("已撤销", "undone"),
    "failed": ("失败", "failed"),
}
#: State of a gap → what it is called.
GAP_STATES = {
    "open": ("未分派", "not assigned"),
    "assigned": ("已分派", "assigned"),
    "answered": ("已回复", "answered"),
    "cleared": ("已销号", "cleared"),
    "waived": ("已豁免", "waived"),
}
#: What is done with a gap → what it is called.
GAP_ACTS = {
    "opened": ("发现问题", "opened"),
    "reopened": ("问题重现", "opened again"),
    "assigned": ("分派", "assigned"),
    "due": ("调整期限", "deadline set"),
    "answered": ("回复", "answered"),
    "seen": ("核查结论变化", "answer changed"),
    "waived": ("豁免", "waived"),
    "unwaived": ("取消豁免", "waiver taken back"),
    "cleared": ("销号", "cleared"),
}


def name_details() -> None:
    """Let refusals say words where their details are keys."""
    Problem.called.update({
        ("book.behind", "fact"): fact_called,
        ("book.seen_in_future", "what"): lambda kind: _listed(KINDS, kind),
        ("ledger.only_evidence", "rule"): rule_called,
        ("ledger.not_in_state", "state"): lambda state: _listed(GAP_STATES, state),
        ("ledger.not_in_state", "did"): lambda did: _listed(GAP_ACTS, did),
        ("exchange.not_in_state", "state"): lambda state: _listed(STATES, state),
    })  # fmt: skip


def fact_called(name: str) -> Phrase | None:
    """The label of a fact, of whichever level: a refusal names the book it is about."""
    facts = dictionary.active().facts.values()
    return next((_phrase(spec.label) for spec in facts if spec.name == name), None)


def rule_called(name: str) -> Phrase | None:
    """The title of a rule."""
    rule = dictionary.active().rule(name)
    return _phrase(rule.title) if rule else None


def _listed(names: dict[str, tuple[str, str]], key: str) -> Phrase | None:
    zh, en = names.get(key, ("", ""))
    return Phrase(en, zh) if zh else None


def _phrase(text: Text) -> Phrase:
    return Phrase(text.en, text.zh)
