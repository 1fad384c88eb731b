"""Every refusal of the engine: a code for programs, a sentence for people, details for both.

A sentence says what was found, what was expected, what to do and that nothing was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: code → sentence in Chinese and English, filled with the details by name.
SENTENCES: dict[str, dict[str, str]] = {
    # -- rulebook: reading a rulebook (file, line, where come with each) ------------------------
    "rulebook.not_found": {
        "zh": "找不到规则书“{name}”。随附的有：{known}。请写其中一个名称，或一个含 rulebook.toml 的文件夹。",
        "en": "There is no rulebook “{name}”. Shipped: {known}. "
        "Give one of these names or a folder that holds a rulebook.toml.",
    },
    "rulebook.broken_toml": {
        "zh": "{at}：TOML 无法读取：{why}。请改正后重试；未载入任何内容。",
        "en": "{at}: the TOML cannot be read: {why}. Mend it and try again; nothing was loaded.",
    },
    "rulebook.bad_entry": {
        "zh": "{at}，{what}：{why}。{advice}未载入任何内容。",
        "en": "{at}, {what}: {why}. {advice}Nothing was loaded.",
    },
    "rulebook.bad_expression": {
        "zh": "{at}，{what}，第 {column} 个字符：{why}{suggestion}。未载入任何内容。\n    {text}\n    {caret}",
        "en": "{at}, {what}, character {column}: {why}{suggestion}. Nothing was loaded.\n"
        "    {text}\n    {caret}",
    },
    "rulebook.circle": {
        "zh": "{at}：{names} 互相引用成环。规则可以互相使用，但不能绕回自己。未载入任何内容。",
        "en": "{at}: {names} use each other in a circle. Rules may use each other, "
        "but never come back to themselves. Nothing was loaded.",
    },
    "rulebook.not_in_force": {
        "zh": "{at}，{what}：在 {on} 使用了当日无效的 {name}。请给它当日有效的文本，或限制使用它的规则。",
        "en": "{at}, {what}: on {on} it uses {name}, which is not in force on that day. "
        "Give it a text for that day or limit the rule that uses it.",
    },
    "rulebook.several": {
        "zh": "规则书“{name}”有 {count} 处问题，未载入任何内容：\n{list}",
        "en": "Rulebook “{name}” has {count} problems; nothing was loaded:\n{list}",
    },
    "rulebook.no_such_rule": {
        "zh": "规则书“{name}”里没有规则“{rule}”{suggestion}。",
        "en": "Rulebook “{name}” has no rule “{rule}”{suggestion}.",
    },
    # -- compare: what a change does --------------------------------------------------------------
    "compare.no_such_line": {
        "zh": "规则书“{name}”里没有标准“line.{line}”{suggestion}。",
        "en": "Rulebook “{name}” has no line “line.{line}”{suggestion}.",
    },
    # -- card: one household given by hand ------------------------------------------------------
    "card.unknown_name": {
        "zh": "卡片里的“{name}”不是{level}的指标{suggestion}。请改正名称。",
        "en": "The card says “{name}”, which is no fact of a {level}{suggestion}. Mend the name.",
    },
    "card.bad_value": {
        "zh": "卡片里 {name} = {found}，应为{expected}。请改正。",
        "en": "The card says {name} = {found}; expected {expected}. Mend the value.",
    },
    # -- sql: the query for other engines -------------------------------------------------------
    "sql.not_in_dialect": {
        "zh": "规则用到“{what_zh}”，该项尚未在 {dialect} 上验证，不能输出为 {dialect} 查询。请用 DuckDB 查询或 yihu check。",
        "en": "A rule uses “{what}”, which is not tested on {dialect} and is not printed for it. "
        "Use the DuckDB query or yihu check.",
    },
    "sql.no_such_dialect": {
        "zh": "不会输出“{dialect}”的查询。可选：{known}。",
        "en": "There is no query for “{dialect}”. Choose one of: {known}.",
    },
    # -- command: the command line --------------------------------------------------------------
    "command.no_such_language": {
        "zh": "没有语言“{found}”。请写 --lang zh 或 --lang en。"
        " (There is no language “{found}”; give --lang zh or --lang en.)",
        "en": "There is no language “{found}”. Give --lang zh or --lang en.",
    },
    "command.no_such_command": {
        "zh": "没有命令“{found}”{suggestion_zh}。全部命令见 {path} --help。",
        "en": "There is no command “{found}”{suggestion}. {path} --help lists them.",
    },
    "command.bad_day": {
        "zh": "“{found}”不是日期。请写成 2020-12-31。",
        "en": "“{found}” is no day. Write it as 2020-12-31.",
    },
    "command.bad_choice": {
        "zh": "“{found}”不是可选的值{suggestion_zh}。可选：{known}。",
        "en": "“{found}” is none of the choices{suggestion}. Choices: {known}.",
    },
    "command.bad_number": {
        "zh": "“{found}”不是{expected_zh}。",
        "en": "“{found}” is not {expected}.",
    },
    "command.is_a_folder": {
        "zh": "{path} 是文件夹，不是文件。请写一个文件名；未写入任何内容。",
        "en": "{path} is a folder, not a file. Give a file name; nothing was written.",
    },
    "command.folder_missing": {
        "zh": "没有文件夹 {folder}，无法写入 {path}。请先建立该文件夹；未写入任何内容。",
        "en": "There is no folder {folder} to write {path} in. Make it first; nothing was written.",
    },
    "command.not_writable": {
        "zh": "文件夹 {folder} 不可写，无法写入 {path}。请换一个位置；未写入任何内容。",
        "en": "The folder {folder} may not be written, so {path} cannot be. "
        "Choose another place; nothing was written.",
    },
    "command.bad_name": {
        "zh": "“{name}”不能作规则书的名称。请以字母或汉字开头，只用字母、汉字、数字、_ 和 -。",
        "en": "“{name}” cannot name a rulebook. Begin with a letter and use letters, figures, _ and -.",
    },
    "command.exists": {
        "zh": "{path} 已存在。请换一个名称，或先移走它；未写入任何内容。",
        "en": "{path} exists already. Choose another name or move it away; nothing was written.",
    },
    # -- county: making synthetic registers -----------------------------------------------------
    "county.not_ours": {
        "zh": "{folder} 已存在，里面没有 {stamp}，不是本命令造的合成数据。"
        "请换一个文件夹；未写入任何内容。",
        "en": "{folder} exists and holds no {stamp}, so it was not made by this command. "
        "Choose another folder; nothing was written.",
    },
    "county.unknown_word": {
        "zh": "不认识“{word}”。可以写：{known}。未写入任何内容。",
        "en": "“{word}” is not known here. Write one of: {known}. Nothing was written.",
    },
    "county.year": {
        "zh": "年份 {year} 不在 {first} 至 {last} 之间：合成数据只能是其中某年年末的状态。"
        "未写入任何内容。",
        "en": "The year {year} is not between {first} and {last}, the years whose end can be "
        "made up. Nothing was written.",
    },
    "county.people": {
        "zh": "{form} 格式的人数可以是 1 到 {most}，收到的是 {people}。未写入任何内容。",
        "en": "With {form} there may be 1 to {most} people; asked for were {people}. "
        "Nothing was written.",
    },
}


class Refused(Exception):
    """Something a person can put right; `code` and `details` are for programs."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(self.sentence("en"))

    def sentence(self, lang: str = "zh") -> str:
        """The refusal as one clear sentence in Chinese (zh) or English (en)."""
        details = dict(self.details)
        if lang == "zh" and details.get("why_zh"):
            details["why"] = details["why_zh"]
        return SENTENCES[self.code][lang].format(**details)


def suggestion(word: str, known: Iterable[str], lang: str = "en") -> str:
    """A phrase that names the nearest known word, or nothing.

    >>> suggestion("scholing", ["schooling", "age"])
    '; did you mean “schooling”?'
    """
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not near:
        return ""
    return f"；是否想写“{near[0]}”？" if lang == "zh" else f"; did you mean “{near[0]}”?"
