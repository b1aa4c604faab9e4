"""Pages of the indicators, and of what they are counted from."""
