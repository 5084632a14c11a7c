"""The options of a power flow, which say how scenarios are solved and not what they ask; `solve` says what each means."""

from __future__ import annotations

from typing import Literal, get_args

from tieline.arguments import in_words, number_of, whole_number_of
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
    least_step_pu = number_of("tolerance", tolerance)
    most = whole_number_of("max_iterations", max_iterations)
    if least_step_pu <= 0 or most < 1:
        raise InputError(
            f"tolerance ({least_step_pu:g}) and max_iterations ({most}) must be above 0."
        )
    return Limits(least_step_pu, most)


def uses_band(feeder: Feeder, load_model: LoadModel) -> bool:
    """Whether loads outside their voltage band turn into impedances; raises `InputError` for an unknown model."""
    require_choice("load_model", load_model, LOAD_MODELS)
    model = load_model
    if load_model == "feeder":
        model = feeder.load_model
    return model == "opendss-band"


def require_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise `InputError` for a value that an option does not have."""
    listed = ", ".join(choices)
    if not isinstance(value, str):
        raise InputError(f"{name} must be one of {listed}; got {in_words(value)}.")
    if value not in choices:
        raise InputError(f"{name} must be one of {listed}; got '{value}'.")
