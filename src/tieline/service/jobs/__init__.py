"""Jobs: work that outlives a request, done by worker processes and known to the database until it has ended."""
