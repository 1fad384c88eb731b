"""The card: the state of a household now, computed from its book and never written otherwise."""
