"""The figures of a county: each indicator defined once, computed from the books."""
