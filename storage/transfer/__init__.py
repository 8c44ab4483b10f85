"""Moving a record to another engine."""
