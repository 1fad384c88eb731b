"""Every refusal of the engine: a code for programs, a sentence for people, details for both.

A sentence says what was found, what was expected, what to do and that nothing was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from yihu.rulebook.suggestions import Phrase, meant, nearest, suggestion

__all__ = ["SENTENCES", "Phrase", "Refused", "meant", "nearest", "suggestion"]

#: Faults of one rulebook told in one refusal.
MOST_TOLD = 50
#: code → sentence in Chinese and English, filled with the details by name.
SENTENCES: dict[str, dict[str, str]] = {
    # -- rulebook: reading a rulebook (file, line, where come with each) ------------------------
    "rulebook.not_found": {
        "zh": "找不到规则书“{name}”{suggestion}。随附的有：{known}。"
        "请写其中一个名称，或一个含 rulebook.toml 的文件夹。",
        "en": "There is no rulebook “{name}”{suggestion}. Shipped: {known}. "
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
        "zh": "{at}，{what}，第 {column} 个字符：{why}{suggestion}。未载入任何内容。\n"
        "    {text}\n    {caret}",
        "en": "{at}, {what}, character {column}: {why}{suggestion}. Nothing was loaded.\n"
        "    {text}\n    {caret}",
    },
    "rulebook.circle": {
        "zh": "{at}：{names} 互相引用成环。规则可以互相使用，但不能绕回自己。未载入任何内容。",
        "en": "{at}: {names} use each other in a circle. Rules may use each other, "
        "but never come back to themselves. Nothing was loaded.",
    },
    "rulebook.asked_circle": {
        "zh": "{at}：{names} 互相等待：每一项都要等另一项先答，结果哪一项都不会问。"
        "请去掉其中一个 asked_if。未载入任何内容。",
        "en": "{at}: the questions {names} wait for each other: each is asked once another is "
        "answered, so none ever is. Take one asked_if away. Nothing was loaded.",
    },
    "rulebook.too_deep": {
        "zh": "{at}，{what}：一个用一个，超过 {most} 层。请缩短这一串；未载入任何内容。",
        "en": "{at}, {what}: more than {most} derived facts and rules use one another in a row. "
        "Shorten the row; nothing was loaded.",
    },
    "rulebook.not_in_force": {
        "zh": "{at}，{what}：在 {on} 使用了当日无效的 {name}。"
        "请给它当日有效的文本，或限制使用它的规则。",
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
    "explain.one_of": {
        "zh": "请给出 --id、--card、--all 三者之一。",
        "en": "Give one of --id, --card and --all.",
    },
    "explain.bad_card": {
        "zh": "卡片 {path} 无法读取：{why}。卡片是 .toml 或 .json，按名称列出指标。",
        "en": "The card {path} cannot be read: {why}. A card is .toml or .json, facts by name.",
    },
    "explain.no_such_id": {
        "zh": "登记表的“{level}”中没有编号“{id}”{suggestion_zh}。请核对编号。",
        "en": "No {level} of the registers has the id “{id}”{suggestion}. Check the id.",
    },
    "compare.nothing_to_compare": {
        "zh": "两边完全相同：请给出 --with（另一本规则书）、--line（名称=值）或 --to（另一天）。",
        "en": "Both sides are the same: give --with (another rulebook), --line (name=value) "
        "or --to (another day).",
    },
    "compare.bad_line": {
        "zh": "--line “{found}”无法理解。请写成 名称=数值，如 income=4000。",
        "en": "--line “{found}” is not understood. Write name=value, as in income=4000.",
    },
    "compare.no_such_line": {
        "zh": "规则书“{name}”里没有标准“line.{line}”{suggestion_zh}。",
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
        "zh": "规则用到“{what_zh}”，该项尚未在 {dialect} 上验证，不能输出为 {dialect} 查询。"
        "请用 DuckDB 查询或 yihu check。",
        "en": "A rule uses “{what}”, which is not tested on {dialect} and is not printed for it. "
        "Use the DuckDB query or yihu check.",
    },
    "sql.no_such_dialect": {
        "zh": "不会输出“{dialect}”的查询。可选：{known}。",
        "en": "There is no query for “{dialect}”. Choose one of: {known}.",
    },
    # -- cluster: many county files on Spark ----------------------------------------------------
    "cluster.no_pyspark": {
        "zh": "没有安装 pyspark，无法在 Spark 上运行。"
        "请执行 pip install 'yihu[cluster]'（还需要 Java）。",
        "en": "pyspark is not installed, so nothing can run on Spark. "
        "Install it: pip install 'yihu[cluster]' (Java is needed too).",
    },
    "cluster.bad_names": {
        "zh": "这些名称重复或不能作文件夹名：{names}。"
        "请给每对文件一个不同的名称（字母、数字、汉字、.、-、_）。",
        "en": "These names stand twice or cannot name a folder: {names}. "
        "Give each file pair its own name of letters, figures, “.”, “-” and “_”.",
    },
    "cluster.no_such_level": {
        "zh": "规则书没有层级“{level}”。可选：{known}。",
        "en": "The rulebook has no level “{level}”. Choose one of: {known}.",
    },
    "cluster.needs_everybody": {
        "zh": "{count} 条规则要看一份文件以外的人：{rules}。逐文件检查只能看到一个“{level}”之内。"
        "请去掉这些规则，或用 yihu check 对全部数据运行；未写入任何内容。",
        "en": "{count} rules look beyond one file pair: {rules}. File by file, nothing above "
        "a {level} is seen whole. Leave these rules out, or run yihu check over all data; "
        "nothing was written.",
    },
    "cluster.some_failed": {
        "zh": "{of} 对文件中有 {count} 对未完成，其余已完成并保留：\n{list_zh}\n"
        "改正后再次运行，只会补做未完成的。",
        "en": "{count} of {of} file pairs were not finished; the others are done and kept:\n"
        "{list}\nMend them and run again: only what is missing will be done.",
    },
    "cluster.place_in_two_files": {
        "zh": "{level} {id} 同时出现在“{first}”和“{second}”两对文件里，两边的合计都不完整。"
        "请把它放在同一对文件里。",
        "en": "{level} {id} stands in both “{first}” and “{second}”, so neither has its whole "
        "totals. Put it into one file pair.",
    },
    "cluster.unwritable": {
        "zh": "无法写入 {path}：{why}。请检查磁盘空间和权限；没有留下半成品。",
        "en": "{path} cannot be written: {why}. Check space and rights; no half result was left.",
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
    "command.out_is_input": {
        "zh": "{path} 正是要读的登记表，写入会把它盖掉。请换一个结果文件名；未写入任何内容。",
        "en": "{path} is one of the registers to read and would be lost. "
        "Name another file for the result; nothing was written.",
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
    "command.bad_line": {
        "zh": "--line {found}：应为大于 0 的数，或 relative（相对线）。",
        "en": "--line {found}: expected a number above 0, or the word relative.",
    },
    "command.bad_share": {
        "zh": "“{found}”应为大于 0、不超过 1 的数，如 0.6。",
        "en": "“{found}”: expected a number above 0 and not above 1, such as 0.6.",
    },
    "command.no_files": {
        "zh": "没有给出登记表。请至少写 --persons 或 --households 之一。",
        "en": "No registers were given. Give at least one of --persons and --households.",
    },
    "command.which_place": {
        "zh": "看不出 {file} 是哪一级的表（没有该级的编号列）。"
        "请写成 层级=文件，层级可为：{known}。"
        "未写入任何内容。",
        "en": "{file} does not tell which level it is of (no key column of one). "
        "Write LEVEL=FILE with one of: {known}. Nothing was written.",
    },
    "command.place_twice": {
        "zh": "{file} 与 {other} 都是 {level} 的表。同一级请合成一个文件，或写 层级=文件。",
        "en": "{file} and {other} are both of the level {level}. Put them into one file or folder, "
        "or write LEVEL=FILE.",
    },
    "command.bad_form": {
        "zh": "{path}：结果文件的后缀应为 {known} 之一。未写入任何内容。",
        "en": "{path}: the file to write ends in one of {known}. Nothing was written.",
    },
    "command.no_rows": {
        "zh": "{files} 只有表头，没有一行数据，没有可核查的内容。"
        "请检查是否导出完整；未写入任何内容。",
        "en": "{files}: headings and not one row, so there is nothing to check. "
        "See that the export was complete; nothing was written.",
    },
    "command.no_rule_in_force": {
        "zh": "规则书“{name}”在 {on} 没有有效的规则。请换一个日期。",
        "en": "No rule of rulebook “{name}” is in force on {on}. Choose another day.",
    },
    "command.no_such_fact": {
        "zh": "规则书“{name}”没有推算指标“{fact}”{suggestion_zh}。",
        "en": "Rulebook “{name}” has no derived fact “{fact}”{suggestion}.",
    },
    "command.facts_need_columns": {
        "zh": "--facts 只能用 --reader columns。",
        "en": "--facts needs --reader columns.",
    },
    "command.too_many_rows": {
        "zh": "{path}：结果多于工作表能容纳的 {most} 行。"
        "请写成 .parquet 或 .csv，或用 --rules、--wide "
        "减少行数。未写入任何内容。",
        "en": "{path}: more rows than the {most} a sheet can hold. Write .parquet or .csv, or ask "
        "fewer rows with --rules or --wide. Nothing was written.",
    },
    "command.not_a_snapshot": {
        "zh": "{path} 里有别的内容，不是快照。"
        "请给 --snapshot 一个空的或新的文件夹；未写入任何内容。",
        "en": "{path} holds something else than a snapshot. Give --snapshot a new or empty folder; "
        "nothing was written.",
    },
    "command.last_without_now": {
        "zh": "给了上期的 {file}，却没有本期的 {level}。请一并给出本期的表。",
        "en": "{file} is of the period before, but no {level} of this period was given. Give both.",
    },
    "command.last_twice": {
        "zh": "{file} 里同一编号出现多次，不知上期的值是哪一个。请改正；未写入任何内容。",
        "en": "{file} has an id more than once, so its value of the period before is not clear. "
        "Mend it; nothing was written.",
    },
    "measure.no_column": {
        "zh": "{file} 里没有列“{column}”{suggestion_zh}。表里有：{found}。未写入任何内容。",
        "en": "{file} has no column “{column}”{suggestion}. It has: {found}. Nothing was written.",
    },
    "measure.no_rows": {
        "zh": "{file} 只有表头，没有数据行。请检查文件；未写入任何内容。",
        "en": "{file} has headings and no rows. Check the file; nothing was written.",
    },
    "measure.not_a_number": {
        "zh": "{file} 第 {row} 行，列“{column}”：“{found}”不能作为数值（权数不能为负）。"
        "请改正；不知道就留空。未写入任何内容。",
        "en": "{file}, row {row}, column “{column}”: “{found}” cannot be used as a number "
        "(a weight "
        "may not be negative). Mend it, or leave it blank if not known. Nothing was written.",
    },
    "measure.blank_label": {
        "zh": "{file} 第 {row} 行，列“{column}”为空白。抽样设计的每一行都要有值；未写入任何内容。",
        "en": "{file}, row {row}, column “{column}” is blank. The sample's design needs a value in "
        "every row; nothing was written.",
    },
    "measure.not_possible": {
        "zh": "{file} 无法计算：{why}。请核对所选的列与选项；未写入任何内容。",
        "en": "{file} cannot be measured: {why}. Check the columns and options; "
        "nothing was written.",
    },
    "command.bad_name": {
        "zh": "“{name}”不能作规则书的名称。请以字母或汉字开头，只用字母、汉字、数字、_ 和 -。",
        "en": "“{name}” cannot name a rulebook. "
        "Begin with a letter and use letters, figures, _ and -.",
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
    # -- intake: files people have --------------------------------------------------------------
    "intake.no_file": {
        "zh": "没有文件 {file}。请检查路径；未写入任何内容。",
        "en": "There is no file {file}. Check the path; nothing was written.",
    },
    "intake.unreadable": {
        "zh": "无法打开 {file}：{why}。请检查权限；未写入任何内容。",
        "en": "{file} cannot be opened: {why}. Check that you may read it; nothing was written.",
    },
    "intake.empty": {
        "zh": "{file} 里没有内容。请给出有表头和数据的文件；未写入任何内容。",
        "en": "There is nothing in {file}. Give a file with headings and rows; "
        "nothing was written.",
    },
    "intake.broken": {
        "zh": "{file} 已损坏或不完整，无法读取：{why}。请重新导出或重新复制；未写入任何内容。",
        "en": "{file} is damaged or incomplete and cannot be read: {why}. "
        "Export or copy it again; nothing was written.",
    },
    "intake.nested_column": {
        "zh": "{file} 的“{column}”列每格不是一个值，而是 {kind}。"
        "请拆成每格一个值的列后重新导出；未写入任何内容。",
        "en": "Column “{column}” of {file} holds {kind} where one value belongs. "
        "Export it as columns of single values; nothing was written.",
    },
    "intake.sheet_too_wide": {
        "zh": "{file} 有一个单元格远在第 {rows} 行或第 {columns} 列之外，整张表放不进内存。"
        "请删去数据以外的行和列，或另存为 CSV；未写入任何内容。",
        "en": "{file} has a cell as far out as row {rows} or column {columns}; so large a sheet "
        "does not fit into memory. Delete the rows and columns beyond the data, or save it as CSV; "
        "nothing was written.",
    },
    "intake.too_many_merged": {
        "zh": "{file} 有 {found} 处合并单元格，超过上限 {most} 处。请取消数据区的合并，"
        "每行各自填写；未写入任何内容。",
        "en": "{file} has {found} merged cells, more than {most}. Unmerge those among the data and "
        "fill in each row; nothing was written.",
    },
    "intake.unpacks_too_large": {
        "zh": "{file} 压缩后只有 {packed} MB，展开有 {unpacked} MB，超过上限 {most} MB。"
        "请删去数据以外的行和列，或另存为 CSV；确是自己的大文件，请工作台的维护人用环境变量 "
        "{setting} 放宽。未写入任何内容。",
        "en": "{file} is packed into {packed} MB, unpacks to {unpacked} MB, more than {most} MB. "
        "Delete the rows and columns beyond the data, or save it as CSV; if it is a large file of "
        "your own, ask whoever keeps the desk to raise the limit with the environment variable "
        "{setting}. Nothing was written.",
    },
    "intake.too_many_columns": {
        "zh": "{file} 有 {columns} 列，最多读 {most} 列。"
        "多半是分隔符或换行出了错；请检查文件，或只导出要用的列。未写入任何内容。",
        "en": "{file} has {columns} columns; at most {most} are read. A separator or a line break "
        "has gone wrong, most likely: check the file, or export only the columns that are needed. "
        "Nothing was written.",
    },
    "intake.locked": {
        "zh": "{file} 有密码保护。请用表格软件打开，去掉密码后另存；未写入任何内容。",
        "en": "{file} is protected by a password. Open it in a spreadsheet and save it without; "
        "nothing was written.",
    },
    "intake.not_a_table": {
        "zh": "{file} 不是表格，是{what}。请用表格软件打开并另存为 xlsx 或 CSV；未写入任何内容。",
        "en": "{file} is no table but {what}. "
        "Open it in a spreadsheet and save it as xlsx or CSV; nothing was written.",
    },
    "intake.encoding": {
        "zh": "{file} 的文字编码既不是 UTF-8 也不是 GB18030。请另存为 UTF-8 的 CSV 或 xlsx；"
        "未写入任何内容。",
        "en": "The text of {file} is neither UTF-8 nor GB18030. "
        "Save it as CSV in UTF-8 or as xlsx; nothing was written.",
    },
    "intake.headings_differ": {
        "zh": "{file} 的表头与同一文件夹的 {first} 不同。请只放同一种表；未写入任何内容。",
        "en": "{file} has other headings than {first} in the same folder. "
        "Keep only files of one kind there; nothing was written.",
    },
    "intake.no_such_level": {
        "zh": "规则书没有“{level}”这一级。可给的有：{known}。",
        "en": "The rulebook has no level “{level}”. Levels: {known}.",
    },
    "intake.no_headings": {
        "zh": "{file} 里找不到规则书认得的表头。表里有：{found}。应有例如：{expected}。"
        "请核对文件是否给对，或在规则书的 columns 里补上表头；未写入任何内容。",
        "en": "{file} has no heading the rulebook knows. Found: {found}. Expected, for example: "
        "{expected}. Check that it is the right file, or add its headings to `columns` in the "
        "rulebook; nothing was written.",
    },
    "intake.double_heading": {
        "zh": "{file} 里表头“{heading}”出现多次（第 {columns} 列），不知该读哪一列。"
        "请改名或删去多余的列；未写入任何内容。",
        "en": "In {file} the heading “{heading}” stands more than once (columns {columns}). "
        "Rename or remove all but one; nothing was written.",
    },
    "intake.missing_columns": {
        "zh": "{file} 缺少规则要用的 {count} 项：\n{list_zh}\n"
        "请补上这些列，或选择把缺少的指标当作未知；未写入任何内容。",
        "en": "{file} lacks {count} columns the rules use:\n{list_en}\n"
        "Add them, or ask for missing facts to be read as unknown; nothing was written.",
    },
    "intake.no_key": {
        "zh": "{file} 里没有{level_zh}的编号列（{expected}）{near_zh}。"
        "没有它就无法把各表连起来；请补上该列，未写入任何内容。",
        "en": "{file} has no column with the key of the {level_en} ({expected}){near_en}. "
        "Without it the files cannot be joined; add the column. Nothing was written.",
    },
    "intake.bad_cells": {
        "zh": "{file} 有 {count} 处无法理解：\n{list_zh}\n请改正后重试；未写入任何内容。",
        "en": "{count} cells of {file} cannot be understood:\n{list_en}\n"
        "Mend them and try again; nothing was written.",
    },
    # Said of one cell, after “row 7, column …”.
    "intake.cell.not_yes_no": {
        "zh": "“{found}”不是是否值。请写：{known}",
        "en": "“{found}” is neither yes nor no. Write one of: {known}",
    },
    "intake.cell.unknown_code": {
        "zh": "“{found}”不在代码表“{title_zh}”中{near_zh}",
        "en": "“{found}” is not in the code list “{title_en}”{near_en}",
    },
    "intake.cell.code_of_other_days": {
        "zh": "“{found}”是代码表“{title_zh}”里 {days_zh}使用的代码，不用于 {on}。"
        "请改写当日使用的代码，或核对检查日期",
        "en": "“{found}” is a code of the list “{title_en}” {days_en}, not on {on}. "
        "Write a code in use on that day, or check the day asked about",
    },
    "intake.cell.truth_value": {
        "zh": "“{found}”是真假值，而这一列不是是否题。请写出值本身",
        "en": "“{found}” is a truth value, and this column is no yes-or-no question. "
        "Write the value itself",
    },
    "intake.cell.not_number": {
        "zh": "“{found}”不是数字。请只写数字，不带单位",
        "en": "“{found}” is no number. Write the number alone, without its unit",
    },
    "intake.cell.not_whole": {
        "zh": "“{found}”应为整数",
        "en": "“{found}” should be a whole number",
    },
    "intake.cell.lost_digits": {
        "zh": "“{found}”是被表格软件转成科学计数的长号码，末几位已丢失。"
        "请把该列设为文本格式后从原件重新录入",
        "en": "“{found}” is a long number a spreadsheet has rounded; its last digits are lost. "
        "Set the column to text and take the number from the original again",
    },
    "intake.cell.too_large": {
        "zh": "“{found}”过大，不可能是真实的值。请核对",
        "en": "“{found}” is too large to be meant. Check it",
    },
    "intake.cell.too_many_decimals": {
        "zh": "“{found}”的小数超过两位，不到一分钱。请写到分为止",
        "en": "“{found}” has more than two decimals, less than a fen. Write it to the fen",
    },
    "intake.cell.not_date": {
        "zh": "“{found}”不是日期。请写成 2020-01-31（也可写 2020/1/31、20200131、2020年1月31日）",
        "en": "“{found}” is no day. Write it as 2020-01-31 (or 2020/1/31, 20200131, 2020年1月31日)",
    },
    "intake.cell.no_such_day": {
        "zh": "日历上没有“{found}”这一天",
        "en": "There is no day “{found}” in the calendar",
    },
    "intake.cell.not_month": {
        "zh": "“{found}”不是月份。请写成 2020-05（也可写 202005、2020年5月）",
        "en": "“{found}” is no month. Write it as 2020-05 (or 202005, 2020年5月)",
    },
    "intake.cell.out_of_range": {
        "zh": "“{found}”超出允许的范围 {low} 至 {high}",
        "en": "“{found}” is outside the range {low} to {high}",
    },
    "intake.cell.row_width": {
        "zh": "这一行有 {actual} 格，应有 {expected} 格。内容里若有分隔符，请给该格加引号",
        "en": "this row has {actual} cells instead of {expected}. "
        "A cell that holds the separator needs quotes",
    },
    "intake.cell.long_key": {
        "zh": "“{found}”作为编号过长（{length} 字节，最多 {most}）。多半是少了分隔符或引号",
        "en": "“{found}” is too long for an id ({length} bytes, at most {most}). "
        "A separator or a quote may be missing",
    },
    "intake.cell.formula_key": {
        "zh": "“{found}”像电子表格的公式，不是编号。请改成真实编号",
        "en": "“{found}” looks like a spreadsheet formula, not an id. Write the real id",
    },
    "intake.cell.blank_key": {
        "zh": "编号空白，不知是谁。请补上，或删去这一行",
        "en": "the key is blank, so nobody knows who is meant. Fill it in or remove the row",
    },
    "intake.cell.two_values": {
        "zh": "{thing} 的各行说法不一：“{found}”与“{other}”。请改成一致",
        "en": "the rows of {thing} say different things: “{found}” and “{other}”. Make them agree",
    },
    # -- snapshot: the columns of everybody on one day ------------------------------------------
    "snapshot.not_found": {
        "zh": "{path} 不是快照文件夹：里面没有 snapshot.json。请给出由本系统建立的快照文件夹。",
        "en": "{path} is no snapshot folder: there is no snapshot.json in it. "
        "Give a folder that was made as a snapshot.",
    },
    "snapshot.damaged": {
        "zh": "快照 {path} 已损坏：{file}（{why}）。"
        "快照不能修补，请由原始文件重建；未写入任何内容。",
        "en": "The snapshot {path} is damaged: {file} ({why}). A snapshot is never mended: "
        "build it again from the files it came from. Nothing was written.",
    },
    "snapshot.other_format": {
        "zh": "快照 {path} 的格式是 {format}，此版本读取格式 {ours}。请由原始文件重建。",
        "en": "The snapshot {path} has format {format}; this version reads format {ours}. "
        "Build it again from the files it came from.",
    },
    "snapshot.exists": {
        "zh": "{path} 已存在。快照建成后不再改动：请换一个名称，或先删除旧的。未写入任何内容。",
        "en": "{path} is there already. A snapshot is never changed: choose another name, "
        "or remove the old one first. Nothing was written.",
    },
    "snapshot.unwritable": {
        "zh": "无法在 {path} 建立快照：{why}。请检查文件夹的权限与磁盘空间；未留下任何内容。",
        "en": "The snapshot {path} cannot be written: {why}. "
        "Look at the folder's permissions and the space on the disk; nothing was left behind.",
    },
    "snapshot.no_id": {
        "zh": "{table}：{level}的第 {row} 条记录没有编号。每一条都要有编号；未写入任何内容。",
        "en": "{table}: record {row} of {level} has no id. Every record needs one; "
        "nothing was written.",
    },
    "snapshot.duplicate_id": {
        "zh": "{table}：{level}的编号 {id} 出现了两次：第 {first} 条和第 {second} 条记录"
        "（表头不算）。请改正其中一条；未写入任何内容。",
        "en": "{table}: the id {id} of {level} stands twice: records {first} and {second}, the "
        "headings not counted. Put one right or remove it; nothing was written.",
    },
    "snapshot.stray": {
        "zh": "{table}：有 {count} 条{level}不属于 {above_table} 里的任何{above}，"
        "例如 {id}（所属编号“{key}”）。请补上所属编号，或选择保留这些记录；未写入任何内容。",
        "en": "{table}: {count} of {level} belong to no {above} of {above_table}, such as {id} "
        "(which names “{key}”). "
        "Fill in where they belong, or ask to keep them; nothing was written.",
    },
    # -- bulk: answers of very many, written as they are computed -------------------------------
    "bulk.exists": {
        "zh": "{path} 已存在。请换一个名称，或先删除旧的结果。未写入任何内容。",
        "en": "{path} is there already. Choose another name, or remove the old result first. "
        "Nothing was written.",
    },
    "bulk.unwritable": {
        "zh": "结果无法写入 {path}：{why}。请检查文件夹的权限与磁盘空间；未留下任何内容。",
        "en": "The result cannot be written to {path}: {why}. "
        "Look at the folder's permissions and the space on the disk; nothing was left behind.",
    },
    "bulk.not_found": {
        "zh": "{path} 里没有“{level}”一级的打包答案。请给出打包形式的结果文件夹。",
        "en": "There are no packed answers about “{level}” in {path}. "
        "Give a folder that was written in the packed form.",
    },
}


class Refused(Exception):  # noqa: N818  a word for people, not for programmers
    """Something a person can put right; `code` and `details` are for programs.

    A detail whose Chinese differs is a Phrase, or stands a second time with “_zh” after its name.
    faults, if given, are refusals that are told one below the other as {list}.
    """

    #: Where the sentences of its codes stand.
    sentences: ClassVar[Mapping[str, Mapping[str, str]]] = SENTENCES

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(self.sentence("en"))

    def sentence(self, lang: str = "zh") -> str:
        """The refusal as one clear sentence in Chinese (zh) or English (en)."""
        told = self.told()
        details = dict(told)
        if lang == "zh":
            for name, value in told.items():
                details[name] = told.get(f"{name}_zh") or getattr(value, "zh", value)
        faults = self.details.get("faults")
        if isinstance(faults, list):
            details["list"] = "\n".join(f"- {f.sentence(lang)}" for f in faults[:MOST_TOLD])
        sentence = self.sentences[self.code][lang].format(**details)
        # A suggestion ends as a question; the sentence's own full stop is then one too many.
        return sentence.replace("?.", "?").replace("？。", "？")

    def told(self) -> Mapping[str, object]:
        """The details as people are told them."""
        return self.details

    def __reduce__(self) -> tuple[object, ...]:
        """Let a refusal travel between processes."""
        return _again, (type(self), self.code, self.details)


def _again(kind: type[Refused], code: str, details: dict[str, object]) -> Refused:
    return kind(code, **details)
