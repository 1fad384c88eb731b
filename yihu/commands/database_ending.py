"""What a database says when it cannot go on → what it means and what to do."""

from __future__ import annotations

import re

from yihu.commands.speaking import Said
from yihu.databases import BadAddressError

# What is in the database's own sentence, looked for from the top.
_FOUND: tuple[tuple[str, Said], ...] = (
    (
        r"disk is full|No space left",
        Said(
            "磁盘已满，数据库写不下。请腾出空间后重试；已确认写入的内容都还在。",
            "The disk is full and the database cannot write. Make room and try again; all that "
            "was acknowledged is still there.",
        ),
    ),
    (
        r"permission denied for (schema|database|table|relation|sequence)",
        Said(
            "数据库账号没有建表的权限（{why}）。请让它成为数据库的所有者："
            "ALTER DATABASE 库名 OWNER TO 账号; 未改动任何内容。",
            "The account may not make tables in the database ({why}). Let it own the database: "
            "ALTER DATABASE name OWNER TO account; nothing was changed.",
        ),
    ),
    (
        r"readonly database|unable to open database file|permission denied",
        Said(
            "本账号不能打开或写入数据库。请检查 YIHU_HOME 文件夹及其中文件的权限；未改动任何内容。",
            "This account may not open or write the database. Look at who may write the folder "
            "YIHU_HOME and what is in it; nothing was changed.",
        ),
    ),
    (
        r"no such (table|column)|(relation|column) .* does not exist",
        Said(
            "YIHU_HOME 所指的文件夹或 YIHU_DATABASE 所指的数据库里还没有工作台，或版本较旧。请检查"
            "这两个设置；若要在此新建或升级，请先运行一次 yihu serve。未改动任何内容。",
            "In the folder YIHU_HOME or the database YIHU_DATABASE there is no desk yet, or an "
            "older one. Look at these two; to make or bring one up to date here, run yihu serve "
            "once. Nothing was changed.",
        ),
    ),
    (
        r"database is locked",
        Said(
            "另一个程序长时间占用数据库。请关闭它后重试；这一次未写入任何内容。",
            "Another program holds the database for long. Close it and try again; nothing was "
            "written this time.",
        ),
    ),
    (
        r"not a database|disk image is malformed",
        Said(
            "数据库文件已损坏，或不是 yihu 的数据库。请用 yihu restore 在空文件夹里恢复备份。",
            "The database file is damaged or none of yihu's. Restore a backup in an empty folder "
            "with yihu restore.",
        ),
    ),
    (
        r"connection (failed|is bad|timeout)|server closed|terminating conn|failed to resolve",
        Said(
            "YIHU_DATABASE 所指的数据库没有应答（{why}）。请检查地址、账号和数据库是否在运行；"
            "已确认写入的内容都还在。",
            "The database of YIHU_DATABASE does not answer ({why}). Look at the address and the "
            "account, and whether it runs; all that was acknowledged is still there.",
        ),
    ),
)
_ADDRESS = Said(
    "YIHU_DATABASE 写得不对：{why}。应写成 postgresql://user:password@host:port/name。未改动任何内容。",
    "YIHU_DATABASE is not written right: {why}; expected "
    "postgresql://user:password@host:port/name. Nothing was changed.",
)


def database_sentence(defect: BaseException) -> str | None:
    """The sentence for an error of a database, or None where it is none or nobody can help it."""
    if isinstance(defect, BadAddressError):
        return _ADDRESS.now().format(why=defect)
    if type(defect).__module__.partition(".")[0] not in ("sqlite3", "psycopg", "django"):
        return None
    why = str(defect).strip().splitlines()
    for pattern, sentence in _FOUND:
        if why and re.search(pattern, str(defect), re.IGNORECASE):
            return sentence.now().format(why=why[0].strip())
    return None
