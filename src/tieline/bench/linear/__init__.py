"""Errors of the linear models against the AC power flow over a range of load and PV."""
