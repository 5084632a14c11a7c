"""The AC power flow: `solve(network, ...)` -> `Solution`, for one scenario or many; a `Solver` for many calls of few.

Public are the names below. Derivatives and bounds, which few need, are fetched when first used: gradients and sensitivities of a
solution, voltages that JAX can differentiate, and bounds when powers are known up to a share. The wings `kernel`, `controls` and
`check` are no one's business but this folder's.
"""

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face
from tieline.powerflow.fixed_holders import with_fixed_q
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.powerflow.solver import Solver
from tieline.powerflow.summary import VoltageSummary, summarise

if TYPE_CHECKING:
    from tieline.powerflow.derivatives.gradients import (
        Gradient,
        adjoint,
        current_sensitivity,
        loss_gradient,
        tangent,
        voltage_sensitivity,
    )
    from tieline.powerflow.derivatives.jacobian import solve_with_jacobian
    from tieline.powerflow.derivatives.jax_solve import jax_voltages
    from tieline.powerflow.interval.flow import IntervalFlow, interval_power_flow
    from tieline.powerflow.interval.uncertain import UncertainPowers, uncertain_powers

__all__ = [
    "Gradient",
    "IntervalFlow",
    "Outcome",
    "Solution",
    "Solver",
    "UncertainPowers",
    "VoltageSummary",
    "adjoint",
    "current_sensitivity",
    "interval_power_flow",
    "jax_voltages",
    "loss_gradient",
    "solve",
    "solve_with_jacobian",
    "summarise",
    "tangent",
    "uncertain_powers",
    "voltage_sensitivity",
    "with_fixed_q",
]

_DERIVATIVES = "tieline.powerflow.derivatives"
_INTERVAL = "tieline.powerflow.interval"

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Gradient": f"{_DERIVATIVES}.gradients",
        "adjoint": f"{_DERIVATIVES}.gradients",
        "current_sensitivity": f"{_DERIVATIVES}.gradients",
        "loss_gradient": f"{_DERIVATIVES}.gradients",
        "tangent": f"{_DERIVATIVES}.gradients",
        "voltage_sensitivity": f"{_DERIVATIVES}.gradients",
        "solve_with_jacobian": f"{_DERIVATIVES}.jacobian",
        "jax_voltages": f"{_DERIVATIVES}.jax_solve",
        "IntervalFlow": f"{_INTERVAL}.flow",
        "interval_power_flow": f"{_INTERVAL}.flow",
        "UncertainPowers": f"{_INTERVAL}.uncertain",
        "uncertain_powers": f"{_INTERVAL}.uncertain",
    },
)
