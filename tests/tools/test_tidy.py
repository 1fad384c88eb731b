"""The project's own rules: each is shown to find what it forbids and to leave the rest alone."""

from __future__ import annotations

import ast

import pytest

from tools.tidy import LARGEST_FILE, Allowed, body_lines, look_at

NOTHING_ALLOWED = Allowed(large={}, long={}, paths={})


def found(name: str, text: str, allowed: Allowed = NOTHING_ALLOWED) -> list[str]:
    return look_at(name, text.encode(), allowed)


@pytest.mark.parametrize(
    "host",
    [
        "pypi" + ".org",
        "files.python" + "hosted.org",
        "registry.npm" + "js.org",
        "mirrors." + "example.com",
    ],
)
def test_the_name_of_a_package_registry_is_found(host):
    (finding,) = found("README.md", f"one\nsee https://{host}/simple\n")

    assert finding.startswith("README.md:2: ")


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
def test_a_folder_of_one_machine_is_found(folder):
    assert found("docs/how.md", f"open /{folder}/mei/data\n")
    assert not found("docs/how.md", f"open data/{folder}/mei\n")


def test_a_lock_file_with_an_address_is_found():
    assert found("requirements/base.txt", "--index-url somewhere\n")
    assert found("package-lock.json", '"resolved": "x"\n')
    assert not found("requirements/base.in", "# https://example.test\n")


def test_a_module_without_a_docstring_is_found():
    assert found("yihu/x.py", "x = 1\n") == [
        "yihu/x.py: no docstring; open the file by saying what it owns"
    ]
    assert not found("yihu/x.py", '"""Owns x."""\nx = 1\n')


def test_a_file_that_the_oldest_python_cannot_read_is_found():
    (finding,) = found("yihu/x.py", '"""Owns x."""\ndef broken(:\n')

    assert finding.startswith("yihu/x.py:2: ")


def test_a_large_file_needs_a_reason():
    heavy = "x" * (LARGEST_FILE + 1)

    assert len(found("survey.csv", heavy)) == 1
    assert not found("survey.csv", heavy, Allowed({"survey.csv": "the real example"}, {}, {}))


def test_a_long_file_needs_a_reason_and_loses_it_when_short():
    long = '"""Owns x."""\n' + "x = 1\n" * 400
    reason = Allowed({}, {"yihu/x.py": "one table"}, {})

    assert len(found("yihu/x.py", long)) == 1
    assert not found("yihu/x.py", long, reason)
    assert len(found("yihu/x.py", '"""Owns x."""\n', reason)) == 1


def test_a_docstring_does_not_make_a_function_long():
    plain = ast.parse("def f():\n    return 1\n").body[0]
    told = ast.parse('def f():\n    """Say.\n\n    More.\n    """\n    return 1\n').body[0]

    assert isinstance(plain, ast.FunctionDef)
    assert isinstance(told, ast.FunctionDef)
    assert body_lines(plain) == body_lines(told) == 2
