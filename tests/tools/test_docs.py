"""The generated pages: what they take from a file."""

from __future__ import annotations

from tools.docs import first_sentence, map_page


def test_the_map_takes_the_first_paragraph_on_one_line():
    assert first_sentence('"""Owns the book,\nand nothing else.\n\nMore.\n"""\n') == (
        "Owns the book, and nothing else."
    )


def test_a_bar_in_a_sentence_does_not_break_the_table():
    assert first_sentence('"""holds | fails"""\n') == r"holds \| fails"


def test_the_map_names_this_file():
    page = map_page()

    assert "## tests/tools\n" in page
    assert "| `test_docs.py` | The generated pages: what they take from a file. |" in page
