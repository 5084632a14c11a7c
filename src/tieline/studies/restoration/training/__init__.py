"""Training of policies that restore the load of an island: `tieline train restoration`."""
