"""`make_problem`: a `Problem` from numbers, rows or tables and from what the feeder says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import Batteries
from tieline.errors import InputError, ShapeError
from tieline.feeders.feeder import Feeder
from tieline.feeders.unread_costs import unread_der_costs
from tieline.linear.setting import make_setting
from tieline.network.network import Network, require_network
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.opf.contradictions import require_answerable
from tieline.opf.der_limits import limit_ders
from tieline.opf.flow_limits import BranchLimit, FlowLimits, rated_limits
from tieline.opf.problem import Problem
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
    p_min_kw: ArrayLike | None = None,
    p_max_kw: ArrayLike | None = None,
    q_min_kvar: ArrayLike | None = None,
    q_max_kvar: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    cost_square: ArrayLike | None = None,
    batteries: Batteries | None = None,
    stored_kwh: ArrayLike | None = None,
    stored_end_kwh: ArrayLike | None = None,
    ramp_kw: ArrayLike = np.inf,
    last_kw: ArrayLike = np.nan,
    energy_min_kwh: ArrayLike = -np.inf,
    energy_max_kwh: ArrayLike = np.inf,
    v_min_pu: ArrayLike | None = None,
    v_max_pu: ArrayLike | None = None,
    branch_limits: Sequence[BranchLimit] | Literal["rated"] = "rated",
    flexible: ArrayLike = False,
    value: ArrayLike = 0.0,
    served_before: ArrayLike = 0.0,
    max_drop: float = 1.0,
    taps: ArrayLike | None = None,
    line_closed: ArrayLike | None = None,
    capacitor_steps: ArrayLike | None = None,
    source_pu: float | None = None,
) -> Problem:
    """Check a question and bring its arrays to full shape; the number of steps is that of `price`.

    An array may be a number, one value per element, or (step, element). What is left out comes from the feeder: demand, limits
    and costs of the DERs (see `limit_ders`; 0 where the feeder knows no cost), voltage limits of buses (ANSI range A where a bus
    has none), stored energy. Arguments as in `Problem` and `powerflow.solve`.

    Raises:
        InputError: if there is nothing to decide, limits contradict each other (every contradiction is named), or the feeder
            states a cost that was left out and `cost` is not given.
        ShapeError: if an array does not fit.
    """
    require_network(network, "make_problem")
    feeder = network.feeder
    prices = np.atleast_1d(np.asarray(price, dtype=float))
    steps, devices = len(prices), network.devices
    n_loads, n_ders = devices.n_loads, len(feeder.ders)
    units = batteries or Batteries.of(feeder.storages)
    limits = limit_ders(feeder, units)
    stored = (
        [storage.stored_kwh for storage in feeder.storages] if stored_kwh is None else stored_kwh
    )
    points = _controllable_points(network)

    def grid(name: str, given: ArrayLike | None, default: ArrayLike, width: int) -> FloatArray:
        return _broadcast(name, default if given is None else given, (steps, width))

    def row(name: str, given: ArrayLike, width: int) -> FloatArray:
        return _broadcast(name, given, (width,))

    problem = Problem(
        network=network,
        setting=make_setting(network, taps, line_closed, capacitor_steps, source_pu),
        hours=hours,
        price=prices,
        load_kw=grid("load_kw", load_kw, devices.p_kw[:n_loads], n_loads),
        load_kvar=grid("load_kvar", load_kvar, devices.q_kvar[:n_loads], n_loads),
        p_min_kw=grid("p_min_kw", p_min_kw, limits.p_min_kw, n_ders),
        p_max_kw=grid("p_max_kw", p_max_kw, limits.p_max_kw, n_ders),
        q_min_kvar=grid("q_min_kvar", q_min_kvar, limits.q_min_kvar, n_ders),
        q_max_kvar=grid("q_max_kvar", q_max_kvar, limits.q_max_kvar, n_ders),
        der_kva=limits.kva,
        cost=grid("cost", cost, own_costs(feeder) if cost is None else 0.0, n_ders),
        cost_square=grid(
            "cost_square", cost_square, [der.cost_per_kw2h or 0.0 for der in feeder.ders], n_ders
        ),
        batteries=units,
        stored_kwh=row("stored_kwh", stored, len(units.names)),
        stored_end_kwh=row(
            "stored_end_kwh", 0.0 if stored_end_kwh is None else stored_end_kwh, len(units.names)
        ),
        ramp_kw=row("ramp_kw", ramp_kw, n_ders),
        last_kw=row("last_kw", last_kw, n_ders),
        energy_min_kwh=row("energy_min_kwh", energy_min_kwh, n_ders),
        energy_max_kwh=row("energy_max_kwh", energy_max_kwh, n_ders),
        points=points,
        v_min_pu=row(
            "v_min_pu",
            low_limits_pu(network, points) if v_min_pu is None else v_min_pu,
            len(points.names),
        ),
        v_max_pu=row(
            "v_max_pu",
            high_limits_pu(network, points) if v_max_pu is None else v_max_pu,
            len(points.names),
        ),
        flows=FlowLimits.of(
            network, rated_limits(feeder) if isinstance(branch_limits, str) else branch_limits
        ),
        is_flexible=row("flexible", flexible, n_loads).astype(bool),
        value=grid("value", value, 0.0, n_loads),
        served_before=row("served_before", served_before, n_loads),
        max_drop=max_drop,
    )
    require_answerable(problem)
    return problem


def own_costs(feeder: Feeder) -> list[float]:
    """Cost of each DER by the feeder, 0 where it states none [money/kWh].

    Raises:
        InputError: if the file states a cost that was left out; names each.
    """
    unread = unread_der_costs(feeder).values()
    if unread:
        head = f"Feeder '{feeder.name}' states costs that were left out; no optimum without them. Give `cost`:"
        raise InputError("\n".join([head, *(f"  {note}" for note in unread)]))
    return [der.cost_per_kwh or 0.0 for der in feeder.ders]


def low_limits_pu(network: Network, points: VoltagePoints) -> FloatArray:
    """Lowest voltage at each point by the limits of its bus, ANSI range A where it has none, (point,) [pu]."""
    limits = [bus.v_low_limit_pu for bus in network.feeder.buses]
    return np.array(
        [ANSI_RANGE_A[0] if limits[k] is None else limits[k] for k in points.bus], dtype=float
    )


def high_limits_pu(network: Network, points: VoltagePoints) -> FloatArray:
    """Highest voltage at each point, as `low_limits_pu`, (point,) [pu]."""
    limits = [bus.v_high_limit_pu for bus in network.feeder.buses]
    return np.array(
        [ANSI_RANGE_A[1] if limits[k] is None else limits[k] for k in points.bus], dtype=float
    )


def _controllable_points(network: Network) -> VoltagePoints:
    """The voltage points, without those that an ideal source holds: no decision moves them."""
    points = voltage_points(network)
    held = network.held_nodes
    return points.select(
        ~(np.isin(points.plus, held) & ((points.minus < 0) | np.isin(points.minus, held)))
    )


def _broadcast(name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    array = np.asarray(value, dtype=float)
    try:
        return np.broadcast_to(array, shape).copy()
    except ValueError:
        raise ShapeError(
            f"{name} has shape {array.shape}; expected a number, ({shape[-1]},) or {shape}."
        ) from None
