"""`yihu serve`: the desk of an installation, without demo county or demo people."""

from __future__ import annotations

from pathlib import Path

import click

from yihu.commands import installation
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import option, said

ZH = """\
启动工作台。第一次启动会建好数据库和密钥，但不建任何账号：没有默认密码。

先建立第一个管理员，再启动：
  yihu places load 区划.csv
  yihu worker add admin --name 管理员 --role administrator
  yihu serve --host 0.0.0.0 --port 8000

数据在 YIHU_HOME（默认 ./yihu-data）；数据库由 YIHU_DATABASE 指定（默认该文件夹里的 SQLite）。
供他人访问时，用 YIHU_HOSTS 写明网址里的主机名，用 --certificate 与 --key 启用 HTTPS，
并设 YIHU_HTTPS=1。
"""
EN = """\
Serve the desk. The first start makes the database and the keys, but no account: there is no
default password.

Make the first administrator, then serve:
  yihu places load divisions.csv
  yihu worker add admin --name Admin --role administrator
  yihu serve --host 0.0.0.0 --port 8000

Data is in YIHU_HOME (./yihu-data unless given); YIHU_DATABASE names the database (SQLite in that
folder unless given). For others to reach it, name the host in YIHU_HOSTS, give --certificate and
--key, and set YIHU_HTTPS=1.
"""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@spoken("serve", zh=ZH, en=EN)
@option(
    "--host", default="127.0.0.1", show_default=True, zh="监听的地址", en="address to listen on"
)
@option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, metavar="N",
    zh="端口", en="port",
)  # fmt: skip
@option(
    "--workers", type=click.IntRange(1, 64), metavar="N",
    zh="进程数（默认与处理器核数相同）", en="processes; as many as cores unless given",
)  # fmt: skip
@option("--certificate", type=FILE, zh="证书文件（PEM）", en="certificate file (PEM)")
@option("--key", type=FILE, zh="私钥文件（PEM）", en="private key file (PEM)")
def command(
    host: str, port: int, workers: int | None, certificate: Path | None, key: Path | None
) -> None:
    """Make ready what is missing and serve."""
    installation.require_free(host, port)
    installation.ready(serving=True)
    installation.migrate()
    _say_who_can_sign_in()
    installation.collect()
    pair = (certificate, key) if certificate and key else ()
    scheme = "https" if pair else "http"
    click.echo(said(f"工作台：{scheme}://{host}:{port}（Ctrl-C 停止）",
                    f"The desk: {scheme}://{host}:{port} (Ctrl-C stops it)"))  # fmt: skip
    installation.serve(
        host=host, port=port, workers=workers or installation.cores(), certificate=pair
    )


def _say_who_can_sign_in() -> None:
    from yihu.access.models import Worker  # noqa: PLC0415

    if Worker.objects.exists():
        return
    click.echo(
        said(
            "还没有任何账号。请先建立第一个管理员：yihu worker add admin --name 姓名 "
            "--role administrator",
            "Nobody can sign in yet. Make the first administrator: yihu worker add admin "
            "--name NAME --role administrator",
        )
    )
