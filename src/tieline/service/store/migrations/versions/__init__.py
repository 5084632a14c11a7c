"""One file for each step of the tables; the number in its name is the revision."""
