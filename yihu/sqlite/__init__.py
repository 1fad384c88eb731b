"""SQLite as Django knows it, with writers taking their turns."""
