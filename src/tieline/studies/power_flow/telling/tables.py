"""The tables of a power flow: voltages by node and by bus, flows by branch, what devices take, totals by phase, broken limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.powerflow import Solution
from tieline.powerflow.devices import branch_power_kva, node_current_pu
from tieline.powerflow.held_voltage.told import held_voltages
from tieline.powerflow.inverters.told import following_inverters
from tieline.studies.power_flow.flow import Flow
from tieline.typing import BoolArray, ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

PHASES = (1, 2, 3)


def make_tables(flow: Flow) -> dict[str, pd.DataFrame]:
    """All tables; a feeder without regulators, banks or held voltages has none of these."""
    solution = flow.solution
    tables = {
        "violations": violation_table(flow),
        "buses": bus_table(flow),
        "nodes": solution.node_table(),
        "branches": branch_table(solution),
        "phases": phase_table(solution),
        "taps": solution.tap_table(),
        "capacitors": capacitor_table(solution),
        "held_voltages": held_table(solution),
        "inverters": inverter_table(solution),
        "loads": solution.loads().drop(columns="scenario"),
        "ders": solution.ders().drop(columns="scenario"),
    }
    # an empty table of the flow's main parts says something, one of what the feeder does not have says nothing
    optional = ("taps", "capacitors", "held_voltages", "inverters", "ders")
    return {
        name: table
        for name, table in tables.items()
        if len(table) or name not in optional
    }


def violation_table(flow: Flow) -> pd.DataFrame:
    """One row per broken limit: kind, place, value and limit in their unit, and how far beyond [% of the limit]."""
    rows = [
        (
            breach.kind.name,
            breach.place,
            breach.value,
            breach.limit,
            breach.kind.unit,
            breach.beyond_pct,
        )
        for breach in flow.breaches
    ]
    columns = ["kind", "place", "value", "limit", "unit", "excess_pct"]
    return pd.DataFrame(rows, columns=columns)


def bus_table(flow: Flow) -> pd.DataFrame:
    """One row per bus: lowest and highest of the voltages that limits apply to [pu], NaN without supply; unbalance [%]."""
    buses = flow.network.feeder.buses
    low: FloatArray = np.full(len(buses), np.nan)
    high: FloatArray = np.full(len(buses), np.nan)
    # both pass over NaN, which stands for "nothing yet"
    np.fmin.at(low, flow.points.bus, flow.point_pu)
    np.fmax.at(high, flow.points.bus, flow.point_pu)
    return pd.DataFrame(
        {
            "bus": [bus.name for bus in buses],
            "v_low_pu": low,
            "v_high_pu": high,
            "unbalance_pct": flow.solution.unbalance_pct[0],
        }
    )


def branch_table(solution: Solution) -> pd.DataFrame:
    """The branches of a solution with the buses at their ends."""
    feeder = solution.network.feeder
    ends = {("line", line.name): (line.from_bus, line.to_bus) for line in feeder.lines}
    for transformer in feeder.transformers:
        windings = transformer.windings
        ends["transformer", transformer.name] = (windings[0].bus, windings[1].bus)
    table = solution.branch_table()
    keys = list(zip(table["kind"], table["name"], strict=True))
    table.insert(2, "from_bus", [ends[key][0] for key in keys])
    table.insert(3, "to_bus", [ends[key][1] for key in keys])
    return table


def phase_table(solution: Solution) -> pd.DataFrame:
    """One row per phase: what the source delivers with its current, what loads take and DERs inject at the nodes of the phase.

    A load between two phases takes its power from both. Losses have no phase: a transformer moves power between them.
    """
    network = solution.network
    source_a = np.abs(solution.source_current_pu[0])
    source_a = source_a * network.node_base_a[network.source_nodes]
    columns: dict[str, Any] = {
        "phase": PHASES,
        "source_a": _by_phase(solution, source_a, network.source_nodes),
    }
    for name, kva in _node_powers(solution).items():
        of_phase = _by_phase(solution, kva)
        columns[f"{name}_kw"] = of_phase.real
        columns[f"{name}_kvar"] = of_phase.imag
    return pd.DataFrame(columns)


def _node_powers(solution: Solution) -> dict[str, ComplexArray]:
    """What enters the network from the source, and what loads take and DERs inject, (node,) [kVA]."""
    network = solution.network
    v_pu = solution.v_pu[0]
    from_source = np.zeros(network.n_nodes, dtype=complex)
    from_source[network.source_nodes] = solution.source_current_pu[0]
    is_load = network.devices.device < network.devices.n_loads
    currents = {
        "source": from_source,
        "load": _device_current(solution, is_load),
        "generation": -_device_current(solution, ~is_load),
    }
    return {
        name: v_pu * np.conj(current) * S_BASE_KVA for name, current in currents.items()
    }


def _device_current(solution: Solution, is_counted: BoolArray) -> ComplexArray:
    """Current that some of the device branches take from each node, (node,) [pu]."""
    network = solution.network
    branch_kva = branch_power_kva(
        network,
        solution.v_pu,
        solution.state,
        solution.p_kw,
        solution.q_kvar,
        solution.use_band,
    )
    counted_kva = np.where(is_counted, branch_kva, 0.0)
    return node_current_pu(network.devices, solution.v_pu, counted_kva)[0]


def _by_phase(solution: Solution, values: Any, nodes: Any = slice(None)) -> Any:
    """Sums over the nodes of each phase, (phase,)."""
    number = solution.network.node_number[nodes]
    return np.array([values[number == phase].sum() for phase in PHASES])


def capacitor_table(solution: Solution) -> pd.DataFrame:
    """One row per capacitor: steps in, steps in all, and whether a control switches it."""
    feeder = solution.network.feeder
    controlled = {control.capacitor for control in feeder.capacitor_controls}
    return pd.DataFrame(
        {
            "capacitor": [bank.name for bank in feeder.capacitors],
            "bus": [bank.bus for bank in feeder.capacitors],
            "steps_in": np.round(solution.capacitor_steps[0]).astype(int),
            "steps": [bank.steps for bank in feeder.capacitors],
            "switched": [bank.name in controlled for bank in feeder.capacitors],
        }
    )


def inverter_table(solution: Solution) -> pd.DataFrame:
    """One row per inverter on its characteristic: the voltage that it sees, what it injects."""
    rows = [
        (inverter.name, inverter.der, inverter.v_pu, inverter.p_kw, inverter.q_kvar)
        for inverter in following_inverters(solution)
    ]
    columns = ["inverter", "der", "v_pu", "p_kw", "q_kvar"]
    return pd.DataFrame(rows, columns=columns)


def held_table(solution: Solution) -> pd.DataFrame:
    """One row per generator that holds a voltage: asked, reached, its reactive power, the limit it is at."""
    rows = [
        (holder.name, holder.held_pu, holder.v_pu, holder.q_kvar, holder.limit)
        for holder in held_voltages(solution)
    ]
    columns = ["generator", "asked_pu", "v_pu", "q_kvar", "at_limit"]
    return pd.DataFrame(rows, columns=columns)
