"""`yihu serve`: the desk of an installation, without demo county or demo people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yihu.commands import installation
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import option, said
from yihu.problems import Problem

if TYPE_CHECKING:
    from yihu.commands.serve_tls import Network

ZH = """\
启动工作台。第一次启动会建好数据库和密钥，但不建任何账号：没有默认密码。

先建立第一个管理员，再启动：
  yihu places load 区划.csv
  yihu worker add admin --name 管理员 --role administrator
  yihu serve --host 0.0.0.0 --port 8000

手机要用 HTTPS。在县里自己的局域网：
  yihu serve --tls
它自制证书，并在另一个端口开一页，帮手机扫码、信任、打开。已有证书的：
  yihu serve --host 0.0.0.0 --certificate cert.pem --key key.pem

数据在 YIHU_HOME（默认 ./yihu-data）；数据库由 YIHU_DATABASE 指定（默认该文件夹里的 SQLite）。
供他人访问时，用 YIHU_HOSTS 写明网址里的主机名；在反向代理后面时设 YIHU_HTTPS=1。
"""
EN = """\
Serve the desk. The first start makes the database and the keys, but no account: there is no
default password.

Make the first administrator, then serve:
  yihu places load divisions.csv
  yihu worker add admin --name Admin --role administrator
  yihu serve --host 0.0.0.0 --port 8000

Phones need HTTPS. In a county's own network:
  yihu serve --tls
makes a certificate, and opens a page at another port that helps phones to scan, trust and open.
With a certificate that is there already:
  yihu serve --host 0.0.0.0 --certificate cert.pem --key key.pem

Data is in YIHU_HOME (./yihu-data unless given); YIHU_DATABASE names the database (SQLite in that
folder unless given). For others to reach it, name the host in YIHU_HOSTS; behind a proxy with TLS
set YIHU_HTTPS=1.
"""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@spoken("serve", zh=ZH, en=EN)
@option("--host", metavar="ADDRESS",
        zh="监听的地址（默认 127.0.0.1；有 --tls 时为 0.0.0.0）",
        en="address to listen on (127.0.0.1; with --tls 0.0.0.0)")  # fmt: skip
@option(
    "--port", type=click.IntRange(1, 65535), metavar="N",
    zh="端口（默认 8000；有 --tls 时为 8443）", en="port (8000; with --tls 8443)",
)  # fmt: skip
@option(
    "--workers", type=click.IntRange(1, 64), metavar="N",
    zh="进程数（默认与处理器核数相同）", en="processes; as many as cores unless given",
)  # fmt: skip
@option("--certificate", type=FILE, zh="证书文件（PEM）", en="certificate file (PEM)")
@option("--key", type=FILE, zh="私钥文件（PEM）", en="private key file (PEM)")
@option(
    "--tls", is_flag=True, zh="为局域网自制证书，用 HTTPS，并开手机帮助页",
    en="HTTPS with a certificate made for the local network, and a page that helps phones",
)  # fmt: skip
@option(
    "--name", "names", multiple=True, metavar="NAME",
    zh="证书里还要写的主机名或 IP 地址", en="host name or address the certificate names too",
)  # fmt: skip
@option(
    "--phones-port", type=click.IntRange(1, 65535), default=8080, show_default=True, metavar="N",
    zh="手机帮助页的端口（HTTP）", en="port of the page that helps phones (HTTP)",
)  # fmt: skip
def command(
    host: str | None, port: int | None, workers: int | None, certificate: Path | None,
    key: Path | None, tls: bool, names: tuple[str, ...], phones_port: int,
) -> None:  # fmt: skip
    """Make ready what is missing and serve."""
    from yihu.commands import serve_tls  # noqa: PLC0415  help waits for no certificates

    pair = serve_tls.require_pair(certificate, key)
    if tls and pair:
        raise Problem("desk.two_certificates")
    host = host or ("0.0.0.0" if tls else "127.0.0.1")  # noqa: S104  phones come from outside
    port = port or (8443 if tls else 8000)
    installation.require_free(host, port)
    if pair:
        os.environ.setdefault("YIHU_HTTPS", "lan")
    network = _network(host, port, phones_port, names) if tls else None
    installation.ready(serving=True)
    installation.migrate()
    _say_who_can_sign_in()
    installation.collect()
    if network is not None:
        _open_door(network, host)
        network.say()
    else:
        scheme = "https" if pair else "http"
        click.echo(said(f"工作台：{scheme}://{host}:{port}（Ctrl-C 停止）",
                        f"The desk: {scheme}://{host}:{port} (Ctrl-C stops it)"))  # fmt: skip
    installation.serve(
        host=host, port=port, workers=workers or installation.cores(),
        certificate=(network.kept.file,) * 2 if network else pair or (),
        again=network.again if network else None,
    )  # fmt: skip


def _network(host: str, port: int, phones_port: int, names: tuple[str, ...]) -> Network:
    """The certificate, before anything is read that has to know it."""
    from yihu.commands.serve_tls import Network  # noqa: PLC0415

    if port == phones_port:
        raise Problem("desk.same_port", port=port)
    installation.require_free(host, phones_port, option="--phones-port")
    return Network(installation.home() / "tls", list(names), port, phones_port)


def _open_door(network: Network, host: str) -> None:
    """The page for phones, in a process of its own: forked, so no connection may be open."""
    from django.db import connections  # noqa: PLC0415

    from yihu.lan import porter  # noqa: PLC0415

    connections.close_all()
    porter.begin(host, network.phones_port, network.welcome, network.kept, network.renew)


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
