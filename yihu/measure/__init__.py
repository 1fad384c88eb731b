"""Poverty and inequality measures over plain arrays.

Pure: NumPy only, nothing else of yihu is imported. Every measure takes one welfare value
per row (a person, or a household with its members as weight) and a weight per row; shares
and rates come back as fractions of one, not percent. A measure never drops a row by itself:
`sample.clean` does that, by a named policy, and counts what it dropped.

Weighted quantiles, the Gini index and S80/S20 follow laeken 0.5.2; standard errors follow the
Taylor linearisation of R's survey package; Watts, mean log deviation and polarization follow
the World Bank's wbpip; counting follows Alkire and Foster (2011). Where tools differ, the
docstring says how.
"""
