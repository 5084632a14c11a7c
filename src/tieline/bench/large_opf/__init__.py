"""Optimal power flow with hundreds to ten thousands of DERs: how long the linear program takes."""
