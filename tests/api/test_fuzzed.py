"""The API under what nobody would send: no request it describes, and none it does not, is a 5xx."""

from __future__ import annotations

from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

from tests import makers, people
from tests.soak import SOAK
from yihu.access.actions import make_token
from yihu.loop import this_moment
from yihu.wsgi import application

pytestmark = pytest.mark.django_db
PAGE = "/api/v1/openapi.json"


def operations():
    from tests.api.described import description  # noqa: PLC0415

    schema = schemathesis.openapi.from_dict(description())
    schema.app = application
    return {
        f"{each.ok().method} {each.ok().path}": each.ok()
        for each in schema.get_all_operations()
        if isinstance(each, Ok)
    }


@pytest.mark.parametrize(
    "name",
    [
        "get /api/v1/places", "get /api/v1/places/{code}", "get /api/v1/households",
        "get /api/v1/households/{id}", "get /api/v1/households/{id}/entries",
        "post /api/v1/households/{id}/entries", "get /api/v1/households/cards",
        "get /api/v1/gaps", "get /api/v1/findings", "get /api/v1/figures", "get /api/v1/me",
    ],
)  # fmt: skip
def test_no_request_makes_the_server_fail(name):
    home = makers.household({"birth": "2010-01-01"})
    now = this_moment().now
    token = make_token(
        people.bo(), name="fuzz", scopes=["read", "write", "export"], now=now,
        until=now + timedelta(days=1),
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {token.text}", "Host": "localhost"}
    operation = operations()[name]

    @settings(max_examples=12 * SOAK, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck), database=None)  # fmt: skip
    @given(case=operation.as_strategy())
    def tried(case):
        if "id" in case.path_parameters:
            case.path_parameters["id"] = str(home.pk)
        answer = case.call(headers=headers)
        assert answer.status_code < 500, case.as_curl_command()

    tried()
