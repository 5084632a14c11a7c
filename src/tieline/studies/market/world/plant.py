"""`Plant`: what does not change from minute to minute: the feeder with its DERs and extra loads, its microgrids and its limits.

The loads of the feeder are scaled to the schedule, so that its nominal load is the scheduled one. Extra loads stand behind them
and take nothing in the snapshot. All DERs are generators behind the feeder's own DERs, which keep to their snapshot.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.feeders.limits import with_limits_of
from tieline.linear.setting import require_voltage
from tieline.network.attach import with_loads_at
from tieline.network.network import Network
from tieline.opf.balancing import ReactiveRange
from tieline.opf.balancing.loss_limits import with_loss_limits
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.der_limits import limit_ders
from tieline.opf.make_problem import network_limits
from tieline.opf.problem import NetworkLimits
from tieline.powerflow import Solution, solve
from tieline.studies.market.stage_config import MarketStageConfig
from tieline.studies.market.world.line_limits import line_limits, loss_limits
from tieline.studies.market.world.microgrids import Microgrids
from tieline.studies.market.world.sellers import Sellers
from tieline.typing import BoolArray, FloatArray, IntArray

EXTRA = "extra"
"""Names of extra loads are extra_BUS."""


@dataclass(frozen=True, eq=False)
class Plant:
    """The stage of a run.

    Attributes:
        network: the feeder, loads at the schedule, extra loads and sellers behind its own loads and DERs.
        n_scheduled: loads that have a schedule; those behind them are extra.
        sellers: DERs of the market, in the order of the last `ders` of the feeder.
        microgrids: regions.
        limits: of every line and of voltages, as `BranchLimit` and as rows.
        base: the scheduled load without the market, controls at rest.
    """

    network: Network
    n_scheduled: int
    sellers: Sellers
    microgrids: Microgrids
    branch_limits: tuple[BranchLimit, ...]
    limits: NetworkLimits
    band_pu: tuple[float, float]
    base: Solution

    @property
    def feeder(self) -> Feeder:
        """The feeder with everything attached."""
        return self.network.feeder

    @property
    def n_ders(self) -> int:
        """DERs of the feeder, its own and the sellers."""
        return len(self.feeder.ders)

    @property
    def first_seller(self) -> int:
        """Where the sellers begin among the DERs."""
        return self.n_ders - len(self.sellers.places)

    @cached_property
    def scheduled_kw(self) -> FloatArray:
        """Scheduled power of the loads that have a schedule, (scheduled load,)."""
        loads = self.feeder.loads[: self.n_scheduled]
        return np.array([load.p_kw for load in loads])

    @cached_property
    def scheduled_kvar(self) -> FloatArray:
        """Their reactive power then, (scheduled load,)."""
        loads = self.feeder.loads[: self.n_scheduled]
        return np.array([load.q_kvar for load in loads])

    @cached_property
    def der_buses(self) -> tuple[str, ...]:
        """Bus of each DER, (der,)."""
        return tuple(der.bus for der in self.feeder.ders)

    @cached_property
    def may_serve(self) -> BoolArray:
        """DERs that each region may call, (region, der); a feeder's own DERs none."""
        serves = np.zeros((self.microgrids.n_regions, self.n_ders), dtype=bool)
        serves[:, self.first_seller :] = self.microgrids.may_serve
        return serves

    @cached_property
    def own_der_kw(self) -> FloatArray:
        """What DERs inject whether or not it is bought: the feeder's own as in its snapshot, (der,) [kW]."""
        return np.asarray(self.network.devices.der_kw, dtype=float)

    @cached_property
    def own_der_kvar(self) -> FloatArray:
        """The reactive power of these, (der,)."""
        return np.array([der.q_kvar for der in self.feeder.ders], dtype=float)

    @cached_property
    def reactive(self) -> ReactiveRange:
        """Reactive power that ratings and stated limits allow, (der,)."""
        return ReactiveRange.of_limits(limit_ders(self.feeder))

    @cached_property
    def region_of_load(self) -> IntArray:
        """Region in which each load buys, (load,); -1 for those of no region."""
        return self._regions_at([load.bus for load in self.feeder.loads])

    @cached_property
    def region_of_bus(self) -> IntArray:
        """Region of each bus, (bus,); -1 for those of no region."""
        return self._regions_at([bus.name for bus in self.feeder.buses])

    def _regions_at(self, buses: list[str]) -> IntArray:
        region_of = self.microgrids.region_of
        regions = [region_of.get(bus, -1) for bus in buses]
        return np.array(regions, dtype=np.int64)

    def of_all_ders(self, of_sellers: FloatArray) -> FloatArray:
        """A number of each seller as one of each DER, 0 for the feeder's own, (der,)."""
        values = np.zeros(self.n_ders)
        values[self.first_seller :] = of_sellers
        return values


def make_plant(
    scheduled: Feeder,
    sellers: Sellers,
    microgrids: Microgrids,
    extra_peak_kw: Mapping[str, float],
    config: MarketStageConfig,
) -> Plant:
    """The stage of a run.

    Args:
        scheduled: the feeder with its scheduled load, from `at_schedule`.
        sellers, microgrids: of that feeder.
        extra_peak_kw: highest load beyond the schedule by bus [kW].
        config: limits, and whether controls act.

    Raises:
        InputError: if a bus lies in no region, a node has no closed path to the source, or a line or limit cannot be used.
        NotConvergedError: if there is no power flow at the schedule.
    """
    extra_buses = tuple(extra_peak_kw)
    microgrids.buys_at(extra_buses, "A load beyond the schedule")
    zeros = [0.0] * len(extra_buses)
    with_extra = with_loads_at(scheduled, extra_buses, zeros, zeros, EXTRA)
    network = Network.from_feeder(sellers.attach_to(with_extra))
    base = solve(network, controls=config.controls)
    # programs are linear around power flows, and a node without voltage has no slope
    require_voltage(network, base.state[0])
    nominal = _at_peaks(network, scheduled, extra_peak_kw, config)
    branch_limits = line_limits(base, nominal, config)
    # a bench has no shell that would have put the numbers in
    with_numbers, _ = with_limits_of(scheduled, config)
    lowest_pu, highest_pu = with_numbers.limit_numbers.band_pu
    limits = network_limits(network, lowest_pu, highest_pu, branch_limits)
    return Plant(
        network,
        len(scheduled.loads),
        sellers,
        microgrids,
        branch_limits,
        with_loss_limits(network, limits, loss_limits(network.feeder, config)),
        (lowest_pu, highest_pu),
        base,
    )


def _at_peaks(
    network: Network,
    scheduled: Feeder,
    extra_peak_kw: Mapping[str, float],
    config: MarketStageConfig,
) -> Solution:
    """The scheduled load with all peaks beyond it; raises `NotConvergedError` if it has no power flow."""
    load_kw = [load.p_kw for load in scheduled.loads]
    load_kvar = [load.q_kvar for load in scheduled.loads]
    zeros = [0.0] * len(extra_peak_kw)
    try:
        nominal = solve(
            network,
            load_kw=[*load_kw, *extra_peak_kw.values()],
            load_kvar=[*load_kvar, *zeros],
            controls=config.controls,
        )
    except NotConvergedError:
        # the solver speaks of the feeder, which has a solution: it is the peaks that were added
        raise _no_peaks(network.feeder, extra_peak_kw) from None
    if not nominal.converged[0]:
        raise _no_peaks(network.feeder, extra_peak_kw)
    return nominal


def _no_peaks(feeder: Feeder, extra_peak_kw: Mapping[str, float]) -> NotConvergedError:
    largest_kw = max(extra_peak_kw.values(), default=0.0)
    buses = [bus for bus, peak_kw in extra_peak_kw.items() if peak_kw == largest_kw]
    where = f", up to {largest_kw:,.0f} kW at bus '{buses[0]}'" if buses else ""
    return NotConvergedError(
        f"With the peaks of the loads beyond the schedule{where}, the power flow of feeder '{feeder.name}' has no solution. "
        "Lower them (--extra-loads), or --load-pct."
    )


def at_schedule(feeder: Feeder, config: MarketStageConfig) -> Feeder:
    """The feeder with every load at the scheduled share of its nominal power."""
    share = config.load_pct / 100
    loads = [
        dataclasses.replace(load, p_kw=share * load.p_kw, q_kvar=share * load.q_kvar)
        for load in feeder.loads
    ]
    return feeder.replace(loads=tuple(loads))
