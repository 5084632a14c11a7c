"""What a restoration decision is told: the island now and what was measured of sun and wind, and what does not fit the island."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import IslandState
from tieline.service.decisions.states import wrong_names
from tieline.settings import Settings
from tieline.typing import FloatArray
from tieline.wording import FieldProblem

Series = tuple[float, ...]


class RestorationState(Settings):
    """What is known when a step is decided."""

    step: int = Field(ge=0, description="Which step is decided; 0 is the first.")
    served: dict[str, float] = Field(
        description="Share of each load that is on, 0 to 1."
    )
    fuel_kwh: dict[str, float] = Field(
        description="Left for each droop unit and microturbine [kWh of fuel]."
    )
    last_kw: dict[str, float] = Field(
        description="Power of each of them in the step before [kW]."
    )
    stored_kwh: dict[str, float] = Field(description="By battery [kWh].")
    measured_kw: dict[str, Series] = Field(
        description="What each unit of sun or wind offered in the steps so far, and offers in this one [kW]."
    )
    forecast_kw: dict[str, Series] | None = Field(
        default=None,
        description="What was expected of each of them, all steps of the horizon [kW]; that of the island, if left out.",
    )
    frequency_hz: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Of the step before [Hz]; that of the feeder, if left out.",
    )


LEAST: Mapping[str, Any] = {
    "step": 0,
    "served": {},
    "fuel_kwh": {},
    "last_kw": {},
    "stored_kwh": {},
    "measured_kw": {},
}
"""The least state that the model takes."""


class Range(NamedTuple):
    """Names of what a field holds, and the least and largest value of each, (name,)."""

    names: Sequence[str]
    low: FloatArray
    high: FloatArray

    def told(self, values: FloatArray) -> dict[str, float]:
        """Values by name; rounding must not make one of them that the next state is refused for."""
        within = np.clip(values, self.low, self.high)
        return dict(zip(self.names, within.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class RestorationReader:
    """Reads and writes states of one island."""

    world: RestorationWorld

    @cached_property
    def ranges(self) -> Mapping[str, Range]:
        """What a number of each field may be."""
        plant = self.world.plant
        start = plant.start
        batteries = plant.batteries
        loads = [load.name for load in plant.feeder.loads]
        machines = (*plant.units.names, *plant.generators.names)
        fuel_kwh = np.concatenate([start.unit_fuel_kwh, start.fuel_kwh])
        ratings_kw = [plant.units.generators.p_max_kw, plant.generators.p_max_kw]
        sun_kw = _from_nothing(plant.renewables.names, plant.renewables.p_max_kw)
        return {
            "served": _from_nothing(loads, np.ones(len(loads))),
            "fuel_kwh": _from_nothing(machines, fuel_kwh),
            "last_kw": _from_nothing(machines, np.concatenate(ratings_kw)),
            "stored_kwh": Range(
                batteries.names, batteries.stored_min_kwh, batteries.stored_max_kwh
            ),
            "measured_kw": sun_kw,
            "forecast_kw": sun_kw,
        }

    def island(self, situation: RestorationState) -> IslandState:
        """The island of a state, one scenario."""
        n_units = len(self.world.plant.units.names)
        unit_fuel_kwh, fuel_kwh = np.split(self._row(situation, "fuel_kwh"), [n_units])
        unit_last_kw, last_kw = np.split(self._row(situation, "last_kw"), [n_units])
        nominal_hz = self.world.plant.feeder.frequency_hz
        return IslandState(
            unit_fuel_kwh=unit_fuel_kwh[None],
            unit_last_kw=unit_last_kw[None],
            fuel_kwh=fuel_kwh[None],
            last_kw=last_kw[None],
            stored_kwh=self._row(situation, "stored_kwh")[None],
            served=self._row(situation, "served")[None],
            frequency_hz=np.array([situation.frequency_hz or nominal_hz]),
            is_dead=np.zeros(1, dtype=bool),
        )

    def sight(self, situation: RestorationState) -> Seen:
        """What is seen of sun and wind, one draw."""
        measured_kw = self._columns(situation.measured_kw, situation.step + 1)
        forecast_kw = self.world.forecast_kw
        if situation.forecast_kw is not None:
            forecast_kw = self._columns(situation.forecast_kw, len(forecast_kw))
        return Seen(situation.step, forecast_kw, measured_kw[None])

    def told(self, step: int, island: IslandState) -> dict[str, Any]:
        """An island of one scenario before a step, as a state has it; what is measured of sun and wind comes with time."""
        fuel_kwh = np.hstack([island.unit_fuel_kwh, island.fuel_kwh])
        last_kw = np.hstack([island.unit_last_kw, island.last_kw])
        return {
            "step": step,
            "served": self.ranges["served"].told(island.served[0]),
            "fuel_kwh": self.ranges["fuel_kwh"].told(fuel_kwh[0]),
            "last_kw": self.ranges["last_kw"].told(last_kw[0]),
            "stored_kwh": self.ranges["stored_kwh"].told(island.stored_kwh[0]),
            "frequency_hz": float(island.frequency_hz[0]),
        }

    def misfits(
        self, situation: RestorationState, fields: Collection[str]
    ) -> Iterator[FieldProblem]:
        """What does not fit the island, of the fields that are named."""
        for field, allowed in self.ranges.items():
            values = getattr(situation, field)
            if field in fields and values is not None:
                yield from wrong_names(field, allowed.names, values)
                yield from _out_of_range(field, allowed, values)
        horizon = len(self.world.forecast_kw)
        yield from _of_other_length("forecast_kw", situation.forecast_kw, horizon)
        if "step" not in fields:
            # without it nobody knows how many steps were measured
            return
        if situation.step >= horizon:
            text = f"step {situation.step} is not of the horizon, whose steps are 0 to {horizon - 1}."
            yield FieldProblem("step", text)
            return
        n_measured = situation.step + 1
        yield from _of_other_length("measured_kw", situation.measured_kw, n_measured)

    def _row(self, situation: RestorationState, field: str) -> FloatArray:
        values = getattr(situation, field)
        names = self.ranges[field].names
        return np.array([values[name] for name in names], dtype=float)

    def _columns(self, series: Mapping[str, Series], n_steps: int) -> FloatArray:
        """Series by renewable as columns, (step, renewable)."""
        names = self.world.plant.renewables.names
        columns = np.zeros((n_steps, len(names)))
        for k, name in enumerate(names):
            columns[:, k] = series[name]
        return columns


def _from_nothing(names: Sequence[str], high: FloatArray) -> Range:
    return Range(names, np.zeros(len(names)), high)


def _out_of_range(
    field: str, allowed: Range, values: Mapping[str, float | Series]
) -> Iterator[FieldProblem]:
    limits = zip(allowed.names, allowed.low, allowed.high, strict=True)
    for name, low, high in limits:
        numbers = np.atleast_1d(values.get(name, low))
        outside = numbers[(numbers < low) | (numbers > high)]
        if outside.size:
            text = f"{field} of {name} is {outside[0]:g}, outside its limits {low:g} to {high:g}."
            yield FieldProblem(field, text)


def _of_other_length(
    field: str, series: Mapping[str, Series] | None, n_steps: int
) -> Iterator[FieldProblem]:
    for name, values in (series or {}).items():
        if len(values) != n_steps:
            text = f"{field} of {name} has {len(values)} steps; {n_steps} are needed."
            yield FieldProblem(field, text)
