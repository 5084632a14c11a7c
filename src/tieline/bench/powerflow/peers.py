"""Other power-flow programs on our feeders, each solving the same scenarios to the same tolerance.

A program is given a feeder and the load of every scenario, sets up its model once, and is then a call without arguments that
solves them all and returns node voltages and the seconds its solver took. Only the solver is timed: OpenDSS is not charged for
being told the loads one by one; power-grid-model and lightsim2grid get the batch in one call, as they like it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.bench.kit.peers import (
    import_peer,
    pandapower_net,
    require_simple_equivalent,
)
from tieline.feeders import Feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve
from tieline.typing import ComplexArray, FloatArray, IntArray

TOLERANCE = 1e-8
"""Of every program, in its own measure of convergence."""


@dataclass(frozen=True)
class Scenarios:
    """What is solved: the feeder, the load of each scenario (scenario, load) [kW, kvar], and whether regulators act."""

    feeder: Feeder
    network: Network
    load_kw: FloatArray
    load_kvar: FloatArray
    with_controls: bool = False

    def first(self, count: int) -> Scenarios:
        """Only the first scenarios."""
        return Scenarios(
            self.feeder,
            self.network,
            self.load_kw[:count],
            self.load_kvar[:count],
            self.with_controls,
        )


@dataclass(frozen=True)
class Answer:
    """What a program returns.

    Attributes:
        v_pu: node voltages (scenario, node) [pu, complex] in the network's order.
        seconds: that the solver took.
        iterations: of each scenario, (scenario,), where the program says so.
    """

    v_pu: ComplexArray
    seconds: float
    iterations: IntArray | None = None


Program = Callable[[], Answer]
"""Solves all scenarios it was made for."""


def make_tieline(scenarios: Scenarios) -> Program:
    """tieline itself."""
    controls = "feeder" if scenarios.with_controls else "off"

    def run() -> Answer:
        start_s = time.perf_counter()
        solution = solve(
            scenarios.network,
            load_kw=scenarios.load_kw,
            load_kvar=scenarios.load_kvar,
            controls=controls,
            tolerance=TOLERANCE,
        )
        return Answer(solution.v_pu, time.perf_counter() - start_s, solution.iterations)

    return run


def make_opendss(scenarios: Scenarios) -> Program:
    """OpenDSS, one scenario after the other, each starting from the voltages of the one before."""
    # a context of its own: OpenDSS otherwise holds one circuit for the whole process
    engine = import_peer("opendssdirect", "opendssdirect.py").dss.NewContext()
    for command in opendss_script(scenarios.feeder).splitlines():
        engine.Text.Command(command)
    mode = "static" if scenarios.with_controls else "off"
    engine.Text.Command(
        f"set tolerance={TOLERANCE} maxiterations=200 maxcontroliter=100 controlmode={mode}"
    )
    engine.Solution.Solve()
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    columns = [scenarios.network.node_index[name] for name in names]
    base_volt = scenarios.network.node_kv[columns] * 1e3

    def run() -> Answer:
        v_pu = _no_voltages(scenarios)
        seconds = 0.0
        for scenario in range(len(v_pu)):
            _set_loads(engine, scenarios, scenario)
            if scenarios.with_controls:
                _reset_controls(engine, scenarios.feeder)
            start_s = time.perf_counter()
            engine.Solution.Solve()
            seconds += time.perf_counter() - start_s
            parts = np.asarray(engine.Circuit.AllBusVolts())
            v_pu[scenario, columns] = (parts[0::2] + 1j * parts[1::2]) / base_volt
        return Answer(v_pu, seconds)

    return run


def _no_voltages(scenarios: Scenarios) -> ComplexArray:
    """An array that a program fills scenario by scenario."""
    return np.empty((len(scenarios.load_kw), scenarios.network.n_nodes), dtype=complex)


def _set_loads(engine: Any, scenarios: Scenarios, scenario: int) -> None:
    """Tell OpenDSS the loads of one scenario; it counts them from 1."""
    load_kw = scenarios.load_kw[scenario].tolist()
    load_kvar = scenarios.load_kvar[scenario].tolist()
    for number, (kw, kvar) in enumerate(zip(load_kw, load_kvar, strict=True), start=1):
        engine.Loads.Idx(number)
        engine.Loads.kW(kw)
        engine.Loads.kvar(kvar)


def _reset_controls(engine: Any, feeder: Feeder) -> None:
    """Taps, capacitor steps and the memory of the controls back to the start, as for every scenario of tieline."""
    engine.Text.Command("reset controls")
    for transformer in feeder.transformers:
        for k, winding in enumerate(transformer.windings, start=1):
            engine.Transformers.Name(transformer.name)
            engine.Transformers.Wdg(k)
            engine.Transformers.Tap(winding.tap)
    for capacitor in feeder.capacitors:
        steps_off = capacitor.steps - capacitor.steps_on
        engine.Capacitors.Name(capacitor.name)
        engine.Capacitors.States([1] * capacitor.steps_on + [0] * steps_off)


def make_power_grid_model(scenarios: Scenarios) -> Program:
    """power-grid-model, one batch call on all threads, symmetric calculation by iterative current."""
    pgm = import_peer("power_grid_model", "power-grid-model")
    require_simple_equivalent(scenarios.feeder)
    kind = pgm.ComponentType
    tables = _power_grid_model_tables(scenarios, pgm)
    model = pgm.PowerGridModel(tables, scenarios.feeder.frequency_hz)
    update = pgm.initialize_array(
        pgm.DatasetType.update, kind.sym_load, scenarios.load_kw.shape
    )
    update["id"] = tables[kind.sym_load]["id"]
    update["p_specified"] = scenarios.load_kw * 1e3
    update["q_specified"] = scenarios.load_kvar * 1e3

    def run() -> Answer:
        start_s = time.perf_counter()
        result = model.calculate_power_flow(
            update_data={kind.sym_load: update},
            calculation_method=pgm.CalculationMethod.iterative_current,
            error_tolerance=TOLERANCE,
            max_iterations=100,
            threading=0,
            output_component_types={kind.node: ["u_pu", "u_angle"]},
        )
        seconds = time.perf_counter() - start_s
        nodes = result[kind.node]
        return Answer(nodes["u_pu"] * np.exp(1j * nodes["u_angle"]), seconds)

    return run


SOURCE_ID = 10**6
FIRST_LOAD_ID = 2 * 10**6
"""Numbers of power-grid-model's components must differ; nodes and lines are counted from 0."""

STIFF_SOURCE_VA = 1e20
"""Short-circuit power of an ideal source."""


def _power_grid_model_tables(scenarios: Scenarios, pgm: Any) -> dict[Any, Any]:
    """Nodes, lines, source and loads as power-grid-model reads them."""
    feeder = scenarios.feeder
    kind = pgm.ComponentType
    node_id = {bus.name: k for k, bus in enumerate(feeder.buses)}

    def table(component: Any, count: int) -> Any:
        return pgm.initialize_array(pgm.DatasetType.input, component, count)

    nodes = table(kind.node, len(feeder.buses))
    nodes["id"] = np.arange(len(feeder.buses))
    nodes["u_rated"] = [bus.kv_ll * 1e3 for bus in feeder.buses]

    closed = [line for line in feeder.lines if line.closed]
    lines = table(kind.line, len(closed))
    lines["id"] = len(feeder.buses) + np.arange(len(closed))
    lines["from_node"] = [node_id[line.from_bus] for line in closed]
    lines["to_node"] = [node_id[line.to_bus] for line in closed]
    lines["from_status"] = lines["to_status"] = 1
    factor = np.array([line.impedance_factor for line in closed])
    r_ohm_per_km = np.array([line.code.r_ohm_per_km[0][0] for line in closed])
    x_ohm_per_km = np.array([line.code.x_ohm_per_km[0][0] for line in closed])
    c_nf_per_km = np.array([line.code.c_nf_per_km[0][0] for line in closed])
    # a symmetric calculation reads no zero sequence: the positive one fills its columns
    lines["r1"] = lines["r0"] = r_ohm_per_km * factor
    lines["x1"] = lines["x0"] = x_ohm_per_km * factor
    lines["c1"] = lines["c0"] = c_nf_per_km * factor * 1e-9
    lines["tan1"] = lines["tan0"] = 0.0

    source = table(kind.source, 1)
    source["id"] = SOURCE_ID
    source["node"] = node_id[feeder.source.bus]
    source["status"] = 1
    source["u_ref"] = feeder.source.v_pu
    source["sk"] = STIFF_SOURCE_VA

    loads = table(kind.sym_load, len(feeder.loads))
    loads["id"] = FIRST_LOAD_ID + np.arange(len(feeder.loads))
    loads["node"] = [node_id[load.bus] for load in feeder.loads]
    loads["status"] = 1
    loads["type"] = pgm.LoadGenType.const_power
    loads["p_specified"] = scenarios.load_kw[0] * 1e3
    loads["q_specified"] = scenarios.load_kvar[0] * 1e3
    return {
        kind.node: nodes,
        kind.line: lines,
        kind.source: source,
        kind.sym_load: loads,
    }


def make_pandapower(scenarios: Scenarios) -> Program:
    """pandapower, one Newton power flow after the other, each from the result of the one before."""
    pandapower = import_peer("pandapower", "pandapower")
    net = pandapower_net(scenarios.feeder, pandapower)

    def run() -> Answer:
        v_pu = _no_voltages(scenarios)
        seconds = 0.0
        for scenario in range(len(v_pu)):
            net.load["p_mw"] = scenarios.load_kw[scenario] / 1e3
            net.load["q_mvar"] = scenarios.load_kvar[scenario] / 1e3
            # the neighbour's answer is the nearer start, where there is one
            start = "results" if scenario else "flat"
            start_s = time.perf_counter()
            pandapower.runpp(
                net, tolerance_mva=TOLERANCE, init=start, calculate_voltage_angles=True
            )
            seconds += time.perf_counter() - start_s
            angle = np.radians(net.res_bus["va_degree"])
            v_pu[scenario] = net.res_bus["vm_pu"] * np.exp(1j * angle)
        return Answer(v_pu, seconds)

    return run


def make_lightsim2grid(scenarios: Scenarios) -> Program:
    """lightsim2grid, its time-series engine in one call."""
    gridmodel = import_peer("lightsim2grid.gridmodel", "lightsim2grid")
    engine = import_peer("lightsim2grid.lightsim2grid_cpp", "lightsim2grid")
    pandapower = import_peer("pandapower", "pandapower")
    net = pandapower_net(scenarios.feeder, pandapower)
    pandapower.runpp(net)
    model = gridmodel.init_from_pandapower(net)
    series = engine.TimeSeriesCPP(model)
    count = len(scenarios.load_kw)
    generators = np.zeros((count, len(model.get_generators())))
    static_generators = np.zeros((count, len(model.get_static_generators())))
    load_mw = scenarios.load_kw / 1e3
    load_mvar = scenarios.load_kvar / 1e3
    flat = np.full(
        scenarios.network.n_nodes, scenarios.feeder.source.v_pu, dtype=complex
    )

    def run() -> Answer:
        start_s = time.perf_counter()
        series.compute_Vs(
            generators, static_generators, load_mw, load_mvar, flat, 100, TOLERANCE
        )
        voltages = np.asarray(series.get_voltages())
        return Answer(voltages, time.perf_counter() - start_s)

    return run


PEERS: dict[str, Callable[[Scenarios], Program]] = {
    "power-grid-model": make_power_grid_model,
    "lightsim2grid": make_lightsim2grid,
    "pandapower": make_pandapower,
    "opendss": make_opendss,
}
"""Makers of the peers by name, tieline not among them. They raise `CannotRun`."""
