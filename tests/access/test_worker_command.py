"""`yihu worker add`: the account and its post are made together, or not at all."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests import makers
from yihu.access.models import Post, Worker
from yihu.commands.worker import command
from yihu.problems import Problem

pytestmark = pytest.mark.django_db


def add(name, *words):
    return CliRunner().invoke(command, ["add", name, "--name", "甲", "--one-time", *words])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--role", "nonsense"], "access.no_such_role"),
        (["--role", "department"], "access.no_department"),
        (["--role", "department", "--department", "水管科"], "access.no_such_department"),
        (["--role", "village", "--place", "999999"], "places.not_found"),
    ],
)
def test_a_post_that_cannot_be_leaves_no_account_behind(words, code):
    makers.place("county")

    ended = add("jia", *words)

    assert isinstance(ended.exception, Problem)
    assert ended.exception.code == code
    assert not Worker.objects.exists()


@pytest.mark.parametrize("called", ["education", "教育局", "Education"])
def test_a_department_is_named_as_it_is_called_and_the_post_is_said(called):
    county = makers.place("county")

    ended = add("jia", "--role", "department", "--department", called)

    assert ended.exit_code == 0, ended.output
    post = Post.objects.get()
    assert (post.department, post.place) == ("education", county)
    assert county.name in ended.output
