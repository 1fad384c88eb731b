"""What keeps the project itself in order: the environment, generated pages, its own rules."""
