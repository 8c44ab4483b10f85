"""The running program: threads, HTTP, signals, logs."""
