"""Bounds of voltages, currents and losses when powers are known up to a share."""
