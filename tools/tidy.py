"""The project's own rules that no linter knows: hosts, paths, sizes, docstrings, dependencies.

Each finding is one line: where, what, and what to do. A file or function over its size is a
question; the answer, when it is "yes, it has to be", stands in tools/tidy.toml with its reason.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST_FILE = 1_000_000  # bytes
LONGEST_FILE = 400  # lines
LONGEST_FUNCTION = 45  # lines, from `def` to the last statement, without the docstring

HOSTS = re.compile(
    r"\b(pypi[.]org|python[h]osted|npm(js)?[.](org|com)|registry[.]yarn|deb[.]debian"
    r"|(mirrors?|registry|pkg)[.][a-z0-9-]+[.](com|cn|org|net|dev|edu))\b",
    re.IGNORECASE,
)
PATHS = re.compile(r"(?<![\w.~$}*-])/(work|root|home|Users|tmp/\w+)/[\w.-]")
LOCKED_ADDRESS = re.compile(r'://|"resolved"|--(extra-)?index-url|--find-links')


@dataclass(frozen=True)
class Allowed:
    """Exceptions, each with its reason: large files, long files, long functions."""

    large: dict[str, str]
    long: dict[str, str]
    paths: dict[str, str]


def main() -> int:
    """Print what is out of order; return 1 if anything is, else 0."""
    allowed = read_allowed(ROOT / "tools" / "tidy.toml")
    found = [*_dependencies_differ(), *_code_among_rulebooks()]
    for name in _files():
        found += look_at(name, (ROOT / name).read_bytes(), allowed)
    print("\n".join(found) if found else "tidy: nothing to say")
    return 1 if found else 0


def read_allowed(path: Path) -> Allowed:
    """Read the list of exceptions."""
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    return Allowed(lists.get("large", {}), lists.get("long", {}), lists.get("paths", {}))


def look_at(name: str, content: bytes, allowed: Allowed) -> list[str]:
    """Return what is out of order in one file of that name and content."""
    found = []
    if len(content) > LARGEST_FILE and name not in allowed.large:
        found.append(
            f"{name}: {len(content):,} bytes; over {LARGEST_FILE:,} it needs a reason"
            " under [large] in tools/tidy.toml"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return found
    found += _addresses(name, text, allowed)
    # Changes of tables are written by a command and read by one.
    if name.endswith(".py") and not re.fullmatch(r"yihu/migrations/\d.*", name):
        found += _python(name, text, allowed)
    return found


def _addresses(name: str, text: str, allowed: Allowed) -> Iterator[str]:
    locked = name == "package-lock.json" or re.fullmatch(r"requirements/.*\.txt", name)
    for number, line in enumerate(text.splitlines(), 1):
        if HOSTS.search(line):
            yield f"{name}:{number}: names a package registry; leave the address out"
        if PATHS.search(line) and name not in allowed.paths:
            yield f"{name}:{number}: names a folder of one machine; make it relative"
        if locked and LOCKED_ADDRESS.search(line) and '"url"' not in line:
            yield f"{name}:{number}: a lock file records no address; write it with: make lock"


def _python(name: str, text: str, allowed: Allowed) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError as wrong:
        yield f"{name}:{wrong.lineno}: cannot be read by the oldest Python we serve: {wrong.msg}"
        return
    if not ast.get_docstring(tree):
        yield f"{name}: no docstring; open the file by saying what it owns"
    lines = text.count("\n")
    yield from _size(name, lines, LONGEST_FILE, allowed)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _size(f"{name}:{node.name}", body_lines(node), LONGEST_FUNCTION, allowed)


def _size(name: str, lines: int, most: int, allowed: Allowed) -> Iterator[str]:
    if lines > most and name not in allowed.long:
        yield (
            f"{name}: {lines} lines; over {most} it is either two things, or it needs a reason"
            " under [long] in tools/tidy.toml"
        )
    if lines <= most and name in allowed.long:
        yield f"{name}: {lines} lines now; take it out of [long] in tools/tidy.toml"


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function from its `def` to its end, its docstring not counted."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _dependencies_differ() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = (ROOT / "requirements" / "base.in").read_text(encoding="utf-8").splitlines()
    asked = {line for line in listed if line and not line.startswith(("#", "-"))}
    for name in sorted(asked ^ set(project["dependencies"])):
        yield f"pyproject.toml, requirements/base.in: {name} stands in only one of them"


def _code_among_rulebooks() -> Iterator[str]:
    for file in sorted((ROOT / "yihu" / "rulebooks").rglob("*.py")):
        yield f"{file.relative_to(ROOT).as_posix()}: yihu/rulebooks is data only; no code"


def _files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


if __name__ == "__main__":
    sys.exit(main())
