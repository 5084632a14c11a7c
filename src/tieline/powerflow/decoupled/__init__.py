"""The power flow of a feeder cut into microgrids, each solved with what its neighbours tell it (DDMM)."""

from tieline.powerflow.decoupled.exchange import solve_decoupled
from tieline.powerflow.decoupled.region_networks import Decoupled, decouple
from tieline.powerflow.decoupled.solution import DecoupledSolution

__all__ = ["Decoupled", "DecoupledSolution", "decouple", "solve_decoupled"]
