"""A feeder over time, step by step: voltages, energies, losses, what controls do and when limits break."""
