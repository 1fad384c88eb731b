"""`yihu worker`: accounts from the machine itself; the first administrator is made here."""

from __future__ import annotations

from typing import Any

import click

from yihu.commands import installation
from yihu.commands.speaking import Spoken, SpokenGroup, argument, option, said
from yihu.problems import Problem

ZH = """\
建立和管理人员账号。

第一个管理员在这里建立；以后的账号由管理员在网页上建立。没有默认密码：不输入密码时，打印一个
一次性密码，第一次登录就要更换。

例：
  yihu worker add admin --name 张三 --role administrator
  yihu worker password admin
"""
EN = """\
Make and keep the accounts of those who work here.

The first administrator is made here, all others on the desk. There is no default password: without
one typed in, a one-time password is printed that has to be changed at the first sign-in.

Examples:
  yihu worker add admin --name Ann --role administrator
  yihu worker password admin
"""


@click.group("worker", cls=SpokenGroup, zh=ZH, en=EN)
def command() -> None:
    """Make and keep accounts."""


@command.command(
    "add",
    cls=Spoken,
    zh="建立账号；给出 --role 时同时任命。",
    en="Make an account; with --role, appoint.",
)
@argument("username", metavar="USERNAME", zh="登录名", en="name to sign in with")
@option("--name", required=True, metavar="NAME", zh="姓名", en="the person's name")
@option("--unit", default="", metavar="UNIT", zh="单位", en="where the person works")
@option(
    "--role", default="", metavar="ROLE", zh="岗位，如 administrator", en="role, as administrator"
)
@option("--place", "code", default="", metavar="CODE",
        zh="岗位所在地的代码（默认最高一级）",
        en="code of its place; the highest unless given")  # fmt: skip
@option("--department", default="", metavar="NAME",
        zh="部门：短名或名称，如 education、教育局",
        en="department, by its short name or what it is called")  # fmt: skip
@option("--one-time", is_flag=True, zh="不输入密码，打印一次性密码",
        en="ask for no password, print a one-time one")  # fmt: skip
def add(username: str, name: str, unit: str, one_time: bool, **post: str) -> None:
    """Make an account and say how to sign in."""
    installation.ready()
    installation.migrate()
    from django.db import transaction  # noqa: PLC0415

    from yihu.access import actions  # noqa: PLC0415
    from yihu.access.roles import ROLES  # noqa: PLC0415

    place = _place(post["code"]) if post["role"] else None
    post["department"] = _department(post["department"])
    given = "" if one_time else _asked()
    with transaction.atomic():
        worker, password = actions.make_worker(
            username=username, name=name, unit=unit, password=given
        )
        if place is not None:
            _appoint(worker, place, post)
    click.echo(said(f"已建立账号：{username}（{name}）", f"Account made: {username} ({name})"))
    if place is not None:
        role = ROLES[post["role"]]
        click.echo(said(f"岗位：{role.zh}，{place.name}（{place.code}）",
                        f"Post: {role.en} at {place.name} ({place.code})"))  # fmt: skip
    if not given:
        _say_one_time(password)


@command.command(
    "password", cls=Spoken, zh="换成新的一次性密码。", en="Give a new one-time password."
)
@argument("username", metavar="USERNAME", zh="登录名", en="name to sign in with")
def password(username: str) -> None:
    """Give a new one-time password and lift a lock-out."""
    installation.ready()
    from axes.utils import reset  # noqa: PLC0415

    from yihu.access import actions  # noqa: PLC0415
    from yihu.access.models import Worker  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    worker = Worker.objects.filter(username=username).first()
    if worker is None:
        raise Problem("access.no_such_worker", found=username)
    reset(username=username)
    _say_one_time(actions.renew_password(worker, now=this_moment().now))


def _asked() -> str:
    asked: str = click.prompt(
        said("密码（留空则打印一次性密码）", "Password (empty: print a one-time one)"),
        default="", hide_input=True, show_default=False,
    )  # fmt: skip
    if asked and asked != click.prompt(said("再输入一次", "Once more"), hide_input=True):
        raise Problem("access.passwords_differ")
    return asked


def _place(code: str) -> Any:
    from yihu.places.models import Place  # noqa: PLC0415

    rows = Place.objects.filter(code=code) if code else Place.objects.filter(parent=None)
    found = rows.first()
    if found is None:
        raise Problem("places.not_found" if code else "places.none", found=code)
    return found


def _department(text: str) -> str:
    """The short name of a department, from that or from what it is called in either language.

    Raises  Problem (access.no_such_department)
    """
    from yihu.ledger.topics import SAME, lists  # noqa: PLC0415

    known = lists().departments
    called = {word: name for name, of in known.items() for word in (of.zh, of.en.casefold())}
    name = SAME.get(text, text)
    found = name if name in known else called.get(text, called.get(text.casefold(), ""))
    if text and not found:
        listed = ", ".join(f"{each} ({of.zh})" for each, of in sorted(known.items()))
        raise Problem("access.no_such_department", found=text[:40], known=listed)
    return found


def _appoint(worker: Any, place: Any, post: dict[str, str]) -> None:
    from yihu.access import actions  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    actions.appoint(
        worker, role=post["role"], place=place, department=post["department"],
        since=this_moment().today,
    )  # fmt: skip


def _say_one_time(password: str) -> None:
    click.echo(
        said(
            f"一次性密码：{password}（第一次登录时必须更换；此后不再显示）",
            f"One-time password: {password} (to be changed at the first sign-in; not shown again)",
        )
    )
