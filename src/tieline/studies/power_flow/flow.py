"""`Flow`: a solved power flow and the limits that it breaks. `tieline solve` prints it without more; the study tells it in full.

Nothing here needs tables or figures: the answer on the screen does not wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.feeders import Feeder
from tieline.network import Network
from tieline.network.voltage_points import (
    VoltagePoints,
    live_voltage_points,
    voltage_points,
)
from tieline.powerflow import Solution, solve
from tieline.settings.limits import LimitKind, Limits
from tieline.studies.gauges import Gauge, make_gauges
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.power_flow.config import PowerFlowConfig
from tieline.typing import FloatArray


@dataclass(frozen=True)
class Breach:
    """One limit that is broken at one place: its kind, the place as tables name it, what was read there and the limit, both in
    the unit of the kind.
    """

    kind: LimitKind
    place: str
    value: float
    limit: float

    @property
    def beyond_pct(self) -> float:
        """How far it is beyond its limit [% of the limit]; of a limit of 0 that is infinite."""
        excess = abs(self.value - self.limit)
        if self.limit == 0:
            return np.inf
        return 100 * excess / abs(self.limit)


@dataclass(frozen=True, eq=False)
class Flow:
    """A solution with one scenario, and the limits it is held against."""

    solution: Solution
    limits: Limits

    @property
    def network(self) -> Network:
        """What was solved."""
        return self.solution.network

    @cached_property
    def points(self) -> VoltagePoints:
        """The voltages that limits apply to, where there is supply."""
        return live_voltage_points(self.network, self.solution.v_pu)

    @cached_property
    def n_dead(self) -> int:
        """Number of those without supply."""
        return len(voltage_points(self.network).names) - len(self.points.names)

    @cached_property
    def point_pu(self) -> FloatArray:
        """Voltage at each of them, (point,) [pu]."""
        return self.points.magnitude_pu(self.solution.v_pu)[0]

    @cached_property
    def gauges(self) -> tuple[Gauge, ...]:
        """Where each limit that is on is read."""
        return make_gauges(self.network, self.points, self.limits)

    def readings(self, gauge: Gauge) -> FloatArray:
        """What is read at each place of a gauge, (place,)."""
        return gauge.read(self.solution, self.point_pu[None, :])[0]

    @cached_property
    def breaches(self) -> list[Breach]:
        """All broken limits, kind by kind, the worst of each first."""
        breaches = []
        for gauge in self.gauges:
            of_kind = self._breaches_of(gauge)
            breaches += sorted(of_kind, key=lambda breach: -breach.beyond_pct)
        return breaches

    @cached_property
    def n_judged(self) -> int:
        """Number of readings that are held against a limit; 0 where no limit is on, or none has a place to be read at."""
        counts = [np.isfinite(self.readings(gauge)).sum() for gauge in self.gauges]
        return int(sum(counts))

    def _breaches_of(self, gauge: Gauge) -> Iterator[Breach]:
        values = self.readings(gauge)
        # a comparison with NaN is false: where nothing is read nothing is broken
        is_beyond = gauge.kind.side * (values - gauge.limit) > 0
        for k in np.flatnonzero(is_beyond):
            yield Breach(gauge.kind, gauge.names[k], float(values[k]), gauge.limit)

    def worst(self, gauge: Gauge) -> tuple[str, float] | None:
        """The place with the worst reading and what is read there; None where nothing is read."""
        values = gauge.kind.side * self.readings(gauge)
        if not np.isfinite(values).any():
            return None
        k = int(np.nanargmax(values))
        return gauge.names[k], gauge.kind.side * float(values[k])


def solve_asked(feeder: Feeder, config: PowerFlowConfig) -> Flow:
    """Solve what is asked.

    Raises:
        NotConvergedError: without a solution; it says why and what to do.
    """
    rated = with_line_ratings(feeder, config.line_rating_a)
    solution = solve(
        Network.from_feeder(rated),
        load_scale=config.load_pct / 100,
        controls=config.controls,
        load_model=config.load_model,
    )
    return Flow(solution, config.limit_numbers)
