"""The check: a rulebook run over cards; holds, fails or unknown, with what decided."""
