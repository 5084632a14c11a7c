"""What the load model decides in a power flow of a study: one sentence beside the answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.powerflow import Solution, solve
from tieline.powerflow.load_models import compare_load_models
from tieline.settings.fields import LoadModelAsked


def tell_load_model(
    solution: Solution, load_model: LoadModelAsked, what: str
) -> list[str]:
    """How many devices are outside their voltage band, and what the other model changes there.

    Args:
        solution: some power flows, of which the one with the most devices outside is told of.
        load_model: as configured; where it names a model, feeders without a band of their own are compared too.
        what: which power flows these are, the beginning of the sentence.

    Returns:
        One sentence, or none where nobody is outside or nothing was solved.
    """
    if not solution.converged.any():
        return []
    outside = solution.outside_band.sum(axis=1)
    # The row with the most devices outside stands for all: comparing every row would double the work of a study.
    worst = int(np.argmax(np.where(solution.converged, outside, -1)))
    if outside[worst] == 0:
        return []
    inputs = inputs_of(solution, worst)
    solved_with = "opendss-band" if solution.use_band else "zip"
    again = solve(solution.network, **inputs, load_model=solved_with)
    said = compare_load_models(again, load_model != "feeder", **inputs)
    if said is None:
        return []
    return [f"{what}: {said}"]


def inputs_of(solution: Solution, row: int) -> dict[str, Any]:
    """Keywords of `solve` that give one power flow again: its powers, taps and steps, all held."""
    n_loads = solution.network.devices.n_loads
    p_kw = _row(solution.p_kw, row)
    q_kvar = _row(solution.q_kvar, row)
    steps = _row(solution.capacitor_steps, row)
    inputs = {
        "load_kw": p_kw[:n_loads],
        "load_kvar": q_kvar[:n_loads],
        "der_kw": -p_kw[n_loads:],
        "der_kvar": -q_kvar[n_loads:],
        "taps": solution.taps[row],
        "capacitor_steps": steps,
    }
    return {
        "controls": "off",
        **{name: values for name, values in inputs.items() if len(values)},
    }


def _row(rows: np.ndarray, row: int) -> np.ndarray:
    """One row of an array that has one for all or one for each."""
    return rows[0 if len(rows) == 1 else row]
