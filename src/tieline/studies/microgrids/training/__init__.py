"""Training of safe policies for networked microgrids: `tieline train microgrids`."""
