"""What tests, the command line and the workbench act and read with; no part of Slack's API."""
