"""Regulators and switched capacitors that measure and act inside the compiled loop, until they rest."""
