"""Text of a rulebook → one typed tree: files, entries, words, names, types, functions.

The doors are `yihu.rulebook.read` (a folder of TOML → Rulebook) and `yihu.rulebook.bind`
(a Rulebook on a day → Program); what they need stands here.
"""
