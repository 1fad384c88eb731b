"""The demo county: synthetic people in places of public names, years of entries, nobody real."""
