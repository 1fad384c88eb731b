"""The desk: pages and JSON, one file for each matter; thin."""
