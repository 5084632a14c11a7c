"""Tree search for assisting buses: speed, episodes needed, agreement with the exhaustive ranking."""
