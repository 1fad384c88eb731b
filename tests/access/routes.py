"""Every address of the desk and the API, with what somebody out of scope would ask there.

A route is written as Django writes it: "households/<uuid:id>/". What stands on the right says
which thing of the others' household each part of the address names. A new route is added here; the
walk in test_every_route fails until it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from yihu.web.api import api

#: Part of an address → the thing of the others it is filled with, by name in `World.theirs`.
ROUTES: dict[str, dict[str, str]] = {
    # where the day begins; households, and what belongs to one
    "": {},
    "households/": {},
    "households/suggestions/": {},
    "households/names/": {},
    "households/<uuid:id>/": {"id": "household"},
    "households/<uuid:id>/why/<str:rule>/": {"id": "household", "rule": "rule"},
    "households/<uuid:id>/write/<str:level>/<str:name>/": {
        "id": "household",
        "level": "level",
        "name": "fact",
    },
    "households/<uuid:id>/people/": {"id": "household"},
    "households/<uuid:id>/visit/": {"id": "household"},
    "households/<uuid:id>/changes/": {"id": "household"},
    "households/<uuid:id>/changes/<uuid:batch>/undo/": {"id": "household", "batch": "household"},
    "households/<uuid:id>/raise/": {"id": "household"},
    "households/<uuid:id>/unmask/": {"id": "household"},
    "households/<uuid:id>/papers/": {"id": "household"},
    "households/<uuid:id>/evidence/<int:number>/": {"id": "household", "number": "number"},
    "households/<uuid:id>/undo/<int:number>/": {"id": "household", "number": "number"},
    "villages/<str:code>/": {"code": "place_code"},
    "villages/<str:code>/then/": {"code": "place_code"},
    "villages/<str:code>/write/<str:name>/": {"code": "place_code", "name": "theme"},
    "villages/<str:code>/book/": {"code": "place_code"},
    "villages/<str:code>/book/<int:number>/undo/": {"code": "place_code", "number": "number"},
    # notices and meetings
    "notices/": {},
    "notices/new/": {},
    "notices/<uuid:id>/": {"id": "notice"},
    "notices/<uuid:id>/answer/": {"id": "notice"},
    "notices/<uuid:id>/withdraw/": {"id": "notice"},
    "notices/<uuid:id>/receivers/": {"id": "notice"},
    "notices/<uuid:id>/came/": {"id": "notice"},
    "notices/<uuid:id>/list.<str:ending>": {"id": "notice"},
    # those who work here
    "people/": {},
    "people/new/": {},
    "people/<uuid:id>/": {"id": "worker"},
    "people/<uuid:id>/pair/": {"id": "worker"},
    "people/<uuid:id>/hand-over/": {"id": "worker"},
    "people/<uuid:id>/end-pairing/": {"id": "worker"},
    "people/<uuid:id>/appoint/": {"id": "worker"},
    "people/<uuid:id>/end-post/": {"id": "worker"},
    "people/<uuid:id>/password/": {"id": "worker"},
    "people/<uuid:id>/close/": {"id": "worker"},
    "people/<uuid:id>/unlock/": {"id": "worker"},
    "people/<uuid:id>/second-factor/": {"id": "worker"},
    "administration/": {},
    "administration/readings/": {},
    "administration/anchor/": {},
    "tokens/": {},
    "tokens/<int:id>/revoke/": {"id": "token"},
    # taking in, comparing, giving out
    "imports/": {},
    "imports/<uuid:id>/": {"id": "upload"},
    "imports/<uuid:id>/columns/": {"id": "upload"},
    "imports/<uuid:id>/sheet/": {"id": "upload"},
    "imports/<uuid:id>/write/": {"id": "upload"},
    "imports/<uuid:id>/undo/": {"id": "upload"},
    "imports/<uuid:id>/discard/": {"id": "upload"},
    "imports/<uuid:id>/progress/": {"id": "upload"},
    "imports/<uuid:id>/returned/": {"id": "upload"},
    "compare/": {},
    "compare/open/": {},
    "compare/settle/": {},
    "compare/<uuid:id>/": {"id": "list"},
    "compare/<uuid:id>/columns/": {"id": "list"},
    "compare/<uuid:id>/confirm/": {"id": "list"},
    "compare/<uuid:id>/withdraw/": {"id": "list"},
    "compare/<uuid:id>/sheet/": {"id": "list"},
    "compare/<uuid:id>/errors/": {"id": "list"},
    "compare/match/<int:id>/": {"id": "match"},
    "duplicates/": {},
    "duplicates/find/": {},
    "duplicates/<int:id>/": {"id": "pair"},
    "duplicates/<int:id>/undo/": {"id": "pair"},
    "sync/": {},
    "sync/<int:id>/settle/": {"id": "arrival"},
    "sync/phones/": {},
    "sync/phones/<uuid:id>/revoke/": {"id": "device"},
    "sync/photos/": {},
    "burden/": {},
    "visits/": {},
    "visits/calendar/": {},
    "visits/list.<str:ending>": {},
    "visits/<uuid:id>/plan/": {"id": "household"},
    "visits/rates/": {},
    "visits/rates/list.<str:ending>": {},
    "signs/": {},
    "signs/<uuid:id>/photo/<int:at>/": {"id": "sign", "at": "first"},
    "signs/<uuid:id>/<str:act>/": {"id": "sign", "act": "question"},
    "exports/": {},
    "forms/": {},
    "forms/<uuid:id>/": {"id": "form"},
    "forms/<uuid:id>/save/": {"id": "form"},
    "forms/<uuid:id>/fill/": {"id": "form"},
    "papers/": {},
    "papers/print/": {},
    # the ledger
    "ledger/": {},
    "ledger/bulk/": {},
    "ledger/views/": {},
    "ledger/list.<str:ending>": {},
    "ledger/zero/": {},
    "ledger/<uuid:id>/": {"id": "gap"},
    "ledger/<uuid:id>/evidence/": {"id": "gap"},
    "ledger/<uuid:id>/evidence/<int:number>/": {"id": "gap", "number": "number"},
    "ledger/<uuid:id>/<str:act>/": {"id": "gap", "act": "act"},
    "ledger/raise/<uuid:id>/": {"id": "household"},
    "ledger/raise/at/<str:code>/": {"code": "place_code"},
    # figures, and the rulebook
    "map/": {},
    "statistics/": {},
    "rulebook/": {},
    "rulebook/lines/": {},
    "rulebook/simulate/": {},
    "rulebook/<str:target>/": {},
    # the API
    "duplicates/progress/": {},
    "api/": {},
    "api/docs": {},
    "api/v1/docs": {},
    "api/v1/openapi.json": {},
    "api/v1/": {},
    "api/v1/places": {},
    "api/v1/places/<code>": {"code": "place_code"},
    "api/v1/households": {},
    "api/v1/households/<uuidstr:id>": {"id": "household"},
    "api/v1/households/<uuidstr:id>/findings": {"id": "household"},
    "api/v1/households/<uuidstr:id>/entries": {"id": "household"},
    "api/v1/households/cards": {},
    "api/v1/gaps": {},
    "api/v1/findings": {},
    "api/v1/figures": {},
    "api/v1/facts": {},
    "api/v1/me": {},
    "api/v1/sync/hello": {},
    "api/v1/sync/devices": {},
    "api/v1/sync/leave": {},
    "api/v1/sync/entries": {},
    "api/v1/sync/pull": {},
    "api/v1/sync/files/<sha256>": {},
    # for nobody in particular
    "field/": {},
    "field/<path:name>": {},
    "health": {},
    "session": {},
    "language/setlang/": {},
}
#: Addresses below these are not ours; they know nothing of households. Filled with anything.
FOREIGN = ("account/",)


def every_route() -> Iterator[str]:
    """All addresses, as Django writes them."""
    yield from _below("", get_resolver())


def _below(above: str, resolver: URLResolver) -> Iterator[str]:
    for each in resolver.url_patterns:
        here = above + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _below(here, each)
        elif isinstance(each, URLPattern):
            yield here


def filled(route: str, parts: dict[str, str]) -> str:
    """The address with its parts in place; a part nobody named is filled with an x."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^", "").replace("$", "")
    plain = plain.replace(r"\Z", "")
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: parts.get(m[1], "x"), plain)


def sent_to(route: str, method: str, sendings: list[dict[str, str]]) -> list[dict[str, str]]:
    """What is sent along: to the API all there is, and then what it reads.

    It refuses names it does not read before it looks at anything.
    """
    if method != "get" or not route.startswith("api/v1/"):
        return sendings
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    asked = api.get_openapi_schema()["paths"].get(path, {}).get("get", {})
    names = {each["name"] for each in asked.get("parameters", ()) if each["in"] == "query"}
    read = ({name: of for name, of in each.items() if name in names} for each in sendings)
    return [sendings[0], *read]
