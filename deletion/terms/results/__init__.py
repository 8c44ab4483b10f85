"""What came of things, and why: outcomes, findings, faults, causes. Pure."""
