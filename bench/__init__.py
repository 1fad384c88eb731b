"""Peers side by side: the same rules on the same files, by yihu and by other engines.

`python -m bench` runs it all; bench/README.md says what is measured and how to read it.
"""
