"""VOD's API over HTTP: signatures, parameters, operations, errors and answers."""
