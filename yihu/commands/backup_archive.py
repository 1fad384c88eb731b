"""The archive of a backup: one zip with the database, the files of evidence and a manifest.

`manifest.json` names every member with its SHA-256 and size and is written last; what it does not
name is not part of the backup. Keys are never in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from yihu.problems import Problem

MANIFEST = "manifest.json"
SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"
PIECE = 1024 * 1024
#: Which of the shapes of an archive this is.
FORMAT = 1


@dataclass(slots=True)
class Writing:
    """An archive being written: members as they come, the manifest at the end."""

    zip: zipfile.ZipFile
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, path: Path, *, squeeze: bool) -> str:
        """Put a file in; returns its SHA-256. squeeze: not for pictures, which are squeezed."""
        info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
        info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as source, self.zip.open(info, "w", force_zip64=True) as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.members[name] = {"sha256": digest.hexdigest(), "size": size}
        return digest.hexdigest()

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write the manifest."""
        manifest = {"format": FORMAT, **about, "members": self.members}
        self.zip.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """An archive that stands under its name only when it is whole and on the disk."""
    rough = path.with_name(f".{path.name}.part")
    try:
        with rough.open("wb") as file:
            with zipfile.ZipFile(file, "w", compresslevel=1) as archive:
                yield Writing(archive)
            file.flush()
            os.fsync(file.fileno())
        rough.rename(path)
    finally:
        rough.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """An archive and its manifest. Raises Problem (backup.not_one)."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise Problem("backup.not_one", path=path)
            yield archive, manifest
    except (zipfile.BadZipFile, KeyError, ValueError) as wrong:
        raise Problem("backup.not_one", path=path) from wrong


def take_out(
    archive: zipfile.ZipFile, manifest: Mapping[str, Any], name: str, target: Path
) -> None:
    """Write one member to a file, found to be what was put in. Raises Problem (backup.damaged)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), manifest["members"][name]["size"]
    try:
        with archive.open(name) as source, target.open("wb") as file:
            while piece := _read(source):
                left -= len(piece)
                if left < 0:
                    # What unpacks to more than was put in would fill the disk before its sum.
                    raise Problem("backup.damaged", name=name)
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, KeyError, EOFError) as wrong:
        raise Problem("backup.damaged", name=name) from wrong
    if digest.hexdigest() != manifest["members"][name]["sha256"]:
        raise Problem("backup.damaged", name=name)


def _read(source: IO[bytes]) -> bytes:
    return source.read(PIECE)


# --- databases ------------------------------------------------------------------------------------


def copy_sqlite(source: Path, target: Path) -> None:
    """One consistent copy of a database in use: readers and the writer go on meanwhile."""
    here, there = sqlite3.connect(source), sqlite3.connect(target)
    try:
        # All pages in one step: one read transaction, which in WAL holds nobody up.
        here.backup(there, pages=-1)
        # The copy is one file, without a log beside it.
        there.execute("PRAGMA journal_mode=DELETE")
    finally:
        there.close()
        here.close()


def dump_postgresql(settings: Mapping[str, Any], target: Path) -> None:
    """One consistent copy by pg_dump. Raises Problem (backup.no_program, backup.program_failed)."""
    _run("pg_dump", settings, ["--format=custom", "--compress=0", "--no-owner", f"--file={target}"])


def load_postgresql(settings: Mapping[str, Any], dump: Path) -> None:
    """Fill an empty database, all or nothing."""
    _run(
        "pg_restore", settings,
        ["--no-owner", "--exit-on-error", "--single-transaction", str(dump)], into=True,
    )  # fmt: skip


def _run(name: str, settings: Mapping[str, Any], options: list[str], *, into: bool = False) -> None:
    program = shutil.which(name)
    if program is None:
        raise Problem("backup.no_program", program=name)
    # The password travels in the environment: a command line can be read by everybody.
    known = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    # A socket's folder stands among the options of an address: postgresql://user@/name?host=…
    given = {**settings, "HOST": settings.get("HOST") or settings["OPTIONS"].get("host")}
    address = {of: str(given[key]) for of, key in known.items() if given.get(key)}
    database = [f"--dbname={settings['NAME']}"] if into else [str(settings["NAME"])]
    done = subprocess.run(  # noqa: S603  the program was found on the path; no shell
        [program, *options, *database], env={**os.environ, **address}, capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines()
        raise Problem("backup.program_failed", program=name, why=why[-1] if why else "")
