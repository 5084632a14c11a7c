"""The end of every solve: Kirchhoff's current law at every node, and why a scenario has no answer."""
