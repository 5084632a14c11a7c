"""Solving: a run cut into shards, each tallied into tables, here or on a cluster, until enough has been drawn."""
