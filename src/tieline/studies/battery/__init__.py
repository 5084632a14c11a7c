"""Batteries of several regions share their capacity so that no voltage limit breaks and the bill stays low."""
