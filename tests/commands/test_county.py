"""`yihu county` on the command line."""

from __future__ import annotations

from click.testing import CliRunner

from yihu.commands import main


def run(*words: str):
    return CliRunner().invoke(main, ["county", *words])


def test_it_writes_a_file_for_each_level_and_says_where(tmp_path):
    result = run("--seed", "1", "--people", "300", "--out", str(tmp_path / "c"))

    written = sorted(path.name for path in (tmp_path / "c").iterdir())
    assert result.exit_code == 0
    assert "300 人" in result.output
    assert written == [
        "counties.parquet", "households.parquet", "persons.parquet", "synthetic.json",
        "townships.parquet", "villages.parquet",
    ]  # fmt: skip
    assert all(
        f"{tmp_path / 'c' / name}" in result.output for name in written if "json" not in name
    )


def test_it_speaks_english(tmp_path):
    result = run("--lang", "en", "--people", "50", "--out", str(tmp_path / "c"), "--form", "csv")

    assert result.exit_code == 0
    assert result.output.startswith("Synthetic: 50 persons")


def test_help_has_examples_in_both_languages():
    chinese, english = run("--help"), run("--lang", "en", "--help")

    assert "人人虚构" in chinese.output
    assert "who do not exist" in english.output
    assert all("yihu county --seed 1 --people 2000" in one.output for one in (chinese, english))


def test_a_folder_of_somebody_else_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    result = run("--people", "50", "--out", str(tmp_path))

    assert result.exit_code == 2
    assert "synthetic.json" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_no_people_are_refused(tmp_path):
    result = run("--people", "0", "--out", str(tmp_path / "c"))

    assert result.exit_code == 2
    assert not (tmp_path / "c").exists()
