"""Phones: what helpers wrote at the door is taken in, and their families are given to them."""
