"""Speed beside the peers: measured, reported, never a test. `tieline bench` is the way in; nothing is public to Python code."""

__all__: list[str] = []
