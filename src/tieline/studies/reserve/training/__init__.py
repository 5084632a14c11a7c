"""Training of policies for the reserve study: `tieline train reserve`."""
