"""Who is asked, reminded and told of what waits, and who may read it."""
