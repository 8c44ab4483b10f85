"""Reading everything that a plan is to hold, into rows of the record, and comparing it with what was shown."""
