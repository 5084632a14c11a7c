"""What the choice of load model decides: how many devices left their voltage band, and what the other model says.

Outside its band a device of OpenDSS turns into an impedance; with the model "zip" it stays as it is. Where nobody leaves the
band both models give the same answer, and there is nothing to say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.counted import counted_list
from tieline.errors import NotConvergedError
from tieline.powerflow.options import LoadModel
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve

NO_SOLUTION = "there is no solution"


def compare_load_models(
    solution: Solution, always: bool = False, **inputs: Any
) -> str | None:
    """One sentence on the devices outside their band; None if there is none, or if the band is none of this feeder's.

    Args:
        solution: one solved scenario.
        always: also of a feeder without a band of its own, since somebody asked for a load model.
        inputs: the keywords of `solve` that it was solved with, without `load_model`.
    """
    network = solution.network
    has_band = (
        always or solution.use_band or network.feeder.load_model == "opendss-band"
    )
    if not has_band or not solution.outside_band[0].any():
        return None
    other_model: LoadModel = "zip" if solution.use_band else "opendss-band"
    try:
        change = _change(solution, solve(network, **inputs, load_model=other_model))
    except NotConvergedError:
        change = NO_SOLUTION
    return (
        f"{_who_left(solution)} outside their voltage band; here {_treatment(solution)}. With --load-model {other_model} "
        f"{change}."
    )


def _who_left(solution: Solution) -> str:
    """For example: 3 loads and 1 DER. Of how many is not said: a study may have added some of its own."""
    n_loads = solution.network.devices.n_loads
    is_outside = solution.outside_band[0]
    counts = {
        "load": int(is_outside[:n_loads].sum()),
        "DER": int(is_outside[n_loads:].sum()),
    }
    return counted_list({noun: count for noun, count in counts.items() if count})


def _treatment(solution: Solution) -> str:
    if solution.use_band:
        return "such devices turn into impedances, as in OpenDSS"
    return "such devices keep to their ZIP model"


def _change(solution: Solution, other_solution: Solution) -> str:
    """What differs in the other solution."""
    if not other_solution.converged[0]:  # inputs with a scenario axis raise nothing
        return NO_SOLUTION
    dv_pu = float(np.abs(other_solution.vm_pu[0] - solution.vm_pu[0]).max())
    losses = f"losses are {other_solution.loss_kw[0]:.4g} kW instead of {solution.loss_kw[0]:.4g}"
    return f"voltages differ by up to {dv_pu:.2g} pu and {losses}"
