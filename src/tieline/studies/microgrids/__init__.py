"""Networked microgrids on one feeder: who dispatches them best, and safely. So far a world and ways; no `study` yet."""
