"""The tables of a run, one file a kind."""
