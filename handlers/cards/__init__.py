"""The proposal card and its list."""
