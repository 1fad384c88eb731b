"""Pages that stand alone: one HTML file each, in both languages, without the network."""
