"""Where messages go out: sending and reconciling."""
