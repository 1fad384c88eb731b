"""What holds where the desk is reached by others: HTTPS, headers, one gate for every query."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests import people
from tools.docs import ROOT


def test_django_finds_nothing_to_say_about_an_installation_with_https(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("YIHU_")}
    settings = {"YIHU_HOME": str(tmp_path), "YIHU_HTTPS": "1", "YIHU_HOSTS": "desk.example.org"}

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, **settings},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.django_db
def test_every_page_forbids_what_does_not_come_from_here():
    client = Client()
    client.force_login(people.dou())

    answer = client.get("/people/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert all(cookie["httponly"] for name, cookie in answer.cookies.items() if "session" in name)


def test_no_page_asks_a_table_behind_the_back_of_the_scope():
    """`Model.objects` anywhere in yihu/web would be a query nobody's place limits."""
    wrong = []
    for path in sorted((ROOT / "yihu" / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
                of = ast.unparse(node.value)
                if of not in UNSCOPED:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")

    assert wrong == []


#: Tables of which only a count or the newest moment is asked, or the locks and second factors of
#: a worker whom the scope already gave; never a row about a household.
UNSCOPED = {"Session", "AccessAttempt", "Authenticator"}


def test_uploads_and_forms_have_a_largest_size(settings):
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= 20 * 1024 * 1024
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert settings.LARGEST_UPLOAD <= 500 * 1024 * 1024
    assert settings.SESSION_COOKIE_AGE <= 24 * 60 * 60


def test_no_account_has_a_password_anybody_knows(django_user_model, db):
    assert not django_user_model.objects.exists()
