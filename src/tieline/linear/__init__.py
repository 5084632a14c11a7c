"""Linear models of a feeder: LPF, LinDistFlow, DC and the tangent of AC, with one interface and a measured error."""

from tieline.linear.dc import dc, ptdf
from tieline.linear.error import ModelError, measure_error
from tieline.linear.lindistflow import lindistflow
from tieline.linear.lpf import active_loss_factors, lpf
from tieline.linear.model import LinearModel, LinearSolution
from tieline.linear.tangent_model import tangent_model

__all__ = [
    "LinearModel",
    "LinearSolution",
    "ModelError",
    "active_loss_factors",
    "dc",
    "lindistflow",
    "lpf",
    "measure_error",
    "ptdf",
    "tangent_model",
]
