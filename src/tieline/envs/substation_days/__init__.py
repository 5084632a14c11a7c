"""Load of zone substations in half hours: drawn, or read from a user's own file, split into days, cut into episodes."""
