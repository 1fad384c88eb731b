"""What is asked of a password, beside what Django asks of it."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import get_language


class LongEnough(MinimumLengthValidator):
    """Django's own, whose words for too short a password are not in its Chinese yet."""

    def get_error_message(self) -> str:
        """In the language of the page."""
        if (get_language() or "").startswith("en"):
            return str(super().get_error_message())
        return f"密码太短，至少 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        """The same before anything is typed."""
        if (get_language() or "").startswith("en"):
            return str(super().get_help_text())
        return f"密码至少 {self.min_length} 个字符。"
