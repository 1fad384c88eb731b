"""`yihu keys`: which keys seal what, a new one, and old ones dropped."""

from __future__ import annotations

import click

from yihu.commands import installation
from yihu.commands.progress import progress
from yihu.commands.speaking import Spoken, SpokenGroup, said

ZH = """\
密封证件号码、电话和银行卡号的密钥。

密钥文件 keys.json 在数据文件夹里，不在数据库和备份里；丢失后号码无法读出，请另存一份。

例：
  yihu keys show
  yihu keys renew      换新密钥，全部号码重新密封；中断后再运行即继续
  yihu keys drop       删除不再使用的旧密钥；更换前的备份以后要用当时的密钥才能读
"""
EN = """\
The keys that seal identity numbers, phones and bank cards.

They lie in keys.json in the data folder, neither in the database nor in backups. Without the file
the numbers cannot be read: keep a copy elsewhere.

Examples:
  yihu keys show
  yihu keys renew      a new key; all numbers are sealed again; stopped, run it again to go on
  yihu keys drop       drop old keys that seal nothing; earlier backups need the keys of their day
"""


@click.group("keys", cls=SpokenGroup, zh=ZH, en=EN)
def command() -> None:
    """Show, renew and drop keys."""


@command.command("show", cls=Spoken, zh="列出密钥及其用量。", en="List keys and what they seal.")
def show() -> None:
    """Say which keys seal how many values."""
    installation.ready()
    from yihu.book import dictionary  # noqa: PLC0415
    from yihu.card.renewing import keys_in_use  # noqa: PLC0415
    from yihu.sync import renewing as aside  # noqa: PLC0415

    keys, used = dictionary.keys(), keys_in_use() + aside.keys_in_use()
    for number in sorted(keys.ciphers):
        now = said("（现用）", " (in use)") if number == keys.now else ""
        count = used[number]
        click.echo(
            said(f"密钥 {number}{now}：{count:,} 个值", f"key {number}{now}: {count:,} values")
        )


@command.command("renew", cls=Spoken, zh="换新密钥，重新密封全部值。",
                 en="Make a new key and seal everything with it.")  # fmt: skip
def renew() -> None:
    """Make a new key and seal everything again, or go on where that was stopped."""
    installation.ready()
    from yihu.card import renewing  # noqa: PLC0415
    from yihu.sync import renewing as aside  # noqa: PLC0415

    keys = renewing.begin()
    with progress(said("重新密封", "Sealing")) as shown:
        count = renewing.seal_again(progress=shown)
    count += aside.seal_again()
    click.echo(
        said(
            f"{count:,} 个值已用密钥 {keys.now} 重新密封。请另存 keys.json；"
            "旧密钥不再使用，可用 yihu keys drop 删除。",
            f"{count:,} values are sealed with key {keys.now}. Keep a copy of keys.json; old keys "
            "seal nothing now and can be dropped with yihu keys drop.",
        )
    )


@command.command("drop", cls=Spoken, zh="删除不再使用的旧密钥。", en="Drop old keys in no use.")
def drop() -> None:
    """Drop old keys that seal nothing."""
    installation.ready()
    from yihu.card.renewing import drop_unused  # noqa: PLC0415
    from yihu.sync import renewing as aside  # noqa: PLC0415

    numbers = ", ".join(str(number) for number in drop_unused(aside.keys_in_use()))
    if numbers:
        click.echo(said(f"已删除密钥 {numbers}。", f"Keys dropped: {numbers}."))
    else:
        click.echo(said("没有可删除的密钥。", "There is no key to drop."))
