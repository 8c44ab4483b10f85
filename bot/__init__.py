"""The running program: command line, settings, wiring, HTTP server, worker loops."""
