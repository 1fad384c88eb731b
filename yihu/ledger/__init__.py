"""The ledger: gaps to clear. Who, until when, and what evidence cleared them."""
