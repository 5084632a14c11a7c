"""What all benchmarks share: pages and tables, goals, peers, spread over seeds, options and the command they came from."""
