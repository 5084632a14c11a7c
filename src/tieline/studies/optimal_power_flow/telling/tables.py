"""The tables of an optimal power flow: set-points, prices, buses, limits that bind, violations, shed load, relaxation gap.

All are of one hour, so energy and mean power share their number. Prices are in currency/kWh, worths in currency per hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from tieline.feeders.elements import Der
from tieline.network.network import Network
from tieline.network.voltage_points import PHASES, voltage_points
from tieline.opf import Answer, Prices, Replay
from tieline.typing import BoolArray, ComplexArray, FloatArray

AT_LIMIT = 1e-4
"""How near to its limit counts as at it [pu, or relative to the limit]: what the LP leaves open, the coarsest of the three."""

PRICE_PARTS = ("energy", "loss", "voltage", "congestion")


def make_tables(
    answer: Answer, prices: Prices, before: Replay
) -> dict[str, pd.DataFrame]:
    """All tables; `loads` and `gaps` only where load may be shed and where there is a relaxation."""
    tables = {
        "set_points": set_points(answer, prices),
        "prices": price_table(answer.problem.network, prices),
        "buses": bus_table(answer, prices, before),
        "limits": binding_limits(answer),
        "violations": violation_table(answer.replay),
    }
    if answer.problem.flexible.is_flexible.any():
        tables["loads"] = load_table(answer)
    if answer.relaxation_gap_kw is not None:
        tables["gaps"] = gap_table(answer)
    return tables


def set_points(answer: Answer, prices: Prices) -> pd.DataFrame:
    """One row per DER: what it does, within which limits, at which price; `at` names the limits it has reached."""
    problem = answer.problem
    feeder = problem.network.feeder
    counts = {
        "PV": feeder.pvs,
        "storage": feeder.storages,
        "generator": feeder.generators,
    }
    kinds = [kind for kind, units in counts.items() for _ in units]
    per_node = prices.total[0]
    return pd.DataFrame(
        {
            "der": [der.name for der in feeder.ders],
            "kind": kinds,
            "bus": [der.bus for der in feeder.ders],
            "p_kw": answer.der_kw[0],
            "q_kvar": answer.der_kvar[0],
            "p_max_kw": problem.ders.p_max_kw[0],
            "rated_kva": problem.ders.kva,
            "cost_per_kwh": problem.ders.cost[0],
            "price_per_kwh": [
                _mean_price(problem.network, per_node, der) for der in feeder.ders
            ],
            "at": [", ".join(_reached(answer, k)) for k in range(problem.n_ders)],
        }
    )


def _mean_price(network: Network, per_node: FloatArray, der: Der) -> float:
    """Price over the phases that a DER is tied to [currency/kWh]."""
    nodes = [
        network.node_index[f"{der.bus}.{phase}"]
        for phase in der.nodes
        if phase in PHASES
    ]
    return float(per_node[nodes].mean())


def _reached(answer: Answer, k: int) -> Iterator[str]:
    """Limits of DER k that its set-point has reached."""
    problem = answer.problem
    p, q = answer.der_kw[0, k], answer.der_kvar[0, k]
    q_min, q_max = problem.ders.q_min_kvar[0, k], problem.ders.q_max_kvar[0, k]
    kva = problem.ders.kva[k]
    room = AT_LIMIT * kva
    if p >= problem.ders.p_max_kw[0, k] - room:
        yield "P max"
    if p <= problem.ders.p_min_kw[0, k] + room:
        yield "P min"
    # A limit on Q that is no tighter than the rating is not told of: that is what "kVA" says.
    if q >= q_max - room and q_max < kva:
        yield "Q max"
    if q <= q_min + room and q_min > -kva:
        yield "Q min"
    if np.hypot(p, q) >= kva - room:
        yield "kVA"


def price_table(network: Network, prices: Prices) -> pd.DataFrame:
    """One row per phase of every bus, dearest first: the price and its parts."""
    # the last dot parts: a bus may have dots in its name
    names = [name.rpartition(".") for name in network.node_names]
    table = pd.DataFrame(
        {
            "bus": [bus for bus, _, _ in names],
            "phase": [int(phase) for _, _, phase in names],
        }
    )
    table["price_per_kwh"] = prices.total[0]
    for part in PRICE_PARTS:
        table[f"{part}_per_kwh"] = getattr(prices, part)[0]
    return table[table["phase"].isin(PHASES)].sort_values(
        "price_per_kwh", ascending=False, kind="stable", ignore_index=True
    )


def bus_table(answer: Answer, prices: Prices, before: Replay) -> pd.DataFrame:
    """One row per bus: lowest and highest voltage before and after, and the mean price of its phases."""
    network = answer.problem.network
    after_pu = _voltages(network, answer.replay.solution.v_pu)
    before_pu = _voltages(network, before.solution.v_pu)
    by_price = price_table(network, prices).groupby("bus")["price_per_kwh"].mean()
    voltages = after_pu.join(before_pu.add_prefix("before_")).reset_index()
    return voltages.assign(price_per_kwh=voltages["bus"].map(by_price))


def _voltages(network: Network, v_pu: ComplexArray) -> pd.DataFrame:
    """Lowest and highest voltage of each bus."""
    points = voltage_points(network)
    buses = [network.feeder.buses[k].name for k in points.bus]
    point_pu = points.magnitude_pu(v_pu)[0]
    table = pd.DataFrame({"bus": buses, "v_pu": point_pu})
    grouped = table.groupby("bus", sort=False)["v_pu"]
    return pd.DataFrame({"lowest_pu": grouped.min(), "highest_pu": grouped.max()})


def binding_limits(answer: Answer) -> pd.DataFrame:
    """One row per voltage or branch limit that binds on AC, most worth first.

    `saves_per_pct` is what the hour would cost less if the limit gave way by one percent of itself [currency/h].
    """
    problem = answer.problem
    duals = answer.duals
    replay = answer.replay
    v_pu = replay.vm_pu[0]
    flow = problem.limits.flows.values(replay.solution)[0]
    low, high = problem.limits.v_min_pu, problem.limits.v_max_pu
    # One dual a voltage: above 0 the upper limit presses, below 0 the lower one.
    full = problem.limits.flows.limit
    is_full = problem.limits.flows.over(flow) >= -AT_LIMIT
    voltage = {"place": problem.limits.points.names, "value": v_pu, "unit": "pu"}
    branch = {
        "place": problem.limits.flows.names,
        "value": flow,
        "unit": problem.limits.flows.unit,
    }
    parts = [
        _binding(
            "lowest voltage", voltage, low, v_pu <= low + AT_LIMIT, -duals.voltage[0]
        ),
        _binding(
            "highest voltage", voltage, high, v_pu >= high - AT_LIMIT, duals.voltage[0]
        ),
        _binding("flow", branch, full, is_full, duals.flow[0]),
    ]
    columns = ["what", "place", "value", "limit", "unit", "saves_per_pct"]
    table = pd.concat(parts, ignore_index=True)[columns]
    return table.sort_values(
        "saves_per_pct", ascending=False, kind="stable", ignore_index=True
    )


def _binding(
    what: str,
    readings: dict[str, Any],
    limit: FloatArray,
    binds: BoolArray,
    dual: FloatArray,
) -> pd.DataFrame:
    """The places of one kind of limit at which it binds; `dual` is what a unit more of it is worth."""
    # a dual below zero speaks of the other end of a voltage band: nothing is saved at this one
    worth = np.maximum(dual, 0.0) * limit / 100
    table = pd.DataFrame(
        {"what": what, **readings, "limit": limit, "saves_per_pct": worth}
    )
    return table[binds]


def violation_table(replay: Replay) -> pd.DataFrame:
    """One row per limit that the set-points break on AC, and by how much of itself, the worst first."""
    rows = [
        (one.what, one.where, one.value, one.limit, one.unit)
        for one in replay.violations
    ]
    table = pd.DataFrame(rows, columns=["what", "place", "value", "limit", "unit"])
    value = table["value"]
    limit = table["limit"]
    # A limit of zero has no percent of its own: the excess is then the whole reading.
    size = limit.abs().where(limit != 0, value.abs())
    table["excess_pct"] = 100 * (value - limit).abs() / size
    return table.sort_values(
        "excess_pct", ascending=False, kind="stable", ignore_index=True
    )


def load_table(answer: Answer) -> pd.DataFrame:
    """One row per load: what it asks for and how much of it is served."""
    loads = answer.problem.network.feeder.loads
    return pd.DataFrame(
        {
            "load": [load.name for load in loads],
            "bus": [load.bus for load in loads],
            "asked_kw": answer.problem.steps.load_kw[0],
            "served_pct": 100 * answer.served[0],
        }
    )


def gap_table(answer: Answer) -> pd.DataFrame:
    """One row per branch, largest gap first: loss that the relaxation has and AC would not."""
    assert answer.relaxation_gap_kw is not None
    table = pd.DataFrame(
        {"branch": answer.gap_names, "gap_kw": answer.relaxation_gap_kw[0]}
    )
    return table.sort_values(
        "gap_kw", ascending=False, kind="stable", ignore_index=True
    )
