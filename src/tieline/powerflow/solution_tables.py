"""A solution as tables: a row for each scenario and element, names in columns, units in the names of columns.

Scenarios count from 0 in the order of the inputs. A scenario without an answer keeps its rows, with NaN in them; a node without
voltage has 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tieline.network.scatter import sum_columns
from tieline.network.voltage_points import voltage_points
from tieline.powerflow.outcome import Outcome
from tieline.typing import ComplexArray, FloatArray

if TYPE_CHECKING:
    from tieline.powerflow.solution import Solution


def voltage_table(solution: Solution) -> pd.DataFrame:
    """One row for each scenario and node: node, bus, phase, v_pu, angle_deg, v_kv."""
    network = solution.network
    buses = pd.Index([bus.name for bus in network.feeder.buses])
    # a name of a million rows is kept once
    names = {
        "node": pd.Categorical(network.node_names, network.node_names),
        "bus": pd.Categorical.from_codes(network.node_bus.tolist(), buses),
        "phase": network.node_number,
    }
    values = {
        "v_pu": solution.vm_pu,
        "angle_deg": np.degrees(np.angle(solution.v_pu)),
        "v_kv": solution.vm_pu * network.node_kv,
    }
    return _table(solution, names, values)


def node_table(solution: Solution, scenario: int) -> pd.DataFrame:
    """One row per node of one scenario: bus, phase, v_pu, angle_deg, v_kv."""
    v = solution.v_pu[scenario]
    parts = [name.rsplit(".", 1) for name in solution.network.node_names]
    columns = {
        "bus": [bus for bus, _ in parts],
        "phase": [int(phase) for _, phase in parts],
        "v_pu": np.abs(v),
        "angle_deg": np.degrees(np.angle(v)),
        "v_kv": np.abs(v) * solution.network.node_kv,
    }
    return pd.DataFrame(columns)


def tap_table(solution: Solution, scenario: int) -> pd.DataFrame:
    """One row per regulator of one scenario: tap position and ratio."""
    tap = solution.taps[scenario]
    network = solution.network
    names = [regulator.name for regulator in network.feeder.regulators]
    ratio = 1 / network.regulators.inverse_ratio(tap)
    return pd.DataFrame({"regulator": names, "tap": tap, "ratio_pu": ratio})


def wide_voltages(solution: Solution) -> pd.DataFrame:
    """Magnitudes [pu] with a row for each scenario and a column for each node."""
    frame = pd.DataFrame(solution.vm_pu, columns=list(solution.network.node_names))
    return frame.rename_axis(index="scenario", columns="node")


def branch_flows(solution: Solution) -> pd.DataFrame:
    """One row for each scenario, line and transformer: power into its first end, loss, largest current, both loadings."""
    terminals = solution.network.terminals
    elements = solution.network.elements
    branches = [
        k for k, (kind, _) in enumerate(elements) if kind in ("line", "transformer")
    ]
    at_first_end: ComplexArray = solution.terminal_kva * (terminals.side == 1)
    into_elements = sum_columns(at_first_end, terminals.element, len(elements))
    power: ComplexArray = into_elements[:, branches]
    loss: ComplexArray = solution.element_loss_kva[:, branches]
    # terminals stand element by element
    starts = np.searchsorted(terminals.element, branches)
    stops = np.searchsorted(terminals.element, branches, side="right")
    current_a = np.empty((solution.n_scenarios, len(branches)))
    for k, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        current_a[:, k] = solution.terminal_current_a[:, start:stop].max(axis=1)
    names = {
        "kind": [elements[k][0] for k in branches],
        "name": [elements[k][1] for k in branches],
    }
    values = {
        "p_from_kw": power.real,
        "q_from_kvar": power.imag,
        "loss_kw": loss.real,
        "loss_kvar": loss.imag,
        "i_max_a": current_a,
        "loading_pct": solution.loading_pct[:, branches],
        "loading_kva_pct": solution.loading_kva_pct[:, branches],
    }
    return _table(solution, names, values)


def load_table(solution: Solution) -> pd.DataFrame:
    """One row for each scenario and load: name, bus, and what it takes at its voltage."""
    return _device_table(solution, solution.network.feeder.loads, solution.load_kva)


def der_table(solution: Solution) -> pd.DataFrame:
    """One row for each scenario and DER: kind, name, bus, and what it injects."""
    ders = solution.network.feeder.ders
    table = _device_table(solution, ders, solution.der_kva)
    kinds = [type(der).__name__.lower() for der in ders]
    table.insert(1, "kind", kinds * solution.n_scenarios)
    return table


def totals_table(solution: Solution) -> pd.DataFrame:
    """One row for each scenario: outcome, power of the source, loads and DERs, loss, lowest and highest of the voltages that
    limits apply to.
    """
    vm_pu = voltage_points(solution.network).live_pu(solution.v_pu)
    load = solution.load_kva.sum(axis=1)
    der = solution.der_kva.sum(axis=1)
    columns = {
        "outcome": [_word(code) for code in solution.outcome],
        "source_kw": solution.source_kva.real,
        "source_kvar": solution.source_kva.imag,
        **_of_current_sources(solution),
        "load_kw": load.real,
        "load_kvar": load.imag,
        "der_kw": der.real,
        "der_kvar": der.imag,
        "loss_kw": solution.loss_kw,
        # fmin and fmax pass over points without voltage, and stay NaN without a warning where there is nothing else
        "v_min_pu": np.fmin.reduce(vm_pu, axis=1),
        "v_max_pu": np.fmax.reduce(vm_pu, axis=1),
    }
    return pd.DataFrame(columns).rename_axis(index="scenario").reset_index()


def _of_current_sources(solution: Solution) -> dict[str, FloatArray]:
    """Columns of what current sources give together; none where there are no such sources, as on nearly all feeders."""
    if not solution.network.feeder.current_sources:
        return {}
    power = solution.current_source_kva.sum(axis=1)
    return {"current_source_kw": power.real, "current_source_kvar": power.imag}


def _word(code: int) -> str:
    return Outcome(code).name.lower().replace("_", " ")


def _device_table(
    solution: Solution, devices: Sequence[Any], kva: ComplexArray
) -> pd.DataFrame:
    names = {
        "name": [device.name for device in devices],
        "bus": [device.bus for device in devices],
    }
    # a DER is kept as what it takes: its zero would be one below zero
    powers = {"p_kw": kva.real + 0.0, "q_kvar": kva.imag + 0.0}
    return _table(solution, names, powers)


def _table(
    solution: Solution, names: Mapping[str, Any], values: Mapping[str, FloatArray]
) -> pd.DataFrame:
    """Scenario by scenario: names, (element,), repeat; values are (scenario, element)."""
    of_one = pd.DataFrame(names)
    n_elements = len(of_one)
    element = np.tile(np.arange(n_elements), solution.n_scenarios)
    table = of_one.take(element).reset_index(drop=True)
    scenario = np.repeat(np.arange(solution.n_scenarios), n_elements)
    table.insert(0, "scenario", scenario)
    for name, array in values.items():
        table[name] = array.ravel()
    return table
