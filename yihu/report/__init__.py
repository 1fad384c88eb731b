"""One page a person would like to read: a real survey judged, a county checked, and why.

Made by `yihu report`; self-contained HTML in both languages, tables and charts without the network.
"""
