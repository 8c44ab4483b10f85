"""What tests, the command line and the workbench hold and change; no part of VOD's API."""
