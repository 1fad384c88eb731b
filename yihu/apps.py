"""The one Django application: plain modules, one set of tables."""

from __future__ import annotations

from django.apps import AppConfig


class YihuConfig(AppConfig):
    """yihu as Django knows it."""

    name = "yihu"
    label = "yihu"
    verbose_name = "一户"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let refusals say words where their details are keys."""
        from yihu.naming import name_details  # noqa: PLC0415  needs the tables

        name_details()
