"""The options of a power flow, which say how scenarios are solved and not what they ask; `solve` says what each means."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.powerflow.kernel.system import Limits

Controls = Literal["feeder", "off"]
Inverters = Literal["feeder", "off"]
LoadModel = Literal["feeder", "zip", "opendss-band"]
"""What loads do outside their voltage band; "feeder" is the choice of the feeder itself."""

CONTROLS = get_args(Controls)
INVERTERS = get_args(Inverters)
LOAD_MODELS = get_args(LoadModel)


def limits_of(tolerance: float, max_iterations: int) -> Limits:
    """When a scenario counts as converged, and when it is given up; raises `InputError` for what cannot be."""
    has_tolerance = 0 < tolerance < np.inf
    is_whole = isinstance(max_iterations, int | np.integer)
    if not has_tolerance or not is_whole or max_iterations < 1:
        raise InputError(
            f"tolerance ({tolerance}) must be above 0 and max_iterations ({max_iterations}) a whole number above 0."
        )
    return Limits(float(tolerance), int(max_iterations))


def uses_band(feeder: Feeder, load_model: LoadModel) -> bool:
    """Whether loads outside their voltage band turn into impedances; raises `InputError` for an unknown model."""
    require_choice("load_model", load_model, LOAD_MODELS)
    model = load_model
    if load_model == "feeder":
        model = feeder.load_model
    return model == "opendss-band"


def require_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise `InputError` for a value that an option does not have."""
    if value not in choices:
        raise InputError(f"{name} must be one of {', '.join(choices)}; got '{value}'.")
