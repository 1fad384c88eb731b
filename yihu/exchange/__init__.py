"""Taking in and giving out: sheets, lists of departments, duplicates; dry run first.

Nothing here writes in a book: plans and entries are made here, `loop` writes them.
"""
