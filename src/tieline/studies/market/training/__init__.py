"""Training of policies for the market study: `tieline train market`."""
