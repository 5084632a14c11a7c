"""`make_problem`: a `Problem` from numbers, rows or tables and from what the feeder says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike

from tieline.feeders.feeder import Feeder
from tieline.linear.setting import make_setting
from tieline.network.network import Network, require_network
from tieline.network.voltage_holders import require_no_holders
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.opf.branch_limits import BranchLimit, rated_limits
from tieline.opf.contradictions import require_answerable
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.inputs import (
    DerInputs,
    FlexibleInputs,
    ReboundInputs,
    StorageInputs,
    fit,
)
from tieline.opf.meters import Meters
from tieline.opf.problem import NetworkLimits, Problem, TimeSteps
from tieline.powerflow.scenario_inputs import Positions
from tieline.typing import FloatArray

ANSI_RANGE_A = (0.95, 1.05)
"""Service voltage [pu]. Source: ANSI C84.1, range A."""


def make_problem(
    network: Network,
    *,
    price: ArrayLike,
    hours: float = 1.0,
    load_kw: ArrayLike | None = None,
    load_kvar: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    v_min_pu: ArrayLike | None = None,
    v_max_pu: ArrayLike | None = None,
    branch_limits: Sequence[BranchLimit] | Literal["rated"] = "rated",
    neutral_v: float | None = None,
    ders: DerInputs | None = None,
    storage: StorageInputs | None = None,
    flexible: FlexibleInputs | None = None,
    rebounds: ReboundInputs | None = None,
    meters: Sequence[str] | None = None,
    **positions: Unpack[Positions],
) -> Problem:
    """Check a question and bring its arrays to full shape; the number of steps is that of `price`.

    An array may be a number, one value per element, or (step, element). What is left out comes from the feeder.

    Main arguments:
        network: feeder arrays.
        price: of energy at the source, or at `meters`, a number or (step,) [currency/kWh].
        hours: length of a step [h].
        load_kw, load_kvar: demand at rated voltage, (step, load).
        cost: of what DERs inject, (step, der) [currency/kWh]; 0 where the feeder knows none.
        v_min_pu, v_max_pu: voltage limits, (point,); left out, those of each bus, ANSI range A where it has none.
        branch_limits: limits of lines and transformers; left out, their ratings.
        neutral_v: highest neutral-to-earth voltage [V], judged where set-points are replayed on AC; None for any.

    Other arguments, which a first question does without:
        ders: boxes, ramps, energy over all steps, quadratic cost.
        storage: ratings in place of the feeder's, stored energy at start and end, its value at the end.
        flexible: loads that may be shed, and what serving them is worth; left out, all load is served.
        rebounds: loads that may be curtailed, or shifted to later steps by a fixed kernel.
        meters: lines or transformers at whose first ends energy is bought in place of the source; the AC optimum alone has them.
        taps, line_closed, capacitor_steps, source_pu: positions and source voltage held, as in `powerflow.solve`.

    Raises:
        InputError: if there is nothing to decide, limits contradict each other (every contradiction is named), or the feeder
            states a cost that was left out and `cost` is not given.
        ShapeError: if an array does not fit.
        TypeError: for an argument by another name.
    """
    require_network(network, "make_problem")
    feeder = network.feeder
    _require_no_fixed_holders(feeder)
    prices = np.atleast_1d(np.asarray(price, dtype=float))
    n_loads = network.devices.n_loads
    n_steps = len(prices)
    stored = (storage or StorageInputs()).fill(feeder)
    der_inputs = ders or DerInputs()
    flexible_inputs = flexible or FlexibleInputs()
    rebound_inputs = rebounds or ReboundInputs.none()
    limits = network_limits(network, v_min_pu, v_max_pu, branch_limits)
    problem = Problem(
        network=network,
        setting=make_setting(network, **positions),
        steps=_time_steps(network, hours, prices, load_kw, load_kvar),
        ders=der_inputs.fill(feeder, stored.batteries, cost, n_steps),
        storage=stored,
        flexible=flexible_inputs.fill(n_loads, n_steps),
        rebounds=rebound_inputs.fill(feeder, prices),
        limits=replace(limits, neutral_v=neutral_v),
        meters=None if meters is None else Meters.at(network, meters),
    )
    require_answerable(problem)
    return problem


def _require_no_fixed_holders(feeder: Feeder) -> None:
    """The Q of a generator that may be controlled is decided, whatever voltage it holds; one that may not would follow it."""
    uncontrolled = [unit for unit in feeder.generators if not unit.controllable]
    require_no_holders(
        feeder.replace(generators=uncontrolled),
        "An optimal power flow in which they may not be controlled",
    )


def _time_steps(
    network: Network,
    hours: float,
    price: FloatArray,
    load_kw: ArrayLike | None,
    load_kvar: ArrayLike | None,
) -> TimeSteps:
    devices = network.devices
    loads = slice(devices.n_loads)
    shape = (len(price), devices.n_loads)
    return TimeSteps(
        hours=hours,
        price=price,
        load_kw=fit("load_kw", load_kw, shape, devices.p_kw[loads]),
        load_kvar=fit("load_kvar", load_kvar, shape, devices.q_kvar[loads]),
    )


def network_limits(
    network: Network,
    v_min_pu: ArrayLike | None,
    v_max_pu: ArrayLike | None,
    branch_limits: Sequence[BranchLimit] | Literal["rated"],
) -> NetworkLimits:
    """Limits of every voltage that decisions move and of branches, as `make_problem` takes them."""
    points = _controllable_points(network)
    shape = (len(points.names),)
    branches = branch_limits
    if isinstance(branches, str):
        branches = rated_limits(network.feeder)
    return NetworkLimits(
        points=points,
        v_min_pu=fit("v_min_pu", v_min_pu, shape, low_limits_pu(network, points)),
        v_max_pu=fit("v_max_pu", v_max_pu, shape, high_limits_pu(network, points)),
        flows=FlowLimits.of(network, branches),
    )


def low_limits_pu(network: Network, points: VoltagePoints) -> FloatArray:
    """Lowest voltage at each point by the limits of its bus, ANSI range A where it has none, (point,) [pu]."""
    limits = [bus.v_low_limit_pu for bus in network.feeder.buses]
    return _or_default(limits, ANSI_RANGE_A[0])[points.bus]


def high_limits_pu(network: Network, points: VoltagePoints) -> FloatArray:
    """Highest voltage at each point, as `low_limits_pu`, (point,) [pu]."""
    limits = [bus.v_high_limit_pu for bus in network.feeder.buses]
    return _or_default(limits, ANSI_RANGE_A[1])[points.bus]


def _or_default(limits: Sequence[float | None], default: float) -> FloatArray:
    values = [default if limit is None else limit for limit in limits]
    return np.array(values, dtype=float)


def _controllable_points(network: Network) -> VoltagePoints:
    """The voltage points, without those that an ideal source holds: no decision moves them."""
    points = voltage_points(network)
    held_nodes = network.held_nodes
    is_plus_held = np.isin(points.plus, held_nodes)
    is_minus_held = np.isin(points.minus, held_nodes)
    is_ground = points.minus < 0
    is_held = is_plus_held & (is_minus_held | is_ground)
    return points.select(~is_held)
