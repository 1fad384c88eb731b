"""The rule engine: a rulebook as data, run over household records by several readers.

Pure: it knows nothing of the web, the store or the county. `read` a rulebook, `bind` it to a day,
then `evaluate` one card or check many with `columns`; `sql` and `cluster` read the same tree.
"""
