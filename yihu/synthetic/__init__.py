"""Synthetic registers: a county that exists in name only, at any size.

For trying, testing, teaching and timing without anybody's data. Places carry the public names and
codes of county 451022; people, families and figures are drawn by chance and marked synthetic.
"""
