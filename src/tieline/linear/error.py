"""How wrong a linear model is: its answers against those of the AC power flow in the same scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.linear.model import LinearModel
from tieline.powerflow.derivatives.gradients import loss_gradient
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray


@dataclass(frozen=True)
class ModelError:
    """Largest and root-mean-square error over all scenarios, and points, branches or nothing more.

    Attributes:
        max_voltage_pu, rms_voltage_pu: magnitude at the model's points.
        max_flow_kw, rms_flow_kw: active flow into each conductor of each line and transformer at its first end.
        max_loss_kw, rms_loss_kw: active loss of lines and transformers.
        max_loss_factor, rms_loss_factor: change of that loss per kW of each load, `LinearModel.loss_gradient` against the exact
            derivative of the AC power flow [kW per kW].
        n_scenarios: scenarios compared; those without an AC answer are left out.
    """

    max_voltage_pu: float
    rms_voltage_pu: float
    max_flow_kw: float
    rms_flow_kw: float
    max_loss_kw: float
    rms_loss_kw: float
    max_loss_factor: float
    rms_loss_factor: float
    n_scenarios: int


def measure_error(model: LinearModel, solution: Solution) -> ModelError:
    """Error of a model in the scenarios of an AC solution.

    Args:
        model: a linear model.
        solution: solved scenarios of the same network, at the taps, lines and capacitors of the model.

    Returns:
        The error in the scenarios that have an AC answer. A voltage that the model does not have (NaN) makes its errors NaN.

    Raises:
        InputError: if the solution is of another network or other positions, or has no scenario with an answer.
    """
    _check_match(model, solution)
    good = solution.converged
    p_kw = _rows(solution.p_kw, solution.n_scenarios)
    q_kvar = _rows(solution.q_kvar, solution.n_scenarios)
    answer = model.evaluate_devices(p_kw[good], q_kvar[good])
    exact_v_pu = model.points.magnitude_pu(solution.v_pu[good])
    exact_flow_kva = solution.terminal_kva[good][:, model.branch_terminal]
    exact_factor = loss_gradient(solution).load_kw[good]
    factor = model.loss_gradient(answer, "load_kw")
    return ModelError(
        *_size(answer.vm_pu - exact_v_pu),
        *_size(answer.p_kw - exact_flow_kva.real),
        *_size(answer.loss_kw - solution.loss_kw[good]),
        *_size(factor - exact_factor),
        n_scenarios=int(good.sum()),
    )


def _check_match(model: LinearModel, solution: Solution) -> None:
    if solution.network is not model.network:
        raise InputError(
            "The solution belongs to another network than the model. Build both from the same `Network`."
        )
    if not np.allclose(solution.state, model.setting.state):
        raise InputError(
            "The solution has other taps, line positions or capacitor steps than the model. Solve with controls='off' at the "
            "model's, or build the model at those of the solution."
        )
    if not solution.converged.any():
        raise InputError(
            "No scenario of the solution has an answer, so there is nothing to compare with."
        )


def _rows(power: FloatArray, count: int) -> FloatArray:
    return np.broadcast_to(power, (count, power.shape[1]))


def _size(error: FloatArray) -> tuple[float, float]:
    """Largest magnitude and root mean square; zero of nothing (a feeder without loads)."""
    if error.size == 0:
        return 0.0, 0.0
    largest = np.abs(error).max()
    mean_square = np.mean(error**2)
    return float(largest), float(np.sqrt(mean_square))
