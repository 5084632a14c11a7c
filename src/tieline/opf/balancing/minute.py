"""`Minute`: what is asked of one minute of the balancing market.

    min  l0 [Loss(P) - Loss(0)] + sum_i c_i P_i + lu sum_m s_m + w sum e_mn
    s.t. sum_{i in S_m} P_i + s_m - r_m + sum_n (e_nm - e_mn) = D_m     for each region m, merged regions being one
         0 <= P_i <= Pmax_i;   flows, losses and voltages within their limits

Loads are those of the minute, D_m is what they take beyond the schedule. A region buys s_m from the main feeder at the balancing
price and e_nm from its neighbours at their cost plus w. The papers have no r_m: it is what DERs give beyond all demand where a
limit needs it, as when the losses of the demand overload the line that brings it, and is worth nothing to anyone. DERs inject
active power only, unless `reactive` lets those that are called add Q. A DER that several regions may call has one limit and a
share for each region.

Sources: the papers on distributed optimal power flow markets, their eqs. 25 to 30.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from tieline.errors import InputError, ShapeError
from tieline.linear.setting import Positions
from tieline.network.network import Network
from tieline.opf.balancing.reactive import ReactiveRange
from tieline.opf.problem import NetworkLimits
from tieline.typing import BoolArray, FloatArray, IntArray

EXPORT_PRICE = 0.01
"""w of the papers: what a region asks on top for what it sends to a neighbour [currency/kWh]."""


FIRST_KW = 1e-3
"""Demand at which a region without any is priced: what the first watt costs."""


@dataclass(frozen=True, eq=False)
class Watched:
    """The limits that each region keeps in its program, (region, point) and (region, row of branch limits)."""

    points: BoolArray
    flows: BoolArray

    @classmethod
    def all_of(cls, limits: NetworkLimits, n_regions: int) -> Watched:
        """Every region keeps every limit."""
        return cls._filled(limits, n_regions, is_watched=True)

    @classmethod
    def none_of(cls, limits: NetworkLimits, n_regions: int) -> Watched:
        """No region keeps any."""
        return cls._filled(limits, n_regions, is_watched=False)

    @classmethod
    def _filled(
        cls, limits: NetworkLimits, n_regions: int, *, is_watched: bool
    ) -> Watched:
        n_points = len(limits.points.names)
        n_rows = len(limits.flows)
        return cls(
            points=np.full((n_regions, n_points), is_watched),
            flows=np.full((n_regions, n_rows), is_watched),
        )


@dataclass(frozen=True, eq=False)
class Minute:
    """One minute; `der` are the DERs of the network's feeder, regions are numbered.

    Attributes:
        network: the whole feeder.
        load_kw, load_kvar: of this minute, (load,).
        positions: taps, lines, capacitor steps and source voltage to begin with, as arguments of `powerflow.solve`.
        reference_price: l0, of energy at the main feeder [currency/kWh].
        balancing_price: lu, of what departs from the schedule there [currency/kWh].
        offer, p_max_kw: what each DER asks and can give, (der,) [currency/kWh, kW].
        demand_kw: D, load less schedule of each region, (region,).
        group: label of each region; regions of one label are merged, (region,).
        neighbours: pairs of regions that share a border, (border, 2).
        may_serve: which DERs each region may call, (region, der).
        chosen: which it does call, (region, der).
        limits: of voltages and branches.
        watched: the limits that programs hold; the replay judges all. None for all.
        export_price: w [currency/kWh].
        next_ders: DERs that each region would call next, best first, (region,) of sequences; others follow by their cost.
        schedule_kw, schedule_kvar: what DERs inject whether or not it is bought, (der,); 0 if left out.
        reactive: what Q the DERs that are called may inject, unpaid; none if left out, as in the papers.
        likely_kw: what DERs are about to give, (der,): where the feeder is linearised first; the set-points of the minute before,
            or what fills the demand at the lowest offers, if left out.
        controls: whether regulators and capacitors act in replays, as in `powerflow.solve`.
        label: which minute, for messages.
    """

    network: Network
    load_kw: FloatArray
    load_kvar: FloatArray
    positions: Positions
    reference_price: float
    balancing_price: float
    offer: FloatArray
    p_max_kw: FloatArray
    demand_kw: FloatArray
    group: IntArray
    neighbours: IntArray
    may_serve: BoolArray
    chosen: BoolArray
    limits: NetworkLimits
    watched: Watched | None = None
    export_price: float = EXPORT_PRICE
    next_ders: tuple[tuple[int, ...], ...] = ()
    schedule_kw: FloatArray | None = None
    schedule_kvar: FloatArray | None = None
    reactive: ReactiveRange | None = None
    likely_kw: FloatArray | None = None
    controls: Literal["feeder", "off"] = "feeder"
    label: str = field(default="the minute")

    def __post_init__(self) -> None:
        """Check shapes and prices; all findings together."""
        _require_shapes(self)
        _require_prices(self)

    @property
    def n_regions(self) -> int:
        """Number of regions."""
        return len(self.demand_kw)

    @property
    def n_ders(self) -> int:
        """Number of DERs."""
        return len(self.offer)

    @cached_property
    def surplus_regions(self) -> IntArray:
        """Regions that take less than their schedule, merged regions together: nothing is bought for them."""
        total = np.zeros(self.n_regions)
        for label in np.unique(self.group):
            is_member = self.group == label
            total[is_member] = self.demand_kw[is_member].sum()
        return np.flatnonzero(total < 0)

    @cached_property
    def covered_kw(self) -> FloatArray:
        """D of each region, 0 where it is a surplus, (region,) [kW]."""
        covered = np.array(self.demand_kw, dtype=float)
        covered[self.surplus_regions] = 0.0
        return covered

    @cached_property
    def without_demand(self) -> IntArray:
        """Regions for which nothing is to be covered, or less than what a first watt is."""
        return np.flatnonzero(self.covered_kw < FIRST_KW)

    @cached_property
    def injected_kw(self) -> FloatArray:
        """What DERs inject before anything is bought, (der,) [kW]."""
        if self.schedule_kw is None:
            return np.zeros(self.n_ders)
        return np.asarray(self.schedule_kw, dtype=float)

    @cached_property
    def injected_kvar(self) -> FloatArray:
        """What reactive power they inject then, (der,)."""
        if self.schedule_kvar is None:
            return np.zeros(self.n_ders)
        return np.asarray(self.schedule_kvar, dtype=float)

    @cached_property
    def injected(self) -> FloatArray:
        """What moves the network then: P of every DER, and Q after it where it is free, (input,) [kW, kvar]."""
        if self.reactive is None:
            return self.injected_kw
        return np.concatenate([self.injected_kw, self.injected_kvar])

    @property
    def n_inputs(self) -> int:
        """How many numbers of DERs move the network."""
        return len(self.injected)

    @cached_property
    def watched_points(self) -> BoolArray:
        """Voltages that some region keeps, (point,)."""
        if self.watched is None:
            return np.ones(len(self.limits.points.names), dtype=bool)
        return np.asarray(self.watched.points.any(axis=0))

    @cached_property
    def watched_flows(self) -> BoolArray:
        """Rows of branch limits that some region keeps, (row,)."""
        if self.watched is None:
            return np.ones(len(self.limits.flows), dtype=bool)
        return np.asarray(self.watched.flows.any(axis=0))


def _require_shapes(minute: Minute) -> None:
    """Raise `ShapeError` naming every array that does not fit."""
    n_loads = minute.network.devices.n_loads
    n_ders = len(minute.network.feeder.ders)
    n_regions = len(minute.demand_kw)
    expected = {
        "load_kw": (n_loads,),
        "load_kvar": (n_loads,),
        "offer": (n_ders,),
        "p_max_kw": (n_ders,),
        "group": (n_regions,),
        "neighbours": (len(minute.neighbours), 2),
        "may_serve": (n_regions, n_ders),
        "chosen": (n_regions, n_ders),
    }
    for name in ("schedule_kw", "schedule_kvar", "likely_kw"):
        if getattr(minute, name) is not None:
            expected[name] = (n_ders,)
    array_of = {name: getattr(minute, name) for name in expected}
    if minute.reactive is not None:
        for name, values in vars(minute.reactive).items():
            expected[f"reactive.{name}"] = (n_ders,)
            array_of[f"reactive.{name}"] = values
    findings = []
    for name, shape in expected.items():
        actual = np.shape(array_of[name])
        if actual != shape:
            findings.append(f"  {name} has shape {actual}; expected {shape}")
    if findings:
        head = f"{minute.label}: arrays do not fit {n_regions} regions, {n_ders} DERs and {n_loads} loads:"
        raise ShapeError("\n".join([head, *findings]))


def _require_prices(minute: Minute) -> None:
    """Raise `InputError` for numbers without which the program is none: negative limits, NaN."""
    findings = []
    if not np.isfinite(minute.reference_price):
        findings.append("the reference price must be a number")
    if not minute.balancing_price >= 0 or not minute.export_price >= 0:
        findings.append("balancing and export price must be zero or more")
    if not np.isfinite(minute.offer).all():
        findings.append("every offer must be a number")
    if not (np.asarray(minute.p_max_kw) >= 0).all():
        findings.append("every limit of a DER must be zero or more")
    if minute.reactive is not None:
        findings += minute.reactive.problems()
    is_foreign = minute.chosen & ~minute.may_serve
    if is_foreign.any():
        region, der = np.argwhere(is_foreign)[0].tolist()
        findings.append(f"region {region} calls DER {der}, which may not serve it")
    if findings:
        raise InputError(f"{minute.label}: " + "; ".join(findings) + ".")
