"""Files to begin from."""
