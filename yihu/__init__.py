"""yihu 一户: one household, one book, one card.

The package holds the rulebook engine and poverty measures, the rulebooks shipped with them, and
the commands that run them. docs/map.md lists every part.
"""

__version__ = "0.1.0"
