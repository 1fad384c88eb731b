"""The book: entries of a household or place, numbered from 1 without a break, only ever added."""
