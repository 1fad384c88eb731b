"""Places: the tree from province to hamlet, with codes and names by date.

A place keeps its identity through every change of code, name and parent; old codes keep answering.
"""
