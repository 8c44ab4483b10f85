"""What a job needs from outside, and how it keeps its lease."""
