"""Optimal power flow: solve times and objectives of all formulations beside other programs, and sensitivities per second."""
