"""`Cases`: the power flows of a transfer at any size, for the feeder as it stands and for draws of its load and DERs, and how
far each limit is exceeded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution, solve
from tieline.settings.broken_before import bounds as bounds_of
from tieline.studies.broken_before import broken_before_table, rows_before
from tieline.studies.gauges import Gauge, make_gauges
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.world.transfer import Transfer
from tieline.typing import BoolArray, FloatArray, IntArray

ROWS_AT_ONCE = 2048
"""Power flows solved and read together; their readings fill memory."""


@dataclass(frozen=True, eq=False)
class Cases:
    """Cases of one transfer.

    Attributes:
        transfer: what is sent.
        network: of its feeder.
        base: the feeder before the transfer, at its nominal load.
        points: live voltage points; gauges: where each limit is read, only limits with a place.
        bounds: what each place must keep, of each gauge (case, place): its limit, or what it has before the transfer.
        load_scale, der_scale: factors on loads and DERs, (case, load), (case, der).
        options: further keywords of `solve`: controls and the positions they hold or begin at.
    """

    transfer: Transfer
    network: Network
    base: Solution
    points: VoltagePoints
    gauges: tuple[Gauge, ...]
    bounds: tuple[FloatArray, ...]
    load_scale: FloatArray
    der_scale: FloatArray
    options: dict[str, Any]

    def solve(self, case: IntArray, transfer_kw: FloatArray) -> Solution:
        """Power flows of some cases at some transfers, (row,) each."""
        devices = self.network.devices
        transfer = self.transfer
        n_loads = devices.n_loads
        sent = transfer_kw[:, None]
        load_scale = self.load_scale[case]
        # what a device table has as consumption, DERs inject: hence the signs
        der_scale = -self.der_scale[case]
        return solve(
            self.network,
            load_kw=devices.p_kw[:n_loads] * load_scale + sent * transfer.load_kw,
            load_kvar=devices.q_kvar[:n_loads] * load_scale + sent * transfer.load_kvar,
            der_kw=devices.p_kw[n_loads:] * der_scale + sent * transfer.der_kw,
            der_kvar=devices.q_kvar[n_loads:] * der_scale,
            start_pu=self.base.v_pu[0],  # many draws lie near by: fewer iterations
            **self.options,
        )

    def at(self, transfer_kw: FloatArray) -> Solution:
        """Power flows of the first case at some transfers, (row,)."""
        return self.solve(np.zeros(len(transfer_kw), dtype=np.int64), transfer_kw)

    def takes_what_is_sent(self, transfer_kw: float) -> bool:
        """Whether no device of the first case has turned into an impedance at a transfer. One that has takes less the more is
        sent, so that there is a power flow at any size of the transfer, and its end is no size that anybody could send.
        """
        solution = self.at(np.array([transfer_kw]))
        return not (solution.use_band and solution.outside_band.any())

    def read(self, solution: Solution) -> list[FloatArray]:
        """Reading of every gauge, (row, place) each."""
        point_pu = self.points.magnitude_pu(solution.v_pu)
        return [gauge.read(solution, point_pu) for gauge in self.gauges]

    def broken(self, case: IntArray, transfer_kw: FloatArray) -> BoolArray:
        """Limits that break, (row, gauge + 1): those of the gauges, then whether there is no power-flow solution. Without one
        every limit counts as broken.
        """
        # Readings of all limits at all rows would not fit into memory: only what breaks is kept.
        parts = [np.empty((0, len(self.gauges) + 1), dtype=bool)]
        for rows in _pieces(len(case)):
            solution = self.solve(case[rows], transfer_kw[rows])
            parts.append(self._breaks(case[rows], solution))
        return np.concatenate(parts)

    def _breaks(self, case: IntArray, solution: Solution) -> BoolArray:
        """The same of solved rows."""
        holds = []
        for k, values in enumerate(self.read(solution)):
            gauge = self.gauges[k]
            worst = excess(gauge, values, self.bounds[k][case]).max(axis=1)
            # asked this way round because NaN, a row without a solution, does not hold
            holds.append(worst <= 0)
        return ~np.column_stack([*holds, solution.converged])

    def worst_place(self, k: int, values: FloatArray) -> int:
        """The place of a gauge that is farthest beyond what it must keep in the first case, or nearest to it; values (place,)."""
        return int(np.argmax(excess(self.gauges[k], values, self.bounds[k][0])))

    def with_draws(self, config: TransferCapabilityConfig) -> Cases:
        """Cases with each load (P and Q together) and each DER drawn evenly within its spread."""
        random = np.random.default_rng(config.seed)
        # loads first: a feeder with one DER more keeps the loads that were drawn
        load = _drawn(random, self.load_scale, config.spread_pct, config.draws)
        der = _drawn(random, self.der_scale, config.der_spread_pct, config.draws)
        cases = replace(self, load_scale=load, der_scale=der)
        # a draw is judged by what it has before the transfer, as the feeder is
        every_draw = np.arange(config.draws)
        before = [
            cases.read(cases.solve(every_draw[rows], np.zeros(len(every_draw[rows]))))
            for rows in _pieces(config.draws)
        ]
        readings = [np.concatenate(parts) for parts in zip(*before, strict=True)]
        return replace(cases, bounds=_bounds(self.gauges, readings))


def _drawn(
    random: np.random.Generator, scale: FloatArray, spread_pct: float, draws: int
) -> FloatArray:
    """Factors drawn evenly around those of the one case, (draw, device)."""
    spread = spread_pct / 100
    return scale[0] * random.uniform(1 - spread, 1 + spread, (draws, scale.shape[1]))


def _pieces(count: int) -> Iterator[slice]:
    """Rows that are solved together."""
    for first in range(0, count, ROWS_AT_ONCE):
        yield slice(first, min(first + ROWS_AT_ONCE, count))


def _bounds(
    gauges: tuple[Gauge, ...], readings: Sequence[FloatArray]
) -> tuple[FloatArray, ...]:
    """What each place must keep, of each gauge (case, place); `readings` before the transfer, in the same shapes."""
    return tuple(
        bounds_of(values, np.asarray(gauge.limit), gauge.kind.side)
        for gauge, values in zip(gauges, readings, strict=True)
    )


def make_cases(transfer: Transfer, config: TransferCapabilityConfig) -> Cases:
    """The one case of the feeder as it stands.

    Raises:
        NotConvergedError: if it has no solution before the transfer.
    """
    network = Network.from_feeder(transfer.feeder)
    scale = config.load_pct / 100
    # controls that hold during the transfer have come to rest before it
    controls_before = "off" if config.controls == "off" else "feeder"
    base = solve(network, load_scale=scale, controls=controls_before)
    live = live_voltage_points(network, base.v_pu)
    controls = "off"
    if config.controls == "feeder":
        controls = "feeder"
    options: dict[str, Any] = {
        "controls": controls,
        "taps": base.taps[0],
    }
    if network.feeder.capacitors:
        options["capacitor_steps"] = base.capacitor_steps[0]
    devices = network.devices
    gauges = make_gauges(network, live, config.limit_numbers)
    with_place = tuple(gauge for gauge in gauges if gauge.names)
    point_pu = live.magnitude_pu(base.v_pu)
    readings = [gauge.read(base, point_pu) for gauge in with_place]
    return Cases(
        transfer,
        network,
        base,
        live,
        with_place,
        _bounds(with_place, readings),
        load_scale=np.full((1, devices.n_loads), scale),
        der_scale=np.ones((1, len(devices.p_kw) - devices.n_loads)),
        options=options,
    )


def broken_before(cases: Cases) -> pd.DataFrame:
    """Places of the feeder that are outside a limit before the transfer, the table of `studies.broken_before`."""
    readings = cases.read(cases.base)
    pairs = zip(cases.gauges, readings, strict=True)
    return broken_before_table(rows_before(gauge, values) for gauge, values in pairs)


def excess(gauge: Gauge, values: FloatArray, bounds: FloatArray) -> FloatArray:
    """How far places are beyond what they must keep, in the unit of the gauge; NaN without an answer."""
    return gauge.kind.side * (values - bounds)
