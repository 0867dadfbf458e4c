"""One event, opened."""
