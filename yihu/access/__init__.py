"""Who works here, in which posts, and what each may see and do.

Every query of a page, list, count, search, export or file goes through `scope`.
"""
