"""Feeder -> Network: the arrays a solver needs, and the topology of a feeder."""

from tieline.network.network import Network

__all__ = ["Network"]
