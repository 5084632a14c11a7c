"""Settings and inputs of many scenarios of an island, checked and brought to a common number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import DroopSettings
from tieline.devices.droop_unit import require_shared_frequency
from tieline.errors import InputError, ShapeError, unknown_name_message
from tieline.network.supply import dead_nodes_per_scenario
from tieline.powerflow.batch import make_batch, numbers_of
from tieline.powerflow.island.island import Island
from tieline.powerflow.scenario_inputs import ScenarioInputs
from tieline.typing import FloatArray

SETTING_NAMES = DroopSettings._fields


class IslandInputs(ScenarioInputs, total=False):
    """What `solve_island` takes of a scenario: inputs of the network, and settings of the droop units."""

    v_set_pu: ArrayLike | None
    q_set_kvar: ArrayLike | None
    v_droop_pu_per_mvar: ArrayLike | None
    f_set_hz: ArrayLike | None
    p_set_kw: ArrayLike | None
    f_droop_hz_per_mw: ArrayLike | None


@dataclass(frozen=True)
class OperatingPoints:
    """What is asked.

    Attributes:
        settings: droop laws, (scenario or 1, unit).
        network_inputs: what `solve` takes beside voltages.
        start_pu: first voltages, (node,) or (scenario, node) [pu], if there are any.
        n_scenarios: number of scenarios.
        is_single: nobody gave a scenario axis.
    """

    settings: DroopSettings
    network_inputs: dict[str, Any]
    start_pu: Any
    n_scenarios: int
    is_single: bool


def operating_points(island: Island, inputs: IslandInputs) -> OperatingPoints:
    """Check the inputs of `solve_island`, whose docstring describes them and what is raised."""
    network_inputs: dict[str, Any] = dict(inputs)
    if network_inputs.pop("source_pu", None) is not None:
        raise InputError(
            "An island has no source_pu: its droop units' voltages are found. Give their set-points, v_set_pu."
        )
    overrides = {name: network_inputs.pop(name, None) for name in SETTING_NAMES}
    _require_known(network_inputs)
    batch = make_batch(island.network, **network_inputs)
    _require_one_island(island, batch.state)
    settings = _settings(island, overrides)
    n_scenarios = _common_count(batch.n_scenarios, len(settings.v_set_pu))
    has_rows = any(np.ndim(value) == 2 for value in overrides.values())
    return OperatingPoints(
        settings=settings,
        start_pu=network_inputs.pop("start_pu", None),
        network_inputs=network_inputs,
        n_scenarios=n_scenarios,
        is_single=batch.is_single and not has_rows,
    )


def _require_known(network_inputs: dict[str, Any]) -> None:
    """Raise `TypeError`, as Python does for a keyword that a function does not have."""
    for name in network_inputs:
        if name not in ScenarioInputs.__annotations__:
            names = IslandInputs.__annotations__
            raise TypeError(unknown_name_message("input", name, names))


def _require_one_island(island: Island, state: FloatArray) -> None:
    """Units that open lines part from the first one share no frequency with it: refuse them by name."""
    is_dead = dead_nodes_per_scenario(island.first_alone, state)
    is_apart = is_dead[:, island.unit_nodes].any(axis=2)
    if is_apart.any():
        scenario, unit = np.argwhere(is_apart)[0]
        names = island.units.names
        raise InputError(
            f"Open lines part droop unit '{names[unit]}' from '{names[0]}' (scenario {scenario}): they share no frequency. Solve "
            "each part as an island of its own, or close a line between them."
        )


def _common_count(of_inputs: int, of_settings: int) -> int:
    count = max(of_inputs, of_settings)
    if {of_inputs, of_settings} - {1, count}:
        raise ShapeError(
            f"Inputs ({of_inputs}) and settings of the droop units ({of_settings}) disagree on the number of scenarios. Give "
            "each one row or the same number of rows."
        )
    return count


def _settings(island: Island, overrides: dict[str, Any]) -> DroopSettings:
    """The laws in force, (scenario or 1, unit): as the units state, or as asked for."""
    columns = []
    for name, value in overrides.items():
        at_rest = getattr(island.units.settings, name)
        columns.append(_column(name, at_rest if value is None else value, at_rest))
    counts = {len(column) for column in columns}
    if counts - {1, max(counts)}:
        raise ShapeError(
            "Settings of the droop units disagree on the number of scenarios. Give each one row or the same number of rows."
        )
    shape = np.broadcast_shapes(*(column.shape for column in columns))
    settings = DroopSettings(*(np.broadcast_to(column, shape) for column in columns))
    _require_slopes(island, settings)
    return settings


def _column(name: str, value: Any, at_rest: FloatArray) -> FloatArray:
    """A setting as (scenario or 1, unit)."""
    array = numbers_of(name, value)
    if array.ndim == 0:
        array = np.full(len(at_rest), array)
    if array.ndim > 2 or array.shape[-1] != len(at_rest):
        raise ShapeError(
            f"{name} has shape {array.shape}; expected ({len(at_rest)},) or (scenario, {len(at_rest)})."
        )
    return np.atleast_2d(array)


def _require_slopes(island: Island, settings: DroopSettings) -> None:
    names = island.units.names
    for name in ("v_droop_pu_per_mvar", "f_droop_hz_per_mw"):
        slope = getattr(settings, name)
        if (slope < 0).any():
            scenario, unit = np.argwhere(slope < 0)[0]
            raise InputError(
                f"{name} of droop unit '{names[unit]}' is {slope[scenario, unit]:g} (scenario {scenario}): below 0 the unit "
                "would run away from its set-point. Give 0 or more."
            )
    require_shared_frequency(names, settings)
