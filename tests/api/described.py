"""The description of the API as it is now."""

from __future__ import annotations

from typing import Any

from yihu.web.api import api


def description() -> dict[str, Any]:
    """The OpenAPI description, made anew from the rulebook in use."""
    return dict(api.get_openapi_schema(path_prefix="/api/v1/"))
