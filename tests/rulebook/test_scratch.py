"""Folders for half-done work: gone when it ends, and cleared by the next run when it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from yihu.rulebook.snapshot.scratch import ENDING, scratch

HOLDS = """
import sys, time
from pathlib import Path
from yihu.rulebook.snapshot.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "half.csv").write_text("half")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def running(tmp_path):
    """Another run that holds a folder for a result in the same place."""
    run = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "其他.csv")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline().strip()
    yield run
    run.kill()
    run.communicate()


def test_a_folder_is_gone_when_its_work_has_ended(tmp_path):
    with scratch(tmp_path / "out.csv") as folder:
        (folder / "half.csv").write_text("half")
        assert folder.parent == tmp_path

    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_gone_when_its_work_fails(tmp_path):
    def stopped():
        with scratch(tmp_path / "out.csv") as folder:
            (folder / "half.csv").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()

    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_run_is_cleared_by_the_next(tmp_path, running):
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=30)
    assert len(list(tmp_path.iterdir())) == 1

    with scratch(tmp_path / "out.csv") as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_the_folder_of_a_living_run_stays(tmp_path, running):
    others = list(tmp_path.iterdir())

    with scratch(tmp_path / "out.csv"):
        pass

    assert list(tmp_path.iterdir()) == others
    assert (others[0] / "half.csv").read_text() == "half"


def test_what_only_looks_alike_is_never_removed(tmp_path):
    mine = tmp_path / f".mine{ENDING}"
    mine.mkdir()
    (mine / "letter.txt").write_text("not yours")
    (tmp_path / f".link{ENDING}").symlink_to(mine)
    (tmp_path / f".file{ENDING}").write_text("a file")

    with scratch(tmp_path / "out.csv"):
        pass

    assert len(list(tmp_path.iterdir())) == 3
    assert (mine / "letter.txt").read_text() == "not yours"


def test_a_long_name_still_finds_a_folder(tmp_path):
    with scratch(tmp_path / ("长" * 85)) as folder:
        assert folder.is_dir()
