"""State and rules of the simulated VOD: the media there is, how it goes, quotas, the record, faults to come."""
