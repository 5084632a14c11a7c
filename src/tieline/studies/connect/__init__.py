"""May this plant be connected at this bus, how much would fit there, and what would cure it."""
