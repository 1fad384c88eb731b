"""Columns of values with unknown ones among them, and what can be done with them.

No trees and no files here: `snapshot` stores such columns, `columns` computes with them.
"""
