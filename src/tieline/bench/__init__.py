"""Speed beside the peers: measured, reported, never a test."""
