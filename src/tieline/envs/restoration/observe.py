"""`RestorationObserver`: what a decider of the task sees of an island, all numbers near one.

The ratio of measured to forecast energy so far is the correction of a forecast that has proved right in `mpc_corrected`: it is
told, since a policy that sees one step alone could not know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.envs.box import Box
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray, IntArray

HIGHEST_RATIO = 5.0
"""Sun that is five times the forecast tells no more than that the forecast was void."""

HIGHEST_DEVIATION_HZ = 5.0
"""Ten times what grid codes let generators ride through for long; deviations beyond count as this."""


@dataclass(frozen=True, eq=False)
class RestorationObserver:
    """The eyes of a decider.

    Attributes:
        world: what is seen.
        window_steps: steps of forecast that are seen, this one included; beyond the horizon there is none.
    """

    world: RestorationWorld
    window_steps: int

    @cached_property
    def box(self) -> Box:
        """Names and bounds of the entries."""
        names = tuple(self._names())
        box = Box.of(names, 0.0, 1.0)
        for k, name in enumerate(names):
            if name.startswith("measured_ratio"):
                box.high[k] = HIGHEST_RATIO
            elif name == "frequency_deviation":
                box.low[k] = -HIGHEST_DEVIATION_HZ
                box.high[k] = HIGHEST_DEVIATION_HZ
        return box

    def observe(
        self, island: IslandState, step: IntArray, actual_kw: FloatArray
    ) -> FloatArray:
        """What is seen, (episode, entry).

        Args:
            island: state of each episode.
            step: which each decides, (episode,); one past the end is seen as the last.
            actual_kw: available power over the horizon, of which no later step is looked at, (episode, step, renewable) [kW].
        """
        plant = self.world.plant
        horizon = self.world.config.steps
        # an episode that is over is seen once more, and has no step of its own
        shown_step = np.minimum(step, horizon - 1)
        time_share = step / horizon
        deviation_hz = island.frequency_hz - plant.feeder.frequency_hz
        parts = [
            *_of_units(plant, island),
            island.served,
            time_share[:, None],
            *self._of_sun(shown_step, actual_kw),
            deviation_hz[:, None],
        ]
        # a unit outside its range by a tolerance is seen at its end
        return self.box.clip(np.hstack(parts))

    def _of_sun(self, step: IntArray, actual_kw: FloatArray) -> Iterator[FloatArray]:
        """What is available now, what is forecast, and what was measured over what was forecast."""
        p_max_kw = self.world.plant.renewables.p_max_kw
        episodes = np.arange(len(step))
        yield actual_kw[episodes, step] / p_max_kw
        window = self._window_kw(step) / p_max_kw
        # unit by unit, in the order of the names
        by_unit = window.transpose(0, 2, 1)
        yield by_unit.reshape(len(step), -1)
        forecast_so_far = self.world.forecast_kw.cumsum(axis=0)
        measured_so_far = actual_kw.cumsum(axis=1)
        expected = forecast_so_far[step]
        measured = measured_so_far[episodes, step]
        ratio = np.ones(measured.shape)
        np.divide(measured, expected, out=ratio, where=expected > 0)
        yield ratio

    def _window_kw(self, step: IntArray) -> FloatArray:
        """Forecast from now on, (episode, step ahead, renewable) [kW]; beyond the horizon there is none."""
        forecast_kw = self.world.forecast_kw
        n_units = forecast_kw.shape[1]
        no_kw = np.zeros((self.window_steps, n_units))
        padded_kw = np.vstack([forecast_kw, no_kw])
        window = np.arange(self.window_steps)
        ahead = step[:, None] + window
        return padded_kw[ahead]

    def _names(self) -> Iterator[str]:
        plant = self.world.plant
        machines = (*plant.units.names, *plant.generators.names)
        yield from (f"fuel_share of {name}" for name in machines)
        yield from (f"last_share of {name}" for name in machines)
        yield from (f"stored_share of {name}" for name in plant.batteries.names)
        yield from (f"served_share of {load.name}" for load in plant.feeder.loads)
        yield "time_share"
        names = plant.renewables.names
        yield from (f"available_share of {name}" for name in names)
        for name in names:
            for step in range(1, self.window_steps + 1):
                yield f"forecast_share of {name} in step {step}"
        yield from (f"measured_ratio of {name}" for name in names)
        yield "frequency_deviation"


def _of_units(plant: IslandPlant, island: IslandState) -> Iterator[FloatArray]:
    """Fuel over that at the start, last power over rating, stored energy between its limits, (episode, unit) each."""
    start = plant.start
    yield island.unit_fuel_kwh / start.unit_fuel_kwh
    yield island.fuel_kwh / start.fuel_kwh
    yield island.unit_last_kw / plant.units.generators.p_max_kw
    yield island.last_kw / plant.generators.p_max_kw
    batteries = plant.batteries
    room_kwh = batteries.stored_max_kwh - batteries.stored_min_kwh
    above_kwh = island.stored_kwh - batteries.stored_min_kwh
    # a battery held at one energy has no range: 0
    yield above_kwh / np.where(room_kwh > 0, room_kwh, np.inf)
