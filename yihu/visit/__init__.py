"""Work at the door: what is planned, what the books say of it, and how much it costs a helper."""
