"""The examples in the docstrings of the engine are true."""

import doctest
import importlib
import pkgutil

import pytest

import yihu.rulebook

MODULES = sorted(m.name for m in pkgutil.walk_packages(yihu.rulebook.__path__, "yihu.rulebook."))


def module_of(name):
    if ".cluster" in name:
        pytest.importorskip("pyspark")
    return importlib.import_module(name)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    assert doctest.testmod(module_of(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    found = [len(t.examples) for name in MODULES for t in finder.find(module_of(name))]

    assert sum(found) >= 8
