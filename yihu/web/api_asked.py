"""What a program asks in the address: an operation takes the names it describes and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from yihu.problems import Problem


def only_described(view: Callable[..., Any]) -> Callable[..., Any]:
    """Every operation of the API, refusing names in the address that it does not describe.

    A name nobody reads would be answered as if it had not been asked: a filter spelled wrongly
    gave all households, a day gave today's answers.
    Raises    Problem (api.unknown_name)
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        known = _described(view)
        unknown = sorted(set(request.GET) - set(known))
        if unknown:
            raise Problem(
                "api.unknown_name", status=422, path=request.path[:200],
                found=", ".join(name[:40] for name in unknown[:10]),
                known=", ".join(known) or "—",
            )  # fmt: skip
        return view(request, *args, **kwargs)

    return asked


@cache
def _described(view: Callable[..., Any]) -> tuple[str, ...]:
    """The names an operation reads from the address, as its description gives them."""
    operation: Operation = view._ninja_operation  # type: ignore[attr-defined]  # noqa: SLF001
    return tuple(_names_in(operation.models))


def _names_in(models: list[Any]) -> Iterator[str]:
    for model in models:
        if model.__ninja_param_source__ == "query":
            yield from model.__ninja_flatten_map__
