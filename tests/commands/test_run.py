"""`yihu run` and `yihu serve`: what is made at the first start, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

YIHU = [sys.executable, "-m", "yihu.commands", "--lang", "en"]


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("YIHU_", "DJANGO_"))}
    return {**kept, "YIHU_HOME": str(home), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def begun(words: list[str], home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*YIHU, *words],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def answered(address: str, *, seconds: float = 60) -> str:
    """What the address answers, once it does."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                return str(reply.read().decode())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def stopped(server: subprocess.Popen[str]) -> str:
    server.send_signal(signal.SIGINT)
    said, _ = server.communicate(timeout=60)
    return said


def test_a_first_start_has_no_account_and_says_how_to_make_one(tmp_path: Path) -> None:
    port = free_port()
    server = begun(["serve", "--port", str(port), "--workers", "1"], tmp_path)

    health = answered(f"http://127.0.0.1:{port}/health")
    said = stopped(server)

    assert health == "ok"
    assert "yihu worker add admin" in said
    assert server.returncode == 0, said
    assert not (tmp_path / "demo.json").exists()
    for secret in ("secret", "keys.json"):
        path = tmp_path / secret
        assert not path.exists() or path.stat().st_mode & 0o077 == 0


def test_an_address_in_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        server = begun(["run", "--port", str(door.getsockname()[1])], tmp_path / "home")

        said, _ = server.communicate(timeout=60)

    assert server.returncode == 2
    assert "cannot be used" in said
    assert not (tmp_path / "home").exists()


def test_a_folder_with_accounts_of_its_own_never_becomes_a_demo(tmp_path: Path) -> None:
    added = subprocess.run(
        [*YIHU, "worker", "add", "admin", "--name", "Ann", "--one-time"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    server = begun(["run", "--port", str(free_port())], tmp_path)

    said, _ = server.communicate(timeout=60)

    assert added.returncode == 0, added.stderr
    assert server.returncode == 2
    assert "installation of your own" in said
    assert not (tmp_path / "demo.json").exists()


def test_the_mark_of_a_demo_says_what_day_it_is(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(json.dumps({"today": "2020-10-17"}))

    seen = subprocess.run(
        [sys.executable, "-c", "from yihu import settings as s; print(s.DEMO, s.TODAY)"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    assert seen.stdout.split() == ["True", "2020-10-17"]
